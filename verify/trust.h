/*
 * The trust image, as those who verify tokens read it: which issuers there are
 * and how they are judged, their keys, the access policy, whose a subject is,
 * and what was revoked. The broker compiles it (broker/trust/trust_image.h),
 * puts it in place whole, and is never asked. The format: lib/trust_image.h.
 *
 * A handle is one mapped generation. It has what a reader may change (a key
 * has OpenSSL's contexts in it), so it serves one thread at a time; nothing is
 * shared between handles but the pages of the file. Everything is validated
 * when it is opened, but the records of accounts, which are when they are
 * looked up: a bad file is -EBADMSG, and nothing verifies.
 *
 * There is no secret in it, no identity number, and no list of members.
 */
#pragma once

#include "lib/name.h"
#include "verify/decision.h"
#include "verify/evidence.h"
#include "verify/key_set.h"
#include "verify/policy.h"
#include "verify/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TRUST_AUTHORISATIONS_MAX = 64, /* of one account */
	TRUST_SESSION_SIZE_MAX = 255, /* of the "sid" of a token */
};

#define TRUST_SINCE_EVER INT64_MIN

struct trust;

/* Borrowed from the handle. */
struct trust_issuer {
	struct issuer_profile profile; /* profile.issuer: its URL */
	const char *name; /* "staff", what rules call it */
	const char *kind; /* of verify/issuer_kind.h; "generic" */
	/* The rungs of profile.acr_ladder that eIDAS names; NULL: none. */
	const char *level_low;
	const char *level_substantial;
	const char *level_high;
	const char *client_id; /* of the broker itself, at this issuer */
	bool links_persons; /* its identity numbers say whose account it is */
	bool introspects; /* it is asked about its opaque tokens */
	/*
	 * A token issued before this is refused (iat < tokens_from_s), whoever
	 * bears it. TRUST_SINCE_EVER: none was revoked in this way.
	 */
	int64_t tokens_from_s;
};

/*
 * The keys of this issuer at boot_s (CLOCK_BOOTTIME, which nobody steps), or
 * NULL: none are known, or they came too long ago to be believed, also when
 * the broker is not there to say so. To evidence_check() and its kin.
 */
struct key_set *trust_keys(
    struct trust *trust, const struct trust_issuer *issuer, int64_t boot_s);

/* Seconds since they came from the issuer; -1: they never did. */
int64_t trust_keys_age_s(const struct trust *trust,
    const struct trust_issuer *issuer, int64_t boot_s);

/*
 * An account, for a decision (decision.h). It stands alone: the units of the
 * authorisations are in `units`, so pass it by pointer.
 */
struct trust_account {
	char name[NAME_MAX_SIZE];
	uint32_t uid; /* nobody else's, before or after; a name may be */
	/* As it was looked up; NULL: one that is not configured. */
	const struct trust_issuer *issuer;
	bool locked;
	/* A token of theirs issued before this is refused. */
	int64_t tokens_from_s; /* TRUST_SINCE_EVER */
	/* Those that are not withdrawn and have not ended; sooner or later. */
	struct decision_authorisation authorisations[TRUST_AUTHORISATIONS_MAX];
	size_t authorisations_count;
	char units[TRUST_AUTHORISATIONS_MAX][POLICY_UNIT_SIZE];
};

/*
 * Maps, validates and decodes. 0; -ENOENT: there is none, the broker is not
 * configured or never ran; -EACCES: not of the group portvakt-verify;
 * -EBADMSG: not a whole, well-formed image in a place that nobody but its
 * owner can write to; -ENOMEM, -EMFILE.
 */
int trust_open(const char *path, struct trust **ret_trust);
struct trust *trust_close(struct trust *trust); /* accepts NULL */

/* The same of bytes that the caller holds, aligned to 8, until the close. */
int trust_open_bytes(const void *image, size_t size, struct trust **ret_trust);

/*
 * Is a newer one published, or this one withdrawn? A load, for each use; and,
 * at most once a second, for a broker that died before it could say so: 0,
 * -ESTALE, or a negative errno of stat (-ENOENT: withdrawn).
 */
bool trust_is_superseded(const struct trust *trust);
int trust_check_current(const struct trust *trust, const char *path);

/* Higher than that of any image before it. */
uint64_t trust_generation(const struct trust *trust);

/* When it is another, kept links (verify/link.h) may be others as well. */
int64_t trust_links_epoch(const struct trust *trust);

/* Decides as the broker's does: same grants, same order, same places. */
const struct policy *trust_policy(const struct trust *trust);

size_t trust_issuers_count(const struct trust *trust);
const struct trust_issuer *trust_issuer_at(
    const struct trust *trust, size_t index); /* below the count */

/* Byte for byte; NULL: not an issuer of ours. */
const struct trust_issuer *trust_issuer_by_url(
    const struct trust *trust, struct slice url);
const struct trust_issuer *trust_issuer_by_name(
    const struct trust *trust, const char *name);

/*
 * Whose subject it is, in place. 0; -ENOENT: nobody's of ours, which is no
 * refusal by itself (a machine, or a pairwise subject); -EBADMSG: the image is
 * damaged, and nothing may be believed of it.
 */
int trust_account_by_subject(const struct trust *trust,
    const struct trust_issuer *issuer, struct slice subject,
    struct trust_account *ret_account);

/* The same, for who learnt the name elsewhere. */
int trust_account_by_name(const struct trust *trust, const char *name,
    struct trust_account *ret_account);

/* Was the session of that "sid" revoked, at this issuer or at any? */
bool trust_session_is_revoked(const struct trust *trust,
    const struct trust_issuer *issuer, struct slice session);
