/*
 * Publishes a made-up directory, for scripts:
 *   make_directory PATH GENERATION list|hide USERS GROUPS_PER_USER
 *   make_directory --statedir      where the NSS module looks for it
 */
#include "tests/module/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
main(int argc, char *argv[])
{
	int error;

	if (argc == 2 && strcmp(argv[1], "--statedir") == 0) {
		(void)puts(PORTVAKT_STATEDIR);
		return 0;
	}
	if (argc != 6) {
		(void)fputs("usage: make_directory PATH GENERATION list|hide "
			    "USERS GROUPS_PER_USER\n",
		    stderr);
		return 2;
	}
	error = sample_publish(argv[1], strtoul(argv[2], NULL, 10),
	    strcmp(argv[3], "list") == 0, (uint32_t)strtoul(argv[4], NULL, 10),
	    (uint32_t)strtoul(argv[5], NULL, 10));
	if (error)
		(void)fprintf(stderr, "%s: %s\n", argv[1], strerror(-error));
	return error ? 1 : 0;
}
