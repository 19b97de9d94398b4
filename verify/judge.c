#include "verify/judge.h"

#include "verify/introspection.h"
#include "verify/issuer_kind.h"
#include "verify/reason.h"

#include <errno.h>
#include <string.h>

enum { CACHED_S_MAX = 600 };

/* What was found of a token; a reason with its detail. */
struct finding {
	enum portvakt_reason reason;
	const char *detail;
};

static struct finding
finding(enum portvakt_reason reason, const char *detail)
{
	return (struct finding){reason, detail};
}

/* The acr that a level of eIDAS is at this issuer, or the acr itself. */
static const char *
acr_of_level(const struct trust_issuer *issuer, const char *level)
{
	if (strcmp(level, "low") == 0)
		return issuer->level_low;
	if (strcmp(level, "substantial") == 0)
		return issuer->level_substantial;
	if (strcmp(level, "high") == 0)
		return issuer->level_high;
	return level;
}

int
judge_level_rank(const struct trust_issuer *issuer, const char *level)
{
	const char *acr = acr_of_level(issuer, level);

	return acr ? issuer_acr_rank(&issuer->profile, slice_of(acr)) : 0;
}

static enum evidence_result
check_by(struct judge *judge, const struct inquiry *inquiry,
    const struct service_expectation *expectation, const char **ret_detail)
{
	const struct slice token = inquiry->token;

	return inquiry->answer.at
		   ? introspection_check(inquiry->answer, token, expectation,
			 inquiry->now_s, &judge->token, ret_detail)
		   : service_token_check(token.at, token.size, expectation,
			 inquiry->now_s, &judge->token, ret_detail);
}

static struct finding
check_token(struct judge *judge, const struct inquiry *inquiry,
    const struct trust_issuer *issuer)
{
	const struct issuer_kind *kind = issuer_kind_find(issuer->kind);
	const struct portvakt_options *options = &inquiry->options;
	struct service_expectation expectation = {
	    .profile = &issuer->profile,
	    .audience = inquiry->audience,
	    .scopes = options->scopes,
	    .scopes_count = options->scopes_count,
	    .max_age_s = options->max_age_s,
	    .presentation = &inquiry->presentation,
	    .bearer = &judge->bearer,
	};
	enum evidence_result result;
	const char *detail = NULL;

	if (!kind)
		return finding(PORTVAKT_TRUST_IMAGE_BAD, NULL);
	if (!inquiry->answer.at) {
		expectation.keys =
		    trust_keys(judge->trust, issuer, inquiry->boot_s);
		if (!expectation.keys)
			return finding(PORTVAKT_NO_KEYS, NULL);
	}
	if (options->level) {
		expectation.acr_rank_min =
		    judge_level_rank(issuer, options->level);
		if (expectation.acr_rank_min == 0)
			return finding(PORTVAKT_ACR_TOO_LOW, "acr");
	}
	expectation.rules = &kind->service;
	result = check_by(judge, inquiry, &expectation, &detail);
	return finding(reason_of_evidence(result),
	    result == EVIDENCE_GOOD ? NULL : detail);
}

static bool
is_revoked(const struct trust *trust, const struct trust_issuer *issuer,
    const struct service_token *token)
{
	return token->identity.issued_at_s < issuer->tokens_from_s ||
	       (token->session[0] != '\0' &&
		   trust_session_is_revoked(
		       trust, issuer, slice_of(token->session)));
}

static void
forget_account(struct judge *judge)
{
	judge->account.name[0] = '\0';
	judge->account.authorisations_count = 0;
	judge->account_until_s = INT64_MAX;
}

/* Whose the number in the token is, where the subject tells nothing. */
static int
find_linked(struct judge *judge, const struct inquiry *inquiry,
    const struct trust_issuer *issuer)
{
	const struct identity *identity = &judge->token.identity;
	const struct link_query query = {
	    .issuer = issuer->name,
	    .subject = slice_of(identity->subject),
	    .person_number = slice_of(identity->person_number),
	    .token = inquiry->token,
	    .audience = inquiry->audience,
	    .scopes = inquiry->options.scopes,
	    .scopes_count = inquiry->options.scopes_count,
	    .links_epoch = trust_links_epoch(judge->trust),
	    .expires_at_s = identity->expires_at_s,
	    .now_s = inquiry->now_s,
	};
	struct link_holder holder;
	int error;

	if (!judge->linker.find || !issuer->links_persons ||
	    query.person_number.size == 0)
		return -ENOENT;
	error = judge->linker.find(judge->linker.userdata, &query, &holder);
	if (error == -ENOENT)
		judge->account_until_s = inquiry->now_s + LINK_NOBODY_S;
	if (error)
		return error;
	error = trust_account_by_name(
	    judge->trust, holder.account, &judge->account);
	if (error)
		return error;
	/* The name may have been another's when that was said. */
	return judge->account.uid == holder.uid &&
		       judge->account.issuer == issuer
		   ? 0
		   : -ENOENT;
}

