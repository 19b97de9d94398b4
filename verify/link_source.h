/*
 * libportvakt's own linker: what is known of a subject (link_cache.h), or what
 * portvakt-api says (link_client.h). While the API is silent nobody waits for
 * it more often than every other second; what it will not say of one token is
 * that token's trouble alone.
 */
#pragma once

#include "verify/link_cache.h"

enum {
	LINK_SOURCE_PATH_SIZE = 108, /* of sun_path */
	LINK_SOURCE_PAUSE_MS = 1000,
};

struct link_source {
	char path[LINK_SOURCE_PATH_SIZE]; /* "": nobody is asked */
	struct link_cache *cache;
	int64_t pause_until_ms; /* CLOCK_MONOTONIC */
};

/* Of a zeroed one. 0, -ENOMEM or -EAGAIN; done in each case. */
int link_source_init(struct link_source *source);
void link_source_done(struct link_source *source);

/*
 * Where the API is; NULL: nobody is asked. What others said is forgotten.
 * 0, -EINVAL (not absolute) or -ENAMETOOLONG.
 */
int link_source_set_path(struct link_source *source, const char *path);

/* A link_find_fn. */
int link_source_find(void *source, const struct link_query *query,
    struct link_holder *ret_holder);
