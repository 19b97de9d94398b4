/*
 * The answers of a token endpoint (RFC 6749 sections 5.1 and 5.2, RFC 8693
 * section 2.2), read strictly. What stands in them is bounded, and what is for
 * people is safe to show: no control characters, and no numbers that are long
 * enough to be a person's.
 */
#pragma once

#include "broker/secret.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TOKEN_SIZE_MAX = 65536,
	TOKEN_LIFETIME_MAX_S = 24 * 3600, /* more is taken for this */
	TOKEN_ERROR_SIZE = 64,
	TOKEN_DESCRIPTION_SIZE = 513,
};

struct token_answer {
	struct secret *access_token; /* owned; of type Bearer */
	int64_t expires_in_s; /* at least 1 */
};

/*
 * 0, -EBADMSG with the member at fault, or -ENOMEM. exchanged: it must say
 * that it is an access token.
 */
int token_answer_parse(const char *json, size_t size, bool exchanged,
    struct token_answer *ret_answer, const char **ret_detail);

struct token_refusal {
	char error[TOKEN_ERROR_SIZE];
	char description[TOKEN_DESCRIPTION_SIZE]; /* "": it says no more */
};

/* 0, -EBADMSG when there is no error to be read, or -ENOMEM. */
int token_refusal_parse(
    const char *json, size_t size, struct token_refusal *ret_refusal);
