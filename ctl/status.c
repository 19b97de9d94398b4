/* portvaktctl status and reload: how the broker is. */
#include "ctl/command.h"
#include "ctl/exchange.h"
#include "ctl/show.h"

#include <stdio.h>

static int
fill_issuer(struct table *table, const json_t *issuer)
{
	const json_t *reachable = json_object_get(issuer, "reachable");
	int error;

	error = show_field(table, "issuer", show_text(issuer, "url"));
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
	error |= fill_issuer(table, json_object_get(result, "issuer"));
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

static int
show_reloaded(const json_t *result)
{
	(void)result;
	puts("The new configuration is in force.");
	return EXIT_DONE;
}

int
reload(const struct invocation *invocation)
{
	return exchange(
	    invocation, json_pack("{s:s}", "command", "reload"), show_reloaded);
}
