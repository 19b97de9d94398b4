#include "verify/decision.h"

#include "verify/person_units.h"
#include "verify/slice_set.h"

#include <string.h>

#define SINCE_EVER INT64_MIN

/* The query with what every grant asks of it, found once. */
struct person {
	const struct policy *policy;
	const struct decision_query *query;
	int issuer; /* index, or -1 */
	const struct policy_unit *only; /* no other unit will do; NULL: any */
	struct slice_set roles;
	struct person_units units;
};

/*
 * One way to a group: a grant, with the authorisation and the unit that it
 * rests on where it asks for them. A grant is as many ways as there are
 * authorisations or units that could meet it.
 */
struct way {
	const struct policy_grant *grant;
	const struct decision_authorisation *authorisation;
	const struct policy_unit *unit;
	enum decision_condition failed; /* now */
	/* When the clock lets it hold; until_s <= from_s: never. */
	int64_t from_s;
	int64_t until_s;
};

/* The way to report, and when the clock opens the first of the others. */
struct choice {
	struct way best;
	int64_t begins_at_s;
};

static int64_t
later(int64_t a_s, int64_t b_s)
{
	return a_s > b_s ? a_s : b_s;
}

static int64_t
earlier(int64_t a_s, int64_t b_s)
{
	return a_s < b_s ? a_s : b_s;
}

/* Conditions are looked at in order: the higher, the further it came. */
static int
compare_progress(enum decision_condition a, enum decision_condition b)
{
	if (a == b)
		return 0;
	if (a == DECISION_NONE)
		return 1;
	if (b == DECISION_NONE)
		return -1;
	return a > b ? 1 : -1;
}

static int
compare_authorisations(const struct decision_authorisation *a,
    const struct decision_authorisation *b)
{
	if (!a || !b)
		return (a ? 1 : 0) - (b ? 1 : 0);
	return (a->id < b->id) - (a->id > b->id);
}

static int
compare_units(const struct policy_unit *a, const struct policy_unit *b)
{
	if (!a || !b)
		return (a ? 1 : 0) - (b ? 1 : 0);
	return strcmp(b->number, a->number);
}

/* A whole order, so that the order in memory decides nothing. */
static bool
is_better(const struct way *a, const struct way *b)
{
	int order = compare_progress(a->failed, b->failed);

	if (order == 0 && a->failed == DECISION_NONE)
		order = (a->until_s > b->until_s) - (a->until_s < b->until_s);
	if (order == 0)
		order =
		    policy_place_compare(&b->grant->place, &a->grant->place);
	if (order == 0)
		order =
		    compare_authorisations(a->authorisation, b->authorisation);
	if (order == 0)
		order = compare_units(a->unit, b->unit);
	return order > 0;
}

static void
offer(struct choice *choice, const struct way *way, int64_t now_s)
{
	if (way->from_s > now_s && way->from_s < way->until_s)
		choice->begins_at_s = earlier(choice->begins_at_s, way->from_s);
	if (!choice->best.grant || is_better(way, &choice->best))
		choice->best = *way;
}

static bool
has_any_role(const struct person *person, const struct policy_set *roles)
{
	size_t i;

	for (i = 0; i < roles->count; i++) {
		if (slice_set_has(&person->roles, roles->texts[i]))
			return true;
	}
	return roles->count == 0;
}

static bool
has_all_roles(const struct person *person, const struct policy_set *roles)
{
	size_t i;

	for (i = 0; i < roles->count; i++) {
		if (!slice_set_has(&person->roles, roles->texts[i]))
			return false;
	}
	return true;
}

static bool
has_all_scopes(const struct identity *identity, const struct policy_set *scopes)
{
	size_t i;

	for (i = 0; i < scopes->count; i++) {
		if (!identity_has_scope(identity, scopes->texts[i]))
			return false;
	}
	return true;
}

static bool
has_right(const struct identity *identity,
    const struct identity_mandate *mandate, const char *right)
{
	size_t i;

	if (mandate->rights_first > identity->rights_count ||
	    mandate->rights_count >
		identity->rights_count - mandate->rights_first)
		return false;
	for (i = 0; i < mandate->rights_count; i++) {
		if (slice_equal(
			identity->rights[mandate->rights_first + i], right))
			return true;
	}
	return false;
}

