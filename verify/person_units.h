/*
 * The units of a person: those that the token names, and those of the
 * organisations that the person acts for. What units.conf does not know is no
 * unit.
 */
#pragma once

#include "verify/identity.h"
#include "verify/policy.h"

struct person_unit {
	uint32_t mandates; /* bit i: by identity.mandates[i] */
	uint16_t index; /* in policy.units */
	bool claimed; /* by the token itself */
};

struct person_units {
	size_t count;
	struct person_unit units[POLICY_UNITS_MAX]; /* each once, by number */
};

void person_units_find(const struct policy *policy,
    const struct identity *identity, struct person_units *ret_units);
