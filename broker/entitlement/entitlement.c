/*
 * Facts from the register, a decision of verify/, memberships back into the
 * register. Who is granted more groups than an account can have gets none.
 */
#include "broker/entitlement/entitlement.h"

#include "broker/register/history.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct decision_authorisation
view_of(const struct authorisation *authorisation)
{
	int64_t until_s = authorisation->until_s;

	if (authorisation->withdrawn_at_s &&
	    authorisation->withdrawn_at_s < until_s)
		until_s = authorisation->withdrawn_at_s;
	return (struct decision_authorisation){
	    .id = authorisation->id,
	    .gid = authorisation->gid,
	    .unit = authorisation->unit,
	    .kind = authorisation->kind,
	    .from_s = authorisation->from_s,
	    .until_s = until_s,
	};
}

static int
collect_authorisation(const struct authorisation *authorisation, void *userdata)
{
	struct entitlement_facts *facts = userdata;
	size_t at = facts->query.authorisations_count;

	if (at == AUTHORISATIONS_MAX)
		return -EOVERFLOW;
	facts->authorisations[at] = *authorisation;
	facts->views[at] = view_of(&facts->authorisations[at]);
	facts->query.authorisations_count++;
	return 0;
}

/* Those that begin later too: a decision says when the clock changes it. */
static enum register_result
collect_authorisations(
    struct register_db *db, int64_t known_at_s, struct entitlement_facts *facts)
{
	struct authorisation_filter filter = {
	    .which =
		known_at_s ? AUTHORISATION_IN_FORCE : AUTHORISATION_STANDING,
	    .account_id = facts->account.id,
	    .from_s = facts->query.now_s,
	    .to_s = INT64_MAX,
	    .known_at_s = known_at_s,
	};

	facts->query.authorisations = facts->views;
	facts->query.authorisations_count = 0;
	return authorisation_each(db, &filter, collect_authorisation, facts);
}

static void
rank(const struct policy *policy, struct identity *identity)
{
	identity->acr_rank =
	    policy_acr_rank(policy, identity->issuer, identity->acr);
}

static enum register_result
collect_identity(struct register_db *db, const struct policy *policy,
    int64_t as_of_s, struct entitlement_facts *facts)
{
	enum register_result result;

	result =
	    history_identity(db, facts->account.id, as_of_s, &facts->identity);
	facts->has_identity = result == REGISTER_OK;
	facts->query.identity = facts->has_identity ? &facts->identity : NULL;
	if (facts->has_identity)
		rank(policy, &facts->identity);
	return result == REGISTER_NOT_FOUND ? REGISTER_OK : result;
}

enum register_result
entitlement_collect(struct register_db *db, const struct policy *policy,
    const char *account, int64_t as_of_s, int64_t now_s,
    struct entitlement_facts *ret_facts)
{
	struct entitlement_facts *facts = ret_facts;
	enum register_result result;

	result = register_account_by_name(db, account, &facts->account);
	if (result != REGISTER_OK)
		return result;
	facts->query.now_s = as_of_s ? as_of_s : now_s;
	facts->query.locked = facts->account.locked;
	if (as_of_s)
		result = history_locked(
		    db, facts->account.id, as_of_s, &facts->query.locked);
	if (result == REGISTER_OK)
		result = collect_identity(db, policy, as_of_s, facts);
	if (result == REGISTER_OK)
		result = collect_authorisations(db, as_of_s, facts);
	return result;
}

enum register_result
entitlement_collect_login(struct register_db *db, const struct policy *policy,
    const char *account, struct identity *identity, int64_t now_s,
    struct entitlement_facts *ret_facts)
{
	struct entitlement_facts *facts = ret_facts;
	enum register_result result;

	result = register_account_by_name(db, account, &facts->account);
	if (result != REGISTER_OK)
		return result;
	facts->has_identity = false;
	facts->query.now_s = now_s;
	facts->query.locked = facts->account.locked;
	rank(policy, identity);
	facts->query.identity = identity;
	return collect_authorisations(db, 0, facts);
}

struct account_group
entitlement_group(const struct policy_group *group)
{
	struct account_group named = {
	    .gid = group->gid, .restricted = group->restricted};

	(void)snprintf(named.name, sizeof(named.name), "%s", group->name);
	return named;
}

/* The first of them; always ahead, so that nobody is due at once again. */
static int64_t
first_change(const struct decision *decisions, size_t count, int64_t now_s)
{
	int64_t first_s = POLICY_NO_END;
	size_t i;

	for (i = 0; i < count; i++) {
		if (decisions[i].changes_at_s < first_s)
			first_s = decisions[i].changes_at_s;
	}
	return first_s > now_s ? first_s : now_s + 1;
}

