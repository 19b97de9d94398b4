/* Asks libportvakt about a token on behalf of a client, and counts it. */
#pragma once

#include "broker/api/api.h"

struct question {
	const char *token;
	size_t size;
	const char *audience; /* one of the client's; NULL: each of them */
	/* Without scopes of its own it gets the client's. */
	struct portvakt_options options;
};

/*
 * A result for portvakt_result_free, or NULL without memory, which the
 * accessors of results take as a refusal. *ret_audience, when not NULL, is
 * the audience that the token was good for; NULL when it was none.
 */
struct portvakt_result *judge(struct api *api, const struct api_client *client,
    const struct question *question, const char **ret_audience);