/*
 * The account of a person, or the empty one. A subject that nobody is linked
 * to is a person of whom we know no more, and no refusal.
 */
static struct finding
find_account(struct judge *judge, const struct inquiry *inquiry,
    const struct trust_issuer *issuer)
{
	const struct service_token *token = &judge->token;
	struct trust_account *account = &judge->account;
	int error;

	forget_account(judge);
	if (token->subject != SERVICE_SUBJECT_PERSON)
		return finding(PORTVAKT_GOOD, NULL);
	error = trust_account_by_subject(
	    judge->trust, issuer, slice_of(token->identity.subject), account);
	if (error == -ENOENT)
		error = find_linked(judge, inquiry, issuer);
	if (error == -ENOENT) {
		account->name[0] = '\0';
		return finding(PORTVAKT_GOOD, NULL);
	}
	if (error)
		return finding(error == -EBADMSG ? PORTVAKT_TRUST_IMAGE_BAD
						 : PORTVAKT_LINK_UNAVAILABLE,
		    NULL);
	if (account->locked)
		return finding(PORTVAKT_ACCOUNT_LOCKED, NULL);
	if (token->identity.issued_at_s < account->tokens_from_s)
		return finding(PORTVAKT_REVOKED, NULL);
	return finding(PORTVAKT_GOOD, NULL);
}

/* Groups are for accounts and for machines. How many decisions there are. */
static size_t
decide(struct judge *judge, int64_t now_s)
{
	const struct policy *policy = trust_policy(judge->trust);
	const struct trust_account *account = &judge->account;
	struct decision_query query = {
	    .identity = &judge->token.identity,
	    .authorisations = account->authorisations,
	    .authorisations_count = account->authorisations_count,
	    .now_s = now_s,
	};

	if (judge->token.subject == SERVICE_SUBJECT_PERSON &&
	    account->name[0] == '\0')
		return 0;
	decision_make(policy, &query, judge->decisions);
	return policy->groups_count;
}

static void
sooner(int64_t *until_s, int64_t at_s)
{
	if (at_s < *until_s)
		*until_s = at_s;
}

/* How long the same question has the same answer, by the clock alone. */
static int64_t
answer_until(
    const struct judge *judge, size_t decisions, const struct inquiry *inquiry)
{
	const struct identity *identity = &judge->token.identity;
	int64_t until_s = inquiry->now_s + CACHED_S_MAX;
	size_t i;

	sooner(&until_s, identity->expires_at_s);
	sooner(&until_s, judge->account_until_s);
	if (inquiry->options.max_age_s > 0)
		sooner(&until_s,
		    identity->authenticated_at_s + inquiry->options.max_age_s);
	for (i = 0; i < decisions; i++)
		sooner(&until_s, judge->decisions[i].changes_at_s);
	return until_s;
}

static void
list_texts(const struct judge *judge, const struct trust_issuer *issuer,
    struct slice ret_texts[static RESULT_TEXTS])
{
	const struct service_token *token = &judge->token;
	const struct slice texts[RESULT_TEXTS] = {
	    [RESULT_ACCOUNT] = slice_of(judge->account.name),
	    [RESULT_ISSUER] = slice_of(token->identity.issuer),
	    [RESULT_ISSUER_NAME] = slice_of(issuer->name),
	    [RESULT_SUBJECT] = slice_of(token->identity.subject),
	    [RESULT_CLIENT_ID] = slice_of(token->client_id),
	    [RESULT_TOKEN_ID] = slice_of(token->token_id),
	    [RESULT_ACR] = slice_of(token->identity.acr),
	    [RESULT_CONSUMER] = token->identity.consumer,
	    [RESULT_SUPPLIER] = slice_of(token->supplier),
	    [RESULT_DELEGATION_SOURCE] = slice_of(token->delegation_source),
	    [RESULT_SESSION] = slice_of(token->session),
	};

	memcpy(ret_texts, texts, sizeof(texts));
}

static int
make_result(const struct judge *judge, const struct trust_issuer *issuer,
    size_t decisions, struct portvakt_result **ret_result)
{
	const struct service_token *token = &judge->token;
	bool person = token->subject == SERVICE_SUBJECT_PERSON;
	struct result_source source = {
	    .kind = person ? PORTVAKT_SUBJECT_PERSON : PORTVAKT_SUBJECT_MACHINE,
	    .identity = &token->identity,
	    .decisions = judge->decisions,
	    .decisions_count = decisions,
	};

	list_texts(judge, issuer, source.texts);
	return result_new(&source, ret_result);
}

