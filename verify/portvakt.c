#include "verify/portvakt.h"

#include "lib/paths.h"
#include "verify/issuer_guess.h"
#include "verify/issuer_kind.h"
#include "verify/question.h"
#include "verify/reason.h"
#include "verify/service_token.h"
#include "verify/token_cache.h"
#include "verify/trust_source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>

enum {
	/* A proof stays good that long, and its slot of 8 bytes twice. */
	PROOF_WINDOW_S = 60,
	PROOF_MEMORY_BYTES = 1 << 20,
	CACHED_S_MAX = 600,
};

struct portvakt {
	struct trust_source source;
	struct token_cache *cache;
	struct issuer_guess guess;
	struct replay replay;
	int64_t remembered_since_s; /* by it */
	void *proofs; /* shared with the processes forked from here */
	/* What one question is judged with; too large for a caller's stack. */
	struct service_token token;
	struct trust_account account;
	struct decision decisions[POLICY_GROUPS_MAX];
};

/* One question. */
struct inquiry {
	struct slice token;
	const char *audience;
	struct portvakt_options options;
	struct dpop_request dpop;
	struct presentation presentation;
	char storage[QUESTION_SIZE_MAX];
	struct slice question; /* at NULL: too long to keep its answer */
	int64_t now_s;
	int64_t boot_s;
};

/* What was found of one; a reason with its detail. */
struct finding {
	enum portvakt_reason reason;
	const char *detail;
};

static struct finding
finding(enum portvakt_reason reason, const char *detail)
{
	return (struct finding){reason, detail};
}

static int64_t
clock_s(clockid_t id)
{
	struct timespec now = {0};

	(void)clock_gettime(id, &now);
	return now.tv_sec;
}

