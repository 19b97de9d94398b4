/* portvaktctl explain: which groups a person has, and why, or why not. */
#include "ctl/cleanup.h"
#include "ctl/command.h"
#include "ctl/exchange.h"
#include "ctl/failure.h"
#include "ctl/moment.h"
#include "ctl/request.h"
#include "ctl/show.h"
#include "ctl/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const struct failure with_invalid = {EXIT_USAGE, "with-invalid",
    "--with takes acr=, level=, age=, role=, unit= and on-behalf-of=, "
    "separated by commas",
    "For instance: --with level=high,age=15min,role=infoflyt-leder"};

/* What --with may name; a list may be named several times. */
static const struct {
	const char *name;
	const char *member;
	bool list;
	bool length; /* of time */
} conditions[] = {
    {"acr", "acr", false, false},
    {"level", "level", false, false},
    {"age", "age_s", false, true},
    {"role", "roles", true, false},
    {"unit", "units", true, false},
    {"on-behalf-of", "on_behalf_of", true, false},
};

static int
add_to_list(json_t *with, const char *member, json_t *value)
{
	json_t *list = json_object_get(with, member);

	if (!list) {
		list = json_array();
		if (json_object_set_new(with, member, list)) {
			json_decref(value);
			return -ENOMEM;
		}
	}
	return json_array_append_new(list, value) ? -EINVAL : 0;
}

static int
add_condition(json_t *with, size_t index, const char *text)
{
	const char *member = conditions[index].member;
	int64_t length_s;
	json_t *value;

	if (!conditions[index].length)
		value = json_string(text);
	else if (moment_parse_length(text, &length_s) == 0)
		value = json_integer(length_s);
	else
		return -EINVAL;
	if (conditions[index].list)
		return add_to_list(with, member, value);
	if (!json_object_get(with, member))
		return json_object_set_new(with, member, value) ? -EINVAL : 0;
	json_decref(value);
	return -EINVAL;
}

/* One of NAME=VALUE; cut at its '='. */
static int
parse_condition(json_t *with, char *text)
{
	char *value = strchr(text, '=');
	size_t i;

	if (!value || !value[1])
		return -EINVAL;
	*value++ = '\0';
	for (i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++) {
		if (strcmp(conditions[i].name, text) == 0)
			return add_condition(with, i, value);
	}
	return -EINVAL;
}

static int
parse_with(const char *text, json_t *with)
{
	CLEANUP_FREE char *copy = strdup(text);
	char *rest = copy, *one;
	int error;

	if (!copy)
		return -ENOMEM;
	while ((one = strsep(&rest, ",")) != NULL) {
		error = parse_condition(with, one);
		if (error)
			return error;
	}
	return 0;
}

static void
show_until(const json_t *decision, char *ret_text, size_t size)
{
	const json_t *until = json_object_get(decision, "until");

	if (!json_is_true(json_object_get(decision, "granted")))
		(void)snprintf(ret_text, size, "-");
	else if (json_is_null(until))
		(void)snprintf(ret_text, size, "no end");
	else
		show_time(until, ret_text, size);
}

/* Why it is given, or what would give it. */
static const char *
because(const json_t *decision)
{
	return show_text(decision,
	    json_is_true(json_object_get(decision, "granted")) ? "reason"
							       : "wanted");
}

static int
add_row(struct table *table, const json_t *decision)
{
	bool granted = json_is_true(json_object_get(decision, "granted"));
	char until[32];
	const char *const cells[] = {show_text(decision, "group"),
	    granted ? "yes" : "no", until,
	    granted ? "-" : show_text(decision, "condition"),
	    because(decision)};

	show_until(decision, until, sizeof(until));
	return table_add(table, cells);
}

static void
show_head(const json_t *result)
{
	const json_t *identity = json_object_get(result, "identity");
	char at[32], login[32];

	show_time(json_object_get(result, "as_of"), at, sizeof(at));
	printf("As of %s", at);
	if (json_is_object(identity)) {
		show_time(json_object_get(identity, "authenticated_at"), login,
		    sizeof(login));
		printf(", authenticated %s, acr ", login);
		(void)text_put(stdout, show_text(identity, "acr"), 40);
		puts(".");
	} else {
		puts(", without a login until then.");
	}
}

