/* Asks libportvakt about a token on behalf of a client, and counts it. */
#pragma once

#include "broker/api/api.h"

struct question {
	const char *token;
	size_t size;
	const char *audience; /* one of the client's; NULL: each of them */
	bool confirmed; /* whose key it is bound to is no matter */
	/* Without scopes of its own it gets the client's. */
	struct portvakt_options options;
};

/*
 * True: errand->result says it, and lives as long as the errand; NULL without
 * memory, which the accessors of results take as a refusal. False: it waits
 * for the broker, as an endpoint does.
 */
bool judge(struct api *api, const struct api_client *client,
    struct errand *errand, const struct question *question);

/*
 * What portvakt.conf calls the issuer that a token is or claims to be of, for
 * records; NULL: none of ours. Until the issuers are refreshed.
 */
const char *judge_issuer(struct api *api, const struct errand *errand,
    const struct question *question);