/* -E2BIG: they are too many. */
static int
granted_groups(const struct decision *decisions, size_t count,
    const struct policy_group *ret_groups[static REGISTER_GROUPS_MAX],
    size_t *ret_count)
{
	size_t granted = 0, i;

	for (i = 0; i < count; i++) {
		if (decisions[i].outcome != DECISION_GRANTED)
			continue;
		if (granted == REGISTER_GROUPS_MAX)
			return -E2BIG;
		ret_groups[granted++] = decisions[i].group;
	}
	*ret_count = granted;
	return 0;
}

int
entitlement_of(const struct decision *decisions, size_t count, int64_t now_s,
    struct entitlement *ret_entitlement)
{
	const struct policy_group *granted[REGISTER_GROUPS_MAX];
	size_t granted_count = 0, i;
	int error;

	error = granted_groups(decisions, count, granted, &granted_count);
	for (i = 0; i < granted_count; i++)
		ret_entitlement->groups[i] = entitlement_group(granted[i]);
	ret_entitlement->count = granted_count;
	ret_entitlement->decided_at_s = now_s;
	ret_entitlement->changes_at_s = first_change(decisions, count, now_s);
	return error;
}

static enum register_result
put_in_force(struct register_db *db, int64_t account_id,
    const struct entitlement *entitlement, bool *ret_changed)
{
	return register_memberships_set(db, account_id, entitlement->groups,
	    entitlement->count, entitlement->changes_at_s, ret_changed);
}

static enum register_result
decide_one(struct register_db *db, const struct policy *policy,
    const struct entitlement_facts *facts, bool *ret_changed)
{
	__attribute__((cleanup(decisions_free))) struct decision *decisions =
	    decisions_new(policy);
	struct entitlement entitlement;

	if (!decisions)
		return REGISTER_FAILED;
	decision_make(policy, &facts->query, decisions);
	(void)entitlement_of(
	    decisions, policy->groups_count, facts->query.now_s, &entitlement);
	return put_in_force(db, facts->account.id, &entitlement, ret_changed);
}

static enum register_result
empty_one(struct register_db *db, const char *name, bool *ret_changed)
{
	enum register_result result;
	struct account account;

	result = register_account_by_name(db, name, &account);
	if (result == REGISTER_OK)
		result = register_memberships_set(
		    db, account.id, NULL, 0, POLICY_NO_END, ret_changed);
	return result;
}

static enum register_result
refresh_one(struct register_db *db, const struct policy *policy,
    const char *account, int64_t now_s, bool *ret_changed)
{
	struct entitlement_facts facts;
	enum register_result result;

	if (!policy)
		return empty_one(db, account, ret_changed);
	result = entitlement_collect(db, policy, account, 0, now_s, &facts);
	if (result == REGISTER_OK)
		result = decide_one(db, policy, &facts, ret_changed);
	return result;
}

enum register_result
entitlement_refresh(struct register_db *db, const struct policy *policy,
    const char *account, int64_t now_s, bool *ret_changed)
{
	enum register_result result;
	bool changed = false;

	result = register_begin(db);
	if (result != REGISTER_OK)
		return result;
	result =
	    register_end(db, refresh_one(db, policy, account, now_s, &changed));
	if (result == REGISTER_OK)
		*ret_changed = changed;
	return result;
}

enum register_result
entitlement_login(struct register_db *db, const struct account *account,
    const struct identity *identity, const struct entitlement *entitlement,
    bool *ret_changed)
{
	enum register_result result;
	bool changed = false;

	result = register_begin(db);
	if (result != REGISTER_OK)
		return result;
	result = register_login(
	    db, account->id, identity, entitlement->decided_at_s);
	if (result == REGISTER_OK)
		result = put_in_force(db, account->id, entitlement, &changed);
	result = register_end(db, result);
	if (result == REGISTER_OK)
		*ret_changed = changed;
	return result;
}

/* One authorisation of somebody, while all accounts are walked. */
struct held {
	int64_t account_id;
	struct decision_authorisation view; /* unit: below, once they stand */
	char unit[POLICY_UNIT_SIZE];
};

struct refresh {
	const struct policy *policy;
	int64_t now_s;
	const struct entitlement_watch *watch;
	struct held *held; /* by account, as the walk comes */
	struct decision_authorisation *views; /* of the same places */
	size_t held_count;
	size_t held_room;
	size_t next; /* the first that the walk has not passed */
	struct decision *decisions;
	bool *granted; /* to somebody, by place in the policy */
	struct identity identity;
};

