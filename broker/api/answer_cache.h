/*
 * Answers about good tokens that were asked for again, ready to be sent. What
 * is kept is how one result looks to one client, never that it is good: the
 * library is asked each time, and only who has got the very same result from it
 * finds its answer here. So an answer ends with the result, by expiry,
 * revocation, another trust image or keys that are no longer believed, and the
 * counters, the proofs and the records are those of any other question.
 *
 * Bounded; what comes takes the place of what was there.
 */
#pragma once

#include "broker/api/answer.h"
#include "broker/api/api_config.h"
#include "verify/portvakt.h"

#include <stdbool.h>

struct answer_cache;

/* Compared as pointers: all but the result live as long as the worker. */
struct answer_key {
	struct portvakt_result *result;
	const struct api_client *client;
	const char *audience; /* of the client; or NULL */
	const void *view; /* which endpoint, which location */
};

int answer_cache_new(struct answer_cache **ret_cache); /* 0 or -ENOMEM */
struct answer_cache *answer_cache_free(
    struct answer_cache *cache); /* or NULL */

/* True: that is the answer. Without a cache (NULL) there is none. */
bool answer_cache_find(struct answer_cache *cache, const struct answer_key *key,
    struct answer *ret_answer);

/*
 * Keeps what was answered, from the second time on: most tokens come once.
 * The answer is then the kept one.
 */
void answer_cache_keep(struct answer_cache *cache, const struct answer_key *key,
    struct answer *answer);
