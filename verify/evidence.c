#include "verify/evidence.h"

#include "verify/attributes.h"
#include "verify/claims.h"
#include "verify/jose_header.h"
#include "verify/json.h"
#include "verify/jwk.h"
#include "verify/jws.h"
#include "verify/objection.h"
#include "verify/person_number.h"

#include <errno.h>
#include <string.h>

enum {
	NODES_MAX = 2048, /* ten for each organisation that one may act for */
};

/* A check's working memory: too large to be cleared each time. */
struct work {
	struct jws jws;
	struct json json; /* first of the header, then of the payload */
	struct json_node nodes[NODES_MAX];
	struct claims claims;
	struct identity said; /* its slices show the payload */
};

static bool
profile_is_usable(const struct issuer_profile *profile)
{
	return profile && profile->issuer && *profile->issuer &&
	       strlen(profile->issuer) < IDENTITY_ISSUER_SIZE &&
	       profile->clock_skew_s >= 0 &&
	       profile->clock_skew_s <= EVIDENCE_CLOCK_SKEW_MAX_S;
}

/* An empty text would be easily met. */
static bool
expectation_is_usable(const struct evidence_expectation *expectation)
{
	return profile_is_usable(expectation->profile) && expectation->keys &&
	       expectation->audience && *expectation->audience &&
	       (!expectation->nonce || *expectation->nonce) &&
	       expectation->acr_rank_min >= 0 && expectation->max_age_s >= 0;
}

static struct objection
check_form(const char *token, size_t size, struct work *work)
{
	int r;

	r = jws_split(token, size, &work->jws);
	if (r == -EMSGSIZE)
		return objection(EVIDENCE_TOO_LARGE, "token");
	if (r < 0)
		return objection(EVIDENCE_MALFORMED, "token");
	r = json_read(work->jws.header, work->jws.header_size, work->nodes,
	    NODES_MAX, &work->json);
	if (r < 0)
		return objection(EVIDENCE_MALFORMED, "header");
	return no_objection();
}

/* The profile and the key decide; the header may only agree with them. */
static struct objection
check_signature(const struct evidence_expectation *expectation,
    const struct jose_header *header, const struct jws *jws)
{
	struct jwk *key;

	if (!(header->algorithm & expectation->profile->algorithms))
		return objection(EVIDENCE_ALGORITHM_REFUSED, "alg");
	key = key_set_find(expectation->keys, header->kid);
	if (!key)
		return objection(EVIDENCE_KEY_UNKNOWN, "kid");
	if (!(header->algorithm & key->algorithms))
		return objection(EVIDENCE_KEY_MISMATCH, "alg");
	if (!jwk_verify(key, (enum evidence_algorithm)header->algorithm,
		jws->signing_input, jws->signing_input_size, jws->signature,
		jws->signature_size))
		return objection(EVIDENCE_SIGNATURE_BAD, "signature");
	return no_objection();
}

/* RFC 7519 and OIDC Core 2; auth_time and acr only when asked for. */
static struct objection
check_presence(
    const struct evidence_expectation *expectation, const struct claims *claims)
{
	const char *missing = NULL;

	if (!claims->issuer.at)
		missing = "iss";
	else if (claims->audiences_count == 0)
		missing = "aud";
	else if (claims->expires_at_s == CLAIMS_TIME_ABSENT)
		missing = "exp";
	else if (claims->issued_at_s == CLAIMS_TIME_ABSENT)
		missing = "iat";
	else if (!claims->subject.at)
		missing = "sub";
	else if (expectation->nonce && !claims->nonce.at)
		missing = "nonce";
	else if (expectation->acr_rank_min > 0 && !claims->acr.at)
		missing = "acr";
	else if (expectation->max_age_s > 0 &&
		 claims->authenticated_at_s == CLAIMS_TIME_ABSENT)
		missing = "auth_time";
	return missing ? objection(EVIDENCE_CLAIM_MISSING, missing)
		       : no_objection();
}

