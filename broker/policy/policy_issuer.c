/*
 * Which issuers a grant takes, and the rank that its level has on the ladder
 * of each. What the catalogue asks of an issuer that is not here, or of a level
 * that it lacks, sleeps: such a grant never grants. In the administrator's own
 * files it is a mistake.
 */
#include "broker/policy/policy_draft.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int
find_issuer(const struct policy *policy, const char *name)
{
	size_t i;

	for (i = 0; i < policy->issuers_count; i++) {
		if (strcmp(policy->issuers[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

static int
refuse_issuer(struct policy_draft *draft, const struct draft_grant *grant,
    const char *name)
{
	const struct policy *policy = &draft->policy;
	char known[256] = "";
	size_t i, length;

	for (i = 0; i < policy->issuers_count; i++) {
		length = strlen(known);
		(void)snprintf(known + length, sizeof(known) - length, " %s",
		    policy->issuers[i].name);
	}
	return config_error_set(draft->keeper.error, -EINVAL,
	    grant->grant.place.file, grant->issuer_line,
	    "issuer \"%.64s\" is not configured: add its section to "
	    "portvakt.conf, or write one of those that are there:%s",
	    name, known);
}

static int
take_mask(struct policy_draft *draft, struct draft_grant *grant)
{
	size_t i;

	if (grant->issuer_names.count == 0)
		grant->grant.issuers = (1U << draft->policy.issuers_count) - 1;
	for (i = 0; i < grant->issuer_names.count; i++) {
		const char *name = grant->issuer_names.texts[i];
		int index = find_issuer(&draft->policy, name);

		if (index >= 0)
			grant->grant.issuers |= 1U << index;
		else if (!draft->file.shipped)
			return refuse_issuer(draft, grant, name);
	}
	return 0;
}

/* What eIDAS calls the level, on this issuer's ladder; or the acr itself. */
static const char *
acr_of_level(const struct policy_known_issuer *issuer, const char *level)
{
	const char *acr = NULL;

	if (strcmp(level, "low") == 0)
		acr = issuer->level_low;
	else if (strcmp(level, "substantial") == 0)
		acr = issuer->level_substantial;
	else if (strcmp(level, "high") == 0)
		acr = issuer->level_high;
	return acr ? acr : level;
}

/* -1: this grant never takes the issuer. */
static int
rank_for(const struct policy_known_issuer *issuer, const char *level)
{
	int rank;

	if (!level)
		return 0;
	rank = issuer_acr_rank(
	    issuer->profile, slice_of(acr_of_level(issuer, level)));
	return rank > 0 ? rank : -1;
}

/* issuer: the one that lacks it; NULL: all of them do. */
static int
refuse_level(struct policy_draft *draft, const struct draft_grant *grant,
    const char *issuer)
{
	return config_error_set(draft->keeper.error, -EINVAL,
	    grant->grant.place.file, grant->level_line,
	    "level \"%.64s\" is not one of %s%.64s: write low, substantial "
	    "or high as the issuer section maps them, or a value of its acr",
	    grant->grant.level, issuer ? "issuer " : "any issuer",
	    issuer ? issuer : "");
}

/* An issuer that is named must have the level; of all, one must. */
static int
take_ranks(struct policy_draft *draft, struct draft_grant *grant)
{
	bool named = grant->issuer_names.count > 0, found = false;
	struct policy_grant *ret = &grant->grant;
	size_t i;

	for (i = 0; i < POLICY_ISSUERS_MAX; i++)
		ret->acr_rank_min[i] = -1;
	for (i = 0; i < draft->policy.issuers_count; i++) {
		if (!(ret->issuers & 1U << i))
			continue;
		ret->acr_rank_min[i] =
		    rank_for(&draft->world->issuers[i], ret->level);
		if (ret->acr_rank_min[i] >= 0)
			found = true;
		else if (named && !draft->file.shipped)
			return refuse_level(
			    draft, grant, draft->policy.issuers[i].name);
	}
	if (found || draft->file.shipped || draft->policy.issuers_count == 0)
		return 0;
	return refuse_level(draft, grant, NULL);
}

int
policy_take_issuers(struct policy_draft *draft, struct draft_grant *grant)
{
	int error;

	error = take_mask(draft, grant);
	return error ? error : take_ranks(draft, grant);
}
