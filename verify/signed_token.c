#include "verify/signed_token.h"

#include "verify/json.h"
#include "verify/jwk.h"
#include "verify/person_number.h"

#include <errno.h>
#include <string.h>

bool
issuer_profile_is_usable(const struct issuer_profile *profile)
{
	return profile && profile->issuer && *profile->issuer &&
	       strlen(profile->issuer) < IDENTITY_ISSUER_SIZE &&
	       profile->clock_skew_s >= 0 &&
	       profile->clock_skew_s <= EVIDENCE_CLOCK_SKEW_MAX_S;
}

static struct objection
check_form(const char *token, size_t size, struct signed_token *opened)
{
	int r;

	r = jws_split(token, size, &opened->jws);
	if (r == -EMSGSIZE)
		return objection(EVIDENCE_TOO_LARGE, "token");
	if (r < 0)
		return objection(EVIDENCE_MALFORMED, "token");
	r = json_read(opened->jws.header, opened->jws.header_size,
	    opened->nodes, SIGNED_TOKEN_NODES_MAX, &opened->json);
	if (r < 0)
		return objection(EVIDENCE_MALFORMED, "header");
	return no_objection();
}

struct objection
signed_token_open(const char *token, size_t size, enum jose_use use,
    struct signed_token *ret_token)
{
	struct objection found;

	found = check_form(token, size, ret_token);
	if (is_objection(found))
		return found;
	return jose_header_get(&ret_token->json, use, &ret_token->header);
}

/* The profile and the key decide; the header may only agree with them. */
struct objection
signed_token_check_signature(const struct issuer_profile *profile,
    struct key_set *keys, const struct signed_token *token)
{
	const struct jose_header *header = &token->header;
	const struct jws *jws = &token->jws;
	struct jwk *key;

	if (!(header->algorithm & profile->algorithms))
		return objection(EVIDENCE_ALGORITHM_REFUSED, "alg");
	key = key_set_find(keys, header->kid);
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

struct objection
signed_token_read(struct signed_token *token)
{
	if (json_read(token->jws.payload, token->jws.payload_size, token->nodes,
		SIGNED_TOKEN_NODES_MAX, &token->json) < 0)
		return objection(EVIDENCE_CLAIMS_MALFORMED, "payload");
	return claims_get(&token->json, &token->claims);
}

struct objection
signed_token_check_issuer(
    const struct issuer_profile *profile, const struct claims *claims)
{
	if (!slice_equal(claims->issuer, profile->issuer))
		return objection(EVIDENCE_ISSUER_WRONG, "iss");
	return no_objection();
}

struct objection
signed_token_check_times(const struct issuer_profile *profile,
    const struct claims *claims, int64_t now_s)
{
	int64_t skew_s = profile->clock_skew_s;
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

struct objection
signed_token_check_authentication(const struct issuer_profile *profile,
    const struct claims *claims, int acr_rank_min, int64_t max_age_s,
    int64_t now_s)
{
	if (issuer_acr_rank(profile, claims->acr) < acr_rank_min)
		return objection(EVIDENCE_ACR_TOO_LOW, "acr");
	if (max_age_s > 0 && now_s - claims->authenticated_at_s >
				 max_age_s + profile->clock_skew_s)
		return objection(EVIDENCE_AUTHENTICATION_TOO_OLD, "auth_time");
	return no_objection();
}

struct objection
signed_token_check_person(
    const struct issuer_profile *profile, const struct claims *claims)
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

static void
copy_text(char *destination, struct slice text)
{
	if (text.size > 0)
		memcpy(destination, text.at, text.size);
	destination[text.size] = '\0';
}

struct objection
signed_token_fill(const struct issuer_profile *profile,
    struct signed_token *token, struct identity *ret_identity)
{
	const struct claims *claims = &token->claims;
	struct identity *said = &token->said;

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

void
signed_token_wipe(struct signed_token *token, size_t size)
{
	explicit_bzero(
	    token->said.person_number, sizeof(token->said.person_number));
	explicit_bzero(token->jws.storage, size < sizeof(token->jws.storage)
					       ? size
					       : sizeof(token->jws.storage));
}
