/* The outbox: what the central level must be told, and that it was. */
#include "broker/admin/admin_commands.h"
#include "broker/admin/admin_giver.h"
#include "broker/json_document.h"
#include "broker/register/notice.h"

#include <string.h>

enum { LIST_MAX = 1000 }; /* notices in one answer */

#define GIVER __attribute__((cleanup(admin_giver_done))) struct admin_giver

struct outbox {
	const struct admin_giver *giver;
	json_t *notices;
	json_int_t last; /* the id, when there are more; 0: none */
	int64_t wanted; /* one alone, by its id */
	bool seen; /* and it is for this one's eyes */
	bool central; /* and to pass on */
};

static const struct policy_group *
group_of(const struct admin_giver *giver, const json_t *text)
{
	const char *group = admin_text(text, "group");

	return group ? policy_group_by_name(giver->policy, group) : NULL;
}

static bool
is_seen(const struct admin_giver *giver, const json_t *text)
{
	const char *unit = admin_text(text, "unit");

	return admin_giver_sees_unit(giver, group_of(giver, text),
	    unit ? policy_unit_by_number(giver->policy, unit) : NULL);
}

static int
append(const struct notice *notice, void *userdata)
{
	json_document *text =
	    json_document_parse(notice->text, strlen(notice->text));
	struct outbox *outbox = userdata;

	if (!is_seen(outbox->giver, text))
		return 0;
	if (json_array_append_new(outbox->notices,
		json_pack("{s:I, s:I, s:s, s:O?, s:o, s:o}", "id",
		    (json_int_t)notice->id, "at", (json_int_t)notice->at_s,
		    "kind", notice->kind, "text", text, "taken_at",
		    admin_time_or_null(notice->taken_at_s), "taken_by",
		    admin_text_or_null(notice->taken_by))))
		return -1;
	if (json_array_size(outbox->notices) < LIST_MAX)
		return 0;
	outbox->last = notice->id;
	return 1;
}

json_t *
admin_notices(const struct admin_call *call)
{
	json_int_t after =
	    json_integer_value(json_object_get(call->request, "after"));
	bool all = json_is_true(json_object_get(call->request, "all"));
	struct outbox outbox = {0};
	enum register_result result;
	GIVER giver = {0};
	json_t *refusal;

	refusal = admin_giver_init(&giver, call);
	if (refusal)
		return refusal;
	outbox.giver = &giver;
	outbox.notices = json_array();
	result = notice_each(call->broker->db, after, !all, append, &outbox);
	if (result == REGISTER_OK)
		return admin_done(
		    json_pack("{s:o, s:o}", "notices", outbox.notices, "next",
			outbox.last ? json_integer(outbox.last) : json_null()));
	json_decref(outbox.notices);
	return admin_refuse(call->broker, result);
}

static int
look_at(const struct notice *notice, void *userdata)
{
	json_document *text =
	    json_document_parse(notice->text, strlen(notice->text));
	struct outbox *outbox = userdata;

	if (notice->id != outbox->wanted)
		return 1;
	outbox->seen = is_seen(outbox->giver, text);
	outbox->central = admin_giver_is_central(
	    outbox->giver, group_of(outbox->giver, text));
	return 1;
}

json_t *
admin_notice_take(const struct admin_call *call)
{
	const json_t *id = json_object_get(call->request, "id");
	struct outbox outbox = {.wanted = json_integer_value(id)};
	enum register_result result;
	GIVER giver = {0};
	json_t *refusal;

	if (!json_is_integer(id) || outbox.wanted < 1)
		return admin_bad_request("which notice? id is missing");
	refusal = admin_giver_init(&giver, call);
	if (refusal)
		return refusal;
	outbox.giver = &giver;
	result = notice_each(
	    call->broker->db, outbox.wanted - 1, false, look_at, &outbox);
	if (result == REGISTER_OK && !outbox.seen)
		return admin_error("notice-unknown",
		    "no notice that you may see has this number");
	if (result == REGISTER_OK && !outbox.central)
		return admin_error("not-permitted",
		    "only root, and givers whose unit is central, note that a "
		    "notice was passed on");
	if (result == REGISTER_OK)
		result = notice_take(call->broker->db, outbox.wanted,
		    admin_actor_name(call->actor), giver.now_s);
	return result == REGISTER_OK ? admin_done(json_object())
				     : admin_refuse(call->broker, result);
}
