/*
 * Revocations: tokens that are refused although their issuer would still let
 * them run. Of a session, by the "sid" of its tokens; of a person, and of an
 * issuer or of all: every token issued before a time. Kept until they can
 * matter no more.
 */
#pragma once

#include "broker/register/register.h"
#include "verify/evidence.h"

enum {
	REVOCATION_TEXT_SIZE = 256, /* session, reason, by */
	REVOCATIONS_MAX = 65536, /* sessions that stand at one time */

	/*
	 * No token is believed for longer than it may live at most; after that
	 * what was issued before a time is past anyhow.
	 */
	REVOCATION_KEEP_S = EVIDENCE_LIFETIME_MAX_S + EVIDENCE_CLOCK_SKEW_MAX_S,
	/*
	 * A session gets new tokens for as long as its issuer renews it, which
	 * nobody tells us; months of that are more than any of them does.
	 */
	REVOCATION_SESSION_KEEP_S = 90 * 86400,
};

enum revocation_kind {
	REVOCATION_SESSION = 1,
	REVOCATION_ACCOUNT,
	REVOCATION_ISSUER, /* of one, or, with "", of all */
};

struct revocation {
	int64_t id;
	enum revocation_kind kind;
	char session[REVOCATION_TEXT_SIZE]; /* SESSION */
	int64_t account_id; /* ACCOUNT */
	char issuer[REGISTER_ISSUER_SIZE]; /* URL; "": of all. Not of ACCOUNT */
	int64_t
	    before_s; /* ACCOUNT, ISSUER: what was issued before is refused */
	int64_t at_s;
	int64_t until_s; /* when it is forgotten */
};

/* What the texts point to; the rest is the register's. */
struct revocation_request {
	enum revocation_kind kind;
	const char *session;
	const char *account; /* name */
	const char *issuer; /* URL; NULL: of all */
	int64_t before_s; /* at most now_s */
	const char *by;
	const char *reason;
};

/*
 * REGISTER_OK; REGISTER_NOT_FOUND: no such account; REGISTER_FIELD_INVALID: a
 * session, a reason or a time that cannot be; REGISTER_IDS_EXHAUSTED: as many
 * sessions as there may be are revoked.
 */
enum register_result revocation_add(struct register_db *db,
    const struct revocation_request *request, int64_t now_s);

/* Those that stand, in the order of their making. */
typedef int (*revocation_fn)(
    const struct revocation *revocation, void *userdata);
enum register_result revocation_each(
    struct register_db *db, int64_t now_s, revocation_fn each, void *userdata);

/* Removes those that can matter no more. */
enum register_result revocation_forget(struct register_db *db, int64_t now_s);
