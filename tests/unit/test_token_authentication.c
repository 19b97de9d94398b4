/*
 * From a token to the verdict, with an issuer, a judge and a register that are
 * this test's: what each of them says, and what is told.
 */
#include "broker/login/grants.h"
#include "broker/login/person_match.h"
#include "broker/login/token_authentication.h"
#include "broker/login/token_login.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#define ISSUER "https://idp.example"
#define TOKEN "header.claims.signature"
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static struct {
	/* what the others say */
	int prepare;
	int refresh;
	struct token_login_finding
	    findings[2]; /* of the first check, the next */
	enum register_result found;
	bool locked;
	enum person_match match;
	enum register_result revocations;
	bool revoked;
	int grants_error;
	const char *group;
	/* what they hold */
	sd_event_handler_t begin;
	issuer_ready_fn ready;
	void *userdata;
	int checks;
	/* what was told */
	int decisions;
	enum login_verdict verdict;
	char reason[32];
	size_t token_size;
	bool told_id, told_number, told_subject;
} world;

static const char *const audiences[] = {"db"};
static const struct config_group drift[] = {{.name = "ko-drift"}};
static const struct config_service services[] = {
    {.name = "db", .token_audiences = audiences, .token_audiences_count = 1},
    {.name = "drift",
	.token_audiences = audiences,
	.token_audiences_count = 1,
	.groups = drift,
	.groups_count = 1},
    {.name = "high",
	.token_audiences = audiences,
	.token_audiences_count = 1,
	.acr = "high",
	.acr_rank_min = {-1}},
    {.name = "none"},
};
static struct config config = {
    .issuers[0] = {.profile = {.issuer = ISSUER}, .logs_people_in = true},
    .issuers_count = 1,
    .services = services,
    .services_count = COUNT(services),
};
static struct realm realm = {
    .references = 1,
    .config = &config,
    .issuers[0] = (struct issuer *)&world,
};
static struct account kari = {.name = "kari", .id = 7, .issuer = ISSUER};
static struct broker broker;

int __wrap_sd_event_add_defer(sd_event *event, sd_event_source **ret_source,
    sd_event_handler_t callback, void *userdata);
sd_event_source *__wrap_sd_event_source_disable_unref(sd_event_source *source);
int __wrap_issuer_prepare(struct issuer *issuer, issuer_ready_fn ready,
    void *userdata, struct issuer_wait **ret_wait);
int __wrap_issuer_refresh_keys(struct issuer *issuer, issuer_ready_fn ready,
    void *userdata, struct issuer_wait **ret_wait);
void __wrap_issuer_wait_cancel(struct issuer_wait *wait);
struct key_set *__wrap_issuer_keys(const struct issuer *issuer);
struct token_login_finding __wrap_token_login_check(const char *token,
    size_t size, const struct need *need, struct key_set *keys, int64_t now_s,
    struct service_token *ret_token);
enum register_result __wrap_register_account_by_name(
    struct register_db *db, const char *name, struct account *ret_account);
const char *__wrap_register_error(const struct register_db *db);
int __wrap_person_match_access(struct register_db *db,
    const struct person_keys *keys, const struct account *account,
    const struct identity *identity, enum person_match *ret_match);
enum register_result __wrap_revocation_each(
    struct register_db *db, int64_t now_s, revocation_fn each, void *userdata);
const struct policy *__wrap_rules_policy(const struct rules *rules);
int __wrap_grants_decide(struct register_db *db, const struct policy *policy,
    const char *account, struct identity *identity, int64_t now_s,
    struct grants *ret_grants);

int
__wrap_sd_event_add_defer(sd_event *event, sd_event_source **ret_source,
    sd_event_handler_t callback, void *userdata)
{
	(void)event;
	world.begin = callback;
	world.userdata = userdata;
	*ret_source = NULL;
	return 0;
}

sd_event_source *
__wrap_sd_event_source_disable_unref(sd_event_source *source)
{
	(void)source;
	return NULL;
}

static int
wait_for(int answer, issuer_ready_fn ready, struct issuer_wait **ret_wait)
{
	if (answer == 0) {
		world.ready = ready;
		*ret_wait = (struct issuer_wait *)&world;
	}
	return answer;
}

int
__wrap_issuer_prepare(struct issuer *issuer, issuer_ready_fn ready,
    void *userdata, struct issuer_wait **ret_wait)
{
	(void)issuer;
	(void)userdata;
	return wait_for(world.prepare, ready, ret_wait);
}

int
__wrap_issuer_refresh_keys(struct issuer *issuer, issuer_ready_fn ready,
    void *userdata, struct issuer_wait **ret_wait)
{
	(void)issuer;
	(void)userdata;
	return wait_for(world.refresh, ready, ret_wait);
}