static int
init_replay(struct portvakt *portvakt)
{
	uint8_t key[REPLAY_KEY_SIZE];
	void *memory;

	if (getrandom(key, sizeof(key), GRND_NONBLOCK) != (ssize_t)sizeof(key))
		return -EAGAIN;
	memory = mmap(NULL, PROOF_MEMORY_BYTES, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return -ENOMEM;
	portvakt->proofs = memory;
	portvakt->remembered_since_s = clock_s(CLOCK_REALTIME_COARSE);
	return replay_init(&portvakt->replay, memory, PROOF_MEMORY_BYTES, key);
}

static int
init(struct portvakt *portvakt, const char *path)
{
	int error;

	error =
	    trust_source_init(&portvakt->source, path ? path : PORTVAKT_TRUST);
	if (error)
		return error;
	error = token_cache_new(&portvakt->cache);
	if (error)
		return error;
	return init_replay(portvakt);
}

int
portvakt_open(const char *path, struct portvakt **ret_portvakt)
{
	struct portvakt *portvakt = calloc(1, sizeof(*portvakt));
	int error;

	if (!portvakt)
		return -ENOMEM;
	error = init(portvakt, path);
	if (error) {
		portvakt_close(portvakt);
		return error;
	}
	*ret_portvakt = portvakt;
	return 0;
}

void
portvakt_close(struct portvakt *portvakt)
{
	if (!portvakt)
		return;
	trust_source_done(&portvakt->source);
	portvakt->cache = token_cache_free(portvakt->cache);
	if (portvakt->proofs)
		(void)munmap(portvakt->proofs, PROOF_MEMORY_BYTES);
	free(portvakt);
}

/* Before each question. What was found good of an older image is not kept. */
static void
refresh(struct portvakt *portvakt, int64_t boot_s)
{
	if (!trust_source_refresh(&portvakt->source, boot_s))
		return;
	token_cache_clear(portvakt->cache);
	issuer_guess_clear(&portvakt->guess);
}

static enum portvakt_reason
reason_of_source(int error)
{
	switch (-error) {
	case ENOENT:
		return PORTVAKT_NO_TRUST_IMAGE;
	case EACCES:
	case EPERM:
		return PORTVAKT_NO_ACCESS_TO_IMAGE;
	case ENOMEM:
	case EMFILE:
	case ENFILE:
		return PORTVAKT_NO_MEMORY;
	default:
		return PORTVAKT_TRUST_IMAGE_BAD;
	}
}

static int
begin(struct inquiry *inquiry, struct portvakt *portvakt,
    const struct portvakt_options *given)
{
	const struct portvakt_options *options = &inquiry->options;

	if (question_options(given, &inquiry->options) < 0)
		return -EINVAL;
	inquiry->dpop = (struct dpop_request){
	    .proof = options->dpop,
	    .proof_size = options->dpop_size,
	    .method = options->method,
	    .uri = options->url,
	    .nonce = options->nonce,
	    .window_s = PROOF_WINDOW_S,
	    .remembered_since_s = portvakt->remembered_since_s,
	    .replay = &portvakt->replay,
	};
	inquiry->presentation = (struct presentation){
	    .scheme = options->scheme == PORTVAKT_SCHEME_DPOP
			  ? PRESENTED_AS_DPOP
			  : PRESENTED_AS_BEARER,
	    .dpop = options->dpop ? &inquiry->dpop : NULL,
	    .certificate_sha256 = options->certificate_sha256,
	};
	if (options->dpop && (!options->method || !options->url))
		return -EINVAL;
	inquiry->question = (struct slice){0};
	(void)question_put(
	    inquiry->audience, options, inquiry->storage, &inquiry->question);
	inquiry->now_s = clock_s(CLOCK_REALTIME_COARSE);
	inquiry->boot_s = clock_s(CLOCK_BOOTTIME);
	return 0;
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

/* 0 when it is asked for and the issuer has no such level. */
static int
rank_of_level(const struct trust_issuer *issuer, const char *level)
{
	const char *acr = acr_of_level(issuer, level);

	return acr ? issuer_acr_rank(&issuer->profile, slice_of(acr)) : 0;
}

static struct finding
check_token(struct portvakt *portvakt, const struct inquiry *inquiry,
    const struct trust_issuer *issuer)
{
	const struct issuer_kind *kind = issuer_kind_find(issuer->kind);
	const struct portvakt_options *options = &inquiry->options;
	struct service_expectation expectation = {
	    .profile = &issuer->profile,
	    .keys = trust_keys(portvakt->source.trust, issuer, inquiry->boot_s),
	    .audience = inquiry->audience,
	    .scopes = options->scopes,
	    .scopes_count = options->scopes_count,
	    .max_age_s = options->max_age_s,
	    .presentation = &inquiry->presentation,
	};
	enum evidence_result result;
	const char *detail = NULL;

	if (!kind)
		return finding(PORTVAKT_TRUST_IMAGE_BAD, NULL);
	if (!expectation.keys)
		return finding(PORTVAKT_NO_KEYS, NULL);
	if (options->level) {
		expectation.acr_rank_min =
		    rank_of_level(issuer, options->level);
		if (expectation.acr_rank_min == 0)
			return finding(PORTVAKT_ACR_TOO_LOW, "acr");
	}
	expectation.rules = &kind->service;
	result = service_token_check(inquiry->token.at, inquiry->token.size,
	    &expectation, inquiry->now_s, &portvakt->token, &detail);
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

/*
 * The account of a person, or the empty one. A subject that nobody is linked
 * to is a person of whom we know no more, and no refusal.
 */
static struct finding
find_account(struct portvakt *portvakt, const struct trust_issuer *issuer)
{
	const struct service_token *token = &portvakt->token;
	struct trust_account *account = &portvakt->account;
	int error;

	account->name[0] = '\0';
	account->authorisations_count = 0;
	if (token->subject != SERVICE_SUBJECT_PERSON)
		return finding(PORTVAKT_GOOD, NULL);
	error = trust_account_by_subject(portvakt->source.trust, issuer,
	    slice_of(token->identity.subject), account);
	if (error == -ENOENT) {
		account->name[0] = '\0';
		return finding(PORTVAKT_GOOD, NULL);
	}
	if (error)
		return finding(PORTVAKT_TRUST_IMAGE_BAD, NULL);
	if (account->locked)
		return finding(PORTVAKT_ACCOUNT_LOCKED, NULL);
	if (token->identity.issued_at_s < account->tokens_from_s)
		return finding(PORTVAKT_REVOKED, NULL);
	return finding(PORTVAKT_GOOD, NULL);
}

/* Groups are for accounts and for machines. How many decisions there are. */
static size_t
decide(struct portvakt *portvakt, int64_t now_s)
{
	const struct policy *policy = trust_policy(portvakt->source.trust);
	const struct trust_account *account = &portvakt->account;
	struct decision_query query = {
	    .identity = &portvakt->token.identity,
	    .authorisations = account->authorisations,
	    .authorisations_count = account->authorisations_count,
	    .now_s = now_s,
	};

	if (portvakt->token.subject == SERVICE_SUBJECT_PERSON &&
	    account->name[0] == '\0')
		return 0;
	decision_make(policy, &query, portvakt->decisions);
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
answer_until(const struct portvakt *portvakt, size_t decisions,
    const struct inquiry *inquiry)
{
	const struct identity *identity = &portvakt->token.identity;
	int64_t until_s = inquiry->now_s + CACHED_S_MAX;
	size_t i;

	sooner(&until_s, identity->expires_at_s);
	if (inquiry->options.max_age_s > 0)
		sooner(&until_s,
		    identity->authenticated_at_s + inquiry->options.max_age_s);
	for (i = 0; i < decisions; i++)
		sooner(&until_s, portvakt->decisions[i].changes_at_s);
	return until_s;
}

static int
make_result(const struct portvakt *portvakt, const struct trust_issuer *issuer,
    size_t decisions, struct portvakt_result **ret_result)
{
	const struct service_token *token = &portvakt->token;
	bool person = token->subject == SERVICE_SUBJECT_PERSON;
	struct result_source source = {
	    .kind = person ? PORTVAKT_SUBJECT_PERSON : PORTVAKT_SUBJECT_MACHINE,
	    .identity = &token->identity,
	    .decisions = portvakt->decisions,
	    .decisions_count = decisions,
	    .texts =
		{
		    [RESULT_ACCOUNT] = slice_of(portvakt->account.name),
		    [RESULT_ISSUER] = slice_of(token->identity.issuer),
		    [RESULT_ISSUER_NAME] = slice_of(issuer->name),
		    [RESULT_SUBJECT] = slice_of(token->identity.subject),
		    [RESULT_CLIENT_ID] = slice_of(token->client_id),
		    [RESULT_TOKEN_ID] = slice_of(token->token_id),
		    [RESULT_ACR] = slice_of(token->identity.acr),
		    [RESULT_CONSUMER] = token->identity.consumer,
		    [RESULT_SUPPLIER] = slice_of(token->supplier),
		    [RESULT_DELEGATION_SOURCE] =
			slice_of(token->delegation_source),
		},
	};

	return result_new(&source, ret_result);
}

static struct portvakt_result *
make_good(struct portvakt *portvakt, const struct inquiry *inquiry,
    const struct trust_issuer *issuer)
{
	size_t decisions = decide(portvakt, inquiry->now_s);
	struct verified verified = {
	    .issuer = issuer,
	    .confirmation = portvakt->token.confirmation,
	    .from_s = inquiry->now_s,
	    .until_s = answer_until(portvakt, decisions, inquiry),
	};

	if (make_result(portvakt, issuer, decisions, &verified.result) < 0)
		return result_new_refusal(PORTVAKT_NO_MEMORY, NULL);
	if (inquiry->question.at)
		token_cache_keep(portvakt->cache, inquiry->token,
		    inquiry->question, &verified);
	return verified.result;
}

static struct finding
find_issuer(const struct portvakt *portvakt, const struct inquiry *inquiry,
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
	issuer = trust_issuer_by_url(portvakt->source.trust, slice_of(url));
	if (!issuer)
		return finding(PORTVAKT_ISSUER_WRONG, "iss");
	*ret_issuer = issuer;
	return finding(PORTVAKT_GOOD, NULL);
}

/* By the rules and the keys of this issuer. */
static struct finding
find_out_by(struct portvakt *portvakt, const struct inquiry *inquiry,
    const struct trust_issuer *issuer)
{
	const char *asked = inquiry->options.issuer;
	struct finding found;

	if (asked && strcmp(asked, issuer->name) != 0)
		return finding(PORTVAKT_ISSUER_WRONG, "iss");
	found = check_token(portvakt, inquiry, issuer);
	if (found.reason != PORTVAKT_GOOD)
		return found;
	if (is_revoked(portvakt->source.trust, issuer, &portvakt->token))
		return finding(PORTVAKT_REVOKED, NULL);
	return find_account(portvakt, issuer);
}

static struct finding
find_out(struct portvakt *portvakt, const struct inquiry *inquiry,
    const struct trust_issuer **ret_issuer)
{
	const struct trust_issuer *guessed =
	    issuer_guess_find(&portvakt->guess, inquiry->token);
	struct finding named, found = finding(PORTVAKT_NOT_JUDGED, NULL);

	if (guessed) {
		*ret_issuer = guessed;
		found = find_out_by(portvakt, inquiry, guessed);
		if (found.reason == PORTVAKT_GOOD)
			return found;
	}
	named = find_issuer(portvakt, inquiry, ret_issuer);
	if (named.reason != PORTVAKT_GOOD)
		return named;
	if (guessed == *ret_issuer)
		return found;
	return find_out_by(portvakt, inquiry, *ret_issuer);
}

static struct portvakt_result *
judge_anew(struct portvakt *portvakt, const struct inquiry *inquiry)
{
	const struct trust_issuer *issuer = NULL;
	struct finding found = find_out(portvakt, inquiry, &issuer);
	struct portvakt_result *result;

	if (found.reason == PORTVAKT_GOOD) {
		issuer_guess_learn(&portvakt->guess, inquiry->token, issuer);
		result = make_good(portvakt, inquiry, issuer);
	} else
		result = result_new_refusal(found.reason, found.detail);
	service_token_wipe(&portvakt->token);
	return result;
}

/* That the keys are still believed and the proof is there is asked each time. */
static struct portvakt_result *
judge_known(struct portvakt *portvakt, const struct inquiry *inquiry,
    const struct verified *known)
{
	enum evidence_result result;
	const char *detail = NULL;

	if (!trust_keys(portvakt->source.trust, known->issuer, inquiry->boot_s))
		return result_new_refusal(PORTVAKT_NO_KEYS, NULL);
	result = confirmation_check(&known->confirmation,
	    &inquiry->presentation, inquiry->token.at, inquiry->token.size,
	    inquiry->now_s, &detail);
	if (result != EVIDENCE_GOOD)
		return result_new_refusal(reason_of_evidence(result), detail);
	return result_hold(known->result);
}

static struct portvakt_result *
judge(struct portvakt *portvakt, struct inquiry *inquiry,
    const struct portvakt_options *options)
{
	const struct verified *known = NULL;

	if (begin(inquiry, portvakt, options) < 0)
		return result_new_refusal(PORTVAKT_NOT_JUDGED, "options");
	refresh(portvakt, inquiry->boot_s);
	if (!portvakt->source.trust)
		return result_new_refusal(
		    reason_of_source(portvakt->source.error), NULL);
	if (inquiry->token.size == 0)
		return result_new_refusal(PORTVAKT_MALFORMED, NULL);
	if (inquiry->question.at)
		known = token_cache_find(portvakt->cache, inquiry->token,
		    inquiry->question, inquiry->now_s);
	return known ? judge_known(portvakt, inquiry, known)
		     : judge_anew(portvakt, inquiry);
}

bool
portvakt_verify(struct portvakt *portvakt, const char *token, size_t size,
    const char *audience, const struct portvakt_options *options,
    struct portvakt_result **ret_result)
{
	struct inquiry inquiry;
	struct portvakt_result *result;
	bool good;

	inquiry.token = (struct slice){token, size};
	inquiry.audience = audience;
	result = judge(portvakt, &inquiry, options);
	good = portvakt_result_verdict(result) == PORTVAKT_VERDICT_GOOD;
	if (ret_result)
		*ret_result = result;
	else
		portvakt_result_free(result);
	return good;
}

int
portvakt_groups_count(struct portvakt *portvakt)
{
	refresh(portvakt, clock_s(CLOCK_BOOTTIME));
	return portvakt->source.trust
		   ? (int)trust_policy(portvakt->source.trust)->groups_count
		   : portvakt->source.error;
}

static const struct policy_group *
group_at(const struct portvakt *portvakt, size_t index)
{
	const struct policy *policy;

	if (!portvakt->source.trust)
		return NULL;
	policy = trust_policy(portvakt->source.trust);
	return index < policy->groups_count ? &policy->groups[index] : NULL;
}

const char *
portvakt_group_name(const struct portvakt *portvakt, size_t index)
{
	const struct policy_group *group = group_at(portvakt, index);

	return group ? group->name : NULL;
}

const char *
portvakt_group_title(const struct portvakt *portvakt, size_t index)
{
	const struct policy_group *group = group_at(portvakt, index);

	return group ? group->title : NULL;
}

uint32_t
portvakt_group_gid(const struct portvakt *portvakt, size_t index)
{
	const struct policy_group *group = group_at(portvakt, index);

	return group ? group->gid : 0;
}