/* By the subject alone: nobody is asked for the sake of a record. */
static void
tell_account(
    struct judge *judge, const struct trust_issuer *issuer, const char *subject)
{
	if (judge->account.name[0] == '\0' && subject[0] != '\0' &&
	    trust_account_by_subject(
		judge->trust, issuer, slice_of(subject), &judge->account) < 0)
		judge->account.name[0] = '\0';
}

/* Of a token that was good in itself: revoked, its account locked ... */
static struct portvakt_result *
refuse_checked(struct judge *judge, const struct trust_issuer *issuer,
    struct finding found)
{
	struct slice texts[RESULT_TEXTS];

	if (judge->token.subject == SERVICE_SUBJECT_PERSON)
		tell_account(judge, issuer, judge->token.identity.subject);
	list_texts(judge, issuer, texts);
	return result_new_refusal_of(found.reason, found.detail, texts);
}

/* Of one that was refused for what its issuer says in it. */
static struct portvakt_result *
refuse_signed(const struct judge *judge, const struct trust_issuer *issuer,
    struct finding found)
{
	const struct service_bearer *bearer = &judge->bearer;
	const struct slice texts[RESULT_TEXTS] = {
	    [RESULT_ACCOUNT] = slice_of(judge->account.name),
	    [RESULT_ISSUER_NAME] = slice_of(issuer->name),
	    [RESULT_SUBJECT] = slice_of(bearer->subject),
	    [RESULT_CLIENT_ID] = slice_of(bearer->client_id),
	    [RESULT_TOKEN_ID] = slice_of(bearer->token_id),
	    [RESULT_CONSUMER] = slice_of(bearer->consumer),
	    [RESULT_SESSION] = slice_of(bearer->session),
	};

	return result_new_refusal_of(found.reason, found.detail, texts);
}

static struct portvakt_result *
refuse(struct judge *judge, const struct trust_issuer *issuer,
    struct finding found)
{
	if (judge->checked)
		return refuse_checked(judge, issuer, found);
	if (judge->bearer.known) {
		forget_account(judge);
		tell_account(judge, issuer, judge->bearer.subject);
		return refuse_signed(judge, issuer, found);
	}
	return result_new_refusal(found.reason, found.detail);
}

/* An answer of an issuer is for whoever asked it to keep. */
static bool
is_to_keep(const struct inquiry *inquiry)
{
	return inquiry->question.at && !inquiry->answer.at;
}

static struct portvakt_result *
make_good(struct judge *judge, const struct inquiry *inquiry,
    const struct trust_issuer *issuer)
{
	size_t decisions = decide(judge, inquiry->now_s);
	struct verified verified = {
	    .issuer = issuer,
	    .confirmation = judge->token.confirmation,
	    .from_s = inquiry->now_s,
	    .until_s = answer_until(judge, decisions, inquiry),
	};

	if (make_result(judge, issuer, decisions, &verified.result) < 0)
		return result_new_refusal(PORTVAKT_NO_MEMORY, NULL);
	if (is_to_keep(inquiry))
		token_cache_keep(
		    judge->cache, inquiry->token, inquiry->question, &verified);
	return verified.result;
}

static struct finding
find_issuer(const struct judge *judge, const struct inquiry *inquiry,
    const struct trust_issuer **ret_issuer)
{
	const struct trust_issuer *issuer;
	char url[IDENTITY_ISSUER_SIZE];
	int error;

	error =
	    service_token_issuer(inquiry->token.at, inquiry->token.size, url);
	if (error)
		return finding(error == -EMSGSIZE ? PORTVAKT_TOO_LARGE
						  : PORTVAKT_MALFORMED,
		    NULL);
	issuer = trust_issuer_by_url(judge->trust, slice_of(url));
	if (!issuer)
		return finding(PORTVAKT_ISSUER_WRONG, "iss");
	*ret_issuer = issuer;
	return finding(PORTVAKT_GOOD, NULL);
}

/* By the rules and the keys of this issuer. */
static struct finding
find_out_by(struct judge *judge, const struct inquiry *inquiry,
    const struct trust_issuer *issuer)
{
	const char *asked = inquiry->options.issuer;
	struct finding found;

	if (asked && strcmp(asked, issuer->name) != 0)
		return finding(PORTVAKT_ISSUER_WRONG, "iss");
	found = check_token(judge, inquiry, issuer);
	if (found.reason != PORTVAKT_GOOD)
		return found;
	judge->checked = true;
	forget_account(judge);
	if (is_revoked(judge->trust, issuer, &judge->token))
		return finding(PORTVAKT_REVOKED, NULL);
	return find_account(judge, inquiry, issuer);
}

