/*
 * libportvakt: is this token good for this service, whose is it, and which
 * access groups does it bring? Answers from the trust image that the broker
 * publishes, in the caller's own process: no daemon, no lock, and no socket but
 * where portvakt_set_api() says so.
 *
 * A handle belongs to one thread at a time: open one per thread. There is no
 * global state. After fork() the child may go on with its copy of a handle.
 *
 *	struct portvakt *portvakt = NULL;
 *	struct portvakt_result *result = NULL;
 *
 *	if (portvakt_open(NULL, &portvakt) < 0)
 *		return -1;
 *	if (portvakt_verify(portvakt, token, size, "orders", NULL, &result))
 *		serve(portvakt_result_account(result));
 *	else
 *		refuse(portvakt_result_word(result));
 *	portvakt_result_free(result);
 *	portvakt_close(portvakt);
 */
#ifndef PORTVAKT_H
#define PORTVAKT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct portvakt; /* a handle */
struct portvakt_result;

/* What the caller does about it. Refusal is zero. */
enum portvakt_verdict {
	PORTVAKT_VERDICT_REFUSED = 0, /* 401: the token will not do */
	PORTVAKT_VERDICT_GOOD = 1,
	PORTVAKT_VERDICT_FORBIDDEN = 2, /* 403: it will do, but not for this */
	PORTVAKT_VERDICT_OUTAGE = 3, /* 503: nobody can say at the moment */
};

/*
 * Why. The numbers stay what they are; later versions may add some, which
 * portvakt_result_verdict() knows what to do about.
 */
enum portvakt_reason {
	PORTVAKT_NOT_JUDGED = 0, /* the question was none */
	PORTVAKT_GOOD = 1,

	/* The form of the token, and the signature. */
	PORTVAKT_TOO_LARGE = 10,
	PORTVAKT_MALFORMED = 11, /* not a strict compact JWS */
	PORTVAKT_HEADER_REFUSED = 12,
	PORTVAKT_TYPE_REFUSED = 13,
	PORTVAKT_LOGIN_TOKEN = 14, /* an id_token, which gives no access */
	PORTVAKT_ALGORITHM_REFUSED = 15,
	PORTVAKT_KEY_UNKNOWN = 16, /* or not known any more */
	PORTVAKT_KEY_MISMATCH = 17,
	PORTVAKT_SIGNATURE_BAD = 18,

	/* What it says. */
	PORTVAKT_CLAIMS_MALFORMED = 30,
	PORTVAKT_CLAIM_MISSING = 31,
	PORTVAKT_ISSUER_WRONG = 32, /* none of ours, or not the one asked */
	PORTVAKT_AUDIENCE_WRONG = 33,
	PORTVAKT_EXPIRED = 34,
	PORTVAKT_NOT_YET_VALID = 35,
	PORTVAKT_SCOPE_MISSING = 36, /* forbidden */
	PORTVAKT_ACR_TOO_LOW = 37, /* forbidden: step up (RFC 9470) */
	PORTVAKT_AUTHENTICATION_TOO_OLD = 38, /* forbidden: step up */
	PORTVAKT_PERSON_NUMBER_BAD = 39,
	PORTVAKT_TEST_IDENTITY = 40, /* the issuer is no test */
	PORTVAKT_AUTHORITY_UNKNOWN = 41,
	PORTVAKT_INACTIVE = 42, /* its issuer says so: of opaque tokens */

	/* Who presents it: DPoP (RFC 9449), mutual TLS (RFC 8705). */
	PORTVAKT_PROOF_MISSING = 50,
	PORTVAKT_PROOF_UNSUPPORTED = 51, /* bound in a way of others */
	PORTVAKT_PROOF_BAD = 52,
	PORTVAKT_PROOF_STALE = 53,
	PORTVAKT_PROOF_NONCE = 54, /* ask for it: use_dpop_nonce */
	PORTVAKT_PROOF_REPLAYED = 55,
	PORTVAKT_SCHEME_WRONG = 56, /* bound as Bearer, or not bound as DPoP */
	PORTVAKT_CERTIFICATE_MISSING = 57,
	PORTVAKT_CERTIFICATE_WRONG = 58,

