/*
 * What became of a question, shared by all who asked it and by what is kept.
 */
#pragma once

#include "broker/secret.h"
#include "broker/token/token_answer.h"
#include "broker/token/token_source.h"

#include <stdbool.h>
#include <stdint.h>

struct token_result {
	unsigned int references;
	enum token_outcome outcome;
	struct secret *access_token; /* of a good one */
	int64_t expires_at_us; /* the same; since boot, suspend included */
	unsigned int status; /* of HTTP; 0: there was none */
	bool of_question; /* of an outage: another question may fare better */
	char error[TOKEN_ERROR_SIZE]; /* of a refusal */
	char detail[TOKEN_DESCRIPTION_SIZE]; /* of all but a good one */
};

/* An outage until it is filled in. 0 or -ENOMEM. */
int token_result_new(struct token_result **ret_result);

/* A good one takes the token also on failure. */
int token_result_new_good(
    struct token_answer *answer, struct token_result **ret_result);
int token_result_new_refused(unsigned int status, const char *error,
    const char *detail, struct token_result **ret_result);

struct token_result *token_result_ref(struct token_result *result);
struct token_result *token_result_unref(
    struct token_result *result); /* accepts NULL */

void __attribute__((format(printf, 2, 3)))
token_result_explain(struct token_result *result, const char *format, ...);

/* In the words of the contract; valid as long as the result. */
struct token_reply token_result_reply(const struct token_result *result);
