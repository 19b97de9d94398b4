#include "broker/login/token_login.h"

#include <stdio.h>
#include <string.h>

/* What the clients of PAM pass on, and cut what is longer. */
static const size_t client_limits[] = {511, 1023, 1024, 4095};

/* Base64url of '{"', with which a JOSE header begins. */
static const char header_start[] = "eyJ";

static bool
is_client_limit(size_t size)
{
	size_t i;

	for (i = 0; i < sizeof(client_limits) / sizeof(*client_limits); i++) {
		if (client_limits[i] == size)
			return true;
	}
	return false;
}

static bool
begins_as_token(const char *text, size_t size)
{
	return size >= sizeof(header_start) - 1 &&
	       memcmp(text, header_start, sizeof(header_start) - 1) == 0;
}

/* Three segments, with something in each of them. */
static bool
has_all_segments(const char *text, size_t size)
{
	const char *first = memchr(text, '.', size);
	const char *end = text + size, *second;

	if (!first)
		return false;
	second = memchr(first + 1, '.', (size_t)(end - first - 1));
	return second && first > text && second > first + 1 && second + 1 < end;
}

/*
 * A token that was cut has lost a segment or the end of its signature. A whole
 * one may happen to have a client's limit for a length: only what does not
 * verify is called cut.
 */
static bool
is_cut(const char *token, size_t size, enum evidence_result evidence)
{
	return begins_as_token(token, size) &&
	       (!has_all_segments(token, size) ||
		   (is_client_limit(size) &&
		       (evidence == EVIDENCE_MALFORMED ||
			   evidence == EVIDENCE_SIGNATURE_BAD)));
}

static enum evidence_result
check_for(const char *token, size_t size,
    const struct service_expectation *expectation, int64_t now_s,
    struct service_token *ret_token, const char **ret_detail)
{
	*ret_detail = NULL;
	return service_token_check(
	    token, size, expectation, now_s, ret_token, ret_detail);
}

/*
 * For one of the audiences, which scopes do not stand in for: every client of
 * the issuer may get those. Or for scopes alone, where no audience is asked.
 */
static enum evidence_result
check_audiences(const char *token, size_t size, const struct need *need,
    struct key_set *keys, int64_t now_s, struct service_token *ret_token,
    struct token_login_finding *finding)
{
	const struct config_service *service = need->service;
	struct service_expectation expectation = {
	    .profile = &need->issuer->profile,
	    .rules = &need->issuer->kind->service,
	    .keys = keys,
	    .audience_required = service->token_audiences_count > 0,
	    .scopes = service->token_scopes,
	    .scopes_count = service->token_scopes_count,
	    .acr_rank_min = need_acr_rank(need),
	    .max_age_s = need_max_age_s(need),
	    .bearer = &finding->bearer,
	};
	enum evidence_result result = EVIDENCE_AUDIENCE_WRONG;
	size_t i;

	if (service->token_audiences_count == 0)
		return check_for(token, size, &expectation, now_s, ret_token,
		    &finding->detail);
	for (i = 0; i < service->token_audiences_count &&
		    result == EVIDENCE_AUDIENCE_WRONG;
	     i++) {
		expectation.audience = service->token_audiences[i];
		result = check_for(token, size, &expectation, now_s, ret_token,
		    &finding->detail);
	}
	if (finding->bearer.known || result == EVIDENCE_GOOD)
		finding->audience = result == EVIDENCE_AUDIENCE_WRONG
					? NULL
					: expectation.audience;
	return result;
}

static void
tell_bearer(const struct service_token *token, struct service_bearer *bearer)
{
	bearer->known = true;
	(void)snprintf(bearer->subject, sizeof(bearer->subject), "%s",
	    token->identity.subject);
	(void)snprintf(bearer->client_id, sizeof(bearer->client_id), "%s",
	    token->client_id);
	(void)snprintf(
	    bearer->token_id, sizeof(bearer->token_id), "%s", token->token_id);
}

