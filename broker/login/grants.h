/*
 * Words about what a login brings, for its record and for the services: the
 * groups that its one decision gives, and those that a better login would.
 */
#pragma once

#include "broker/entitlement/entitlement.h"

enum {
	GRANTS_TEXT_SIZE = REGISTER_GROUPS_MAX * NAME_MAX_SIZE,
	GRANTS_WITHHELD_SIZE = 512, /* what a record keeps of it */
};

struct grants {
	struct entitlement entitlement; /* what is written of it */
	char granted[GRANTS_TEXT_SIZE]; /* "ko-esas ko-kompis" */
	/* "ko-drift: level, ko-ek: age": all else of the rule is there. */
	char withheld[GRANTS_WITHHELD_SIZE];
};

/*
 * Decides by a policy for an account whose evidence this is; nothing is
 * written. 0, -E2BIG for more groups than a login can have, -EIO, -ENOMEM.
 */
int grants_decide(struct register_db *db, const struct policy *policy,
    const char *account, struct identity *identity, int64_t now_s,
    struct grants *ret_grants);
