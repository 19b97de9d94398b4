/* portvaktctl sessions: who is in. */
#include "ctl/command.h"
#include "ctl/exchange.h"
#include "ctl/show.h"

static int
add_row(struct table *table, const json_t *session)
{
	char since[32], organisations[SHOW_SIZE];
	const char *const cells[] = {show_text(session, "account"),
	    show_text(session, "service"), show_text(session, "tty"),
	    show_text(session, "rhost"), since, show_text(session, "acr"),
	    organisations};

	show_time(json_object_get(session, "since"), since, sizeof(since));
	show_list(json_object_get(session, "on_behalf_of"), organisations,
	    sizeof(organisations));
	return table_add(table, cells);
}

static int
show_sessions(const json_t *result)
{
	static const char *const headings[] = {"ACCOUNT", "SERVICE", "TTY",
	    "FROM", "SINCE", "ACR", "ON BEHALF OF"};
	const json_t *session;
	struct table *table;
	size_t i;
	int error = 0;

	if (table_new(sizeof(headings) / sizeof(headings[0]), headings, &table))
		return show_no_memory();
	json_array_foreach (json_object_get(result, "sessions"), i, session)
		error |= add_row(table, session);
	return show_table(table, error);
}

int
sessions(const struct invocation *invocation)
{
	return exchange(invocation,
	    json_pack("{s:s, s:s*}", "command", "sessions", "name",
		invocation_word(invocation, 0)),
	    show_sessions);
}
