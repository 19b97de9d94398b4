/*
 * Publishes a made-up directory, for scripts:
 *   make_directory PATH GENERATION list|hide|both USERS GROUPS_PER_USER
 *      (both: with a restricted one at PATH.restricted, and listed)
 *   make_directory --statedir      where the NSS module looks for it
 */
#include "tests/module/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
publish_both(const char *path, uint64_t generation, uint32_t users,
    uint32_t groups_per_user)
{
	char restricted[1024];

	(void)snprintf(restricted, sizeof(restricted), "%s.restricted", path);
	return sample_publish_both(
	    path, restricted, generation, users, groups_per_user);
}

int
main(int argc, char *argv[])
{
	uint64_t generation;
	uint32_t users, groups;
	int error;

	if (argc == 2 && strcmp(argv[1], "--statedir") == 0) {
		(void)puts(PORTVAKT_STATEDIR);
		return 0;
	}
	if (argc != 6) {
		(void)fputs(
		    "usage: make_directory PATH GENERATION list|hide|both "
		    "USERS GROUPS_PER_USER\n",
		    stderr);
		return 2;
	}
	generation = strtoul(argv[2], NULL, 10);
	users = (uint32_t)strtoul(argv[4], NULL, 10);
	groups = (uint32_t)strtoul(argv[5], NULL, 10);
	if (strcmp(argv[3], "both") == 0)
		error = publish_both(argv[1], generation, users, groups);
	else
		error = sample_publish(argv[1], generation,
		    strcmp(argv[3], "list") == 0, users, groups);
	if (error)
		(void)fprintf(stderr, "%s: %s\n", argv[1], strerror(-error));
	return error ? 1 : 0;
}
