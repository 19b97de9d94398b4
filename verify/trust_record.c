/*
 * content = issuers, links epoch, policy (verify/policy_record.h), sessions:
 *
 *   issuer   url, algorithms, acr_ladder, roles_claims, units_claim, test,
 *            clock skew, name, kind, three levels, client_id, links persons,
 *            introspects, tokens from, keys (at, until, JWK set)
 *   session  issuer, "sid"
 *
 * account = issuer, subject, name, uid, locked, tokens from, authorisations
 * (id, gid, unit, kind, from, until)
 */
#include "verify/trust_record.h"

#include "verify/policy_record.h"

#include <stdio.h>
#include <string.h>

enum {
	ISSUER_SIZE_MIN = 64,
	SESSION_SIZE_MIN = 7,
	AUTHORISATION_SIZE_MIN = 32,
	TEXT_SIZE_MIN = 6,
	ACR_LADDER_MAX = 64,
	ALGORITHMS_ALL = EVIDENCE_RS256 | EVIDENCE_PS256 | EVIDENCE_ES256,
};

static void
put_texts(struct record_writer *w, const char *const *texts, size_t count)
{
	size_t i;

	record_put_count(w, count);
	for (i = 0; i < count; i++)
		record_put_text(w, texts[i]);
}

static const char *const *
get_texts(struct record_reader *r, size_t max, size_t *ret_count)
{
	size_t count = record_get_count(r, max, TEXT_SIZE_MIN), i;
	const char **texts = record_get_array(r, count, sizeof(*texts));

	if (!texts)
		count = 0;
	for (i = 0; i < count; i++)
		texts[i] = record_get_text(r);
	*ret_count = count;
	return texts;
}

static void
put_profile(struct record_writer *w, const struct issuer_profile *profile)
{
	record_put_text(w, profile->issuer);
	record_put_u32(w, profile->algorithms);
	put_texts(w, profile->acr_ladder, profile->acr_ladder_count);
	put_texts(w, profile->roles_claims, profile->roles_claims_count);
	record_put_text(w, profile->units_claim);
	record_put_u8(w, profile->test);
	record_put_s64(w, profile->clock_skew_s);
}

static void
get_profile(struct record_reader *r, struct issuer_profile *profile)
{
	profile->issuer = record_get_text(r);
	profile->algorithms = record_get_u32(r);
	profile->acr_ladder =
	    get_texts(r, ACR_LADDER_MAX, &profile->acr_ladder_count);
	profile->roles_claims = get_texts(
	    r, EVIDENCE_ROLES_CLAIMS_MAX, &profile->roles_claims_count);
	profile->units_claim = record_get_text_or_null(r);
	profile->test = record_get_bool(r);
	profile->clock_skew_s = record_get_s64(r);
	record_refuse_unless(
	    r, strlen(profile->issuer) < IDENTITY_ISSUER_SIZE &&
		   (profile->algorithms & ~(unsigned int)ALGORITHMS_ALL) == 0 &&
		   profile->clock_skew_s >= 0 &&
		   profile->clock_skew_s <= EVIDENCE_CLOCK_SKEW_MAX_S);
}

static void
put_keys(struct record_writer *w, const struct trust_key_text *keys)
{
	record_put_s64(w, keys->at_s);
	record_put_s64(w, keys->until_s);
	record_put_bytes(w, keys->json, keys->size);
}

static void
get_keys(struct record_reader *r, struct trust_key_text *keys)
{
	keys->at_s = record_get_s64(r);
	keys->until_s = record_get_s64(r);
	keys->json = record_get_bytes(r, KEY_SET_SIZE_MAX, &keys->size);
	record_refuse_unless(r, keys->at_s >= 0 && keys->at_s <= keys->until_s);
}

static void
put_issuer(struct record_writer *w, const struct trust_issuer *issuer,
    const struct trust_key_text *keys)
{
	put_profile(w, &issuer->profile);
	record_put_text(w, issuer->name);
	record_put_text(w, issuer->kind);
	record_put_text(w, issuer->level_low);
	record_put_text(w, issuer->level_substantial);
	record_put_text(w, issuer->level_high);
	record_put_text(w, issuer->client_id);
	record_put_u8(w, issuer->links_persons);
	record_put_u8(w, issuer->introspects);
	record_put_s64(w, issuer->tokens_from_s);
	put_keys(w, keys);
}

static void
get_issuer(struct record_reader *r, struct trust_issuer *issuer,
    struct trust_key_text *keys)
{
	get_profile(r, &issuer->profile);
	issuer->name = record_get_text(r);
	issuer->kind = record_get_text(r);
	issuer->level_low = record_get_text_or_null(r);
	issuer->level_substantial = record_get_text_or_null(r);
	issuer->level_high = record_get_text_or_null(r);
	issuer->client_id = record_get_text_or_null(r);
	issuer->links_persons = record_get_bool(r);
	issuer->introspects = record_get_bool(r);
	issuer->tokens_from_s = record_get_s64(r);
	get_keys(r, keys);
}

