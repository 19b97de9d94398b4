#include "verify/decision.h"

#include "verify/grant.h"
#include "verify/standing.h"

#include <stdlib.h>
#include <string.h>

/* What is asked: for whom, when, and by which policy. */
struct question {
	const struct policy *policy;
	const struct decision_query *query;
	const struct policy_unit *only; /* no other unit will do; NULL: any */
	struct standing standing;
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

/* Of one group: the way to report, and when the clock opens the next. */
struct choice {
	const struct policy_group *group;
	const struct policy_service *service;
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
is_in_force(const struct decision_authorisation *authorisation, int64_t now_s)
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

/* By the clock alone it will never hold. */
static void
close_for_ever(struct way *way)
{
	way->until_s = way->from_s;
}

/* unit may be NULL: it is unknown, and no clock makes it known. */
static void
narrow_to_unit(const struct question *question, const struct choice *choice,
    const struct policy_unit *unit, struct way *way)
{
	int64_t since_s;

	if (!unit || (question->only && unit != question->only) ||
	    !grant_takes_unit(way->grant, unit)) {
		fail(way, DECISION_UNIT);
		close_for_ever(way);
		return;
	}
	since_s = policy_unit_established_since(unit, choice->service);
	if (since_s > question->query->now_s)
		fail(way, DECISION_UNIT_NOT_ESTABLISHED);
	way->from_s = later(way->from_s, since_s);
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

static void
offer_authorisation(const struct question *question, struct way way,
    const struct decision_authorisation *authorisation, struct choice *choice)
{
	int64_t now_s = question->query->now_s;
	const struct policy_unit *unit = NULL;

	if (authorisation->unit)
		unit = policy_unit_by_number(
		    question->policy, authorisation->unit);
	way.from_s = later(way.from_s, authorisation->from_s);
	way.until_s = earlier(way.until_s, authorisation->until_s);
	if (!is_in_force(authorisation, now_s))
		fail(&way, DECISION_AUTHORISATION);
	narrow_to_unit(question, choice, unit, &way);
	report_unit(&way, unit, authorisation);
	offer(choice, &way, now_s);
}

static void
offer_authorisations(const struct question *question, const struct way *way,
    struct choice *choice)
{
	const struct decision_query *query = question->query;
	struct way none = *way;
	size_t i;

	for (i = 0; i < query->authorisations_count; i++) {
		const struct decision_authorisation *authorisation =
		    &query->authorisations[i];

		if (authorisation->gid == choice->group->gid &&
		    grant_takes_kind(way->grant, authorisation->kind))
			offer_authorisation(
			    question, *way, authorisation, choice);
	}
	fail(&none, DECISION_AUTHORISATION);
	close_for_ever(&none);
	offer(choice, &none, query->now_s);
}

/* By number, so that of all that hold now the first is the one to report. */
static void
offer_units(const struct question *question, const struct way *way,
    struct choice *choice)
{
	const struct standing *standing = &question->standing;
	uint32_t mandates = grant_mandates(way->grant, standing->identity);
	struct way none = *way;
	size_t i;

	for (i = 0; i < standing->units.count; i++) {
		const struct person_unit *held = &standing->units.units[i];
		const struct policy_unit *unit =
		    &question->policy->units[held->index];
		struct way by_unit = *way;

		if (!held->claimed && !(held->mandates & mandates))
			continue;
		narrow_to_unit(question, choice, unit, &by_unit);
		report_unit(&by_unit, unit, NULL);
		offer(choice, &by_unit, question->query->now_s);
		if (by_unit.failed == DECISION_NONE)
			return;
	}
	fail(&none, DECISION_UNIT);
	close_for_ever(&none);
	offer(choice, &none, question->query->now_s);
}

static enum decision_condition
lacking(const struct question *question, const struct policy_grant *grant)
{
	if (question->query->locked)
		return DECISION_ACCOUNT_LOCKED;
	if (!question->query->identity)
		return DECISION_NO_LOGIN;
	return grant_lacks(grant, &question->standing);
}

/* Offers every way that this grant is. */
static void
offer_grant(const struct question *question, const struct policy_grant *grant,
    struct choice *choice)
{
	const struct identity *identity = question->query->identity;
	int64_t now_s = question->query->now_s;
	struct way way = {.grant = grant};

	way.failed = lacking(question, grant);
	if (way.failed != DECISION_NONE) {
		offer(choice, &way, now_s);
		return;
	}
	way.failed = grant_out_of_time(grant, identity, now_s);
	grant_span(grant, identity, &way.from_s, &way.until_s);
	if (grant->authorised_kinds != 0)
		offer_authorisations(question, &way, choice);
	else if (grant_asks_unit(grant, choice->service) || question->only)
		offer_units(question, &way, choice);
	else
		offer(choice, &way, now_s);
}

static void
report(const struct choice *choice, struct decision *ret_decision)
{
	const struct way *best = &choice->best;
	bool granted = best->failed == DECISION_NONE;

	*ret_decision = (struct decision){.group = choice->group,
	    .outcome = granted ? DECISION_GRANTED : DECISION_WITHHELD,
	    .grant = best->grant,
	    .failed = best->failed,
	    .authorisation = best->authorisation,
	    .unit = best->unit,
	    .changes_at_s = granted ? best->until_s : choice->begins_at_s};
}

static void
decide(const struct question *question, const struct policy_group *group,
    struct decision *ret_decision)
{
	const struct policy *policy = question->policy;
	struct choice choice = {.group = group,
	    .best.failed = DECISION_NO_GRANT,
	    .begins_at_s = POLICY_NO_END};
	size_t i;

	if (group->service < policy->services_count) {
		choice.service = &policy->services[group->service];
		for (i = 0; i < group->grants_count; i++)
			offer_grant(question, &group->grants[i], &choice);
	}
	report(&choice, ret_decision);
}

static void
question_init(struct question *question, const struct policy *policy,
    const struct decision_query *query)
{
	question->policy = policy;
	question->query = query;
	question->only = NULL;
	standing_init(&question->standing, policy, query->identity);
}

struct decision *
decisions_new(const struct policy *policy)
{
	return calloc(policy->groups_count + 1, sizeof(struct decision));
}

void
decisions_free(struct decision **decisions)
{
	free(*decisions);
	*decisions = NULL;
}

void
decision_make(const struct policy *policy, const struct decision_query *query,
    struct decision *ret_decisions)
{
	struct question question;
	size_t i;

	question_init(&question, policy, query);
	for (i = 0; i < policy->groups_count; i++)
		decide(&question, &policy->groups[i], &ret_decisions[i]);
}

void
decision_make_one(const struct policy *policy, const struct policy_group *group,
    const struct decision_query *query, struct decision *ret_decision)
{
	struct question question;

	question_init(&question, policy, query);
	decide(&question, group, ret_decision);
}

void
decision_make_for_unit(const struct policy *policy,
    const struct policy_group *group, const struct policy_unit *unit,
    const struct decision_query *query, struct decision *ret_decision)
{
	struct question question;

	question_init(&question, policy, query);
	question.only = unit;
	decide(&question, group, ret_decision);
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
