#include "broker/register/authorisation_notice.h"

#include "broker/json_document.h"
#include "broker/register/notice.h"
#include "broker/register/register_private.h"

#include <stdlib.h>

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

enum register_result
authorisation_notice_add(struct register_db *db,
    const struct authorisation *authorisation, int64_t now_s)
{
	bool withdrawn = authorisation->withdrawn_at_s != 0;
	json_document *object = withdrawn ? describe_withdrawn(authorisation)
					  : describe(authorisation);
	enum register_result result;
	char *text;

	text = object ? json_dumps(object, JSON_COMPACT) : NULL;
	if (!text)
		return register_fail_text(db, "a notice cannot be written");
	result =
	    notice_add(db, withdrawn ? "withdrawn" : "authorised", text, now_s);
	free(text);
	if (result == REGISTER_FIELD_INVALID)
		return register_fail_text(db, "a notice is too long");
	return result;
}