static bool
mandate_meets(const struct policy_grant *grant, const struct identity *identity,
    const struct identity_mandate *mandate)
{
	size_t i;

	if (mandate->organisation.size == 0)
		return false;
	if (grant->on_behalf_of.count > 0 &&
	    !policy_set_has_slice(&grant->on_behalf_of, mandate->organisation))
		return false;
	if (grant->resources.count > 0 &&
	    !policy_set_has_slice(&grant->resources, mandate->resource))
		return false;
	for (i = 0; i < grant->rights_all.count; i++) {
		if (!has_right(identity, mandate, grant->rights_all.texts[i]))
			return false;
	}
	return true;
}

uint32_t
decision_mandates(
    const struct policy_grant *grant, const struct identity *identity)
{
	uint32_t mandates = 0;
	size_t i;

	for (i = 0; i < identity->mandates_count; i++) {
		if (mandate_meets(grant, identity, &identity->mandates[i]))
			mandates |= UINT32_C(1) << i;
	}
	return mandates;
}

static bool
needs_mandate(const struct policy_grant *grant)
{
	return grant->on_behalf_of.count > 0 || grant->resources.count > 0 ||
	       grant->rights_all.count > 0;
}

static bool
is_level_met(const struct person *person, const struct policy_grant *grant)
{
	int rank_min = grant->acr_rank_min[person->issuer];

	if (rank_min < 0)
		return false;
	return rank_min == 0 || person->query->identity->acr_rank >= rank_min;
}

/* What no clock changes; the times of the grant are not looked at here. */
static enum decision_condition
lacking(const struct person *person, const struct policy_grant *grant)
{
	const struct identity *identity = person->query->identity;

	if (person->query->locked)
		return DECISION_ACCOUNT_LOCKED;
	if (!identity)
		return DECISION_NO_LOGIN;
	if (person->issuer < 0 || !(grant->issuers & 1U << person->issuer))
		return DECISION_ISSUER;
	if (!has_any_role(person, &grant->roles_any) ||
	    !has_all_roles(person, &grant->roles_all))
		return DECISION_ROLE;
	if (!has_all_scopes(identity, &grant->scopes_all))
		return DECISION_SCOPE;
	if (needs_mandate(grant) && decision_mandates(grant, identity) == 0)
		return DECISION_ON_BEHALF_OF;
	if (grant->consumers.count > 0 &&
	    !policy_set_has_slice(&grant->consumers, identity->consumer))
		return DECISION_CONSUMER;
	if (!is_level_met(person, grant))
		return DECISION_LEVEL;
	return DECISION_NONE;
}

/* The moment from which the authentication is too old. */
static int64_t
age_end(const struct policy_grant *grant, const struct identity *identity)
{
	int64_t end_s;

	if (grant->max_age_s == 0)
		return POLICY_NO_END;
	if (identity->authenticated_at_s <= 0)
		return SINCE_EVER;
	if (__builtin_add_overflow(
		identity->authenticated_at_s, grant->max_age_s, &end_s))
		return POLICY_NO_END;
	return end_s;
}

/* Whether the times of the grant itself let it hold now. */
static enum decision_condition
out_of_time(const struct policy_grant *grant, int64_t age_end_s, int64_t now_s)
{
	if (now_s >= age_end_s)
		return DECISION_AGE;
	if (grant->valid_from_s != 0 && now_s < grant->valid_from_s)
		return DECISION_NOT_YET;
	if (now_s >= grant->valid_until_s &&
	    grant->valid_until_s != POLICY_NO_END)
		return DECISION_NO_LONGER;
	return DECISION_NONE;
}

static bool
needs_unit(
    const struct policy_grant *grant, const struct policy_service *service)
{
	return grant->units.count > 0 || grant->unit_levels != 0 ||
	       grant->unit_classes.count > 0 || service->needs_established_unit;
}

static bool
is_unit_met(const struct policy_grant *grant, const struct policy_unit *unit)
{
	if (grant->units.count > 0 &&
	    !policy_set_has(&grant->units, unit->number))
		return false;
	if (grant->unit_levels != 0 &&
	    !(grant->unit_levels & 1U << unit->level))
		return false;
	return grant->unit_classes.count == 0 ||
	       (unit->class &&
		   policy_set_has(&grant->unit_classes, unit->class));
}

/* POLICY_NO_END: it is not, and no date says when it will be. */
static int64_t
established_since(
    const struct policy_unit *unit, const struct policy_service *service)
{
	int64_t since_s = SINCE_EVER;
	bool found = false;
	size_t i;

	if (!service->needs_established_unit)
		return SINCE_EVER;
	for (i = 0; i < unit->established_count; i++) {
		const struct policy_established *entry = &unit->established[i];

		if (strcmp(entry->service, service->name) != 0)
			continue;
		since_s = later(since_s, entry->since_s);
		found = true;
	}
	return found ? since_s : POLICY_NO_END;
}

