/*
 * What others cost who check tokens: libjwt, libcjose and liboauth2, each with
 * its key ready and without a cache, in a process of its own, since one of
 * them dies of some tokens.
 */
#pragma once

#include <stddef.h>

struct peers_task {
	const char *jwk; /* of the key, private or not */
	const char *pem; /* the same, public */
	char *const *tokens; /* good ones */
	size_t count;
};

struct peers_times {
	double libjwt_us; /* the signature, and the claims as a tree */
	double libcjose_us; /* the signature alone */
	double liboauth2_us; /* the signature and exp */
};

/* For one token, the least of many times. Ends the program when one fails. */
struct peers_times peers_measure(const struct peers_task *task);

/* Of a private key of tests/vectors; for the caller to free. */
char *peers_public_pem(const char *name);
