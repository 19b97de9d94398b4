/* portvaktctl authorise, withdraw, authorised: personal authorisations. */
#include "ctl/admin_client.h"
#include "ctl/authorisation_file.h"
#include "ctl/cleanup.h"
#include "ctl/command.h"
#include "ctl/exchange.h"
#include "ctl/failure.h"
#include "ctl/import_file.h"
#include "ctl/request.h"
#include "ctl/show.h"
#include "ctl/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* What authorise takes, and whether it can do without. */
static const struct {
	enum command_option option;
	const char *member;
	bool required;
	int (*add)(const struct invocation *invocation,
	    enum command_option option, json_t *request, const char *member);
} members[] = {
    {OPTION_UNIT, "unit", true, request_add_text},
    {OPTION_ORDER, "order", true, request_add_number},
    {OPTION_KIND, "kind", true, request_add_kind},
    {OPTION_BASIS, "basis", true, request_add_text},
    {OPTION_REASON, "reason", true, request_add_text},
    {OPTION_FROM, "from", false, request_add_moment},
    {OPTION_UNTIL, "until", false, request_add_moment},
    {OPTION_EXCEPTION, "exception", false, request_add_text},
};

static int
refuse_missing(const struct invocation *invocation, const char *member)
{
	char text[64];
	struct failure failure = {EXIT_USAGE, "option-missing", text,
	    "--unit, --order, --kind, --basis and --reason are what the list "
	    "shows later."};

	(void)snprintf(
	    text, sizeof(text), "an authorisation needs its --%s", member);
	return failure_print(invocation, &failure);
}

static int
show_authorisation(const json_t *authorisation)
{
	const struct {
		const char *name, *member;
	} texts[] = {{"person", "person"}, {"group", "group"}, {"unit", "unit"},
	    {"kind", "kind"}, {"basis", "basis"}, {"reason", "reason"},
	    {"exception", "exception"}, {"given by", "given_by"}};
	char from[32], until[32];
	struct table *table;
	size_t i;
	int error = 0;

	if (table_new(2, NULL, &table))
		return show_no_memory();
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		error |= show_field(table, texts[i].name,
		    show_text(authorisation, texts[i].member));
	show_time(json_object_get(authorisation, "from"), from, sizeof(from));
	show_time(
	    json_object_get(authorisation, "until"), until, sizeof(until));
	error |= show_field_number(
	    table, "order", json_object_get(authorisation, "order"));
	error |= show_field(table, "from", from);
	error |= show_field(table, "until",
	    json_is_null(json_object_get(authorisation, "until")) ? "no end"
								  : until);
	return show_table(table, error);
}

static int
show_given(const json_t *result)
{
	int code = show_authorisation(json_object_get(result, "authorisation"));

	if (json_is_true(json_object_get(result, "below_minimum")))
		puts("The unit has fewer than its minimum still.");
	return code;
}

int
authorise(const struct invocation *invocation)
{
	json_t *request;
	size_t i;
	int code = EXIT_DONE;

	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (members[i].required &&
		    !invocation->options[members[i].option])
			return refuse_missing(invocation, members[i].member);
	}
	request = json_pack("{s:s, s:s, s:s}", "command", "authorise", "person",
	    invocation->words[0], "group", invocation->words[1]);
	for (i = 0;
	     request && !code && i < sizeof(members) / sizeof(members[0]); i++)
		code = members[i].add(
		    invocation, members[i].option, request, members[i].member);
	if (!code)
		return exchange(invocation, request, show_given);
	json_decref(request);
	return code;
}

static int
show_withdrawn(const json_t *result)
{
	json_int_t count =
	    json_integer_value(json_object_get(result, "withdrawn"));
	const json_t *below = json_object_get(result, "below_minimum");
	char units[SHOW_SIZE];

	printf("%lld authorisation%s withdrawn.\n", (long long)count,
	    count == 1 ? "" : "s");
	if (json_array_size(below) == 0)
		return EXIT_DONE;
	show_list(below, units, sizeof(units));
	fputs("Below their minimum now: ", stdout);
	(void)text_put(stdout, units, SIZE_MAX);
	putchar('\n');
	return EXIT_DONE;
}

int
withdraw(const struct invocation *invocation)
{
	static const struct failure reason_missing = {EXIT_USAGE,
	    "reason-missing", "a withdrawal needs its --reason",
	    "It is kept with the authorisation: --reason \"new post\"."};
	const char *reason = invocation->options[OPTION_REASON];

	if (!reason || !*reason)
		return failure_print(invocation, &reason_missing);
	return exchange(invocation,
	    json_pack("{s:s, s:s, s:s, s:s, s:s*}", "command", "withdraw",
		"person", invocation->words[0], "group", invocation->words[1],
		"reason", reason, "unit", invocation->options[OPTION_UNIT]),
	    show_withdrawn);
}