bool
decision_unit_is_established(const struct policy_unit *unit,
    const struct policy_service *service, int64_t now_s)
{
	int64_t since_s = established_since(unit, service);

	return since_s != POLICY_NO_END && since_s <= now_s;
}

bool
decision_authorisation_is_in_force(
    const struct decision_authorisation *authorisation, int64_t now_s)
{
	return authorisation->from_s <= now_s &&
	       (authorisation->until_s == POLICY_NO_END ||
		   now_s < authorisation->until_s);
}

/* Notes what fails, unless something before it failed already. */
static void
fail(struct way *way, enum decision_condition condition)
{
	if (way->failed == DECISION_NONE)
		way->failed = condition;
}

/* unit may be NULL: it is unknown, and cannot become known by the clock. */
static void
narrow_to_unit(const struct person *person,
    const struct policy_service *service, const struct policy_unit *unit,
    struct way *way)
{
	if (!unit || (person->only && unit != person->only) ||
	    !is_unit_met(way->grant, unit)) {
		fail(way, DECISION_UNIT);
		way->until_s = way->from_s;
		return;
	}
	way->from_s = later(way->from_s, established_since(unit, service));
	if (!decision_unit_is_established(unit, service, person->query->now_s))
		fail(way, DECISION_UNIT_NOT_ESTABLISHED);
}

/* Only what the condition is about is reported with a group withheld. */
static void
report_unit(struct way *way, const struct policy_unit *unit,
    const struct decision_authorisation *authorisation)
{
	if (way->failed != DECISION_NONE && way->failed != DECISION_UNIT &&
	    way->failed != DECISION_UNIT_NOT_ESTABLISHED)
		return;
	way->unit = unit;
	way->authorisation = authorisation;
}

static bool
is_of_kind(const struct decision_authorisation *authorisation,
    const struct policy_grant *grant)
{
	switch (authorisation->kind) {
	case POLICY_KIND_CASE:
	case POLICY_KIND_CLERICAL:
		return grant->authorised_kinds & authorisation->kind;
	}
	return false;
}

static void
offer_authorisation(const struct person *person,
    const struct policy_service *service, struct way way,
    const struct decision_authorisation *authorisation, struct choice *choice)
{
	int64_t now_s = person->query->now_s;
	const struct policy_unit *unit = NULL;

	if (authorisation->unit)
		unit =
		    policy_unit_by_number(person->policy, authorisation->unit);
	way.from_s = later(way.from_s, authorisation->from_s);
	way.until_s = earlier(way.until_s, authorisation->until_s);
	if (!decision_authorisation_is_in_force(authorisation, now_s))
		fail(&way, DECISION_AUTHORISATION);
	narrow_to_unit(person, service, unit, &way);
	report_unit(&way, unit, authorisation);
	offer(choice, &way, now_s);
}

static void
offer_authorisations(const struct person *person,
    const struct policy_group *group, const struct policy_service *service,
    const struct way *way, struct choice *choice)
{
	const struct decision_query *query = person->query;
	struct way none = *way;
	size_t i;

	for (i = 0; i < query->authorisations_count; i++) {
		const struct decision_authorisation *authorisation =
		    &query->authorisations[i];

		if (authorisation->gid == group->gid &&
		    is_of_kind(authorisation, way->grant))
			offer_authorisation(
			    person, service, *way, authorisation, choice);
	}
	fail(&none, DECISION_AUTHORISATION);
	none.until_s = none.from_s;
	offer(choice, &none, query->now_s);
}

static void
offer_units(const struct person *person, const struct policy_service *service,
    const struct way *way, struct choice *choice)
{
	uint32_t mandates =
	    decision_mandates(way->grant, person->query->identity);
	struct way none = *way;
	size_t i;

	for (i = 0; i < person->units.count; i++) {
		const struct person_unit *held = &person->units.units[i];
		const struct policy_unit *unit =
		    &person->policy->units[held->index];
		struct way by_unit = *way;

		if (!held->claimed && !(held->mandates & mandates))
			continue;
		narrow_to_unit(person, service, unit, &by_unit);
		report_unit(&by_unit, unit, NULL);
		offer(choice, &by_unit, person->query->now_s);
	}
	fail(&none, DECISION_UNIT);
	none.until_s = none.from_s;
	offer(choice, &none, person->query->now_s);
}