	/* What the administrator says. */
	PORTVAKT_REVOKED = 70,
	PORTVAKT_ACCOUNT_LOCKED = 71,

	/* Nothing is said about the token. */
	PORTVAKT_NO_TRUST_IMAGE = 90,
	PORTVAKT_TRUST_IMAGE_BAD = 91,
	PORTVAKT_NO_KEYS = 92, /* of the issuer, or they are too old */
	PORTVAKT_NO_ACCESS_TO_IMAGE = 93, /* not in group portvakt-verify */
	PORTVAKT_NO_MEMORY = 94,
	PORTVAKT_PROOF_OVERLOAD = 95, /* no room to remember another proof */
	PORTVAKT_LINK_UNAVAILABLE =
	    96, /* whose it is: portvakt-api is silent */
	PORTVAKT_ISSUER_UNAVAILABLE = 97, /* it was asked about its own token */
};

enum portvakt_subject {
	PORTVAKT_SUBJECT_NONE = 0,
	PORTVAKT_SUBJECT_PERSON = 1,
	PORTVAKT_SUBJECT_MACHINE = 2,
};

/*
 * Opens a handle on the trust image at path, or, with NULL, where the broker
 * publishes it. A missing image is no error: it is looked for again at each
 * question. 0, or -ENAMETOOLONG, -ENOMEM, -EAGAIN (no random numbers yet).
 *
 * Proofs (DPoP) that were used are remembered in memory that processes forked
 * from here share, so that none is good twice in any of them.
 */
int portvakt_open(const char *path, struct portvakt **ret_portvakt);

/*
 * ID-porten and Ansattporten call a person by another subject at each client.
 * Where portvakt.conf says of an issuer that its identity numbers tell whose
 * account it is (links_persons), a token with a number and an unknown subject is
 * shown to portvakt-api, once, and its answer kept until the token ends; while
 * the API is silent, such tokens are LINK_UNAVAILABLE, after a second at most.
 * path: its Unix socket (as portvakt_open() sets it); NULL: nobody is asked,
 * and such a person has no account. 0, -EINVAL (not absolute), -ENAMETOOLONG.
 */
int portvakt_set_api(struct portvakt *portvakt, const char *path);

/* Accepts NULL. Results live on until they are freed. */
void portvakt_close(struct portvakt *portvakt);

enum portvakt_scheme {
	PORTVAKT_SCHEME_BEARER = 0,
	PORTVAKT_SCHEME_DPOP = 1,
};

/*
 * What a token must be good for, beyond the audience. Zero it, set size, and
 * what you ask for: PORTVAKT_OPTIONS_INIT. Borrowed until the call returns.
 */
struct portvakt_options {
	size_t size; /* sizeof(struct portvakt_options) */
	const char *issuer; /* the name in portvakt.conf; NULL: any of them */
	const char *const *scopes; /* every one of them */
	size_t scopes_count;

	/* An acr of the issuer's, or low, substantial, high; NULL: any. */
	const char *level;
	int64_t max_age_s; /* of the authentication; 0: any */

	/* How it came; for tokens that are bound to a key or certificate. */
	enum portvakt_scheme scheme; /* of the header Authorization */
	const char *dpop; /* the header DPoP, or NULL: there was none */
	size_t dpop_size;
	const char *method; /* "GET" */
	const char *url; /* as the client called it */
	const char *nonce; /* that the proof must have; NULL: none is asked */
	/* Of the client's TLS certificate (DER): 32 bytes, or NULL: none. */
	const unsigned char *certificate_sha256;
};

#define PORTVAKT_OPTIONS_INIT                           \
	{                                               \
		.size = sizeof(struct portvakt_options) \
	}

/*
 * Is this access token good for that audience now? True, or false with the
 * reason in the result. audience: what the issuer calls this service; NULL
 * only with scopes, for issuers whose tokens bear none (Maskinporten).
 * options: NULL asks for nothing more.
 *
 * ret_result: NULL, or it gets a result in every case, to be freed with
 * portvakt_result_free() by the thread that holds the handle. All texts of a
 * result live as long as the result.
 */
bool portvakt_verify(struct portvakt *portvakt, const char *token, size_t size,
    const char *audience, const struct portvakt_options *options,
    struct portvakt_result **ret_result);

/* Accepts NULL. */
void portvakt_result_free(struct portvakt_result *result);

