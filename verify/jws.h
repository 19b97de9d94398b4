/*
 * The compact serialisation of a JWS (RFC 7515 section 7.1), taken apart:
 * exactly three parts of base64url. The JSON serialisations have no dots in
 * the right places and so are refused with all else.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
	JWS_SIZE_MAX = 16384,
};

struct jws {
	const char *signing_input; /* borrowed from the token */
	size_t signing_input_size;
	char *header; /* these three lie in storage */
	size_t header_size;
	char *payload;
	size_t payload_size;
	const uint8_t *signature;
	size_t signature_size;
	char storage[JWS_SIZE_MAX / 4 * 3];
};

/* 0, -EMSGSIZE (over JWS_SIZE_MAX) or -EBADMSG. */
int jws_split(const char *token, size_t size, struct jws *ret_jws);
