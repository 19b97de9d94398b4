#include "verify/identity.h"

#include <string.h>

bool
identity_has_role(const struct identity *identity, const char *role)
{
	size_t size = strlen(role);
	size_t i;

	for (i = 0; i < identity->roles_count; i++) {
		if (identity->roles[i].size == size &&
		    memcmp(identity->roles[i].at, role, size) == 0)
			return true;
	}
	return false;
}
