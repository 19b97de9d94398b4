/*
 * Which issuer a token is of, before anything of it is read: tokens that one
 * key has signed begin with the same header. A guess saves reading the payload
 * twice, and decides nothing: judged by the rules and keys of another issuer,
 * no token is good, and one that is not is asked for its own.
 */
#pragma once

#include "verify/slice.h"

enum {
	ISSUER_GUESSES = 4,
	ISSUER_GUESS_SIZE_MAX = 4096, /* of a header, with a chain (x5c) */
};

struct trust_issuer;

struct issuer_guess {
	struct {
		const struct trust_issuer *issuer; /* NULL: free */
		size_t size;
		char header[ISSUER_GUESS_SIZE_MAX];
	} known[ISSUER_GUESSES];
	unsigned int next;
};

/* Before the issuers go. */
void issuer_guess_clear(struct issuer_guess *guess);

/* NULL: no token that began like this one was good. */
const struct trust_issuer *issuer_guess_find(
    const struct issuer_guess *guess, struct slice token);

/* Of a token that was found good. */
void issuer_guess_learn(struct issuer_guess *guess, struct slice token,
    const struct trust_issuer *issuer);
