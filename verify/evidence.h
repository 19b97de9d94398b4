/*
 * Evidence: is this token good, for us, now? One pure function; bytes, keys,
 * expectations and the time go in, an identity or a named refusal comes out.
 * No I/O, no clock, no log.
 *
 * Strict compact JWS only (RFC 7515): three parts of unpadded base64url
 * without stray bits, no duplicate members, no JSON serialisation, no crit.
 * The token never chooses: algorithms come from the issuer's profile, the key
 * from (issuer, kid) with its type and curve bound to the algorithm; x5c, jku
 * and jwk are not looked at.
 */
#pragma once

#include "verify/algorithm.h"
#include "verify/identity.h"
#include "verify/key_set.h"

#include <stddef.h>
#include <stdint.h>

enum {
	EVIDENCE_CLOCK_SKEW_MAX_S = 300, /* more would keep the expired alive */
	EVIDENCE_LIFETIME_MAX_S = 86400, /* exp - iat; ID-porten's live 120 s */
	EVIDENCE_AUDIENCES_MAX = 16,
	EVIDENCE_ROLES_CLAIMS_MAX = 8,
};

/* Refusal is zero. Each has a stable word for audit (evidence_result_word). */
enum evidence_result {
	EVIDENCE_NOT_CHECKED = 0, /* the expectation cannot be used */
	EVIDENCE_GOOD,
	EVIDENCE_TOO_LARGE,
	EVIDENCE_MALFORMED, /* not a strict compact JWS */
	EVIDENCE_HEADER_REFUSED, /* crit, b64, zip, ... */
	EVIDENCE_TYPE_REFUSED, /* typ is not an id_token's */
	EVIDENCE_ALGORITHM_REFUSED,
	EVIDENCE_KEY_UNKNOWN, /* refresh the JWKS once, then try again */
	EVIDENCE_KEY_MISMATCH, /* key type or alg is not the token's */
	EVIDENCE_SIGNATURE_BAD,
	EVIDENCE_CLAIMS_MALFORMED, /* payload, or a claim of a wrong type */
	EVIDENCE_CLAIM_MISSING,
	EVIDENCE_ISSUER_WRONG,
	EVIDENCE_AUDIENCE_WRONG,
	EVIDENCE_AUTHORIZED_PARTY_WRONG,
	EVIDENCE_EXPIRED,
	EVIDENCE_NOT_YET_VALID, /* nbf, iat or auth_time ahead */
	EVIDENCE_NONCE_WRONG,
	EVIDENCE_ACR_TOO_LOW, /* or not on the ladder */
	EVIDENCE_AUTHENTICATION_TOO_OLD,
	EVIDENCE_PERSON_NUMBER_BAD, /* pid: not 11 digits, or a check digit */
	EVIDENCE_TEST_IDENTITY, /* pid is synthetic, the issuer is no test */
	EVIDENCE_AUTHORITY_UNKNOWN, /* organisation of another register */

	/* Of access tokens alone (service_token.h). */
	EVIDENCE_LOGIN_TOKEN, /* an id_token where access is asked */
	EVIDENCE_INACTIVE, /* its issuer says that it is no token, or no more */
	EVIDENCE_SCOPE_MISSING,
	EVIDENCE_PROOF_MISSING, /* bound to a key (cnf), no DPoP proof came */
	EVIDENCE_PROOF_UNSUPPORTED, /* bound in a way that we cannot check */
	EVIDENCE_PROOF_BAD,
	EVIDENCE_PROOF_STALE, /* made too long ago, or ahead */
	EVIDENCE_PROOF_NONCE, /* without the nonce that we asked for */
	EVIDENCE_PROOF_REPLAYED,
	EVIDENCE_PROOF_OVERLOAD, /* no room to remember another proof */
	EVIDENCE_SCHEME_WRONG, /* bound as Bearer, or not bound as DPoP */
	EVIDENCE_CERTIFICATE_MISSING, /* bound to one, none came */
	EVIDENCE_CERTIFICATE_WRONG,
};

/* How one issuer's id_tokens are judged. Borrowed strings. */
struct issuer_profile {
	const char *issuer; /* byte for byte; below IDENTITY_ISSUER_SIZE */
	unsigned int algorithms; /* of enum evidence_algorithm */
	const char *const *acr_ladder; /* lowest first */
	size_t acr_ladder_count;
	/*
	 * Paths of the claims that hold roles: "roles", "realm_access.roles",
	 * "groups". Several are one set. Each an array of texts.
	 */
	const char *const *roles_claims;
	size_t roles_claims_count;
	const char *units_claim; /* path; a text or an array of texts; NULL */
	bool test; /* synthetic identity numbers are people here */
	int64_t clock_skew_s; /* 0 to EVIDENCE_CLOCK_SKEW_MAX_S */
};

/* The place of an acr on the issuer's ladder, from 1; 0: it is not there. */
int issuer_acr_rank(const struct issuer_profile *profile, struct slice acr);

struct evidence_expectation {
	const struct issuer_profile *profile;
	struct key_set *keys; /* of that issuer; one thread at a time */
	const char *audience; /* our client_id */
	const char *nonce; /* NULL: none was sent, none may come */
	int acr_rank_min; /* 0: any, even none */
	int64_t max_age_s; /* of auth_time; 0: any */
};

/*
 * Checks an id_token (OpenID Connect Core 3.1.3.7). On EVIDENCE_GOOD, and only
 * then, *ret_identity is filled. On a refusal ret_detail, when not NULL, names
 * the claim or header member at fault (a constant of ours, never the token's
 * own text).
 *
 * Always required: kid, iss, aud, exp, iat, sub. As expected: nonce (when one
 * was sent), acr (when a rank is asked), auth_time (when an age is asked), azp
 * (with several audiences). A claim that is there but not asked for must still
 * have its type: roles are arrays of strings, without a claim none; units and
 * scope are as verify/attributes.c reads them; pid has good check digits
 * (verify/person_number.h) and is synthetic only at a test issuer;
 * authorization_details is as verify/mandate.h says.
 */
enum evidence_result evidence_check(const char *token, size_t size,
    const struct evidence_expectation *expectation, int64_t now_s,
    struct identity *ret_identity, const char **ret_detail);

/* The stable word of a result: "expired", "signature-bad", ... */
const char *evidence_result_word(enum evidence_result result);
