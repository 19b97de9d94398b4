/*
 * The grammar of user and group names: [a-z_][a-z0-9_-]{0,31}. It is checked
 * before anything else sees a name, at every edge: what passes is safe in a
 * path, a log line, a colon file and an argument.
 */
#pragma once

#include <stdbool.h>

enum {
	NAME_MAX_SIZE = 33, /* useradd's 32 and the terminator */
};

bool name_is_valid(const char *name);
