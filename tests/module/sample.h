/*
 * A made-up directory of any size, the same for every test and benchmark:
 * user number i is "user%06u" with uid SAMPLE_UID + i, group number j is
 * "ko-group%05u" with gid SAMPLE_GID + j. A twentieth as many groups as users,
 * at least 50; the first group has (up to) the first 1,000 users.
 */
#pragma once

#include "broker/directory/directory_builder.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	SAMPLE_UID = 1900000000,
	SAMPLE_GID = 1990000000,
	SAMPLE_RESTRICTED = 1989999999,
	SAMPLE_BIG_GROUP = 1000,
	SAMPLE_NAME_SIZE = 24,
};

uint32_t sample_group_count(uint32_t users);

/* The k-th group of a user; all k differ. */
uint32_t sample_group_of(uint32_t users, uint32_t user, uint32_t k);

/* gecos carries the generation; 0 or a negative errno. */
int sample_publish(const char *path, uint64_t generation, bool enumerate,
    uint32_t users, uint32_t groups_per_user);

/*
 * The same beside a restricted image, at restricted_path: every third user,
 * from number 0 on, is also in "ko-restricted", gid SAMPLE_RESTRICTED.
 */
int sample_publish_both(const char *path, const char *restricted_path,
    uint64_t generation, uint32_t users, uint32_t groups_per_user);
