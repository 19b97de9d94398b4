#include "broker/login/grants.h"

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

static void
describe(const struct decision *decision, struct grants *grants)
{
	const char *name = decision->group->name;

	if (is_worth_a_word(decision))
		append(grants->withheld, sizeof(grants->withheld), ", ", name,
		    decision_condition_word(decision->failed));
	if (decision->outcome == DECISION_GRANTED)
		append(
		    grants->granted, sizeof(grants->granted), " ", name, NULL);
}

static int
decide(const struct policy *policy, const struct decision_query *query,
    struct grants *grants)
{
	__attribute__((cleanup(decisions_free))) struct decision *decisions =
	    decisions_new(policy);
	size_t i;

	if (!decisions)
		return -ENOMEM;
	decision_make(policy, query, decisions);
	for (i = 0; i < policy->groups_count; i++)
		describe(&decisions[i], grants);
	return entitlement_of(decisions, policy->groups_count, query->now_s,
	    &grants->entitlement);
}

static void
free_facts(struct entitlement_facts **facts)
{
	free(*facts);
}

int
grants_decide(struct register_db *db, const struct policy *policy,
    const char *account, struct identity *identity, int64_t now_s,
    struct grants *ret_grants)
{
	__attribute__((cleanup(free_facts))) struct entitlement_facts *facts =
	    calloc(1, sizeof(*facts));

	if (!facts)
		return -ENOMEM;
	if (entitlement_collect_login(
		db, policy, account, identity, now_s, facts) != REGISTER_OK)
		return -EIO;
	memset(ret_grants, 0, sizeof(*ret_grants));
	return decide(policy, &facts->query, ret_grants);
}
