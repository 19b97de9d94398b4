/*
 * Where the trust image comes from, and the one that is mapped at present:
 * follows the path when another image takes its place. A source belongs to one
 * thread at a time, and after fork() the child may go on with its copy.
 */
#pragma once

#include "verify/trust.h"

#include <stdbool.h>
#include <stdint.h>

enum { TRUST_PATH_SIZE_MAX = 1024 };

struct trust_source {
	char path[TRUST_PATH_SIZE_MAX];
	struct trust *trust; /* NULL: none, because of the error */
	int error;
	int64_t looked_s;
};

/* Looks at nothing yet. 0 or -ENAMETOOLONG. */
int trust_source_init(struct trust_source *source, const char *path);
void trust_source_done(struct trust_source *source);

/*
 * Makes source->trust what the path leads to now: a load when nothing has
 * changed, at most once a second a look at the path (boot_s: CLOCK_BOOTTIME).
 * True when source->trust is another one than before, or gone: what was
 * borrowed from it is.
 */
bool trust_source_refresh(struct trust_source *source, int64_t boot_s);
