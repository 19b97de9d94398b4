#include "broker/admin/admin_decision.h"

#include "broker/admin/admin_answer.h"
#include "broker/admin/admin_wanted.h"

static json_t *
end_or_null(int64_t at_s)
{
	return at_s == POLICY_NO_END ? json_null() : json_integer(at_s);
}

/* The rule that gave it, or came nearest. */
static void
add_rule(json_t *object, const struct decision *decision)
{
	const struct policy_grant *grant = decision->grant;
	const struct policy_place *place =
	    grant ? &grant->place : &decision->group->place;

	(void)json_object_set_new(object, "file", json_string(place->file));
	(void)json_object_set_new(
	    object, "line", json_integer((json_int_t)place->line));
	(void)json_object_set_new(
	    object, "reason", admin_text_or_null(grant ? grant->reason : NULL));
}

static const struct authorisation *
find_authorisation(const struct entitlement_facts *facts, int64_t id)
{
	size_t i;

	for (i = 0; i < facts->query.authorisations_count; i++) {
		if (facts->authorisations[i].id == id)
			return &facts->authorisations[i];
	}
	return NULL;
}

static void
add_authorisation(json_t *object, const struct decision *decision,
    const struct entitlement_facts *facts)
{
	const struct authorisation *given =
	    decision->authorisation
		? find_authorisation(facts, decision->authorisation->id)
		: NULL;

	(void)json_object_set_new(object, "authorisation",
	    given ? json_integer(given->id) : json_null());
	(void)json_object_set_new(object, "authorised_by",
	    admin_text_or_null(given ? given->given_by : NULL));
	(void)json_object_set_new(object, "authorised_basis",
	    admin_text_or_null(given ? given->basis : NULL));
}

json_t *
admin_decision_describe(const struct policy *policy,
    const struct decision *decision, const struct entitlement_facts *facts)
{
	const struct policy_group *group = decision->group;
	bool granted = decision->outcome == DECISION_GRANTED;
	char wanted[ADMIN_WANTED_SIZE];
	json_t *object;

	admin_wanted(
	    policy, decision, &facts->identity, facts->account.name, wanted);
	object = json_pack(
	    "{s:s, s:s, s:s, s:s, s:b, s:o, s:o, s:s, s:o, s:o, s:o, s:b}",
	    "group", group->name, "title", group->title, "title_en",
	    group->title_en, "service", policy->services[group->service].name,
	    "granted", granted, "condition",
	    admin_text_or_null(
		granted ? NULL : decision_condition_word(decision->failed)),
	    "wanted", admin_text_or_null(wanted), "basis", group->basis, "unit",
	    admin_text_or_null(decision->unit ? decision->unit->number : NULL),
	    "until",
	    granted ? end_or_null(decision->changes_at_s) : json_null(),
	    "changes_at", end_or_null(decision->changes_at_s), "restricted",
	    group->restricted);
	if (!object)
		return NULL;
	add_rule(object, decision);
	add_authorisation(object, decision, facts);
	return object;
}
