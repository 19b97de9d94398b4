/*
 * Second opinions: libjwt, and liboauth2 with libcjose below it, on a token,
 * each in a process of its own, since one of them dies of some. Ends the
 * program when that cannot be started.
 */
#pragma once

enum peer {
	PEER_LIBJWT,
	PEER_LIBOAUTH2,
};

enum opinion {
	REFUSES,
	ACCEPTS,
	DIES,
};

/* key: a PEM for libjwt (peer_public_pem()), a JWK for liboauth2. */
enum opinion peer_ask(enum peer peer, const char *token, const char *key);

/* Of a private key in tests/vectors. The caller frees it. */
char *peer_public_pem(const char *name);
