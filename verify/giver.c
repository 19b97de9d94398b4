#include "verify/giver.h"

#include <string.h>

/* Root at the machine, who is no account of ours. */
static const char administrator[] = "administrator";

static bool
is_granted_for(const struct policy *policy, const struct policy_group *group,
    const struct policy_unit *unit, const struct decision_query *giver)
{
	struct decision decision;

	decision_make_for_unit(policy, group, unit, giver, &decision);
	return decision.outcome == DECISION_GRANTED;
}

/* In a unit of the right level, from the one in question upwards. */
static bool
stands_above(const struct policy *policy, const struct policy_group *group,
    const struct policy_quota *quota, const struct policy_unit *unit,
    const struct decision_query *giver)
{
	size_t steps;

	for (steps = 0; unit && steps < POLICY_UNITS_MAX; steps++) {
		if (unit->level == quota->giver_level &&
		    is_granted_for(policy, group, unit, giver))
			return true;
		unit = unit->parent;
	}
	return false;
}

static enum giver_result
check_account(const struct policy *policy, const struct policy_quota *quota,
    const struct policy_unit *unit, const struct decision_query *giver)
{
	enum giver_result result = GIVER_NOT_A_GIVER;
	struct decision decision;
	size_t i;

	for (i = 0; i < quota->givers.count; i++) {
		const char *name = quota->givers.texts[i];
		const struct policy_group *group;

		if (strcmp(name, administrator) == 0)
			continue;
		group = policy_group_by_name(policy, name);
		if (!group)
			continue;
		decision_make_one(policy, group, giver, &decision);
		if (decision.outcome != DECISION_GRANTED)
			continue;
		if (stands_above(policy, group, quota, unit, giver))
			return GIVER_ALLOWED;
		result = GIVER_OTHER_UNIT;
	}
	return result;
}

static enum giver_result
check_giver(const struct policy *policy, const struct policy_quota *quota,
    const struct giver_query *query)
{
	struct decision_query giver;

	if (!query->giver)
		return policy_set_has(&quota->givers, administrator)
			   ? GIVER_ALLOWED
			   : GIVER_NOT_A_GIVER;
	giver = *query->giver;
	giver.now_s = query->now_s;
	return check_account(policy, quota, query->unit, &giver);
}

enum giver_result
giver_check(const struct policy *policy, const struct giver_query *query,
    const struct policy_quota **ret_quota)
{
	const struct policy_group *group = query->group;
	const struct policy_quota *quota =
	    policy_group_quota(group, query->unit->level);
	enum giver_result result;

	*ret_quota = quota;
	if (query->same_person)
		return GIVER_SELF;
	if (group->service >= policy->services_count)
		return GIVER_REFUSED;
	if (!quota)
		return GIVER_NO_QUOTA;
	result = check_giver(policy, quota, query);
	if (result != GIVER_ALLOWED)
		return result;
	if (!policy_unit_is_established(
		query->unit, &policy->services[group->service], query->now_s))
		return GIVER_UNIT_NOT_ESTABLISHED;
	return GIVER_ALLOWED;
}

const char *
giver_result_word(enum giver_result result)
{
	switch (result) {
	case GIVER_REFUSED:
		return "refused";
	case GIVER_ALLOWED:
		return "allowed";
	case GIVER_SELF:
		return "self";
	case GIVER_NO_QUOTA:
		return "no-quota";
	case GIVER_NOT_A_GIVER:
		return "not-a-giver";
	case GIVER_OTHER_UNIT:
		return "other-unit";
	case GIVER_UNIT_NOT_ESTABLISHED:
		return "unit-not-established";
	}
	return "refused";
}
