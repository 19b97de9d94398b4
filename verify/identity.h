/*
 * What a checked token says: the identity behind it. evidence_check() writes
 * it, and identity_get() what was kept of one; whoever holds one may believe
 * it.
 */
#pragma once

#include "verify/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	IDENTITY_TOKEN_SIZE_MAX = 16384, /* 120 roles make 4.8 KB */
	IDENTITY_ROLES_MAX = 256,
	IDENTITY_SCOPES_MAX = 64,
	IDENTITY_UNITS_MAX = 16,
	IDENTITY_UNIT_SIZE_MAX = 16, /* of [0-9A-Za-z-] */
	IDENTITY_MANDATES_MAX = 32,
	IDENTITY_RIGHTS_MAX = 128, /* of all mandates together */
	IDENTITY_ISSUER_SIZE = 256,
	IDENTITY_SUBJECT_SIZE = 256, /* OIDC Core 2: at most 255 characters */
	IDENTITY_ACR_SIZE = 128,
	IDENTITY_PERSON_NUMBER_SIZE = 12, /* 11 digits */
};

/*
 * On behalf of an organisation, for a resource, with rights: one entry of
 * authorization_details (RFC 9396) as Ansattporten answers it.
 */
struct identity_mandate {
	struct slice organisation; /* "0192:911830868", ISO 6523 */
	struct slice resource; /* "urn:altinn:resource:2480:40", or empty */
	size_t rights_first; /* in identity.rights */
	size_t rights_count;
};

/*
 * The slices point into storage: pass it by pointer, an assignment would leave
 * them in the old one. Whoever is done with one wipes it (identity_wipe),
 * because of the identity number.
 */
struct identity {
	char issuer[IDENTITY_ISSUER_SIZE];
	char subject[IDENTITY_SUBJECT_SIZE];
	char acr[IDENTITY_ACR_SIZE]; /* "" when the token had none */
	int acr_rank; /* place on the issuer's ladder from 1; 0: not on it */
	int64_t issued_at_s;
	int64_t expires_at_s;
	int64_t authenticated_at_s; /* auth_time, 0 when absent */
	struct slice roles[IDENTITY_ROLES_MAX];
	size_t roles_count;
	struct slice scopes[IDENTITY_SCOPES_MAX];
	size_t scopes_count;
	struct slice units[IDENTITY_UNITS_MAX]; /* numbers, of units.conf */
	size_t units_count;
	struct identity_mandate mandates[IDENTITY_MANDATES_MAX];
	size_t mandates_count;
	struct slice rights[IDENTITY_RIGHTS_MAX];
	size_t rights_count;
	struct slice consumer; /* "0192:...", of a machine token; or empty */
	/* pid: checked digits, or "". Never written anywhere, never kept. */
	char person_number[IDENTITY_PERSON_NUMBER_SIZE];
	size_t storage_size;
	char storage[IDENTITY_TOKEN_SIZE_MAX]; /* what the slices show */
};

/*
 * A copy whose slices point into its own storage. -EMSGSIZE when they do not
 * fit there, with *ret_identity untouched.
 */
int identity_copy(const struct identity *from, struct identity *ret_identity);

bool identity_has_role(const struct identity *identity, const char *role);
bool identity_has_scope(const struct identity *identity, const char *scope);
void identity_wipe(struct identity *identity);

/*
 * The same of what one identity_copy() wrote into a wiped identity: for those
 * who use one again and again, since the whole of it is 25 KB.
 */
void identity_wipe_copy(struct identity *identity);

/*
 * The identity as it is kept in the register between logins, without the
 * identity number: put writes it into storage[size], get refuses what put does
 * not write and leaves *ret_identity untouched then. 0 or -EMSGSIZE (put),
 * -EBADMSG (get).
 *
 * The place on the ladder is not kept, because ladders change: after get,
 * acr_rank is 0, and whoever decides takes it from the issuer's ladder of today
 * (policy_acr_rank).
 */
enum { IDENTITY_RECORD_SIZE_MAX = 24576 };
int identity_put(const struct identity *identity, void *storage, size_t size,
    size_t *ret_size);
int identity_get(
    const void *record, size_t size, struct identity *ret_identity);
