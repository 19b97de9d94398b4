/*
 * The format of the trust image, for its reader (verify/trust.h) and its
 * writer (broker/trust/trust_image.h):
 *
 *   header         struct image_header, no flags; records: accounts
 *   subject table  uint64_t[slots]: whose (issuer, subject) this is
 *   name table     uint64_t[slots]: whose name
 *   parts          struct trust_parts: where the rest is
 *   records        accounts, each aligned to 8: struct trust_record and what
 *                  trust_account_put() of verify/trust_record.h wrote
 *   content        what trust_content_put() wrote: issuers, keys, policy,
 *                  revoked sessions
 *   zeros          up to a multiple of IMAGE_STRIPE
 *
 * Accounts are looked up in place, because a fleet has a hundred thousand of
 * them; the rest is small, and decoded once. A subject is hashed with a byte
 * before it, the index of its issuer in the content. An account whose subject
 * is not known, or whose issuer is not configured, has a slot by name alone.
 */
#pragma once

#include "lib/image.h"

#define TRUST_MAGIC UINT64_C(0x3165676d49745650) /* "PVtImge1" */

enum {
	TRUST_VERSION = 2,
	TRUST_RECORD_SIZE_MAX = 8192, /* holds 64 authorisations */
	TRUST_CONTENT_SIZE_MAX = 64 * 1024 * 1024,
};

struct trust_parts {
	uint64_t records_at;
	uint64_t records_size;
	uint64_t content_at;
	uint64_t content_size;
};

struct trust_record {
	uint32_t size_bytes; /* of all that follows, without padding */
	uint32_t zero;
};

_Static_assert(sizeof(struct trust_parts) == IMAGE_STRIPE &&
		   sizeof(struct trust_record) == 8,
    "the layout has no holes");

static const struct image_kind trust_image_kind = {
    .magic = TRUST_MAGIC,
    .version = TRUST_VERSION,
};
