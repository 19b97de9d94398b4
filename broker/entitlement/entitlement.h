/*
 * From decisions to memberships: which groups each account has now, written to
 * the register for the publisher, with the time at which that changes by
 * itself. Decided anew for one account at its login, authorisation, withdrawal
 * or lock; for all when the rules change; for those that are due when the
 * clock reaches them. Who is granted more than REGISTER_GROUPS_MAX groups gets
 * none of them.
 *
 * Without rules (policy NULL) nothing can be granted, and nothing may outlive
 * its end: who is decided for alone, who is locked, and whose time has come
 * loses everything; all others keep what was decided last.
 */
#pragma once

#include "broker/register/authorisation.h"
#include "broker/register/register.h"
#include "verify/decision.h"

#include <stdint.h>

/* Everything that one account's decision rests on. */
struct entitlement_facts {
	struct account account;
	struct identity identity;
	bool has_identity;
	struct authorisation authorisations[AUTHORISATIONS_MAX];
	struct decision_authorisation views[AUTHORISATIONS_MAX];
	struct decision_query query; /* points into the above */
};

/* What a decision gives, as it is written: its groups, and until when. */
struct entitlement {
	struct account_group groups[REGISTER_GROUPS_MAX];
	size_t count;
	int64_t decided_at_s;
	int64_t changes_at_s; /* POLICY_NO_END: never */
};

/* The group as the register and the images have it. */
struct account_group entitlement_group(const struct policy_group *group);

/*
 * From count decisions that were made for now_s. -E2BIG, and no groups, when
 * they grant more than an account can have.
 */
int entitlement_of(const struct decision *decisions, size_t count,
    int64_t now_s, struct entitlement *ret_entitlement);

/*
 * Collects them: as_of_s 0 for now; otherwise as the register knew it then.
 * The policy is the one that will decide: its ladders rank the identity.
 * REGISTER_NOT_FOUND when there is no such account. *ret_facts is 110 KB, and
 * holds nothing to rely on unless the answer is REGISTER_OK.
 */
enum register_result entitlement_collect(struct register_db *db,
    const struct policy *policy, const char *account, int64_t as_of_s,
    int64_t now_s, struct entitlement_facts *ret_facts);

/*
 * What is heard while many are decided, before it is written: forget it when
 * the answer is not REGISTER_OK. The gids are ascending.
 */
struct entitlement_watch {
	/* Somebody's memberships change. */
	void (*changed)(const char *account, const uint32_t *given,
	    size_t given_count, const uint32_t *taken, size_t taken_count,
	    void *userdata);
	/* The evidence of somebody cannot be read: they count as without. */
	void (*damaged)(const char *account, void *userdata);
	void *userdata;
};

/*
 * For a login: the same as it is now, but with the evidence that just came,
 * whatever the last one was. The identity is borrowed, and ranked by the
 * policy's ladders, which may be newer than the login.
 */
enum register_result entitlement_collect_login(struct register_db *db,
    const struct policy *policy, const char *account, struct identity *identity,
    int64_t now_s, struct entitlement_facts *ret_facts);

/* Decides for one account and writes; *ret_changed: the image is behind. */
enum register_result entitlement_refresh(struct register_db *db,
    const struct policy *policy, const char *account, int64_t now_s,
    bool *ret_changed);

/*
 * A login: its time, its evidence and what was decided on it are kept, all in
 * one transaction.
 */
enum register_result entitlement_login(struct register_db *db,
    const struct account *account, const struct identity *identity,
    const struct entitlement *entitlement, bool *ret_changed);

/* All of them, or those whose time has come. */
enum register_result entitlement_refresh_all(struct register_db *db,
    const struct policy *policy, int64_t now_s,
    const struct entitlement_watch *watch, bool *ret_changed);
enum register_result entitlement_refresh_due(struct register_db *db,
    const struct policy *policy, int64_t now_s,
    const struct entitlement_watch *watch, bool *ret_changed);