void
__wrap_issuer_wait_cancel(struct issuer_wait *wait)
{
	(void)wait;
}

struct key_set *
__wrap_issuer_keys(const struct issuer *issuer)
{
	(void)issuer;
	return NULL;
}

struct token_login_finding
__wrap_token_login_check(const char *token, size_t size,
    const struct need *need, struct key_set *keys, int64_t now_s,
    struct service_token *ret_token)
{
	(void)need;
	(void)keys;
	(void)now_s;
	(void)ret_token;
	assert_int_equal(size, strlen(TOKEN));
	assert_string_equal(token, TOKEN);
	assert_true(world.checks < 2);
	return world.findings[world.checks++];
}

enum register_result
__wrap_register_account_by_name(
    struct register_db *db, const char *name, struct account *ret_account)
{
	(void)db;
	assert_string_equal(name, "kari");
	*ret_account = kari;
	ret_account->locked = world.locked;
	return world.found;
}

const char *
__wrap_register_error(const struct register_db *db)
{
	(void)db;
	return "disk";
}

int
__wrap_person_match_access(struct register_db *db,
    const struct person_keys *keys, const struct account *account,
    const struct identity *identity, enum person_match *ret_match)
{
	(void)db;
	(void)keys;
	(void)account;
	(void)identity;
	*ret_match = world.match;
	return 0;
}

enum register_result
__wrap_revocation_each(
    struct register_db *db, int64_t now_s, revocation_fn each, void *userdata)
{
	const struct revocation revocation = {.kind = REVOCATION_ACCOUNT,
	    .account_id = world.revoked ? 7 : 8,
	    .before_s = 1};

	(void)db;
	(void)now_s;
	(void)each(&revocation, userdata);
	return world.revocations;
}

const struct policy *
__wrap_rules_policy(const struct rules *rules)
{
	(void)rules;
	return NULL;
}

int
__wrap_grants_decide(struct register_db *db, const struct policy *policy,
    const char *account, struct identity *identity, int64_t now_s,
    struct grants *ret_grants)
{
	(void)db;
	(void)policy;
	(void)account;
	(void)identity;
	(void)now_s;
	if (world.group) {
		strcpy(ret_grants->entitlement.groups[0].name, world.group);
		ret_grants->entitlement.count = 1;
	}
	return world.grants_error;
}

static struct token_authentication *authentication;

/* Frees it from inside, as an owner may. */
static void
decide(const struct authentication_outcome *outcome, void *userdata)
{
	(void)userdata;
	world.decisions++;
	world.verdict = outcome->verdict;
	strcpy(world.reason, outcome->reason);
	world.token_size = outcome->token_size;
	world.told_id = outcome->token.token_id != NULL;
	world.told_number = outcome->token.client_id != NULL;
	world.told_subject = outcome->token.subject != NULL;
	assert_true(outcome->by_token);
	authentication = token_authentication_free(authentication);
}

static void
start(const char *service)
{
	assert_int_equal(
	    token_authentication_new(&broker, &realm, &kari, service, TOKEN,
		strlen(TOKEN), decide, NULL, &authentication),
	    0);
	assert_int_equal(world.decisions, 0);
	assert_int_equal(world.begin(NULL, world.userdata), 0);
}

static void
assert_told(enum login_verdict verdict, const char *reason)
{
	assert_int_equal(world.decisions, 1);
	assert_string_equal(world.reason, reason);
	assert_int_equal(world.verdict, verdict);
	assert_int_equal(world.token_size, strlen(TOKEN));
	assert_null(authentication);
	assert_int_equal(realm.references, 1);
}

static int
set_up(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	world.prepare = 1;
	world.findings[0].result = TOKEN_LOGIN_GOOD;
	world.findings[1].result = TOKEN_LOGIN_GOOD;
	world.found = world.revocations = REGISTER_OK;
	world.match = PERSON_SAME;
	return 0;
}

static void
test_a_good_token_is_let_in(void **state)
{
	(void)state;
	start("db");
	assert_told(LOGIN_ALLOW, "granted");
}

/* The record has the token, and no identity number whatever it calls itself. */
static void
test_the_record_knows_the_token(void **state)
{
	(void)state;
	strcpy(world.findings[0].bearer.token_id, "t-1");
	strcpy(world.findings[0].bearer.client_id, "x-15869000016");
	strcpy(world.findings[0].bearer.subject, "another");
	start("db");
	assert_told(LOGIN_ALLOW, "granted");
	assert_true(world.told_id);
	assert_false(world.told_number);
	assert_false(world.told_subject);
}

