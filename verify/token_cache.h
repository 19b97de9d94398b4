/*
 * Tokens that were found good, so that the next question about one costs a
 * lookup. Only good ones, by one thread, of one generation of the trust image:
 * whoever maps another one clears it.
 *
 * A token is found by a few bytes of its signature and then compared whole,
 * with the whole question: two tokens never share an answer. Bounded in number
 * and in memory; what comes takes the place of what was there.
 */
#pragma once

#include "verify/confirmation.h"
#include "verify/result.h"
#include "verify/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TOKEN_CACHE_ENTRIES_MAX = 4096,
	TOKEN_CACHE_BYTES_MAX = 8 << 20, /* of tokens and results together */
};

struct token_cache;
struct trust_issuer;

/* What was found. Borrowed by the cache, but for the result, which it holds. */
struct verified {
	struct portvakt_result *result;
	const struct trust_issuer *issuer;
	struct confirmation confirmation; /* for each request anew */
	int64_t from_s; /* when it was judged: an earlier clock asks anew */
	int64_t until_s; /* not any more at that time */
};

int token_cache_new(struct token_cache **ret_cache); /* 0, -ENOMEM, -EAGAIN */
struct token_cache *token_cache_free(struct token_cache *cache); /* or NULL */
void token_cache_clear(struct token_cache *cache);

/*
 * What is known of that token and that question at now_s, or NULL. Both byte
 * for byte. Until the next call with this cache.
 */
const struct verified *token_cache_find(struct token_cache *cache,
    struct slice token, struct slice question, int64_t now_s);

/* Without memory, or of what is too large to keep, nothing is kept. */
void token_cache_keep(struct token_cache *cache, struct slice token,
    struct slice question, const struct verified *verified);

size_t token_cache_count(const struct token_cache *cache);
size_t token_cache_bytes(const struct token_cache *cache);
