/*
 * A token that an issuer has signed: the steps that an id_token and an access
 * token share. Each is asked by evidence.c and by service_token.c, which say
 * in what order, and what else they want.
 */
#pragma once

#include "verify/claims.h"
#include "verify/jose_header.h"
#include "verify/jws.h"
#include "verify/objection.h"

#include <stddef.h>
#include <stdint.h>

enum {
	/* Ten for each organisation that one may act for. */
	SIGNED_TOKEN_NODES_MAX = 2048,
};

/* A check's working memory: too large to be cleared each time. */
struct signed_token {
	struct jws jws;
	struct jose_header header;
	struct json json; /* first of the header, then of the payload */
	struct json_node nodes[SIGNED_TOKEN_NODES_MAX];
	struct claims claims;
	struct identity said; /* its slices show the payload */
};

bool issuer_profile_is_usable(const struct issuer_profile *profile);

/* Form and header. The token is borrowed until the signature is checked. */
struct objection signed_token_open(const char *token, size_t size,
    enum jose_use use, struct signed_token *ret_token);

/* By a key of the issuer; the profile and the key say how. */
struct objection signed_token_check_signature(
    const struct issuer_profile *profile, struct key_set *keys,
    const struct signed_token *token);

/*
 * The claims with their types. Whoever knows the issuer checks the signature
 * first: what nobody has signed need not be parsed.
 */
struct objection signed_token_read(struct signed_token *token);

/* Byte for byte. */
struct objection signed_token_check_issuer(
    const struct issuer_profile *profile, const struct claims *claims);

/* exp, iat, nbf, auth_time; exp and iat are there. */
struct objection signed_token_check_times(const struct issuer_profile *profile,
    const struct claims *claims, int64_t now_s);

/* An acr that is not there is on no rung, an auth_time too long ago. */
struct objection signed_token_check_authentication(
    const struct issuer_profile *profile, const struct claims *claims,
    int acr_rank_min, int64_t max_age_s, int64_t now_s);

/* Of a token that is good but for it: whom it is about. */
struct objection signed_token_check_person(
    const struct issuer_profile *profile, const struct claims *claims);

/* Whole or not at all: what does not fit is no identity. */
struct objection signed_token_fill(const struct issuer_profile *profile,
    struct signed_token *token, struct identity *ret_identity);

/* The payload held an identity number, and so may what it said. */
void signed_token_wipe(struct signed_token *token, size_t size);
