/*
 * How a person stands before the policy: the evidence, and what every grant
 * asks of it, found once.
 */
#pragma once

#include "verify/identity.h"
#include "verify/person_units.h"
#include "verify/policy.h"
#include "verify/slice_set.h"

struct standing {
	const struct identity *identity; /* NULL: never logged in */
	int issuer; /* index in policy.issuers, or -1 */
	struct slice_set roles;
	struct person_units units;
};

/* Borrows both. Without an identity there is no issuer, role or unit. */
void standing_init(struct standing *standing, const struct policy *policy,
    const struct identity *identity);
