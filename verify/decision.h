/*
 * The access decision: a person's last evidence, the personal authorisations,
 * the policy and the time go in; for every group a grant or the condition that
 * withheld it comes out, with what it rests on and until when it stands. Pure:
 * no I/O, no clock. Login, services, explain and the publisher all call it.
 *
 * Adding a condition never grants more; the order of grants, groups and
 * authorisations does not matter. A personal authorisation brings its own unit:
 * of a grant with `authorised`, the unit conditions are about that unit, of any
 * other grant about a unit of the person. A unit by a mandate counts only if
 * that mandate meets the grant's conditions on mandates.
 */
#pragma once

#include "verify/identity.h"
#include "verify/policy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A personal authorisation, as the register holds it. Borrowed strings. */
struct decision_authorisation {
	int64_t id;
	uint32_t gid;
	const char *unit;
	enum policy_kind kind;
	int64_t from_s;
	int64_t until_s; /* POLICY_NO_END; also when it was withdrawn */
};

struct decision_query {
	const struct identity *identity; /* NULL: never logged in */
	bool locked;
	const struct decision_authorisation *authorisations; /* of the person */
	size_t authorisations_count;
	int64_t now_s;
};

/* What withheld a group, in the order in which conditions are looked at. */
enum decision_condition {
	DECISION_NONE = 0, /* nothing did */
	DECISION_NO_GRANT, /* the group has no grant */
	DECISION_ACCOUNT_LOCKED,
	DECISION_NO_LOGIN, /* no evidence of the person yet */
	DECISION_ISSUER,
	DECISION_ROLE,
	DECISION_SCOPE,
	DECISION_ON_BEHALF_OF, /* organisation, resource or rights */
	DECISION_CONSUMER,
	DECISION_LEVEL, /* of assurance */
	DECISION_AGE, /* of the authentication */
	DECISION_NOT_YET, /* valid_from */
	DECISION_NO_LONGER, /* valid_until */
	DECISION_AUTHORISATION,
	DECISION_UNIT,
	DECISION_UNIT_NOT_ESTABLISHED,
};

/* Withheld is zero. */
enum decision_outcome {
	DECISION_WITHHELD = 0,
	DECISION_GRANTED,
};

struct decision {
	const struct policy_group *group;
	enum decision_outcome outcome;
	/*
	 * The grant that gave it (the one that lasts longest), or the one that
	 * came furthest; NULL when the group has none. Among equals the first
	 * by file and line.
	 */
	const struct policy_grant *grant;
	enum decision_condition failed; /* of that grant */
	/*
	 * What the grant rests on, or NULL: the authorisation in force, and the
	 * unit that it is given for. Of a withheld group: those that came
	 * furthest, when the condition is about a unit.
	 */
	const struct decision_authorisation *authorisation;
	const struct policy_unit *unit;
	/*
	 * When this outcome may be another one without anything but the clock
	 * having changed: a grant ends, or may begin. POLICY_NO_END: never.
	 */
	int64_t changes_at_s;
};

/* Room for one decision of each group; NULL without memory. */
struct decision *decisions_new(const struct policy *policy);
void decisions_free(
    struct decision **decisions); /* for the cleanup attribute */

/*
 * Writes policy->groups_count decisions, in the order of the groups. An
 * authorisation counts while from_s <= now_s < until_s.
 */
void decision_make(const struct policy *policy,
    const struct decision_query *query, struct decision *ret_decisions);

/* One group alone. */
void decision_make_one(const struct policy *policy,
    const struct policy_group *group, const struct decision_query *query,
    struct decision *ret_decision);

/*
 * One group alone, for one unit alone: no other unit or authorisation counts,
 * and also a grant that asks for no unit must be met with this one.
 */
void decision_make_for_unit(const struct policy *policy,
    const struct policy_group *group, const struct policy_unit *unit,
    const struct decision_query *query, struct decision *ret_decision);

/* The stable word: "role", "level", "authorisation", "unit-not-established". */
const char *decision_condition_word(enum decision_condition condition);
