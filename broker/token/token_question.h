/*
 * What a service asks an issuer for, through us: what of it may be asked at
 * all, and which questions are the same.
 */
#pragma once

#include "broker/config/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TOKEN_RESOURCES_MAX = 8,
	TOKEN_RESOURCES_TEXT_SIZE = 512, /* what a record keeps of a value */
	TOKEN_DETAILS_SIZE = 8192,
	TOKEN_USER_TOKEN_SIZE = 16384, /* more is no token: JWS_SIZE_MAX */
	TOKEN_DIGEST_SIZE = 32,
};

enum token_kind {
	TOKEN_MACHINE = 1,
	TOKEN_EXCHANGE,
};

/* Borrowed for the length of the call. */
struct token_question {
	enum token_kind kind;
	const char *issuer; /* its name in portvakt.conf */
	const char *target; /* a scope; of an exchange, an audience */
	const char *const *resources; /* RFC 8707; of machine tokens */
	size_t resources_count;
	const char *authorization_details; /* a JSON array, or NULL */
	const char *user_token; /* of an exchange; it was verified */
	bool skip_cache;
};

/* Why it is not asked: a word of RFC 6749, 8693, 8707 or 9396. */
struct token_objection {
	const char *error; /* NULL: it may be asked */
	const char *text;
};
struct token_objection token_question_check(
    const struct token_question *question, const struct config_issuer *issuer);

/* One after the other, for records. False: there is no room for all. */
bool token_question_resources(const char *const *resources, size_t count,
    char ret_text[static TOKEN_RESOURCES_TEXT_SIZE]);

/*
 * SHA-256 over all of it but skip_cache, and over the issuer and the client
 * that asks. 0 or -ENOMEM.
 */
int token_question_digest(const struct token_question *question,
    const struct config_issuer *issuer,
    uint8_t ret_digest[static TOKEN_DIGEST_SIZE]);

/* A copy that owns its strings, wiped when freed. 0 or -ENOMEM. */
int token_question_copy(
    const struct token_question *question, struct token_question **ret_copy);
struct token_question *token_question_free(
    struct token_question *copy); /* accepts NULL */
