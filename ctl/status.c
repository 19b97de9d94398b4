/* portvaktctl status and reload: how the broker is. */
#include "ctl/admin_client.h"
#include "ctl/command.h"
#include "ctl/exchange.h"
#include "ctl/failure.h"
#include "ctl/issuer_trouble.h"
#include "ctl/show.h"
#include "ctl/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What it is there for: services verify the tokens of each of them. */
static int
fill_uses(struct table *table, const json_t *issuer)
{
	int error;

	error = show_field(table, "people log in",
	    json_is_false(json_object_get(issuer, "login")) ? "no" : "yes");
	if (json_is_true(json_object_get(issuer, "introspection")))
		error |= show_field(table, "introspection", "yes");
	if (json_integer_value(json_object_get(issuer, "targets")) > 0)
		error |= show_field_number(table, "tokens for targets",
		    json_object_get(issuer, "targets"));
	if (json_integer_value(json_object_get(issuer, "exchange_targets")) > 0)
		error |= show_field_number(table, "exchange targets",
		    json_object_get(issuer, "exchange_targets"));
	return error;
}

static int
fill_issuer(struct table *table, const json_t *issuer)
{
	const json_t *reachable = json_object_get(issuer, "reachable");
	int error;

	error = show_field(table, "issuer", show_text(issuer, "url"));
	error |= show_field(table, "its name", show_text(issuer, "name"));
	error |= fill_uses(table, issuer);
	error |= show_field(table, "issuer answers",
	    json_is_true(reachable)    ? "yes"
	    : json_is_false(reachable) ? "no"
				       : "not asked yet");
	error |= show_field(table, "detail", show_text(issuer, "detail"));
	error |= show_field_number(
	    table, "issuer keys", json_object_get(issuer, "keys"));
	error |= show_field_number(
	    table, "keys' age (s)", json_object_get(issuer, "keys_age_s"));
	return error;
}

static int
fill_issuers(struct table *table, const json_t *issuers)
{
	const json_t *issuer;
	int error = 0;
	size_t i;

	json_array_foreach (issuers, i, issuer)
		error |= fill_issuer(table, issuer);
	return error;
}

static const char *
yes_or_no(const json_t *running)
{
	if (json_is_true(running))
		return "yes";
	return json_is_false(running) ? "no" : "not known";
}

static int
fill(struct table *table, const json_t *result)
{
	const json_t *config = json_object_get(result, "config");
	char started[32], loaded[32];
	int error;

	show_time(
	    json_object_get(result, "started_at"), started, sizeof(started));
	show_time(json_object_get(config, "loaded_at"), loaded, sizeof(loaded));
	error = show_field(table, "version", show_text(result, "version"));
	error |= show_field(table, "started", started);
	error |= show_field(table, "configuration", loaded);
	error |= show_field(table, "its error", show_text(config, "error"));
	error |= show_field(table, "fetcher connected",
	    yes_or_no(json_object_get(result, "fetcher")));
	error |= show_field(table, "person keys",
	    json_is_false(json_object_get(result, "person_keys"))
		? "cannot be used: portvaktctl check"
		: "in use");
	error |= fill_issuers(table, json_object_get(result, "issuers"));
	error |= show_field_number(
	    table, "accounts", json_object_get(result, "accounts"));
	error |= show_field_number(
	    table, "generation", json_object_get(result, "generation"));
	error |= show_field_number(
	    table, "logins now", json_object_get(result, "logins"));
	return error;
}

static int
show_status(const json_t *result)
{
	struct table *table = NULL;
	int error;

	error = table_new(2, NULL, &table);
	if (!error)
		error = fill(table, result);
	if (error)
		fputs("portvaktctl: not enough memory\n", stderr);
	else
		table_print(table, stdout);
	(void)table_free(table);
	return error ? EXIT_REFUSED : EXIT_DONE;
}

int
status(const struct invocation *invocation)
{
	return exchange(
	    invocation, json_pack("{s:s}", "command", "status"), show_status);
}

/* Not to be asked is as bad as not to be reached: nothing is known to work. */
static json_t *
ask_issuers(void)
{
	json_auto_t *request = json_pack("{s:s}", "command", "check-issuer");
	json_auto_t *answer = NULL;
	const char *text;
	int error;

	error = admin_client_ask(request, &answer);
	if (!error && json_is_true(json_object_get(answer, "ok")))
		return json_incref(json_object_get(
		    json_object_get(answer, "result"), "issuers"));
	text = error ? failure_of_errno(error).text
		     : json_string_value(json_object_get(answer, "text"));
	return json_pack("[{s:b, s:s}]", "reachable", 0, "detail", text);
}

static void
say_unreachable(const json_t *issuer)
{
	const char *detail = show_text(issuer, "detail");
	const json_t *url = json_object_get(issuer, "url");

	fputs("portvaktctl: but the issuer", stderr);
	if (url)
		fprintf(stderr, " %s", json_string_value(url));
	fputs(" cannot be used: ", stderr);
	(void)text_put(stderr, detail, SIZE_MAX);
	fprintf(stderr,
	    issuer_trouble_is_stale(detail) ? ", and %s until: %s\n"
					    : ", and %s.\n%s\n",
	    json_is_false(json_object_get(issuer, "login"))
		? "its tokens cannot be verified"
		: "no login can begin",
	    issuer_trouble_remedy(detail));
}

/* Whether each of them answers; those that do not are named. */
static bool
report_issuers(const json_t *issuers)
{
	bool reachable = json_array_size(issuers) > 0;
	const json_t *issuer;
	size_t i;

	json_array_foreach (issuers, i, issuer) {
		if (json_is_true(json_object_get(issuer, "reachable")))
			continue;
		say_unreachable(issuer);
		reachable = false;
	}
	return reachable;
}

/*
 * A configuration may be good and of no use: portvakt-fetch keeps its hosts,
 * and the network has its own mind.
 */
int
reload(const struct invocation *invocation)
{
	json_auto_t *result = NULL;
	bool reachable;
	json_t *issuers;
	int code;

	code = exchange_ask(
	    invocation, json_pack("{s:s}", "command", "reload"), &result);
	if (code)
		return code;
	if (!invocation_json(invocation))
		puts("The new configuration is in force.");
	(void)fflush(stdout);
	issuers = ask_issuers();
	reachable = report_issuers(issuers);
	(void)json_object_set_new(result, "issuers", issuers);
	if (invocation_json(invocation))
		exchange_print_json(result);
	return reachable ? EXIT_DONE : EXIT_REFUSED;
}
