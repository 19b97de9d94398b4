#include "verify/service_claims.h"

#include "verify/attributes.h"
#include "verify/organisation.h"
#include "verify/system_user.h"

#include <string.h>

/* What Digdir's issuers write where a token is for nobody in particular. */
static const char unspecified[] = "unspecified";

/* What an access token says beyond the claims that every token has. */
struct extras {
	struct slice client_id;
	struct slice token_id;
	struct slice session;
	struct slice delegation_source;
	struct slice supplier;
	struct system_user system_user;
	struct confirmation confirmation;
};

struct work {
	struct signed_token *token;
	struct extras extras;
	enum service_subject subject;
};

/* An empty text would be easily met. */
static bool
scopes_are_usable(const struct service_expectation *expectation)
{
	size_t i;

	for (i = 0; i < expectation->scopes_count; i++) {
		if (!expectation->scopes[i] || !*expectation->scopes[i])
			return false;
	}
	return true;
}

/* A service that calls itself by the word for nobody would be everybody's. */
static bool
audience_is_usable(const struct service_expectation *expectation)
{
	const char *audience = expectation->audience;

	if (!audience)
		return expectation->rules->audience_optional &&
		       expectation->scopes_count > 0 &&
		       !expectation->audience_required;
	return *audience && strcmp(audience, unspecified) != 0;
}

static bool
presentation_is_usable(const struct presentation *presentation)
{
	return !presentation || !presentation->dpop ||
	       dpop_request_is_usable(presentation->dpop);
}

bool
service_expectation_is_usable(const struct service_expectation *expectation)
{
	return issuer_profile_is_usable(expectation->profile) &&
	       expectation->rules && audience_is_usable(expectation) &&
	       scopes_are_usable(expectation) &&
	       presentation_is_usable(expectation->presentation) &&
	       expectation->acr_rank_min >= 0 && expectation->max_age_s >= 0;
}

static bool
has(const struct json *json, const char *name)
{
	return json_member(json, json->nodes, name) != NULL;
}

static struct objection
check_presence(const struct claims *claims)
{
	const char *missing = NULL;

	if (!claims->issuer.at)
		missing = "iss";
	else if (claims->expires_at_s == CLAIMS_TIME_ABSENT)
		missing = "exp";
	else if (claims->issued_at_s == CLAIMS_TIME_ABSENT)
		missing = "iat";
	return missing ? objection(EVIDENCE_CLAIM_MISSING, missing)
		       : no_objection();
}

static struct objection
check_required(const struct service_rules *rules, const struct json *json)
{
	static const struct {
		enum service_claim claim;
		const char *name;
	} claims[] = {
	    {SERVICE_CLAIM_SCOPE, "scope"},
	    {SERVICE_CLAIM_CONSUMER, "consumer"},
	    {SERVICE_CLAIM_CLIENT_ID, "client_id"},
	};
	size_t i;

	for (i = 0; i < sizeof(claims) / sizeof(*claims); i++) {
		if (rules->required & claims[i].claim &&
		    !has(json, claims[i].name))
			return objection(
			    EVIDENCE_CLAIM_MISSING, claims[i].name);
	}
	return no_objection();
}

/*
 * A claim by which Keycloak tells its tokens apart, whose headers all say JWT.
 * Other issuers have other uses for it.
 */
static bool
is_of_another_use(const struct json *json)
{
	static const char *const uses[] = {
	    "ID", "Refresh", "Offline", "Logout"};
	const struct json_node *node = json_member(json, json->nodes, "typ");
	struct slice use;
	size_t i;

	if (!node || json_get_text(json, node, &use) < 0)
		return false;
	for (i = 0; i < sizeof(uses) / sizeof(*uses); i++) {
		if (slice_equal_nocase(use, uses[i]))
			return true;
	}
	return false;
}

/*
 * RFC 9068 section 6 leaves it to typ, which few issuers write. An id_token
 * says whom somebody logged in to, and gives nobody access to anything.
 */
static struct objection
check_use(const struct json *json, const struct jose_header *header)
{
	static const char *const login_claims[] = {
	    "nonce", "at_hash", "c_hash"};
	size_t i;

	for (i = 0; i < sizeof(login_claims) / sizeof(*login_claims); i++) {
		if (has(json, login_claims[i]))
			return objection(EVIDENCE_LOGIN_TOKEN, login_claims[i]);
	}
	if (!header->is_access && !has(json, "scope") &&
	    !has(json, "client_id"))
		return objection(EVIDENCE_LOGIN_TOKEN, "scope");
	if (has(json, "events")) /* RFC 8417: a logout token, untyped */
		return objection(EVIDENCE_TYPE_REFUSED, "events");
	if (is_of_another_use(json))
		return objection(EVIDENCE_TYPE_REFUSED, "typ");
	return no_objection();
}

static bool
is_for_nobody(const struct claims *claims)
{
	return claims->audiences_count == 0 ||
	       (claims->audiences_count == 1 &&
		   slice_equal(claims->audiences[0], unspecified));
}