static enum token_login_result
judge(const char *token, size_t size, const struct service_token *said,
    const struct token_login_finding *finding)
{
	if (finding->evidence == EVIDENCE_GOOD)
		return said->subject == SERVICE_SUBJECT_PERSON
			   ? TOKEN_LOGIN_GOOD
			   : TOKEN_LOGIN_MACHINE;
	if (is_cut(token, size, finding->evidence))
		return TOKEN_LOGIN_CUT;
	return finding->evidence == EVIDENCE_MALFORMED &&
		       !begins_as_token(token, size)
		   ? TOKEN_LOGIN_NOT_A_TOKEN
		   : TOKEN_LOGIN_REFUSED;
}

struct token_login_finding
token_login_check(const char *token, size_t size, const struct need *need,
    struct key_set *keys, int64_t now_s, struct service_token *ret_token)
{
	struct token_login_finding finding = {
	    .result = TOKEN_LOGIN_NOT_CONFIGURED};

	if (!need->service || !config_service_takes_tokens(need->service))
		return finding;
	finding.evidence = check_audiences(
	    token, size, need, keys, now_s, ret_token, &finding);
	finding.result = judge(token, size, ret_token, &finding);
	if (finding.evidence == EVIDENCE_GOOD)
		tell_bearer(ret_token, &finding.bearer);
	switch (finding.result) {
	case TOKEN_LOGIN_GOOD:
	case TOKEN_LOGIN_NOT_A_TOKEN:
		finding.detail = NULL;
		break;
	case TOKEN_LOGIN_MACHINE:
		service_token_wipe(ret_token);
		finding.detail = "sub";
		break;
	case TOKEN_LOGIN_CUT:
	case TOKEN_LOGIN_NOT_CONFIGURED:
	case TOKEN_LOGIN_REFUSED:
		break;
	}
	return finding;
}

const char *
token_login_word(const struct token_login_finding *finding)
{
	switch (finding->result) {
	case TOKEN_LOGIN_GOOD:
		return "granted";
	case TOKEN_LOGIN_NOT_A_TOKEN:
		return "not-a-token";
	case TOKEN_LOGIN_CUT:
		return "token-cut";
	case TOKEN_LOGIN_MACHINE:
		return "machine-token";
	case TOKEN_LOGIN_NOT_CONFIGURED:
		return "tokens-not-configured";
	case TOKEN_LOGIN_REFUSED:
		break;
	}
	return evidence_result_word(finding->evidence);
}

struct token_origin
token_origin_of(const struct service_token *token)
{
	struct token_origin origin = {
	    .issued_at_s = token->identity.issued_at_s};

	memcpy(origin.issuer, token->identity.issuer, sizeof(origin.issuer));
	memcpy(origin.session, token->session, sizeof(origin.session));
	return origin;
}

static bool
is_of_issuer(
    const struct revocation *revocation, const struct token_origin *origin)
{
	return revocation->issuer[0] == '\0' ||
	       strcmp(revocation->issuer, origin->issuer) == 0;
}

bool
token_login_is_revoked(const struct revocation *revocation,
    const struct token_origin *origin, int64_t account_id)
{
	bool older = origin->issued_at_s < revocation->before_s;

	switch (revocation->kind) {
	case REVOCATION_SESSION:
		return origin->session[0] != '\0' &&
		       is_of_issuer(revocation, origin) &&
		       strcmp(revocation->session, origin->session) == 0;
	case REVOCATION_ACCOUNT:
		return revocation->account_id == account_id && older;
	case REVOCATION_ISSUER:
		return is_of_issuer(revocation, origin) && older;
	}
	return true;
}

struct search {
	const struct token_origin *origin;
	int64_t account_id;
	bool found;
};

static int
look_at(const struct revocation *revocation, void *userdata)
{
	struct search *search = userdata;

	search->found |= token_login_is_revoked(
	    revocation, search->origin, search->account_id);
	return 0;
}

enum register_result
token_login_find_revocation(struct register_db *db,
    const struct token_origin *origin, int64_t account_id, int64_t now_s,
    bool *ret_revoked)
{
	struct search search = {.origin = origin, .account_id = account_id};
	enum register_result result;

	result = revocation_each(db, now_s, look_at, &search);
	if (result == REGISTER_OK)
		*ret_revoked = search.found;
	return result;
}
