/*
 * Assertions (RFC 7521): short-lived JWTs in which the broker tells an issuer
 * under its key who it is (client_assertion.h) or what it wants
 * (broker/token/jwt_grant.c). Signed by libjwt; the fetcher carries them and
 * never sees the key.
 */
#pragma once

#include "broker/secret.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	ASSERTION_LIFETIME_S = 60, /* ID-porten and Maskinporten allow 120 */
};

struct assertion {
	const struct secret *key; /* PEM */
	const char *key_id; /* header kid; NULL or "": none */
	const char *algorithm;
	const char *issuer; /* iss: who speaks */
	const char *subject; /* sub; NULL: none */
	const char *audience; /* the issuer, or its token endpoint */
	bool not_before; /* nbf, which TokenX demands of clients */
	const char *claims; /* a JSON object of what more it says, or NULL */
};

/*
 * Mints one, with a jti of its own. 0 or what client_key_check() says of the
 * key, -EINVAL for text that is not UTF-8 and for claims that are no object or
 * say what the assertion itself says, -EIO when signing failed.
 */
int assertion_mint(
    const struct assertion *assertion, int64_t now_s, struct secret **ret_jwt);
