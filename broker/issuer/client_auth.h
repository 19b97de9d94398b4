/*
 * How the broker proves to the issuer which client it is: the parameters and
 * the header to add to one call of the token or device endpoint (RFC 6749
 * 2.3.1, RFC 7523 2.2). Made anew for every call: an assertion is single use.
 */
#pragma once

#include "broker/config/config.h"
#include "broker/issuer/fetch_client.h"

#include <stdint.h>

enum { CLIENT_AUTH_FORM_MAX = 3 };

struct client_auth {
	struct fetch_parameter form[CLIENT_AUTH_FORM_MAX];
	size_t form_count;
	struct secret *assertion; /* owned; form points into it */
	struct secret *authorization; /* owned; NULL unless basic */
};

/* 0, -ENOMEM, or what client_assertion_mint() says of the key. */
int client_auth_init(struct client_auth *auth,
    const struct config_issuer *issuer, int64_t now_s);
void client_auth_done(struct client_auth *auth);
