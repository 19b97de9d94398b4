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

/* Adds index to a set of count, in order; returns how many there are then. */
static size_t
insert(uint16_t *indices, size_t count, uint16_t index)
{
	size_t at = count;

	while (at > 0 && indices[at - 1] > index)
		at--;
	if (at > 0 && indices[at - 1] == index)
		return count;
	memmove(
	    &indices[at + 1], &indices[at], (count - at) * sizeof(*indices));
	indices[at] = index;
	return count + 1;
}

static size_t
find_claimed(const struct policy *policy, const struct identity *identity,
    uint16_t ret_indices[static IDENTITY_UNITS_MAX])
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < identity->units_count; i++) {
		const struct policy_unit *unit =
		    policy_unit_by_slice(policy, identity->units[i]);

		if (unit)
			count = insert(ret_indices, count,
			    (uint16_t)(unit - policy->units));
	}
	return count;
}

void
person_units_find(const struct policy *policy, const struct identity *identity,
    struct person_units *ret_units)
{
	uint16_t claimed[IDENTITY_UNITS_MAX];
	size_t claimed_count, next = 0;
	size_t i;

	ret_units->count = 0;
	if (policy->units_count > POLICY_UNITS_MAX)
		return;
	claimed_count = find_claimed(policy, identity, claimed);
	for (i = 0; i < policy->units_count; i++) {
		bool is_claimed = next < claimed_count && claimed[next] == i;
		uint32_t mandates = mandates_for(&policy->units[i], identity);

		next += is_claimed;
		if (is_claimed || mandates != 0)
			ret_units->units[ret_units->count++] =
			    (struct person_unit){
				mandates, (uint16_t)i, is_claimed};
	}
}