/* Offers every way that this grant is. */
static void
offer_grant(const struct person *person, const struct policy_group *group,
    const struct policy_service *service, const struct policy_grant *grant,
    struct choice *choice)
{
	int64_t now_s = person->query->now_s;
	struct way way = {.grant = grant};

	way.failed = lacking(person, grant);
	if (way.failed != DECISION_NONE) {
		offer(choice, &way, now_s);
		return;
	}
	way.until_s = age_end(grant, person->query->identity);
	way.failed = out_of_time(grant, way.until_s, now_s);
	way.until_s = earlier(way.until_s, grant->valid_until_s);
	way.from_s =
	    grant->valid_from_s == 0 ? SINCE_EVER : grant->valid_from_s;
	if (grant->authorised_kinds != 0)
		offer_authorisations(person, group, service, &way, choice);
	else if (needs_unit(grant, service) || person->only)
		offer_units(person, service, &way, choice);
	else
		offer(choice, &way, now_s);
}

static void
decide(const struct person *person, const struct policy_group *group,
    struct decision *ret_decision)
{
	struct choice choice = {.begins_at_s = POLICY_NO_END};
	const struct way *best = &choice.best;
	size_t i;

	*ret_decision = (struct decision){.group = group,
	    .failed = DECISION_NO_GRANT,
	    .changes_at_s = POLICY_NO_END};
	if (group->service >= person->policy->services_count ||
	    group->grants_count == 0)
		return;
	for (i = 0; i < group->grants_count; i++)
		offer_grant(person, group,
		    &person->policy->services[group->service],
		    &group->grants[i], &choice);
	ret_decision->grant = best->grant;
	ret_decision->failed = best->failed;
	ret_decision->authorisation = best->authorisation;
	ret_decision->unit = best->unit;
	ret_decision->changes_at_s = choice.begins_at_s;
	if (best->failed != DECISION_NONE)
		return;
	ret_decision->outcome = DECISION_GRANTED;
	ret_decision->changes_at_s = best->until_s;
}

static void
person_init(struct person *person, const struct policy *policy,
    const struct decision_query *query)
{
	const struct identity *identity = query->identity;

	person->policy = policy;
	person->query = query;
	person->issuer = -1;
	person->only = NULL;
	person->units.count = 0;
	if (!identity)
		return;
	person->issuer = policy_issuer_index(policy, identity->issuer);
	slice_set_init(&person->roles, identity->roles, identity->roles_count);
	person_units_find(policy, identity, &person->units);
}

void
decision_make(const struct policy *policy, const struct decision_query *query,
    struct decision *ret_decisions)
{
	struct person person;
	size_t i;

	person_init(&person, policy, query);
	for (i = 0; i < policy->groups_count; i++)
		decide(&person, &policy->groups[i], &ret_decisions[i]);
}

void
decision_make_one(const struct policy *policy, const struct policy_group *group,
    const struct decision_query *query, struct decision *ret_decision)
{
	struct person person;

	person_init(&person, policy, query);
	decide(&person, group, ret_decision);
}

void
decision_make_for_unit(const struct policy *policy,
    const struct policy_group *group, const struct policy_unit *unit,
    const struct decision_query *query, struct decision *ret_decision)
{
	struct person person;

	person_init(&person, policy, query);
	person.only = unit;
	decide(&person, group, ret_decision);
}

const char *
decision_condition_word(enum decision_condition condition)
{
	switch (condition) {
	case DECISION_NONE:
		return "none";
	case DECISION_NO_GRANT:
		return "no-grant";
	case DECISION_ACCOUNT_LOCKED:
		return "account-locked";
	case DECISION_NO_LOGIN:
		return "no-login";
	case DECISION_ISSUER:
		return "issuer";
	case DECISION_ROLE:
		return "role";
	case DECISION_SCOPE:
		return "scope";
	case DECISION_ON_BEHALF_OF:
		return "on-behalf-of";
	case DECISION_CONSUMER:
		return "consumer";
	case DECISION_LEVEL:
		return "level";
	case DECISION_AGE:
		return "age";
	case DECISION_NOT_YET:
		return "not-yet";
	case DECISION_NO_LONGER:
		return "no-longer";
	case DECISION_AUTHORISATION:
		return "authorisation";
	case DECISION_UNIT:
		return "unit";
	case DECISION_UNIT_NOT_ESTABLISHED:
		return "unit-not-established";
	}
	return "unknown";
}
