#include "broker/admin/admin_giver.h"

#include "broker/admin/admin_facts.h"
#include "broker/clock.h"

#include <string.h>

json_t *
admin_giver_init(struct admin_giver *giver, const struct admin_call *call)
{
	struct broker *broker = call->broker;
	enum register_result result;

	*giver =
	    (struct admin_giver){.actor = call->actor, .now_s = clock_wall_s()};
	if (!broker->realm)
		return admin_not_configured(broker);
	giver->policy = rules_policy(broker->realm->rules);
	if (call->actor->root)
		return NULL;
	result = admin_facts_collect(broker, giver->policy,
	    call->actor->account, 0, giver->now_s, &giver->facts);
	return result == REGISTER_OK ? NULL : admin_refuse(broker, result);
}

void
admin_giver_done(struct admin_giver *giver)
{
	admin_facts_free(&giver->facts);
}

static const char *
refusal_text(enum giver_result result)
{
	switch (result) {
	case GIVER_ALLOWED:
	case GIVER_REFUSED:
		break;
	case GIVER_SELF:
		return "nobody authorises themself";
	case GIVER_NO_QUOTA:
		return "the rules let nobody be authorised for this group in a "
		       "unit of this level";
	case GIVER_NOT_A_GIVER:
		return "you are in none of the groups that give this "
		       "authorisation";
	case GIVER_OTHER_UNIT:
		return "you may give this authorisation, but not for this "
		       "unit";
	case GIVER_UNIT_NOT_ESTABLISHED:
		return "the unit is not established for this service";
	}
	return "the rules do not allow it";
}

static enum giver_result
check(const struct admin_giver *giver, const char *person,
    const struct policy_group *group, const struct policy_unit *unit,
    const struct policy_quota **ret_quota)
{
	const struct giver_query query = {
	    .giver = giver->facts ? &giver->facts->query : NULL,
	    .same_person = strcmp(giver->actor->account, person) == 0,
	    .group = group,
	    .unit = unit,
	    .now_s = giver->now_s,
	};

	return giver_check(giver->policy, &query, ret_quota);
}

static json_t *
refuse(enum giver_result result)
{
	return admin_error(giver_result_word(result), refusal_text(result));
}

json_t *
admin_giver_check(const struct admin_giver *giver, const char *person,
    const struct policy_group *group, const struct policy_unit *unit,
    const struct policy_quota **ret_quota)
{
	enum giver_result result = check(giver, person, group, unit, ret_quota);

	return result == GIVER_ALLOWED ? NULL : refuse(result);
}

json_t *
admin_giver_check_withdrawal(const struct admin_giver *giver,
    const char *person, const struct policy_group *group,
    const struct policy_unit *unit)
{
	const struct policy_quota *quota;
	enum giver_result result;

	if (giver->actor->root)
		return NULL;
	result =
	    unit ? check(giver, person, group, unit, &quota) : GIVER_OTHER_UNIT;
	if (result == GIVER_ALLOWED || result == GIVER_UNIT_NOT_ESTABLISHED)
		return NULL;
	return refuse(result);
}

static bool
is_member(const struct admin_giver *giver, const struct policy_group *group)
{
	struct decision decision;

	decision_make_one(
	    giver->policy, group, &giver->facts->query, &decision);
	return decision.outcome == DECISION_GRANTED;
}

static bool
is_giver(const struct admin_giver *giver, const struct policy_quota *quota)
{
	const struct policy_group *group;
	size_t i;

	for (i = 0; i < quota->givers.count; i++) {
		group =
		    policy_group_by_name(giver->policy, quota->givers.texts[i]);
		if (group && is_member(giver, group))
			return true;
	}
	return false;
}

static bool
gives_somewhere(
    const struct admin_giver *giver, const struct policy_group *group)
{
	size_t i;

	for (i = 0; i < group->quotas_count; i++) {
		if (is_giver(giver, &group->quotas[i]))
			return true;
	}
	return false;
}

json_t *
admin_giver_check_somewhere(const struct admin_giver *giver, const char *person,
    const struct policy_group *group)
{
	if (giver->actor->root)
		return NULL;
	if (strcmp(giver->actor->account, person) == 0)
		return refuse(GIVER_SELF);
	return gives_somewhere(giver, group) ? NULL : refuse(GIVER_NOT_A_GIVER);
}

bool
admin_giver_sees(
    const struct admin_giver *giver, const struct policy_group *group)
{
	if (giver->actor->root)
		return true;
	return group &&
	       (gives_somewhere(giver, group) || is_member(giver, group));
}

static bool
is_member_for(const struct admin_giver *giver, const struct policy_group *group,
    const struct policy_unit *unit)
{
	struct decision decision;

	decision_make_for_unit(
	    giver->policy, group, unit, &giver->facts->query, &decision);
	return decision.outcome == DECISION_GRANTED;
}

/* In a group that gives authorisations for group, whatever their level. */
static bool
is_giver_for(const struct admin_giver *giver, const struct policy_group *group,
    const struct policy_unit *unit)
{
	const struct policy_group *givers;
	size_t i, j;

	for (i = 0; i < group->quotas_count; i++) {
		for (j = 0; j < group->quotas[i].givers.count; j++) {
			givers = policy_group_by_name(
			    giver->policy, group->quotas[i].givers.texts[j]);
			if (givers && is_member_for(giver, givers, unit))
				return true;
		}
	}
	return false;
}

bool
admin_giver_sees_unit(const struct admin_giver *giver,
    const struct policy_group *group, const struct policy_unit *unit)
{
	const struct policy_unit *above = unit;
	size_t steps;

	if (giver->actor->root)
		return true;
	if (!group || !unit)
		return false;
	for (steps = 0; above && steps < POLICY_UNITS_MAX; steps++) {
		if (is_giver_for(giver, group, above))
			return true;
		above = above->parent;
	}
	return is_member_for(giver, group, unit);
}

bool
admin_giver_is_central(
    const struct admin_giver *giver, const struct policy_group *group)
{
	const struct policy *policy = giver->policy;
	size_t i;

	if (giver->actor->root)
		return true;
	for (i = 0; group && i < policy->units_count; i++) {
		if (policy->units[i].level == POLICY_LEVEL_CENTRAL &&
		    is_giver_for(giver, group, &policy->units[i]))
			return true;
	}
	return false;
}