/* These say REFUSED, NOT_JUDGED, "not-judged" of NULL. */
enum portvakt_verdict portvakt_result_verdict(
    const struct portvakt_result *result);
enum portvakt_reason portvakt_result_reason(
    const struct portvakt_result *result);
/* The stable word: "good", "expired", "audience-wrong", ... Never NULL. */
const char *portvakt_result_word(const struct portvakt_result *result);
/* The claim or header member at fault, "exp"; NULL: there is none to name. */
const char *portvakt_result_detail(const struct portvakt_result *result);

/*
 * What a good token says. Of any other result: NULL, 0, false, and
 * PORTVAKT_SUBJECT_NONE. A text that the token does not have is NULL. Times
 * are seconds since the epoch.
 */
enum portvakt_subject portvakt_result_subject_kind(
    const struct portvakt_result *result);
/* The local account that this person is linked to. NULL: none, or a machine. */
const char *portvakt_result_account(const struct portvakt_result *result);
const char *portvakt_result_issuer(const struct portvakt_result *result);
/* What portvakt.conf calls the issuer: "staff". */
const char *portvakt_result_issuer_name(const struct portvakt_result *result);
const char *portvakt_result_subject(const struct portvakt_result *result);
const char *portvakt_result_client_id(const struct portvakt_result *result);
const char *portvakt_result_token_id(const struct portvakt_result *result);
const char *portvakt_result_acr(const struct portvakt_result *result);
/* The place of the acr on the issuer's ladder, from 1; 0: it has none. */
int portvakt_result_level(const struct portvakt_result *result);
int64_t portvakt_result_authenticated_at(const struct portvakt_result *result);
int64_t portvakt_result_issued_at(const struct portvakt_result *result);
int64_t portvakt_result_expires_at(const struct portvakt_result *result);

/* The access groups, by name; granted until that time, INT64_MAX: no end. */
size_t portvakt_result_groups_count(const struct portvakt_result *result);
const char *portvakt_result_group_name(
    const struct portvakt_result *result, size_t index);
uint32_t portvakt_result_group_gid(
    const struct portvakt_result *result, size_t index);
int64_t portvakt_result_group_granted_until(
    const struct portvakt_result *result, size_t index);
bool portvakt_result_has_group(
    const struct portvakt_result *result, const char *name);

size_t portvakt_result_scopes_count(const struct portvakt_result *result);
const char *portvakt_result_scope(
    const struct portvakt_result *result, size_t index);

/* Organisations, "0192:911830868", and for which resource of theirs. */
size_t portvakt_result_on_behalf_of_count(const struct portvakt_result *result);
const char *portvakt_result_on_behalf_of(
    const struct portvakt_result *result, size_t index);
const char *portvakt_result_on_behalf_of_resource(
    const struct portvakt_result *result, size_t index);

/* Of a machine's token: who uses the service, and who calls on their behalf. */
const char *portvakt_result_consumer(const struct portvakt_result *result);
const char *portvakt_result_supplier(const struct portvakt_result *result);
const char *portvakt_result_delegation_source(
    const struct portvakt_result *result);

/*
 * The access groups that the rules know, for listings and to check one's own
 * configuration: their number, or -ENOENT, -EACCES, -EBADMSG, -ENOMEM when
 * there is no image to ask. The texts live until the next call with this
 * handle.
 */
int portvakt_groups_count(struct portvakt *portvakt);
const char *portvakt_group_name(const struct portvakt *portvakt, size_t index);
const char *portvakt_group_title(const struct portvakt *portvakt, size_t index);
uint32_t portvakt_group_gid(const struct portvakt *portvakt, size_t index);

/*
 * Is there such a group, such an issuer, such a level (as in the options) at
 * that issuer, or with NULL at any? For callers whose own configuration names
 * them: what is misspelt there would look like a refusal for ever. 1, 0, or a
 * negative errno as of portvakt_groups_count().
 */
int portvakt_knows_group(struct portvakt *portvakt, const char *name);
int portvakt_knows_issuer(struct portvakt *portvakt, const char *name);
int portvakt_knows_level(
    struct portvakt *portvakt, const char *issuer, const char *level);

#ifdef __cplusplus
}
#endif

#endif
