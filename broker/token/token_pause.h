/*
 * How long an issuer that did not answer is left alone. What one odd question
 * provokes says nothing of the issuer: several different ones do.
 */
#pragma once

#include "broker/token/token_result.h"

#include <stdint.h>

struct token_pause {
	int64_t until_us; /* since boot */
	unsigned int times; /* that it was overloaded, one after the other */
	uint8_t failed[TOKEN_FAILURES][TOKEN_DIGEST_SIZE];
	unsigned int failures; /* of different questions, none good between */
	struct token_result *last; /* owned; what it did not answer */
};

/* After every answer of the issuer and every failure to get one. */
void token_pause_follow(struct token_pause *pause,
    const uint8_t digest[static TOKEN_DIGEST_SIZE],
    struct token_result *result);

/* Borrowed; NULL: it may be asked. */
struct token_result *token_pause_result(const struct token_pause *pause);
void token_pause_done(struct token_pause *pause);
