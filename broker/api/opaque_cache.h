/*
 * What issuers said about opaque tokens (RFC 7662), for a short while: each
 * question about one would else be a request to its issuer. Kept for the client
 * that asked, the issuer and the token together, compared whole; every use is
 * judged anew, by what its caller may have. Never beyond the token's own end.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	OPAQUE_CACHE_ENTRIES_MAX = 512,
	/* What is larger is not kept. */
	OPAQUE_TOKEN_SIZE_MAX = 1024,
	OPAQUE_CLAIMS_SIZE_MAX = 4096,
	OPAQUE_KEPT_S = 60,
	/* That a token is not active, or does not say until when it is. */
	OPAQUE_INACTIVE_KEPT_S = 10,
};

struct opaque_cache;

struct opaque_key {
	const char *client;
	const char *issuer;
	const char *token;
	size_t size;
};

bool opaque_key_equal(
    const struct opaque_key *one, const struct opaque_key *other);

int opaque_cache_new(struct opaque_cache **ret_cache);
struct opaque_cache *opaque_cache_free(struct opaque_cache *cache); /* wipes */

/*
 * The claims, terminated, until the next call with this cache; NULL: not known
 * (any more). Times are seconds since the epoch and since boot.
 */
const char *opaque_cache_find(struct opaque_cache *cache,
    const struct opaque_key *key, int64_t now_s, int64_t boot_s);

/* expires_at_s: of the token, or 0: it is not good. What finds no room goes. */
void opaque_cache_keep(struct opaque_cache *cache, const struct opaque_key *key,
    const char *claims, int64_t expires_at_s, int64_t now_s, int64_t boot_s);
