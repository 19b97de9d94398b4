/*
 * What a checked token says: the identity behind it. Written by
 * evidence_check() only; whoever holds one may believe it.
 */
#pragma once

#include "verify/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	IDENTITY_TOKEN_SIZE_MAX = 16384, /* 120 roles make 4.8 KB */
	IDENTITY_ROLES_MAX = 256,
	IDENTITY_SUBJECT_SIZE = 256, /* OIDC Core 2: at most 255 characters */
	IDENTITY_ACR_SIZE = 128,
};

/*
 * The roles point into storage: pass it by pointer, an assignment would leave
 * them in the old one. Nothing else of the token is kept, so no identity
 * number either.
 */
struct identity {
	char subject[IDENTITY_SUBJECT_SIZE];
	char acr[IDENTITY_ACR_SIZE]; /* "" when the token had none */
	int acr_rank; /* place on the issuer's ladder from 1; 0: not on it */
	int64_t issued_at_s;
	int64_t expires_at_s;
	int64_t authenticated_at_s; /* auth_time, 0 when absent */
	struct slice roles[IDENTITY_ROLES_MAX];
	size_t roles_count;
	char storage[IDENTITY_TOKEN_SIZE_MAX]; /* the roles' text */
};

bool identity_has_role(const struct identity *identity, const char *role);
