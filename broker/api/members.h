/*
 * The members of an answer about a good token: those that every client may
 * see, and those that its configuration lists. An identity number is in none
 * of them, whatever the token calls it.
 *
 * Each is an object as text, for the caller to free; NULL: out of memory.
 */
#pragma once

#include "broker/api/api_config.h"
#include "verify/portvakt.h"

#include <stddef.h>

/* RFC 7662 section 2.2, of what the result says. */
char *members_of_result(const struct portvakt_result *result,
    const struct api_client *client, const char *audience);

/* The claims of the token as they stand there, with the listed ones of above. */
char *members_of_token(const struct portvakt_result *result,
    const struct api_client *client, const char *token, size_t size);

/* The same of claims as JSON, which is changed by reading it. */
char *members_of_claims(const struct portvakt_result *result,
    const struct api_client *client, char *claims, size_t size);
