/*
 * HOST or HOST:PORT, as it stands in an https address (RFC 3986, 3.2) and in
 * the list of hosts that the fetcher may reach. A userinfo is refused.
 */
#pragma once

#include "lib/fetch_protocol.h"

#include <stddef.h>

/*
 * Reads text[length] and writes it in the one form that is compared: lower
 * case, ":PORT" unless that is 443. 0 or -EINVAL.
 */
int authority_normalize(const char *text, size_t length,
    char ret_authority[static FETCH_HOST_SIZE]);

/* The authority of an https address, which must have no query or fragment. */
int authority_of_https(
    const char *url, char ret_authority[static FETCH_HOST_SIZE]);
