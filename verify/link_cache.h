/*
 * Whose a subject was said to be, kept until its token ends: beyond new trust
 * images, because no image says it, but for one of another links_epoch: then
 * all of it is forgotten. Found by a keyed digest of what was asked
 * (issuer, subject, number, audience), so there is no identity number in it.
 * By one thread; bounded; what comes takes the place of what ended, or of what
 * was there longest among a few.
 */
#pragma once

#include "verify/link.h"

enum {
	LINK_CACHE_ENTRIES_MAX = 16384,
};

struct link_cache;

int link_cache_new(struct link_cache **ret_cache); /* 0, -ENOMEM, -EAGAIN */
struct link_cache *link_cache_free(struct link_cache *cache); /* wipes; NULL */
void link_cache_clear(struct link_cache *cache);

/*
 * 0 with the account; -ENOENT: nobody's, as was said a moment ago; -EAGAIN: it is
 * not known, or not any more, and somebody must be asked.
 */
int link_cache_find(struct link_cache *cache, const struct link_query *query,
    struct link_holder *ret_holder);

/*
 * holder: NULL, and it is nobody's for LINK_NOBODY_S. What was said at another
 * time than the query's links_epoch is not kept.
 */
void link_cache_keep(struct link_cache *cache, const struct link_query *query,
    const struct link_holder *holder);

size_t link_cache_count(const struct link_cache *cache);