int
trust_session_compare(
    const struct trust_session *a, const struct trust_session *b)
{
	int order = strcmp(a->session, b->session);

	return order ? order
		     : (a->issuer > b->issuer) - (a->issuer < b->issuer);
}

static void
put_sessions(struct record_writer *w, const struct trust_content *content)
{
	size_t i;

	record_put_count(w, content->sessions_count);
	for (i = 0; i < content->sessions_count; i++) {
		record_put_u8(w, (uint8_t)content->sessions[i].issuer);
		record_put_text(w, content->sessions[i].session);
	}
}

static void
get_sessions(struct record_reader *r, struct trust_content *content)
{
	struct trust_session *sessions;
	size_t count, i;

	count = record_get_count(r, TRUST_SESSIONS_MAX, SESSION_SIZE_MIN);
	sessions = record_get_array(r, count, sizeof(*sessions));
	for (i = 0; sessions && i < count; i++) {
		sessions[i].issuer = record_get_u8(r, TRUST_ANY_ISSUER);
		sessions[i].session = record_get_text(r);
		record_refuse_unless(
		    r, i == 0 || trust_session_compare(
				     &sessions[i - 1], &sessions[i]) < 0);
	}
	content->sessions = sessions;
	content->sessions_count = sessions ? count : 0;
}

void
trust_content_put(struct record_writer *w, const struct trust_content *content)
{
	size_t i;

	record_put_count(w, content->issuers_count);
	for (i = 0; i < content->issuers_count; i++)
		put_issuer(w, &content->issuers[i], &content->keys[i]);
	record_put_s64(w, content->links_epoch);
	policy_put(w, content->policy);
	put_sessions(w, content);
}

void
trust_content_get(struct record_reader *r, struct trust_content *ret_content)
{
	struct policy *policy = record_get_array(r, 1, sizeof(*policy));
	size_t i, count;

	*ret_content = (struct trust_content){.policy = policy};
	count = record_get_count(r, POLICY_ISSUERS_MAX, ISSUER_SIZE_MIN);
	for (i = 0; i < count; i++)
		get_issuer(r, &ret_content->issuers[i], &ret_content->keys[i]);
	ret_content->issuers_count = count;
	ret_content->links_epoch = record_get_s64(r);
	if (policy)
		policy_get(r, policy);
	get_sessions(r, ret_content);
}

void
trust_account_put(struct record_writer *w, size_t issuer, const char *subject,
    const struct trust_account *account)
{
	const struct decision_authorisation *given = account->authorisations;
	size_t i;

	record_put_u8(w, (uint8_t)issuer);
	record_put_text(w, subject);
	record_put_text(w, account->name);
	record_put_u32(w, account->uid);
	record_put_u8(w, account->locked);
	record_put_s64(w, account->tokens_from_s);
	record_put_count(w, account->authorisations_count);
	for (i = 0; i < account->authorisations_count; i++, given++) {
		record_put_s64(w, given->id);
		record_put_u32(w, given->gid);
		record_put_text(w, given->unit);
		record_put_u8(w, (uint8_t)given->kind);
		record_put_s64(w, given->from_s);
		record_put_s64(w, given->until_s);
	}
}

/* Of a size that fits, or refused. */
static void
get_copy(struct record_reader *r, char *ret_text, size_t size)
{
	const char *text = record_get_text(r);

	record_refuse_unless(r, strlen(text) < size);
	(void)snprintf(ret_text, size, "%s", text);
}

static void
get_authorisation(struct record_reader *r, char unit[static POLICY_UNIT_SIZE],
    struct decision_authorisation *given)
{
	uint8_t kind;

	given->id = record_get_s64(r);
	given->gid = record_get_u32(r);
	get_copy(r, unit, POLICY_UNIT_SIZE);
	given->unit = unit;
	kind = record_get_u8(r, POLICY_KIND_CLERICAL);
	record_refuse_unless(r, kind >= POLICY_KIND_CASE);
	given->kind = (enum policy_kind)kind;
	given->from_s = record_get_s64(r);
	given->until_s = record_get_s64(r);
}

void
trust_account_get(struct record_reader *r, size_t *ret_issuer,
    const char **ret_subject, struct trust_account *ret_account)
{
	struct trust_account *account = ret_account;
	const char *subject;
	size_t i, count;

	*ret_issuer = record_get_u8(r, TRUST_NO_ISSUER);
	subject = record_get_text_or_null(r);
	*ret_subject = subject ? subject : "";
	get_copy(r, account->name, sizeof(account->name));
	account->uid = record_get_u32(r);
	account->locked = record_get_bool(r);
	account->tokens_from_s = record_get_s64(r);
	count = record_get_count(
	    r, TRUST_AUTHORISATIONS_MAX, AUTHORISATION_SIZE_MIN);
	for (i = 0; i < count; i++)
		get_authorisation(
		    r, account->units[i], &account->authorisations[i]);
	account->authorisations_count = count;
	record_refuse_unless(r, name_is_valid(account->name));
}
