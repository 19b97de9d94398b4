/*
 * What an issuer publishes about itself: the discovery document (OpenID
 * Connect Discovery 1.0, RFC 8414), reduced to the endpoints that we call.
 */
#pragma once

#include "lib/fetch_protocol.h"

#include <stddef.h>

struct metadata {
	char jwks_uri[FETCH_URL_SIZE];
	char token_endpoint[FETCH_URL_SIZE];
	char device_authorization_endpoint[FETCH_URL_SIZE];
	char introspection_endpoint[FETCH_URL_SIZE]; /* "": it has none */
};

enum metadata_result {
	METADATA_MALFORMED = 0,
	METADATA_GOOD,
	METADATA_ISSUER_WRONG, /* not byte for byte ours: Discovery 4.3 */
	METADATA_ENDPOINT_MISSING,
	METADATA_ENDPOINT_INSECURE, /* not https, or longer than a URL may be */
};

/* ret_detail names the member at fault. */
enum metadata_result metadata_parse(const char *json, size_t size,
    const char *issuer, struct metadata *ret_metadata, const char **ret_detail);
