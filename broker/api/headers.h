/*
 * The headers of a request that mean something here, in one pass. One that is
 * not there is NULL. Borrowed from the request.
 */
#pragma once

#include <stdbool.h>

struct MHD_Connection;

enum header {
	HEADER_AUTHORIZATION,
	HEADER_CLIENT_CERTIFICATE,
	HEADER_CONTENT_LENGTH,
	HEADER_CONTENT_TYPE,
	HEADER_DPOP,
	HEADER_FORWARDED_METHOD,
	HEADER_FORWARDED_URI,
	HEADER_ORIGINAL_METHOD,
	HEADER_ORIGINAL_URI,
	HEADER_PORTVAKT_AUTHORIZATION,
};

enum { HEADERS = HEADER_PORTVAKT_AUTHORIZATION + 1 };

struct headers {
	const char *values[HEADERS];
	bool repeated; /* one of them stands there twice */
};

void headers_read(
    struct MHD_Connection *connection, struct headers *ret_headers);