static bool
has_audience(const struct claims *claims, const char *audience)
{
	size_t i;

	for (i = 0; i < claims->audiences_count; i++) {
		if (slice_equal(claims->audiences[i], audience))
			return true;
	}
	return false;
}

/* OIDC Core 3.1.3.7, points 2 to 5. */
static struct objection
check_parties(
    const struct evidence_expectation *expectation, const struct claims *claims)
{
	if (!slice_equal(claims->issuer, expectation->profile->issuer))
		return objection(EVIDENCE_ISSUER_WRONG, "iss");
	if (!has_audience(claims, expectation->audience))
		return objection(EVIDENCE_AUDIENCE_WRONG, "aud");
	if (!claims->authorized_party.at && claims->audiences_count > 1)
		return objection(EVIDENCE_CLAIM_MISSING, "azp");
	if (claims->authorized_party.at &&
	    !slice_equal(claims->authorized_party, expectation->audience))
		return objection(EVIDENCE_AUTHORIZED_PARTY_WRONG, "azp");
	return no_objection();
}

static struct objection
check_times(const struct claims *claims, int64_t skew_s, int64_t now_s)
{
	int64_t lifetime_s = claims->expires_at_s - claims->issued_at_s;

	if (lifetime_s <= 0 || lifetime_s > EVIDENCE_LIFETIME_MAX_S)
		return objection(EVIDENCE_CLAIMS_MALFORMED, "exp");
	if (now_s >= claims->expires_at_s + skew_s)
		return objection(EVIDENCE_EXPIRED, "exp");
	if (claims->issued_at_s > now_s + skew_s)
		return objection(EVIDENCE_NOT_YET_VALID, "iat");
	if (claims->not_before_s > now_s + skew_s)
		return objection(EVIDENCE_NOT_YET_VALID, "nbf");
	if (claims->authenticated_at_s > now_s + skew_s)
		return objection(EVIDENCE_NOT_YET_VALID, "auth_time");
	return no_objection();
}

/* A nonce that nobody sent means a token of somebody else's login. */
static struct objection
check_nonce(const char *sent, const struct claims *claims)
{
	bool same;

	if (!sent)
		same = !claims->nonce.at;
	else
		same = slice_equal_secret(claims->nonce, sent);
	return same ? no_objection() : objection(EVIDENCE_NONCE_WRONG, "nonce");
}

int
issuer_acr_rank(const struct issuer_profile *profile, struct slice acr)
{
	size_t i;

	for (i = 0; acr.at && i < profile->acr_ladder_count; i++) {
		if (slice_equal(acr, profile->acr_ladder[i]))
			return (int)i + 1;
	}
	return 0;
}

static struct objection
check_authentication(const struct evidence_expectation *expectation,
    const struct claims *claims, int64_t now_s)
{
	if (issuer_acr_rank(expectation->profile, claims->acr) <
	    expectation->acr_rank_min)
		return objection(EVIDENCE_ACR_TOO_LOW, "acr");
	if (expectation->max_age_s > 0 &&
	    now_s - claims->authenticated_at_s >
		expectation->max_age_s + expectation->profile->clock_skew_s)
		return objection(EVIDENCE_AUTHENTICATION_TOO_OLD, "auth_time");
	return no_objection();
}

/* Last, of a token that is good but for it: whom it is about. */
static struct objection
check_person(const struct issuer_profile *profile, const struct claims *claims)
{
	if (!claims->person_number.at)
		return no_objection();
	switch (person_number_check(claims->person_number)) {
	case PERSON_NUMBER_REAL:
		return no_objection();
	case PERSON_NUMBER_SYNTHETIC:
		return profile->test ? no_objection()
				     : objection(EVIDENCE_TEST_IDENTITY, "pid");
	case PERSON_NUMBER_INVALID:
		break;
	}
	return objection(EVIDENCE_PERSON_NUMBER_BAD, "pid");
}

