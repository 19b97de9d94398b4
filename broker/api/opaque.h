/*
 * Opaque tokens: those that are no compact JWS (RFC 7515 section 7.1), of which
 * only their issuer knows anything. It is asked (RFC 7662) through the broker.
 */
#pragma once

#include "broker/api/judge.h"

enum opaque_found {
	OPAQUE_NONE = 0, /* signed, or there is no issuer to ask about it */
	OPAQUE_WAITS,
	OPAQUE_OUTAGE,
	OPAQUE_CLAIMS, /* errand->claims, of errand->issuer */
};

/* Frees what is under way; after the upstream, which tells nobody any more. */
void opaque_done(struct api *api);

/*
 * The issuer is the one that the question names, or the only one that answers
 * such questions. Those who ask about the same for the same client at the same
 * time share one question.
 */
enum opaque_found opaque_ask(struct api *api, const struct api_client *client,
    struct errand *errand, const struct question *question);
