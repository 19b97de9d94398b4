#include "broker/login/grants.h"

#include "broker/entitlement/entitlement.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Adds words, as far as there is room. */
static void
append(char *text, size_t size, const char *between, const char *word,
    const char *why)
{
	size_t at = strlen(text);

	(void)snprintf(&text[at], size - at, "%s%s%s%s", at > 0 ? between : "",
	    word, why ? ": " : "", why ? why : "");
}

/* The role is there, and what is missing can be had by logging in anew. */
static bool
is_worth_a_word(const struct decision *decision)
{
	return decision->failed == DECISION_LEVEL ||
	       decision->failed == DECISION_AGE;
}

static int
take(struct grants *grants, const struct decision *decision)
{
	const struct policy_group *group = decision->group;
	struct account_group *into;

	if (is_worth_a_word(decision))
		append(grants->withheld, sizeof(grants->withheld), ", ",
		    group->name, decision_condition_word(decision->failed));
	if (decision->outcome != DECISION_GRANTED)
		return 0;
	if (grants->count == REGISTER_GROUPS_MAX)
		return -E2BIG;
	into = &grants->groups[grants->count++];
	(void)snprintf(into->name, sizeof(into->name), "%s", group->name);
	into->gid = group->gid;
	into->restricted = group->restricted;
	append(
	    grants->granted, sizeof(grants->granted), " ", group->name, NULL);
	return 0;
}

static int
decide(const struct policy *policy, const struct decision_query *query,
    struct grants *grants)
{
	struct decision *decisions;
	int error = 0;
	size_t i;

	decisions = calloc(policy->groups_count + 1, sizeof(*decisions));
	if (!decisions)
		return -ENOMEM;
	decision_make(policy, query, decisions);
	for (i = 0; i < policy->groups_count && !error; i++)
		error = take(grants, &decisions[i]);
	free(decisions);
	return error;
}

static void
free_facts(struct entitlement_facts **facts)
{
	if (!*facts)
		return;
	identity_wipe(&(*facts)->identity);
	free(*facts);
}

int
grants_decide(struct register_db *db, const struct policy *policy,
    const char *account, const struct identity *identity, int64_t now_s,
    struct grants *ret_grants)
{
	__attribute__((cleanup(free_facts))) struct entitlement_facts *facts =
	    calloc(1, sizeof(*facts));
	struct decision_query query;

	if (!facts)
		return -ENOMEM;
	if (entitlement_collect(db, policy, account, 0, now_s, facts) !=
	    REGISTER_OK)
		return -EIO;
	query = facts->query;
	query.identity = identity;
	memset(ret_grants, 0, sizeof(*ret_grants));
	return decide(policy, &query, ret_grants);
}