static struct objection
judge_claims(const struct evidence_expectation *expectation,
    const struct claims *claims, int64_t now_s)
{
	struct objection found;

	found = check_presence(expectation, claims);
	if (is_objection(found))
		return found;
	found = check_parties(expectation, claims);
	if (is_objection(found))
		return found;
	found = check_times(claims, expectation->profile->clock_skew_s, now_s);
	if (is_objection(found))
		return found;
	found = check_nonce(expectation->nonce, claims);
	if (is_objection(found))
		return found;
	found = check_authentication(expectation, claims, now_s);
	if (is_objection(found))
		return found;
	return check_person(expectation->profile, claims);
}

static struct objection
check_payload(const struct evidence_expectation *expectation, int64_t now_s,
    struct work *work)
{
	struct objection found;

	if (json_read(work->jws.payload, work->jws.payload_size, work->nodes,
		NODES_MAX, &work->json) < 0)
		return objection(EVIDENCE_CLAIMS_MALFORMED, "payload");
	found = claims_get(&work->json, &work->claims);
	if (is_objection(found))
		return found;
	found = judge_claims(expectation, &work->claims, now_s);
	if (is_objection(found))
		return found;
	return attributes_get(&work->json, expectation->profile, &work->said);
}

/* What nobody has signed is not parsed further than to find its key. */
static struct objection
examine(const char *token, size_t size,
    const struct evidence_expectation *expectation, int64_t now_s,
    struct work *work)
{
	struct jose_header header;
	struct objection found;

	found = check_form(token, size, work);
	if (is_objection(found))
		return found;
	found = jose_header_get(&work->json, &header);
	if (is_objection(found))
		return found;
	found = check_signature(expectation, &header, &work->jws);
	if (is_objection(found))
		return found;
	return check_payload(expectation, now_s, work);
}

static void
copy_text(char *destination, struct slice text)
{
	if (text.size > 0)
		memcpy(destination, text.at, text.size);
	destination[text.size] = '\0';
}

/* Whole or not at all: what does not fit is no identity. */
static struct objection
fill_identity(const struct issuer_profile *profile, struct work *work,
    struct identity *ret_identity)
{
	const struct claims *claims = &work->claims;
	struct identity *said = &work->said;

	copy_text(said->issuer, claims->issuer);
	copy_text(said->subject, claims->subject);
	copy_text(said->acr, claims->acr);
	copy_text(said->person_number, claims->person_number);
	said->acr_rank = issuer_acr_rank(profile, claims->acr);
	said->issued_at_s = claims->issued_at_s;
	said->expires_at_s = claims->expires_at_s;
	said->authenticated_at_s =
	    claims->authenticated_at_s == CLAIMS_TIME_ABSENT
		? 0
		: claims->authenticated_at_s;
	if (identity_copy(said, ret_identity) < 0)
		return objection(EVIDENCE_TOO_LARGE, "authorization_details");
	return no_objection();
}

/* The payload held an identity number, and so may what it said. */
static void
wipe(struct work *work, size_t token_size)
{
	explicit_bzero(
	    work->said.person_number, sizeof(work->said.person_number));
	explicit_bzero(work->jws.storage, token_size < sizeof(work->jws.storage)
					      ? token_size
					      : sizeof(work->jws.storage));
}

enum evidence_result
evidence_check(const char *token, size_t size,
    const struct evidence_expectation *expectation, int64_t now_s,
    struct identity *ret_identity, const char **ret_detail)
{
	struct objection found = no_objection();
	struct work work;

	if (!expectation_is_usable(expectation)) {
		if (ret_detail)
			*ret_detail = "expectation";
		return EVIDENCE_NOT_CHECKED;
	}
	found = examine(token, size, expectation, now_s, &work);
	if (!is_objection(found))
		found =
		    fill_identity(expectation->profile, &work, ret_identity);
	wipe(&work, size);
	if (!is_objection(found))
		return EVIDENCE_GOOD;
	if (ret_detail)
		*ret_detail = found.detail;
	return found.result;
}
