/*
 * struct portvakt_result: what a service is told about one token, in one
 * block of memory with its texts terminated. Counted, because the cache of
 * verified tokens hands the same one to many questions; by one thread.
 */
#pragma once

#include "verify/decision.h"
#include "verify/portvakt.h"

enum result_text {
	RESULT_ACCOUNT,
	RESULT_ISSUER,
	RESULT_ISSUER_NAME,
	RESULT_SUBJECT,
	RESULT_CLIENT_ID,
	RESULT_TOKEN_ID,
	RESULT_ACR,
	RESULT_CONSUMER,
	RESULT_SUPPLIER,
	RESULT_DELEGATION_SOURCE,
	RESULT_TEXTS,
};

/* What a result is made of. Borrowed; an empty text is one that is not there. */
struct result_source {
	enum portvakt_subject kind;
	struct slice texts[RESULT_TEXTS];
	const struct identity *identity; /* level, times, scopes, mandates */
	const struct decision *decisions; /* of these the granted ones */
	size_t decisions_count;
};

/* A good result, which the caller holds. 0 or -ENOMEM. */
int result_new(
    const struct result_source *source, struct portvakt_result **ret_result);

/*
 * Any other result. detail: a constant, or NULL. Never fails: without memory
 * it is the constant that says so.
 */
struct portvakt_result *result_new_refusal(
    enum portvakt_reason reason, const char *detail);

/* For one more holder. */
struct portvakt_result *result_hold(struct portvakt_result *result);

size_t result_size_bytes(const struct portvakt_result *result);
