/*
 * One public key of an issuer (RFC 7517), with a verification context for each
 * algorithm that it may serve: setting one up costs a sixth of an RS256
 * verification (doc/benchmarks.md). A key serves one thread at a time.
 */
#pragma once

#include "verify/algorithm.h"
#include "verify/json.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	JWK_KID_SIZE = 256,
	JWK_RSA_BITS_MIN = 2048,
	JWK_RSA_BITS_MAX = 8192, /* bounds what one verification costs */
};

struct jwk {
	char kid[JWK_KID_SIZE];
	unsigned int algorithms; /* what it may verify */
	EVP_PKEY *key;
	EVP_MD_CTX *sha256;
	EVP_PKEY_CTX *rs256;
	EVP_PKEY_CTX *ps256;
	EVP_PKEY_CTX *es256;
};

/*
 * Reads one member of "keys". 0, -ENOKEY (not a key that we may use; see
 * key_set.h) or -ENOMEM; jwk_done in each case.
 */
int jwk_init(
    struct jwk *jwk, const struct json *json, const struct json_node *node);

/* The same of a key that stands alone: its kid, if any, is not looked at. */
int jwk_init_alone(
    struct jwk *jwk, const struct json *json, const struct json_node *node);
void jwk_done(struct jwk *jwk);

/* Algorithm is one that the key has. Leaves OpenSSL's error queue empty. */
bool jwk_verify(struct jwk *jwk, enum evidence_algorithm algorithm,
    const void *text, size_t size, const uint8_t *signature,
    size_t signature_size);
