/*
 * The one who asks as a giver of personal authorisations: what they may give
 * and withdraw, and which lists they may see.
 */
#pragma once

#include "broker/admin/admin_answer.h"
#include "broker/entitlement/entitlement.h"
#include "verify/giver.h"

struct admin_giver {
	const struct admin_actor *actor;
	const struct policy *policy;
	struct entitlement_facts *facts; /* NULL: root */
	int64_t now_s;
};

/*
 * NULL, or the answer that says why not: the configuration is missing, or the
 * actor's facts are.
 */
json_t *admin_giver_init(
    struct admin_giver *giver, const struct admin_call *call);
void admin_giver_done(struct admin_giver *giver);

/*
 * NULL when person may be authorised for the group in the unit by this giver;
 * or the answer that says why not.
 */
json_t *admin_giver_check(const struct admin_giver *giver, const char *person,
    const struct policy_group *group, const struct policy_unit *unit,
    const struct policy_quota **ret_quota);

/*
 * The same for a withdrawal. Root may always withdraw, and that a unit is not
 * established any more is no reason to keep somebody authorised there. unit
 * NULL: the rules know it no more.
 */
json_t *admin_giver_check_withdrawal(const struct admin_giver *giver,
    const char *person, const struct policy_group *group,
    const struct policy_unit *unit);

/*
 * The same of no named unit: whether the giver has a say in any unit. What
 * they may withdraw there is admin_giver_check_withdrawal()'s, unit by unit.
 */
json_t *admin_giver_check_somewhere(const struct admin_giver *giver,
    const char *person, const struct policy_group *group);

/* A giver or a member of a group sees who is authorised for it somewhere. */
bool admin_giver_sees(
    const struct admin_giver *giver, const struct policy_group *group);

/*
 * And where: givers in their own units and all below, whatever the level at
 * which they may give; members in their own units. Root sees all, also what
 * the rules do not know any more (NULL).
 */
bool admin_giver_sees_unit(const struct admin_giver *giver,
    const struct policy_group *group, const struct policy_unit *unit);

/* Root, or a giver whose unit is central: whom the notices are for. */
bool admin_giver_is_central(
    const struct admin_giver *giver, const struct policy_group *group);