static void
refresh_done(struct refresh *refresh)
{
	free(refresh->held);
	free(refresh->views);
	free(refresh->decisions);
	free(refresh->granted);
}

static int
hold(const struct authorisation *authorisation, void *userdata)
{
	struct refresh *refresh = userdata;
	struct held *held = refresh->held;
	size_t room = refresh->held_room ? 2 * refresh->held_room : 64;

	if (refresh->held_count == refresh->held_room) {
		held = reallocarray(refresh->held, room, sizeof(*held));
		if (!held)
			return -ENOMEM;
		refresh->held = held;
		refresh->held_room = room;
	}
	held += refresh->held_count++;
	held->account_id = authorisation->account_id;
	held->view = view_of(authorisation);
	memcpy(held->unit, authorisation->unit, sizeof(held->unit));
	return 0;
}

static int
compare_held(const void *a, const void *b)
{
	const struct held *left = a, *right = b;

	return (left->account_id > right->account_id) -
	       (left->account_id < right->account_id);
}

static int
line_up(struct refresh *refresh)
{
	size_t i;

	refresh->views =
	    calloc(refresh->held_count + 1, sizeof(*refresh->views));
	if (!refresh->views)
		return -ENOMEM;
	if (refresh->held_count > 0)
		qsort(refresh->held, refresh->held_count,
		    sizeof(*refresh->held), compare_held);
	for (i = 0; i < refresh->held_count; i++) {
		refresh->views[i] = refresh->held[i].view;
		refresh->views[i].unit = refresh->held[i].unit;
	}
	return 0;
}

static enum register_result
load(struct register_db *db, struct refresh *refresh)
{
	struct authorisation_filter filter = {.which = AUTHORISATION_STANDING,
	    .from_s = refresh->now_s,
	    .to_s = INT64_MAX};
	enum register_result result;

	refresh->decisions = decisions_new(refresh->policy);
	refresh->granted =
	    calloc(refresh->policy->groups_count + 1, sizeof(bool));
	if (!refresh->decisions || !refresh->granted)
		return REGISTER_FAILED;
	result = authorisation_each(db, &filter, hold, refresh);
	if (result == REGISTER_OK && line_up(refresh) < 0)
		result = REGISTER_FAILED;
	return result;
}

/* Accounts come in the order of their ids, as the authorisations stand. */
static void
give_authorisations(
    struct refresh *refresh, int64_t account_id, struct decision_query *query)
{
	size_t at = refresh->next;

	while (at < refresh->held_count &&
	       refresh->held[at].account_id < account_id)
		at++;
	query->authorisations = refresh->views + at;
	while (at < refresh->held_count &&
	       refresh->held[at].account_id == account_id)
		at++;
	refresh->next = at;
	query->authorisations_count =
	    (size_t)(refresh->views + at - query->authorisations);
}

/* What is in one of two ascending lists and not in the other. */
static size_t
missing(const uint32_t *gids, size_t count, const uint32_t *from,
    size_t from_count, uint32_t ret_missing[static REGISTER_GROUPS_MAX])
{
	size_t i, at = 0, found = 0;

	for (i = 0; i < count; i++) {
		while (at < from_count && from[at] < gids[i])
			at++;
		if (at == from_count || from[at] != gids[i])
			ret_missing[found++] = gids[i];
	}
	return found;
}

