#include "broker/admin/admin_authorisation.h"

#include "broker/admin/admin_answer.h"

json_t *
admin_authorisation_describe(const struct authorisation *given)
{
	bool withdrawn = given->withdrawn_at_s != 0;

	return json_pack("{s:I, s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:o, s:s, "
			 "s:I, s:I, s:o, s:o, s:o, s:o}",
	    "id", (json_int_t)given->id, "person", given->person, "group",
	    given->group, "unit", given->unit, "order", (int)given->order,
	    "kind", policy_kind_word(given->kind), "basis", given->basis,
	    "reason", given->reason, "exception",
	    admin_text_or_null(given->exception), "given_by", given->given_by,
	    "given_at", (json_int_t)given->given_at_s, "from",
	    (json_int_t)given->from_s, "until",
	    given->until_s == POLICY_NO_END ? json_null()
					    : json_integer(given->until_s),
	    "withdrawn_at", admin_time_or_null(given->withdrawn_at_s),
	    "withdrawn_by",
	    admin_text_or_null(withdrawn ? given->withdrawn_by : NULL),
	    "withdrawn_reason",
	    admin_text_or_null(withdrawn ? given->withdrawn_reason : NULL));
}

static int
count_one(const struct authorisation *authorisation, void *userdata)
{
	struct admin_authorisation_count *count = userdata;

	switch (authorisation->kind) {
	case POLICY_KIND_CASE:
		count->cases++;
		break;
	case POLICY_KIND_CLERICAL:
		count->clerical++;
		break;
	}
	return 0;
}

enum register_result
admin_authorisation_count(struct register_db *db, uint32_t gid,
    const char *unit, int64_t at_s, struct admin_authorisation_count *ret_count)
{
	const struct authorisation_filter filter = {
	    .gid = gid, .unit = unit, .from_s = at_s, .to_s = at_s};
	struct admin_authorisation_count count = {0};
	enum register_result result;

	result = authorisation_each(db, &filter, count_one, &count);
	if (result == REGISTER_OK)
		*ret_count = count;
	return result;
}
