#include "verify/person_units.h"

#include <string.h>

_Static_assert(IDENTITY_MANDATES_MAX <= 32, "a bit for each mandate");
_Static_assert(POLICY_UNITS_MAX <= UINT16_MAX, "an index for each unit");

/* ISO 6523: 0192 is Enhetsregisteret. */
static const char authority[] = "0192:";

enum {
	AUTHORITY_SIZE = sizeof(authority) - 1,
};

static bool
is_of_organisation(
    const struct policy_unit *unit, const struct identity_mandate *mandate)
{
	struct slice organisation = mandate->organisation;

	if (organisation.size <= AUTHORITY_SIZE ||
	    memcmp(organisation.at, authority, AUTHORITY_SIZE) != 0)
		return false;
	organisation.at += AUTHORITY_SIZE;
	organisation.size -= AUTHORITY_SIZE;
	return slice_equal(organisation, unit->organisation);
}

static uint32_t
mandates_for(const struct policy_unit *unit, const struct identity *identity)
{
	uint32_t mandates = 0;
	size_t i;

	if (!unit->organisation)
		return 0;
	for (i = 0; i < identity->mandates_count; i++) {
		if (is_of_organisation(unit, &identity->mandates[i]))
			mandates |= UINT32_C(1) << i;
	}
	return mandates;
}

/* The entry for a unit, looked for among the first of them, or a new one. */
static struct person_unit *
entry_for(struct person_units *units, size_t first_count, size_t index)
{
	size_t i;

	for (i = 0; i < first_count; i++) {
		if (units->units[i].index == index)
			return &units->units[i];
	}
	units->units[units->count] =
	    (struct person_unit){.index = (uint16_t)index};
	return &units->units[units->count++];
}

static void
add_claimed(const struct policy *policy, const struct identity *identity,
    struct person_units *units)
{
	size_t i;

	for (i = 0; i < identity->units_count; i++) {
		const struct policy_unit *unit =
		    policy_unit_by_slice(policy, identity->units[i]);

		if (!unit)
			continue;
		entry_for(units, units->count, (size_t)(unit - policy->units))
		    ->claimed = true;
	}
}

/* Each unit comes by once, so that only a claimed one can be there already. */
static void
add_represented(const struct policy *policy, const struct identity *identity,
    struct person_units *units)
{
	size_t claimed_count = units->count;
	size_t i;

	for (i = 0; i < policy->units_count; i++) {
		uint32_t mandates = mandates_for(&policy->units[i], identity);

		if (mandates != 0)
			entry_for(units, claimed_count, i)->mandates = mandates;
	}
}

void
person_units_find(const struct policy *policy, const struct identity *identity,
    struct person_units *ret_units)
{
	ret_units->count = 0;
	if (policy->units_count > POLICY_UNITS_MAX)
		return;
	add_claimed(policy, identity, ret_units);
	if (identity->mandates_count > 0)
		add_represented(policy, identity, ret_units);
}
