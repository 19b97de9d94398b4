/*
 * Access tokens of each kind of issuer: the good ones, and the refused twins
 * of each, which differ in one thing. One table for all who judge them: the
 * library, portvakt-api, PAM, and the second opinions.
 */
#pragma once

#include "tests/vectors/mint.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is asked of all of them. */
#define ACCESS_AUDIENCE "https://saker.example"
#define ACCESS_SCOPE "ko:saker.read"
#define ACCESS_METHOD "GET"
#define ACCESS_PATH "/api/7"
#define ACCESS_URL ACCESS_AUDIENCE ACCESS_PATH

/* Of the client's TLS, as nginx hands it on, and the SHA-256 of its DER. */
#define ACCESS_CERTIFICATE                                        \
	"-----BEGIN%20CERTIFICATE-----%0A%2B%2F%2F%2B-----END%20" \
	"CERTIFICATE-----%0A"
#define ACCESS_CERTIFICATE_SHA256                                  \
	"\xdb\xdf\x99\x75\x42\x52\x99\x70\x9a\x94\x51\xb0\x4a\x26" \
	"\xc8\x2d\x41\xd0\xb6\x86\xd3\xcd\x90\xb7\x53\x28\xac\xf8" \
	"\xcd\x00\x43\x5d"

enum access_profile {
	ACCESS_IDPORTEN,
	ACCESS_ANSATTPORTEN,
	ACCESS_MASKINPORTEN,
	ACCESS_GENERIC,
	ACCESS_PROFILES,
};

/* What becomes of a token that is signed. */
enum access_form {
	ACCESS_WHOLE = 0,
	ACCESS_CUT, /* its last character */
	ACCESS_HALVED,
	ACCESS_UNSIGNED, /* up to the second dot */
	ACCESS_TWO_PARTS,
	ACCESS_FOUR_PARTS,
	ACCESS_PADDED,
	ACCESS_SPACED,
	ACCESS_OTHER_CLAIMS, /* of another token under the signature */
	ACCESS_FLATTENED, /* the JSON serialisation */
};

enum access_proof {
	ACCESS_BEARER = 0, /* and no proof of anything */
	ACCESS_AS_DPOP, /* by that scheme, without a proof */
	ACCESS_PROVED,
	ACCESS_PROVED_AS_BEARER,
	ACCESS_PROVED_BY_ANOTHER, /* key */
	ACCESS_PROVED_ELSEWHERE, /* of another URL */
	ACCESS_PROVED_LONG_AGO,
	ACCESS_PROVED_FOR_ANOTHER, /* token */
};

struct access_vector {
	const char *name;
	unsigned int profiles; /* 1 << enum access_profile, or of them */
	/* A claim that is another: raw JSON, NULL: is left out; */
	const char *member; /* NULL: none is */
	const char *value; /* "@-5": a time from now; "@jkt": of ec.jwk */
	const char *header; /* NULL: RS256 by "rsa" */
	enum mint_signature how;
	enum access_form form;
	enum access_proof proof;
	bool certificate; /* ACCESS_CERTIFICATE comes with it */
	const char *level; /* that is asked for; NULL: any */
	/* No token of that issuer can do: a location that asks it is wrong. */
	bool unmeetable;
	int64_t max_age_s;
	/* To the second: not for those who read a clock of their own. */
	bool exact;
	const char *word; /* of the answer (portvakt_result_word()) */
	const char *detail;
};

extern const struct access_vector access_vectors[];
extern const size_t access_vectors_count;

/* The caller frees what these return. */
char *access_token(const struct access_vector *vector,
    enum access_profile profile, int64_t now_s);
/* What stands in it. */
char *access_payload(const struct access_vector *vector,
    enum access_profile profile, int64_t now_s);
/* NULL: none. */
char *access_proof(
    const struct access_vector *vector, const char *token, int64_t now_s);