/* Of the one that was asked, whatever the answer claims. */
static struct finding
find_out_answered(struct judge *judge, const struct inquiry *inquiry,
    const struct trust_issuer **ret_issuer)
{
	const struct trust_issuer *issuer =
	    trust_issuer_by_name(judge->trust, inquiry->answerer);

	if (!issuer || !issuer->introspects)
		return finding(PORTVAKT_ISSUER_WRONG, "iss");
	*ret_issuer = issuer;
	return find_out_by(judge, inquiry, issuer);
}

static struct finding
find_out(struct judge *judge, const struct inquiry *inquiry,
    const struct trust_issuer **ret_issuer)
{
	const struct trust_issuer *guessed =
	    issuer_guess_find(&judge->guess, inquiry->token);
	struct finding named, found = finding(PORTVAKT_NOT_JUDGED, NULL);

	if (guessed) {
		*ret_issuer = guessed;
		found = find_out_by(judge, inquiry, guessed);
		if (found.reason == PORTVAKT_GOOD || judge->checked)
			return found;
	}
	named = find_issuer(judge, inquiry, ret_issuer);
	if (named.reason != PORTVAKT_GOOD)
		return named;
	if (guessed == *ret_issuer)
		return found;
	return find_out_by(judge, inquiry, *ret_issuer);
}

static struct portvakt_result *
judge_anew(struct judge *judge, const struct inquiry *inquiry)
{
	const struct trust_issuer *issuer = NULL;
	struct finding found = inquiry->answer.at
				   ? find_out_answered(judge, inquiry, &issuer)
				   : find_out(judge, inquiry, &issuer);
	struct portvakt_result *result;

	if (found.reason == PORTVAKT_GOOD) {
		if (!inquiry->answer.at)
			issuer_guess_learn(
			    &judge->guess, inquiry->token, issuer);
		result = make_good(judge, inquiry, issuer);
	} else
		result = refuse(judge, issuer, found);
	judge->checked = false;
	service_bearer_forget(&judge->bearer);
	service_token_wipe_checked(&judge->token);
	return result;
}

static struct portvakt_result *
refuse_known(const struct portvakt_result *known, enum evidence_result result,
    const char *detail)
{
	struct slice texts[RESULT_TEXTS];
	size_t i;

	for (i = 0; i < RESULT_TEXTS; i++) {
		const char *text = result_recorded(known, i);

		texts[i] = slice_of(text ? text : "");
	}
	return result_new_refusal_of(reason_of_evidence(result), detail, texts);
}

/* That the keys are still believed and the proof is there is asked each time. */
static struct portvakt_result *
judge_known(struct judge *judge, const struct inquiry *inquiry,
    const struct verified *known)
{
	enum evidence_result result;
	const char *detail = NULL;

	if (!trust_keys(judge->trust, known->issuer, inquiry->boot_s))
		return result_new_refusal(PORTVAKT_NO_KEYS, NULL);
	result = confirmation_check(&known->confirmation,
	    &inquiry->presentation, inquiry->token.at, inquiry->token.size,
	    inquiry->now_s, &detail);
	if (result != EVIDENCE_GOOD)
		return refuse_known(known->result, result, detail);
	return result_hold(known->result);
}

int
judge_init(struct judge *judge)
{
	return token_cache_new(&judge->cache);
}

void
judge_done(struct judge *judge)
{
	judge->cache = token_cache_free(judge->cache);
}

void
judge_set_linker(struct judge *judge, const struct linker *linker)
{
	const struct linker none = {NULL};

	judge->linker = linker ? *linker : none;
	token_cache_clear(judge->cache);
}

void
judge_take_trust(struct judge *judge, struct trust *trust)
{
	judge->trust = trust;
	token_cache_clear(judge->cache);
	issuer_guess_clear(&judge->guess);
}

struct portvakt_result *
judge_answer(struct judge *judge, const struct inquiry *inquiry)
{
	const struct verified *known = NULL;

	if (inquiry->token.size == 0)
		return result_new_refusal(PORTVAKT_MALFORMED, NULL);
	if (is_to_keep(inquiry))
		known = token_cache_find(judge->cache, inquiry->token,
		    inquiry->question, inquiry->now_s);
	judge->known = known != NULL;
	return known ? judge_known(judge, inquiry, known)
		     : judge_anew(judge, inquiry);
}
