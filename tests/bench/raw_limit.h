/*
 * What nobody can do without who checks a token: SHA-256 over it and
 * EVP_PKEY_verify() with a context that is kept.
 */
#pragma once

#include "tests/vectors/mint.h"
#include "verify/jwk.h"
#include "verify/jws.h"

#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

struct raw_limit {
	struct jwk *key; /* borrowed */
	EVP_PKEY_CTX *context; /* the key's */
	struct jws jws;
	uint8_t signature[256]; /* as OpenSSL takes it */
	size_t signature_size;
};

/* Of a good token, which stays. Ends the program when it is none. */
void raw_limit_init(struct raw_limit *limit, struct jwk *key,
    EVP_PKEY_CTX *context, const char *token);
void raw_limit_verify(const struct raw_limit *limit);

/* The least of many times, by a key of this set. */
double raw_limit_us(const char *keys, const char *kid, enum mint_signature how,
    const char *token);
