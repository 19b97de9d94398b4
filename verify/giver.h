/*
 * Who may give a personal authorisation, to whom and for which unit: a pure
 * function over the policy. Nobody authorises themself; that is looked at
 * first and has no exception. A giver stands in a unit of the quota's level, in
 * the one that the authorisation would be for or above it, and must have one of
 * the quota's groups for that very unit: by a personal authorisation for it
 * where the group asks for one, else as a unit of theirs.
 */
#pragma once

#include "verify/decision.h"

enum giver_result {
	GIVER_REFUSED = 0,
	GIVER_ALLOWED,
	GIVER_SELF, /* giver and person are one */
	GIVER_NO_QUOTA, /* the group has none for the level of this unit */
	GIVER_NOT_A_GIVER, /* in none of the quota's groups */
	GIVER_OTHER_UNIT, /* but not for this unit, or at another level */
	GIVER_UNIT_NOT_ESTABLISHED, /* for the group's service, now */
};

struct giver_query {
	/* NULL: root, in whose name nobody of ours stands. */
	const struct decision_query *giver;
	bool same_person;
	const struct policy_group *group;
	const struct policy_unit *unit; /* that it would be given for */
	int64_t now_s; /* for the giver too */
};

/* *ret_quota: the one that rules this group and level; NULL without one. */
enum giver_result giver_check(const struct policy *policy,
    const struct giver_query *query, const struct policy_quota **ret_quota);

/* "self", "no-quota", ... */
const char *giver_result_word(enum giver_result result);
