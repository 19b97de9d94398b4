#include "verify/evidence.h"

#include "verify/attributes.h"
#include "verify/signed_token.h"

/* An empty text would be easily met. */
static bool
expectation_is_usable(const struct evidence_expectation *expectation)
{
	return issuer_profile_is_usable(expectation->profile) &&
	       expectation->keys && expectation->audience &&
	       *expectation->audience &&
	       (!expectation->nonce || *expectation->nonce) &&
	       expectation->acr_rank_min >= 0 && expectation->max_age_s >= 0;
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

/* OIDC Core 3.1.3.7, points 2 to 5. */
static struct objection
check_parties(
    const struct evidence_expectation *expectation, const struct claims *claims)
{
	struct objection found;

	found = signed_token_check_issuer(expectation->profile, claims);
	if (is_objection(found))
		return found;
	if (!claims_have_audience(claims, expectation->audience))
		return objection(EVIDENCE_AUDIENCE_WRONG, "aud");
	if (!claims->authorized_party.at && claims->audiences_count > 1)
		return objection(EVIDENCE_CLAIM_MISSING, "azp");
	if (claims->authorized_party.at &&
	    !slice_equal(claims->authorized_party, expectation->audience))
		return objection(EVIDENCE_AUTHORIZED_PARTY_WRONG, "azp");
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
	found = signed_token_check_times(expectation->profile, claims, now_s);
	if (is_objection(found))
		return found;
	found = check_nonce(expectation->nonce, claims);
	if (is_objection(found))
		return found;
	found = signed_token_check_authentication(expectation->profile, claims,
	    expectation->acr_rank_min, expectation->max_age_s, now_s);
	if (is_objection(found))
		return found;
	return signed_token_check_person(expectation->profile, claims);
}

/* What nobody has signed is not parsed further than to find its key. */
static struct objection
examine(const char *token, size_t size,
    const struct evidence_expectation *expectation, int64_t now_s,
    struct signed_token *work)
{
	struct objection found;

	found = signed_token_open(token, size, JOSE_ID_TOKEN, work);
	if (is_objection(found))
		return found;
	found = signed_token_check_signature(
	    expectation->profile, expectation->keys, work);
	if (is_objection(found))
		return found;
	found = signed_token_read(work);
	if (is_objection(found))
		return found;
	found = judge_claims(expectation, &work->claims, now_s);
	if (is_objection(found))
		return found;
	return attributes_get(&work->json, expectation->profile, &work->said);
}

enum evidence_result
evidence_check(const char *token, size_t size,
    const struct evidence_expectation *expectation, int64_t now_s,
    struct identity *ret_identity, const char **ret_detail)
{
	struct objection found = no_objection();
	struct signed_token work;

	if (!expectation_is_usable(expectation)) {
		if (ret_detail)
			*ret_detail = "expectation";
		return EVIDENCE_NOT_CHECKED;
	}
	found = examine(token, size, expectation, now_s, &work);
	if (!is_objection(found))
		found = signed_token_fill(
		    expectation->profile, &work, ret_identity);
	signed_token_wipe(&work, size);
	if (!is_objection(found))
		return EVIDENCE_GOOD;
	if (ret_detail)
		*ret_detail = found.detail;
	return found.result;
}
