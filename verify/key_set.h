/*
 * An issuer's public keys (RFC 7517 JWK set), ready to verify with. Refuses
 * what could never be used safely: symmetric and private keys, RSA under 2048
 * or over 8192 bits or with an exponent under 65537, curves other than P-256,
 * "use" other than sig, "key_ops" without verify, "alg" that is none of ours;
 * and what could not be chosen: no "kid", or one that another usable key has
 * too (then neither stands). Such a key is left out and counted, the rest of
 * the set stands.
 */
#pragma once

#include "verify/slice.h"

#include <stddef.h>

enum {
	KEY_SET_SIZE_MAX = 256 * 1024, /* bytes of JSON */
	KEY_SET_KEYS_MAX = 64,
};

struct jwk;
struct key_set;

/*
 * 0 and a set with at least one key, or -EBADMSG (not a JWK set),
 * -ENOKEY (no usable key in it), -EFBIG, -ENOMEM.
 */
int key_set_parse(const char *json, size_t size, struct key_set **ret_set);
struct key_set *key_set_free(struct key_set *set); /* accepts NULL */
size_t key_set_count(const struct key_set *set);
size_t key_set_ignored_count(const struct key_set *set);

/* NULL when no key has exactly this kid. */
struct jwk *key_set_find(struct key_set *set, struct slice kid);
