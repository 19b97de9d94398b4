#include "lib/name.h"

#include <stddef.h>

static bool
is_first(char c)
{
	return (c >= 'a' && c <= 'z') || c == '_';
}

static bool
is_later(char c)
{
	return is_first(c) || (c >= '0' && c <= '9') || c == '-';
}

bool
name_is_valid(const char *name)
{
	size_t i;

	if (!is_first(name[0]))
		return false;
	for (i = 1; name[i]; i++) {
		if (i >= NAME_MAX_SIZE - 1 || !is_later(name[i]))
			return false;
	}
	return true;
}
