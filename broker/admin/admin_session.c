/* Who is in. */
#include "broker/admin/admin_commands.h"

#include <string.h>

/* "0192:1 0192:2" as a list. */
static json_t *
split(const char *words)
{
	json_t *list = json_array();
	size_t length;

	for (; *words; words += length + strspn(words + length, " ")) {
		length = strcspn(words, " ");
		(void)json_array_append_new(list, json_stringn(words, length));
	}
	return list;
}

static int
append(const struct session *session, void *userdata)
{
	return json_array_append_new(userdata,
	    json_pack("{s:s, s:s, s:s, s:o, s:o, s:I, s:o, s:o, s:o}",
		"session", session->id, "account", session->account, "service",
		session->service, "tty", admin_text_or_null(session->tty),
		"rhost", admin_text_or_null(session->rhost), "since",
		(json_int_t)session->since_s, "acr",
		admin_text_or_null(session->acr), "authenticated_at",
		admin_time_or_null(session->authenticated_at_s), "on_behalf_of",
		split(session->on_behalf_of)));
}

json_t *
admin_sessions(const struct admin_call *call)
{
	const char *name = admin_text(call->request, "name");
	enum register_result result = REGISTER_OK;
	struct account account;
	json_t *list;

	if (name)
		result =
		    register_account_by_name(call->broker->db, name, &account);
	if (result != REGISTER_OK)
		return admin_refuse(call->broker, result);
	list = json_array();
	if (!list || session_each(call->broker->sessions, name, append, list)) {
		json_decref(list);
		return admin_error("failed", "out of memory");
	}
	return admin_done(json_pack("{s:o}", "sessions", list));
}