static int
show_groups(const json_t *result)
{
	static const char *const headings[] = {
	    "GROUP", "HAS IT", "UNTIL", "MISSING", "BECAUSE"};
	struct table *table;
	const json_t *decision;
	size_t i;
	int error = 0;

	show_head(result);
	if (table_new(sizeof(headings) / sizeof(headings[0]), headings, &table))
		return show_no_memory();
	json_array_foreach (json_object_get(result, "decisions"), i, decision)
		error |= add_row(table, decision);
	error = show_table(table, error);
	if (!error)
		puts("portvaktctl explain NAME GROUP says all about one.");
	return error;
}

static int
fill_authorisation(struct table *table, const json_t *decision)
{
	int error;

	if (!json_is_integer(json_object_get(decision, "authorisation")))
		return 0;
	error = show_field_number(
	    table, "authorisation", json_object_get(decision, "authorisation"));
	error |= show_field(
	    table, "authorised by", show_text(decision, "authorised_by"));
	return error | show_field(table, "on the basis of",
			   show_text(decision, "authorised_basis"));
}

static int
fill(struct table *table, const json_t *decision)
{
	bool granted = json_is_true(json_object_get(decision, "granted"));
	char until[32], rule[512];
	const json_t *line = json_object_get(decision, "line");
	int error;

	show_until(decision, until, sizeof(until));
	(void)snprintf(rule, sizeof(rule), "%s:%lld",
	    show_text(decision, "file"), (long long)json_integer_value(line));
	error = show_field(table, "group", show_text(decision, "group"));
	error |= show_field(table, "title", show_text(decision, "title_en"));
	error |= show_field(table, "service", show_text(decision, "service"));
	error |= show_field(table, "granted", granted ? "yes" : "no");
	error |= show_field(table, "rule", json_is_integer(line) ? rule : NULL);
	error |= show_field(table, "its reason", show_text(decision, "reason"));
	error |= show_field(table, "basis", show_text(decision, "basis"));
	if (granted)
		error |= show_field(table, "until", until);
	else
		error |= show_field(
		    table, "missing", show_text(decision, "condition"));
	if (!granted)
		error |= show_field(
		    table, "what would do", show_text(decision, "wanted"));
	if (json_is_string(json_object_get(decision, "unit")))
		error |= show_field(table, "unit", show_text(decision, "unit"));
	error |= fill_authorisation(table, decision);
	if (json_is_true(json_object_get(decision, "restricted")))
		error |= show_field(
		    table, "restricted", "its members are seen by root alone");
	return error;
}

static int
show_group(const json_t *result)
{
	const json_t *decisions = json_object_get(result, "decisions");
	struct table *table;

	show_head(result);
	if (table_new(2, NULL, &table))
		return show_no_memory();
	return show_table(table, fill(table, json_array_get(decisions, 0)));
}

static int
add_options(const struct invocation *invocation, json_t *request)
{
	const char *with = invocation->options[OPTION_WITH];
	json_t *conditions_object;
	int code;

	code = request_add_moment(invocation, OPTION_AS_OF, request, "as_of");
	if (code || !with)
		return code;
	conditions_object = json_object();
	if (parse_with(with, conditions_object)) {
		json_decref(conditions_object);
		return failure_print(invocation, &with_invalid);
	}
	(void)json_object_set_new(request, "with", conditions_object);
	return EXIT_DONE;
}

int
explain(const struct invocation *invocation)
{
	const char *group = invocation_word(invocation, 1);
	json_t *request;
	int code;

	request = json_pack("{s:s, s:s, s:s*}", "command", "explain", "name",
	    invocation->words[0], "group", group);
	code = request ? add_options(invocation, request) : EXIT_DONE;
	if (!code)
		return exchange(
		    invocation, request, group ? show_group : show_groups);
	json_decref(request);
	return code;
}
