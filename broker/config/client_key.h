/* The private key that client assertions are signed with (RFC 7523). */
#pragma once

#include "broker/secret.h"

/*
 * Is the PEM a private key that fits the algorithm ("RS256": RSA of 2048 bits
 * or more; "ES256": P-256)? 0, or with the remedy in *ret_problem: -EINVAL for
 * another algorithm, -EKEYREJECTED for a key that does not suit it, -ENOKEY
 * for what is no private key or is encrypted: there is nobody to ask for a
 * password.
 */
int client_key_check(
    const struct secret *pem, const char *algorithm, const char **ret_problem);
