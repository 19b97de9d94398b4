#include "verify/standing.h"

void
standing_init(struct standing *standing, const struct policy *policy,
    const struct identity *identity)
{
	standing->identity = identity;
	standing->issuer = -1;
	standing->units.count = 0;
	slice_set_init(&standing->roles, NULL, 0);
	if (!identity)
		return;
	standing->issuer = policy_issuer_index(policy, identity->issuer);
	slice_set_init(
	    &standing->roles, identity->roles, identity->roles_count);
	person_units_find(policy, identity, &standing->units);
}
