/*
 * From the text of the rules to the policy: portvakt-access(5) is the grammar.
 * Refuses words that it does not know, a gid or name that stands twice or is
 * the machine's, a grant that nothing can meet, a giver that is no group, a
 * unit without its parent, an organisation number that is none: with file,
 * line and remedy. The whole set is good, or none of it is used.
 */
#pragma once

#include "broker/policy/policy_files.h"
#include "broker/register/local_accounts.h"
#include "verify/evidence.h"
#include "verify/policy.h"

/* What rules call an issuer, and its ladder. */
struct policy_known_issuer {
	const char *name; /* "staff" */
	const struct issuer_profile *profile;
	/* The rungs that eIDAS names; NULL: the ladder has no such rung. */
	const char *level_low;
	const char *level_substantial;
	const char *level_high;
};

struct policy_world {
	const struct policy_known_issuer *issuers;
	size_t issuers_count;
	const struct local_accounts *local;
	/*
	 * A set of the past, read to answer for a day of then: what it asks
	 * for and is not here now sleeps, and neither the machine's own groups
	 * of today nor what could never hold is held against it.
	 */
	bool was_in_force;
};

/* Owns every string of the policy; copies what it needs of the arguments. */
struct policy_text;

/* 0, or -EINVAL, -ENOMEM with *ret_error. */
int policy_read(const struct policy_files *files,
    const struct policy_world *world, struct policy_text **ret_text,
    struct config_error *ret_error);
struct policy_text *policy_text_free(struct policy_text *text);
const struct policy *policy_text_policy(const struct policy_text *text);