/* Each thing that speaks against it, alone. */
static void
test_whatever_is_wrong_is_no(void **state)
{
	(void)set_up(state);
	world.match = PERSON_OTHER;
	start("db");
	assert_told(LOGIN_DENY, "other-person");
	(void)set_up(state);
	world.locked = true;
	start("db");
	assert_told(LOGIN_DENY, "account-locked");
	(void)set_up(state);
	world.revoked = true;
	start("db");
	assert_told(LOGIN_DENY, "revoked");
	(void)set_up(state);
	start("drift");
	assert_told(LOGIN_DENY, "group-missing");
	(void)set_up(state);
	world.group = "ko-drift";
	start("drift");
	assert_told(LOGIN_ALLOW, "granted");
	(void)set_up(state);
	world.found = REGISTER_NOT_FOUND;
	start("db");
	assert_told(LOGIN_UNKNOWN_USER, "unknown-account");
	(void)set_up(state);
	world.findings[0] =
	    (struct token_login_finding){.result = TOKEN_LOGIN_REFUSED,
		.evidence = EVIDENCE_EXPIRED,
		.detail = "exp"};
	start("db");
	assert_told(LOGIN_DENY, "expired");
}

static void
test_what_cannot_be_told_is_an_outage(void **state)
{
	(void)set_up(state);
	world.found = REGISTER_FAILED;
	start("db");
	assert_told(LOGIN_OUTAGE, "register-failed");
	(void)set_up(state);
	world.revocations = REGISTER_FAILED;
	start("db");
	assert_told(LOGIN_OUTAGE, "register-failed");
	(void)set_up(state);
	world.grants_error = -EIO;
	start("db");
	assert_told(LOGIN_OUTAGE, "failed");
	(void)set_up(state);
	world.prepare = -ENOMEM;
	start("db");
	assert_told(LOGIN_OUTAGE, "failed");
	(void)set_up(state);
	world.prepare = 0;
	start("db");
	world.ready(ISSUER_UNAVAILABLE, "down", authentication);
	assert_told(LOGIN_OUTAGE, "provider-outage");
}

static void
test_what_an_administrator_must_mend_is_said_so(void **state)
{
	const struct token_login_finding unusable = {
	    .result = TOKEN_LOGIN_REFUSED,
	    .evidence = EVIDENCE_NOT_CHECKED,
	    .detail = "expectation"};

	(void)set_up(state);
	start("none");
	assert_told(LOGIN_MISCONFIGURED, "tokens-not-configured");
	(void)set_up(state);
	start("unheard");
	assert_told(LOGIN_MISCONFIGURED, "tokens-not-configured");
	(void)set_up(state);
	start("high");
	assert_told(LOGIN_MISCONFIGURED, "level-unreachable");
	(void)set_up(state);
	world.findings[0] = unusable;
	start("db");
	assert_told(LOGIN_MISCONFIGURED, "not-checked");
	(void)set_up(state);
	strcpy(kari.issuer, "https://other.example");
	start("db");
	assert_told(LOGIN_MISCONFIGURED, "issuer-unknown");
	strcpy(kari.issuer, ISSUER);
	(void)set_up(state);
	config.issuers[0].logs_people_in = false;
	start("db");
	assert_told(LOGIN_MISCONFIGURED, "issuer-no-login");
	assert_int_equal(world.checks, 0);
	config.issuers[0].logs_people_in = true;
}

static void
test_an_unknown_key_is_asked_for_once(void **state)
{
	const struct token_login_finding unknown = {
	    .result = TOKEN_LOGIN_REFUSED,
	    .evidence = EVIDENCE_KEY_UNKNOWN,
	    .detail = "kid"};

	(void)set_up(state);
	world.findings[0] = unknown;
	start("db");
	assert_int_equal(world.decisions, 0);
	world.ready(ISSUER_READY, "", authentication);
	assert_told(LOGIN_ALLOW, "granted");
	(void)set_up(state);
	world.findings[0] = world.findings[1] = unknown;
	start("db");
	world.ready(ISSUER_READY, "", authentication);
	assert_told(LOGIN_DENY, "key-unknown");
	(void)set_up(state);
	world.findings[0] = unknown;
	start("db");
	world.ready(ISSUER_READY, "the refresh failed", authentication);
	assert_told(LOGIN_OUTAGE, "provider-outage");
	(void)set_up(state);
	world.findings[0] = unknown;
	world.refresh = 1; /* they were, a moment ago */
	start("db");
	assert_told(LOGIN_DENY, "key-unknown");
}

#define CASE(test) cmocka_unit_test_setup(test, set_up)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    CASE(test_a_good_token_is_let_in),
	    CASE(test_the_record_knows_the_token),
	    CASE(test_whatever_is_wrong_is_no),
	    CASE(test_what_cannot_be_told_is_an_outage),
	    CASE(test_what_an_administrator_must_mend_is_said_so),
	    CASE(test_an_unknown_key_is_asked_for_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
