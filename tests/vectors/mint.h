/*
 * Signs tokens for tests with the keys beside this file. Header and payload
 * are the test's own text: they may say what they like, and need not agree
 * with the signature. Ends the program when a key cannot be read.
 */
#pragma once

#include <stddef.h>

enum mint_signature {
	MINT_RS256,
	MINT_RS256_STRANGER, /* good, by a key that is not in the set */
	MINT_RS256_SHA512, /* PKCS #1, but over another hash */
	MINT_PS256,
	MINT_PS256_SALT_20,
	MINT_PS256_MGF1_SHA1,
	MINT_ES256,
	MINT_ES256_DER, /* as OpenSSL writes it, not as RFC 7518 does */
	MINT_ES256_SHORT, /* without the last byte */
	MINT_ES256_LONG, /* with one more */
	MINT_ES256_R_ZERO,
	MINT_ES256_S_ZERO,
	MINT_ES256_ZERO, /* CVE-2022-21449 */
	MINT_HS256, /* keyed with the public PEM of rsa.pem */
	MINT_NOTHING, /* an empty signature */
};

/* The callers free what these return. */
char *mint_token(
    enum mint_signature how, const char *header, const char *payload);
char *mint_base64url(const void *bytes, size_t size);

/* The text with its one occurrence of from replaced. */
char *mint_replace(const char *text, const char *from, const char *to);

/* A file of tests/vectors as text. */
char *mint_file(const char *name);
