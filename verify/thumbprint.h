/*
 * The thumbprint of a public key (RFC 7638): base64url of SHA-256 over its
 * required members in the one way to write them. And any other SHA-256 that is
 * written so: ath, x5t#S256.
 */
#pragma once

#include "verify/json.h"

#include <stdbool.h>
#include <stddef.h>

enum { THUMBPRINT_SIZE = 44 }; /* 43 characters, terminated */

/* Of an RSA or EC key: 0, -ENOKEY (none of these), or -ENOMEM. */
int thumbprint_of_jwk(const struct json *json, const struct json_node *node,
    char ret_thumbprint[THUMBPRINT_SIZE]);

/* SHA-256 of these bytes in base64url: 0 or -ENOMEM. */
int thumbprint_of_bytes(
    const void *bytes, size_t size, char ret_thumbprint[THUMBPRINT_SIZE]);

/* 43 characters of base64url that are exactly 32 bytes. */
bool thumbprint_is_valid(struct slice text);