static int
add_row(struct table *table, const json_t *authorisation)
{
	char order[16], from[32], until[32] = "no end";
	const json_t *end = json_object_get(authorisation, "until");
	bool withdrawn =
	    json_is_integer(json_object_get(authorisation, "withdrawn_at"));
	const char *const cells[] = {show_text(authorisation, "group"),
	    show_text(authorisation, "unit"), order,
	    show_text(authorisation, "person"),
	    show_text(authorisation, "kind"), from, until,
	    show_text(authorisation, "given_by")};

	(void)snprintf(order, sizeof(order), "%lld",
	    (long long)json_integer_value(
		json_object_get(authorisation, "order")));
	show_time(json_object_get(authorisation, "from"), from, sizeof(from));
	from[strcspn(from, " ")] = '\0';
	if (withdrawn)
		end = json_object_get(authorisation, "withdrawn_at");
	if (!json_is_null(end))
		show_time(end, until, sizeof(until));
	until[withdrawn || !json_is_null(end) ? strcspn(until, " ")
					      : strlen(until)] = '\0';
	return table_add(table, cells);
}

static int
show_list_of_people(const json_t *result)
{
	static const char *const headings[] = {
	    "GROUP", "UNIT", "NO", "PERSON", "KIND", "FROM", "UNTIL", "BY"};
	const json_t *one;
	struct table *table;
	size_t i;
	int error = 0;

	if (table_new(sizeof(headings) / sizeof(headings[0]), headings, &table))
		return show_no_memory();
	json_array_foreach (json_object_get(result, "authorisations"), i, one)
		error |= add_row(table, one);
	return show_table(table, error);
}

static long long
number_of(const json_t *object, const char *member)
{
	return json_integer_value(json_object_get(object, member));
}

static const char *
judge(const json_t *quota)
{
	if (number_of(quota, "case") < number_of(quota, "minimum"))
		return "too few";
	if (number_of(quota, "case") > number_of(quota, "maximum"))
		return "over, by exception";
	return "as it should be";
}

static int
add_quota(struct table *table, const json_t *quota)
{
	char cases[16], clerical[16], range[40];
	const char *const cells[] = {show_text(quota, "group"),
	    show_text(quota, "unit"), cases, clerical, range, judge(quota)};

	(void)snprintf(cases, sizeof(cases), "%lld", number_of(quota, "case"));
	(void)snprintf(
	    clerical, sizeof(clerical), "%lld", number_of(quota, "clerical"));
	(void)snprintf(range, sizeof(range), "%lld to %lld",
	    number_of(quota, "minimum"), number_of(quota, "maximum"));
	return table_add(table, cells);
}

/* In each unit, against what the rules say of its level. */
static int
show_quotas(const json_t *result)
{
	static const char *const headings[] = {
	    "GROUP", "UNIT", "CASE", "CLERICAL", "ALLOWED", "THAT IS"};
	const json_t *quota, *quotas = json_object_get(result, "quotas");
	struct table *table;
	size_t i;
	int error = 0;

	if (json_array_size(quotas) == 0)
		return EXIT_DONE;
	putchar('\n');
	if (table_new(sizeof(headings) / sizeof(headings[0]), headings, &table))
		return show_no_memory();
	json_array_foreach (quotas, i, quota)
		error |= add_quota(table, quota);
	return show_table(table, error);
}

static int
show_authorised(const json_t *result)
{
	int code = show_list_of_people(result);

	return code ? code : show_quotas(result);
}

static int
show_csv(const json_t *result)
{
	authorisation_file_print(
	    json_object_get(result, "authorisations"), stdout);
	return EXIT_DONE;
}

int
authorised(const struct invocation *invocation)
{
	static const struct failure two_times = {EXIT_USAGE, "time-invalid",
	    "--as-of is one moment; --from and --until are two, both of them",
	    "Give --as-of, or both of the others, or none for now."};
	const char *const *options = invocation->options;
	json_t *request;
	int code;

	if (!options[OPTION_FROM] != !options[OPTION_UNTIL] ||
	    (options[OPTION_AS_OF] && options[OPTION_FROM]))
		return failure_print(invocation, &two_times);
	request = json_pack("{s:s, s:s*, s:s*, s:s*}", "command", "authorised",
	    "group", invocation_word(invocation, 0), "unit",
	    options[OPTION_UNIT], "person", options[OPTION_PERSON]);
	code = request ? request_add_moment(
			     invocation, OPTION_AS_OF, request, "as_of")
		       : EXIT_DONE;
	if (request && !code)
		code = request_add_moment(
		    invocation, OPTION_FROM, request, "from");
	if (request && !code)
		code =
		    request_add_moment(invocation, OPTION_UNTIL, request, "to");
	if (!code)
		return exchange(invocation, request,
		    options[OPTION_CSV] ? show_csv : show_authorised);
	json_decref(request);
	return code;
}

static const struct import_file file_of_authorisations = {
    .parse = authorisation_file_parse,
    .is_past = authorisation_file_is_past,
    .command = "authorise-import",
    .member = "rows",
    .noun = "authorisation",
    .unseen = "Whether the rules and the register allow them is only seen by "
	      "the real import.",
};

int
authorised_import(const struct invocation *invocation)
{
	return import_file(invocation, &file_of_authorisations);
}
