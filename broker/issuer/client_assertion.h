/*
 * Client assertions (private_key_jwt; RFC 7523, section 3): what the broker
 * shows to the issuer instead of a client secret. Signed by libjwt; the
 * fetcher carries them and never sees the key.
 */
#pragma once

#include "broker/secret.h"

#include <stdint.h>

enum {
	CLIENT_ASSERTION_LIFETIME_S = 60, /* ID-porten allows 120 */
};

#define CLIENT_ASSERTION_TYPE \
	"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

struct client_assertion {
	const struct secret *key; /* PEM */
	const char *key_id; /* header kid; NULL or "": none */
	const char *algorithm;
	const char *client_id; /* iss and sub */
	const char *audience; /* the issuer, or its token endpoint */
};

/*
 * Mints one, with a jti of its own. 0 or what client_key_check() says of the
 * key, -EINVAL for text that is not UTF-8, -EIO when signing failed.
 */
int client_assertion_mint(const struct client_assertion *assertion,
    int64_t now_s, struct secret **ret_jwt);
