/*
 * Client assertions (private_key_jwt; RFC 7523, section 3): what the broker
 * shows to the issuer instead of a client secret.
 */
#pragma once

#include "broker/secret.h"

#include <stdint.h>

#define CLIENT_ASSERTION_TYPE \
	"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

struct client_assertion {
	const struct secret *key; /* PEM */
	const char *key_id; /* header kid; NULL or "": none */
	const char *algorithm;
	const char *client_id; /* iss and sub */
	const char *audience; /* the issuer, or its token endpoint */
};

/* As assertion_mint(). */
int client_assertion_mint(const struct client_assertion *assertion,
    int64_t now_s, struct secret **ret_jwt);
