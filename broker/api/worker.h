/* One process that answers: it runs until it is told to end. */
#pragma once

#include "broker/api/api.h"

#include <stdbool.h>
#include <stddef.h>

enum { LISTENERS_MAX = 4 };

/* A socket that listens, and whether its callers have a uid. */
struct listener {
	int fd;
	bool local;
};

/*
 * Serves the listeners until SIGTERM, which must be blocked; then finishes
 * what is under way. An exit status.
 */
int worker_run(struct api *api, const struct listener *listeners, size_t count);
