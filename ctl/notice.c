/* portvaktctl notices: what the central level must be told. */
#include "ctl/command.h"
#include "ctl/exchange.h"
#include "ctl/failure.h"
#include "ctl/number.h"
#include "ctl/pages.h"
#include "ctl/show.h"

#include <stdint.h>
#include <stdio.h>

/* What a notice is about, in the words of its own members. */
static void
show_about(const json_t *notice, char *ret_text, size_t size)
{
	const json_t *text = json_object_get(notice, "text");
	const char *by =
	    json_object_get(text, "withdrawn_by") ? "withdrawn_by" : "given_by";

	(void)snprintf(ret_text, size, "%s %s %s, by %s",
	    show_text(text, "person"), show_text(text, "group"),
	    show_text(text, "unit"), show_text(text, by));
}

static int
add_row(struct table *table, const json_t *notice)
{
	char id[24], at[32], about[SHOW_SIZE], taken[64] = "waits";
	const char *const cells[] = {
	    id, at, show_text(notice, "kind"), taken, about};

	(void)snprintf(id, sizeof(id), "%lld",
	    (long long)json_integer_value(json_object_get(notice, "id")));
	show_time(json_object_get(notice, "at"), at, sizeof(at));
	show_about(notice, about, sizeof(about));
	if (json_is_integer(json_object_get(notice, "taken_at")))
		(void)snprintf(
		    taken, sizeof(taken), "%s", show_text(notice, "taken_by"));
	return table_add(table, cells);
}

static int
show_notices(const json_t *result)
{
	static const char *const headings[] = {
	    "ID", "AT", "KIND", "TAKEN BY", "ABOUT"};
	const json_t *notice;
	struct table *table;
	size_t i;
	int error = 0;

	if (table_new(sizeof(headings) / sizeof(headings[0]), headings, &table))
		return show_no_memory();
	json_array_foreach (json_object_get(result, "notices"), i, notice)
		error |= add_row(table, notice);
	return show_table(table, error);
}

int
notices(const struct invocation *invocation)
{
	json_auto_t *request = json_pack("{s:s}", "command", "notices");
	json_auto_t *result = NULL;
	int code;

	if (invocation->options[OPTION_ALL])
		(void)json_object_set_new(request, "all", json_true());
	code = pages_ask(invocation, request, "notices", &result);
	if (code)
		return code;
	if (!invocation_json(invocation))
		return show_notices(result);
	exchange_print_json(result);
	return EXIT_DONE;
}

static int
show_taken(const json_t *result)
{
	(void)result;
	puts("The notice is marked as passed on.");
	return EXIT_DONE;
}

int
notices_take(const struct invocation *invocation)
{
	static const struct failure id_invalid = {EXIT_USAGE, "id-invalid",
	    "a notice has a number", "portvaktctl notices shows them."};
	uint32_t id;

	if (number_parse(invocation->words[0], &id))
		return failure_print(invocation, &id_invalid);
	return exchange(invocation,
	    json_pack(
		"{s:s, s:I}", "command", "notice-take", "id", (json_int_t)id),
	    show_taken);
}
