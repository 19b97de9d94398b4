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
	RESULT_SESSION, /* sid; for the record alone */
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

/*
 * The same of a token whose signature held: with whose it is, for the record
 * alone. The accessors of portvakt.h say as little of it as of any refusal.
 */
struct portvakt_result *result_new_refusal_of(enum portvakt_reason reason,
    const char *detail, const struct slice texts[static RESULT_TEXTS]);

/* What the record may say, of a refusal too. Never for an answer. */
const char *result_recorded(
    const struct portvakt_result *result, enum result_text which);

/* For one more holder. */
struct portvakt_result *result_hold(struct portvakt_result *result);

size_t result_size_bytes(const struct portvakt_result *result);