bool
service_scope_is_anybodys(const char *scope)
{
	static const char *const scopes[] = {
	    "openid", "profile", "email", "address", "phone", "offline_access"};
	size_t i;

	for (i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
		if (strcmp(scopes[i], scope) == 0)
			return true;
	}
	return false;
}

/* They tell the tokens that are meant for the caller from all others. */
static bool
scopes_suffice(const struct service_expectation *expectation)
{
	size_t i;

	if (expectation->audience_required)
		return false;
	if (!expectation->audience)
		return expectation->scopes_count > 0;
	for (i = 0; i < expectation->scopes_count; i++) {
		if (!service_scope_is_anybodys(expectation->scopes[i]))
			return true;
	}
	return false;
}

/* That the scopes are there is checked when they have been read. */
static struct objection
check_audience(
    const struct service_expectation *expectation, const struct claims *claims)
{
	if (is_for_nobody(claims) && expectation->rules->audience_optional &&
	    scopes_suffice(expectation))
		return no_objection();
	if (claims->audiences_count == 0)
		return objection(EVIDENCE_CLAIM_MISSING, "aud");
	if (!expectation->audience ||
	    !claims_have_audience(claims, expectation->audience))
		return objection(EVIDENCE_AUDIENCE_WRONG, "aud");
	return no_objection();
}

static bool
slices_equal(struct slice a, struct slice b)
{
	return a.size == b.size && memcmp(a.at, b.at, a.size) == 0;
}

static enum service_subject
subject_of(const struct service_rules *rules, const struct json *json,
    const struct claims *claims)
{
	const struct json_node *node =
	    json_member(json, json->nodes, "client_id");
	struct slice client;

	switch (rules->subjects) {
	case SERVICE_MACHINES:
		return SERVICE_SUBJECT_MACHINE;
	case SERVICE_PEOPLE:
		return SERVICE_SUBJECT_PERSON;
	case SERVICE_EITHER:
		break;
	}
	if (!claims->subject.at)
		return has(json, "consumer") ? SERVICE_SUBJECT_MACHINE
					     : SERVICE_SUBJECT_PERSON;
	if (node && json_get_text(json, node, &client) == 0 &&
	    slices_equal(client, claims->subject))
		return SERVICE_SUBJECT_MACHINE;
	return SERVICE_SUBJECT_PERSON;
}

static struct objection
judge_claims(const struct service_expectation *expectation, int64_t now_s,
    struct work *work)
{
	const struct issuer_profile *profile = expectation->profile;
	const struct claims *claims = &work->token->claims;
	const struct json *json = &work->token->json;
	struct objection found;

	found = check_presence(claims);
	if (is_objection(found))
		return found;
	found = signed_token_check_issuer(profile, claims);
	if (is_objection(found))
		return found;
	found = check_use(json, &work->token->header);
	if (is_objection(found))
		return found;
	found = check_required(expectation->rules, json);
	if (is_objection(found))
		return found;
	found = check_audience(expectation, claims);
	if (is_objection(found))
		return found;
	found = signed_token_check_times(profile, claims, now_s);
	if (is_objection(found))
		return found;
	work->subject = subject_of(expectation->rules, json, claims);
	if (work->subject == SERVICE_SUBJECT_PERSON && !claims->subject.at)
		return objection(EVIDENCE_CLAIM_MISSING, "sub");
	return signed_token_check_person(profile, claims);
}

/*
 * Nobody has logged in with it: what it says of a person says only for whom
 * the machine works, and is forgotten before anybody can link it.
 */
static void
forget_person(struct signed_token *token)
{
	const struct slice none = {NULL, 0};

	token->claims.subject = none;
	token->claims.person_number = none;
	token->claims.acr = none;
	token->claims.authenticated_at_s = CLAIMS_TIME_ABSENT;
	token->said.mandates_count = 0;
	token->said.rights_count = 0;
}

static struct objection
get_text(const struct json *json, const char *name, struct slice *ret_text)
{
	const struct json_node *node = json_member(json, json->nodes, name);
	struct slice text;

	*ret_text = (struct slice){"", 0};
	if (!node)
		return no_objection();
	if (json_get_text(json, node, &text) < 0 ||
	    text.size >= SERVICE_TEXT_SIZE || !slice_is_printable(text))
		return objection(EVIDENCE_CLAIMS_MALFORMED, name);
	*ret_text = text;
	return no_objection();
}

static struct objection
get_texts(const struct json *json, struct extras *extras)
{
	const struct {
		const char *name;
		struct slice *ret_text;
	} texts[] = {
	    {"client_id", &extras->client_id},
	    {"jti", &extras->token_id},
	    {"sid", &extras->session},
	    {"delegation_source", &extras->delegation_source},
	};
	struct objection found = no_objection();
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		found = get_text(json, texts[i].name, texts[i].ret_text);
		if (is_objection(found))
			break;
	}
	return found;
}

