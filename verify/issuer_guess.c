#include "verify/issuer_guess.h"

#include <string.h>

void
issuer_guess_clear(struct issuer_guess *guess)
{
	size_t i;

	for (i = 0; i < ISSUER_GUESSES; i++)
		guess->known[i].issuer = NULL;
}

/* Up to the dot, and with it. */
static bool
begins_with(struct slice token, const char *header, size_t size)
{
	return token.size > size && memcmp(token.at, header, size) == 0;
}

const struct trust_issuer *
issuer_guess_find(const struct issuer_guess *guess, struct slice token)
{
	size_t i;

	for (i = 0; i < ISSUER_GUESSES; i++) {
		if (guess->known[i].issuer &&
		    begins_with(
			token, guess->known[i].header, guess->known[i].size))
			return guess->known[i].issuer;
	}
	return NULL;
}

void
issuer_guess_learn(struct issuer_guess *guess, struct slice token,
    const struct trust_issuer *issuer)
{
	const char *dot = memchr(token.at, '.', token.size);
	size_t size = dot ? (size_t)(dot - token.at) + 1 : 0;
	size_t place = guess->next % ISSUER_GUESSES;

	if (size == 0 || size > ISSUER_GUESS_SIZE_MAX ||
	    issuer_guess_find(guess, token) == issuer)
		return;
	guess->known[place].issuer = issuer;
	guess->known[place].size = size;
	memcpy(guess->known[place].header, token.at, size);
	guess->next++;
}
