#include "verify/identity.h"

static bool
has(const struct slice *slices, size_t count, const char *text)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (slice_equal(slices[i], text))
			return true;
	}
	return false;
}

bool
identity_has_role(const struct identity *identity, const char *role)
{
	return has(identity->roles, identity->roles_count, role);
}

bool
identity_has_scope(const struct identity *identity, const char *scope)
{
	return has(identity->scopes, identity->scopes_count, scope);
}