static struct objection
get_extras(const struct json *json, enum service_subject subject,
    struct extras *extras)
{
	struct objection found;

	memset(extras, 0, sizeof(*extras));
	found = get_texts(json, extras);
	if (is_objection(found))
		return found;
	found = organisation_member(json, "supplier", &extras->supplier);
	if (is_objection(found))
		return found;
	if (subject == SERVICE_SUBJECT_MACHINE) {
		found = system_user_get(json, &extras->system_user);
		if (is_objection(found))
			return found;
	}
	return confirmation_get(json, &extras->confirmation);
}

static struct objection
check_scopes(
    const struct service_expectation *expectation, const struct identity *said)
{
	size_t i;

	for (i = 0; i < expectation->scopes_count; i++) {
		if (!identity_has_scope(said, expectation->scopes[i]))
			return objection(EVIDENCE_SCOPE_MISSING, "scope");
	}
	return no_objection();
}

/* What it is good for comes last: a yes to nobody is no help to anybody. */
static struct objection
judge_use(const struct service_expectation *expectation, int64_t now_s,
    struct work *work)
{
	struct signed_token *token = work->token;
	struct objection found;

	found =
	    attributes_get(&token->json, expectation->profile, &token->said);
	if (is_objection(found))
		return found;
	found = get_extras(&token->json, work->subject, &work->extras);
	if (is_objection(found))
		return found;
	if (work->subject == SERVICE_SUBJECT_MACHINE)
		forget_person(token);
	found = check_scopes(expectation, &token->said);
	if (is_objection(found))
		return found;
	return signed_token_check_authentication(expectation->profile,
	    &token->claims, expectation->acr_rank_min, expectation->max_age_s,
	    now_s);
}

static struct objection
check_presentation(struct slice presented,
    const struct service_expectation *expectation, int64_t now_s,
    const struct work *work)
{
	const char *detail = NULL;
	enum evidence_result result;

	result = confirmation_check(&work->extras.confirmation,
	    expectation->presentation, presented.at, presented.size, now_s,
	    &detail);
	if (result == EVIDENCE_GOOD)
		return no_objection();
	/* Not reached with a usable expectation; here it would be a yes. */
	if (result == EVIDENCE_NOT_CHECKED)
		return objection(EVIDENCE_PROOF_BAD, detail);
	return objection(result, detail);
}

static struct objection
judge(struct slice presented, const struct service_expectation *expectation,
    int64_t now_s, struct work *work)
{
	struct objection found;

	found = judge_claims(expectation, now_s, work);
	if (is_objection(found))
		return found;
	found = judge_use(expectation, now_s, work);
	if (is_objection(found))
		return found;
	return check_presentation(presented, expectation, now_s, work);
}

/* Each is short enough: where it was read, that was seen to. */
static void
copy_text(char *destination, struct slice text)
{
	if (text.size > 0)
		memcpy(destination, text.at, text.size);
	destination[text.size] = '\0';
}

static struct objection
fill(const struct issuer_profile *profile, struct work *work,
    struct service_token *ret_token)
{
	const struct extras *extras = &work->extras;
	struct objection found;

	found = signed_token_fill(profile, work->token, &ret_token->identity);
	if (is_objection(found))
		return found;
	ret_token->subject = work->subject;
	copy_text(ret_token->client_id, extras->client_id);
	copy_text(ret_token->token_id, extras->token_id);
	copy_text(ret_token->session, extras->session);
	copy_text(ret_token->supplier, extras->supplier);
	copy_text(ret_token->delegation_source, extras->delegation_source);
	copy_text(ret_token->system_user_organisation,
	    extras->system_user.organisation);
	copy_text(ret_token->system_user_id, extras->system_user.id);
	copy_text(ret_token->system_id, extras->system_user.system);
	ret_token->confirmation = extras->confirmation;
	return no_objection();
}

/*
 * For the record of a refusal: the signature held, or the issuer answered. A
 * subject that was read is a person's, or forget_person() took it.
 */
static void
tell_bearer(
    const struct service_expectation *expectation, const struct work *work)
{
	const struct signed_token *token = work->token;
	const struct claims *claims = &token->claims;
	struct slice subject = claims->subject;

	if (!expectation->bearer || !claims->issuer.at ||
	    is_objection(
		signed_token_check_issuer(expectation->profile, claims)))
		return;
	if (!subject.at || subject_of(expectation->rules, &token->json,
			       claims) != SERVICE_SUBJECT_PERSON)
		subject.size = 0;
	service_bearer_read(&token->json, subject, expectation->bearer);
}

struct objection
service_claims_judge(struct signed_token *token, struct slice presented,
    const struct service_expectation *expectation, int64_t now_s,
    struct service_token *ret_token)
{
	struct work work = {.token = token};
	struct objection found;

	found = judge(presented, expectation, now_s, &work);
	if (is_objection(found)) {
		tell_bearer(expectation, &work);
		return found;
	}
	return fill(expectation->profile, &work, ret_token);
}
