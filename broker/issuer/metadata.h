/*
 * What an issuer publishes about itself: the discovery document (OpenID
 * Connect Discovery 1.0, RFC 8414), reduced to the endpoints that we call.
 */
#pragma once

#include "lib/fetch_protocol.h"

#include <stdbool.h>
#include <stddef.h>

struct metadata {
	char jwks_uri[FETCH_URL_SIZE];
	/* "": it has none that may be used; of logins never. */
	char token_endpoint[FETCH_URL_SIZE];
	char device_authorization_endpoint[FETCH_URL_SIZE];
	char introspection_endpoint[FETCH_URL_SIZE]; /* "": as above, always */
	/* It publishes one that is no https URL, or too long: so it is "". */
	bool token_endpoint_bad;
	bool introspection_endpoint_bad;
};

enum metadata_result {
	METADATA_MALFORMED = 0,
	METADATA_GOOD,
	METADATA_ISSUER_WRONG, /* not byte for byte ours: Discovery 4.3 */
	METADATA_ENDPOINT_MISSING,
	/* No https URL, or longer than one may be. */
	METADATA_ENDPOINT_INSECURE,
};

/*
 * The keys must have their address. For a login the token and device endpoints
 * must be there as well; otherwise an endpoint that is missing or is not https
 * is none, so that tokens go on being verified. ret_detail names the member at
 * fault.
 */
enum metadata_result metadata_parse(const char *json, size_t size,
    const char *issuer, bool login, struct metadata *ret_metadata,
    const char **ret_detail);

/*
 * Where it is: Discovery 4 puts the name after the issuer's path, RFC 8414
 * section 3.1 before it. 0 or -ENAMETOOLONG.
 */
int metadata_url(
    const char *issuer, bool oauth, char ret_url[static FETCH_URL_SIZE]);