static int
compare_gids(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static void
tell_change(const struct entitlement_watch *watch,
    const struct register_standing *standing, uint32_t *gids, size_t count)
{
	uint32_t given[REGISTER_GROUPS_MAX], taken[REGISTER_GROUPS_MAX];
	size_t given_count, taken_count;

	if (!watch)
		return;
	qsort(gids, count, sizeof(*gids), compare_gids);
	given_count =
	    missing(gids, count, standing->gids, standing->gids_count, given);
	taken_count =
	    missing(standing->gids, standing->gids_count, gids, count, taken);
	if (given_count + taken_count > 0)
		watch->changed(standing->account, given, given_count, taken,
		    taken_count, watch->userdata);
}

/* One damaged row takes the groups of one, and keeps nobody else waiting. */
static const struct identity *
read_evidence(struct refresh *refresh, const struct register_standing *standing)
{
	if (!standing->evidence)
		return NULL;
	if (identity_get(standing->evidence, standing->evidence_size,
		&refresh->identity) < 0) {
		if (refresh->watch)
			refresh->watch->damaged(
			    standing->account, refresh->watch->userdata);
		return NULL;
	}
	rank(refresh->policy, &refresh->identity);
	return &refresh->identity;
}

static int
decide_without_rules(const struct register_standing *standing,
    uint32_t ret_gids[static REGISTER_GROUPS_MAX], size_t *ret_count,
    int64_t *ret_changes_at_s, void *userdata)
{
	struct refresh *refresh = userdata;

	if (standing->locked || standing->changes_at_s <= refresh->now_s) {
		*ret_count = 0;
		*ret_changes_at_s = POLICY_NO_END;
	} else {
		memcpy(ret_gids, standing->gids,
		    standing->gids_count * sizeof(*ret_gids));
		*ret_count = standing->gids_count;
		*ret_changes_at_s = standing->changes_at_s;
	}
	tell_change(refresh->watch, standing, ret_gids, *ret_count);
	return 0;
}

static int
decide(const struct register_standing *standing,
    uint32_t ret_gids[static REGISTER_GROUPS_MAX], size_t *ret_count,
    int64_t *ret_changes_at_s, void *userdata)
{
	struct refresh *refresh = userdata;
	const struct policy *policy = refresh->policy;
	const struct policy_group *granted[REGISTER_GROUPS_MAX];
	struct decision_query query = {
	    .locked = standing->locked, .now_s = refresh->now_s};
	size_t i;

	query.identity = read_evidence(refresh, standing);
	give_authorisations(refresh, standing->account_id, &query);
	decision_make(policy, &query, refresh->decisions);
	*ret_count = 0;
	(void)granted_groups(
	    refresh->decisions, policy->groups_count, granted, ret_count);
	for (i = 0; i < *ret_count; i++) {
		ret_gids[i] = granted[i]->gid;
		refresh->granted[granted[i] - policy->groups] = true;
	}
	*ret_changes_at_s = first_change(
	    refresh->decisions, policy->groups_count, refresh->now_s);
	tell_change(refresh->watch, standing, ret_gids, *ret_count);
	return 0;
}

/* Once for each group that somebody got, not for each that got it. */
static enum register_result
name_granted(
    struct register_db *db, const struct refresh *refresh, bool *ret_changed)
{
	const struct policy *policy = refresh->policy;
	enum register_result result = REGISTER_OK;
	struct account_group group;
	bool changed;
	size_t i;

	for (i = 0; i < policy->groups_count && result == REGISTER_OK; i++) {
		if (!refresh->granted[i])
			continue;
		group = entitlement_group(&policy->groups[i]);
		changed = false;
		result = register_groups_name(db, &group, 1, &changed);
		*ret_changed = *ret_changed || changed;
	}
	return result;
}

static enum register_result
refresh_many(struct register_db *db, struct refresh *refresh, bool due_only,
    bool *ret_changed)
{
	enum register_result result;

	if (!refresh->policy)
		return register_memberships_redecide(db, refresh->now_s,
		    due_only, decide_without_rules, refresh, ret_changed);
	result = load(db, refresh);
	if (result == REGISTER_OK)
		result = register_memberships_redecide(
		    db, refresh->now_s, due_only, decide, refresh, ret_changed);
	if (result == REGISTER_OK)
		result = name_granted(db, refresh, ret_changed);
	return result;
}

static enum register_result
refresh_in_transaction(struct register_db *db, const struct policy *policy,
    int64_t now_s, bool due_only, const struct entitlement_watch *watch,
    bool *ret_changed)
{
	__attribute__((cleanup(refresh_done))) struct refresh refresh = {
	    .policy = policy, .now_s = now_s, .watch = watch};
	enum register_result result;
	bool changed = false;

	result = register_begin(db);
	if (result != REGISTER_OK)
		return result;
	result =
	    register_end(db, refresh_many(db, &refresh, due_only, &changed));
	if (result == REGISTER_OK)
		*ret_changed = changed;
	return result;
}

enum register_result
entitlement_refresh_all(struct register_db *db, const struct policy *policy,
    int64_t now_s, const struct entitlement_watch *watch, bool *ret_changed)
{
	return refresh_in_transaction(
	    db, policy, now_s, false, watch, ret_changed);
}

enum register_result
entitlement_refresh_due(struct register_db *db, const struct policy *policy,
    int64_t now_s, const struct entitlement_watch *watch, bool *ret_changed)
{
	return refresh_in_transaction(
	    db, policy, now_s, true, watch, ret_changed);
}
