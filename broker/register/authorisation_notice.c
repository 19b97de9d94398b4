#include "broker/register/authorisation_notice.h"

#include "broker/register/notice.h"
#include "broker/register/register_private.h"

#include <stdlib.h>

#include <jansson.h>

static const char *
kind_word(enum policy_kind kind)
{
	switch (kind) {
	case POLICY_KIND_CASE:
		return "case";
	case POLICY_KIND_CLERICAL:
		return "clerical";
	}
	return "";
}

/* Without an end there is none to tell. */
static json_t *
time_or_null(int64_t at_s)
{
	return at_s == POLICY_NO_END ? json_null() : json_integer(at_s);
}

static json_t *
describe(const struct authorisation *given)
{
	return json_pack(
	    "{s:I, s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:s*, s:s, s:I, s:o}",
	    "id", (json_int_t)given->id, "person", given->person, "group",
	    given->group, "unit", given->unit, "order", (int)given->order,
	    "kind", kind_word(given->kind), "basis", given->basis, "reason",
	    given->reason, "exception",
	    given->exception[0] ? given->exception : NULL, "given_by",
	    given->given_by, "from", (json_int_t)given->from_s, "until",
	    time_or_null(given->until_s));
}

/* The reason here is that of the withdrawal. */
static json_t *
describe_withdrawn(const struct authorisation *given)
{
	return json_pack("{s:I, s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:I, s:o}",
	    "id", (json_int_t)given->id, "person", given->person, "group",
	    given->group, "unit", given->unit, "order", (int)given->order,
	    "kind", kind_word(given->kind), "withdrawn_by", given->withdrawn_by,
	    "reason", given->withdrawn_reason, "from",
	    (json_int_t)given->from_s, "until", time_or_null(given->until_s));
}

/* object is taken; NULL: out of memory. */
static enum register_result
add(struct register_db *db, const char *kind, json_t *object, int64_t now_s)
{
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
	enum register_result result;

	json_decref(object);
	if (!text)
		return register_fail_text(db, "a notice cannot be written");
	result = notice_add(db, kind, text, now_s);
	free(text);
	if (result == REGISTER_FIELD_INVALID)
		return register_fail_text(db, "a notice is too long");
	return result;
}

enum register_result
authorisation_notice_add(struct register_db *db,
    const struct authorisation *authorisation, int64_t now_s)
{
	if (authorisation->withdrawn_at_s != 0)
		return add(
		    db, "withdrawn", describe_withdrawn(authorisation), now_s);
	return add(db, "authorised", describe(authorisation), now_s);
}

enum register_result
authorisation_notice_add_below(struct register_db *db, const char *group,
    const char *unit, const char *by, int64_t now_s)
{
	return add(db, "below-minimum",
	    json_pack("{s:s, s:s, s:s}", "group", group, "unit", unit,
		"withdrawn_by", by),
	    now_s);
}
