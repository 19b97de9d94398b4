/*
 * From the account to the verdict, against an issuer, a grant, a judge of
 * tokens and a register that are this test's. What ends in a verdict runs
 * twice: freed by its owner afterwards, and from inside of decide.
 */
#include "broker/login/authentication.h"
#include "broker/login/grants.h"
#include "broker/login/person_match.h"
#include "broker/random.h"
#include "tests/unit/unit.h"
#include "verify/evidence.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ISSUER "https://idp.example"
#define SUBJECT "f3a9"
#define TOKEN "header.claims.signature"
#define COUNT(rows) (sizeof(rows) / sizeof(rows[0]))

/* The account as the register has it when the token came. */
struct entry {
	enum register_result found;
	bool locked;
	const char *issuer;
	const char *subject;
};

struct told {
	enum login_verdict verdict;
	char reason[32];
	char detail[256];
	char acr[32];
	char groups[128];
	int64_t authenticated_at_s;
	char on_behalf_of[64];
};

/* What the provider is to be asked for, and the token to show. */
struct asked {
	const char *acr;
	int rank;
	int64_t max_age_s;
};

static struct {
	/* what the others say */
	int prepare;
	int refresh;
	int grant_error;
	int record_error;
	int publish_error;
	int match_error;
	int keep_error;
	enum evidence_result evidence[2]; /* of the first check, of the next */
	struct entry entry;
	struct asked asked;
	/* what they hold */
	sd_event_handler_t begin;
	issuer_ready_fn ready;
	device_grant_fn report;
	void *userdata; /* of all three */
	char nonce[RANDOM_HEX_SIZE];
	/* what they were asked */
	int grants;
	int refreshes;
	int checks;
	int records;
	int grants_error;
	int transactions; /* that are open */
	bool committed;
	const struct person_keys *keys_of_match;
	int64_t decided_at_s;
	/* what the owner was told */
	int invitations;
	int decisions;
	struct told told;
	bool free_when_told;
	struct authentication *authentication;
} world;

static const char *const ladder[] = {"loa2", "loa3", "loa4"};
static const struct config_group drift[] = {{.name = "ko-drift"}};
static const struct config_group laser[] = {
    {.name = "ko-drift"}, {.name = "ko-laser"}};
static const struct config_service services[] = {
    {.name = "sudo", .acr = "high", .acr_rank_min = {3}, .max_age_s = 60},
    {.name = "lax", .acr = "low", .acr_rank_min = {1}, .max_age_s = 3600},
    {.name = "vault", .acr = "galactic", .acr_rank_min = {-1}},
    {.name = "drift", .groups = drift, .groups_count = 1},
    {.name = "laser", .groups = laser, .groups_count = 2},
};
static struct config config = {
    .issuers[0] =
	{
	    .profile =
		{
		    .issuer = ISSUER,
		    .acr_ladder = ladder,
		    .acr_ladder_count = COUNT(ladder),
		},
	    .logs_people_in = true,
	    .acr_rank_min = 2,
	    .max_age_s = 900,
	    .client_id = "portvakt",
	},
    .issuers_count = 1,
    .services = services,
    .services_count = COUNT(services),
};
static struct realm realm = {
    .references = 1,
    .config = &config,
    .issuers[0] = (struct issuer *)&world,
};
static struct account asa = {.name = "asa", .uid = 70001, .issuer = ISSUER};
static struct broker broker;

int __wrap_sd_event_add_defer(sd_event *event, sd_event_source **ret_source,
    sd_event_handler_t callback, void *userdata);
sd_event_source *__wrap_sd_event_source_disable_unref(sd_event_source *source);
int __wrap_issuer_prepare(struct issuer *issuer, issuer_ready_fn ready,
    void *userdata, struct issuer_wait **ret_wait);
int __wrap_issuer_refresh_keys(struct issuer *issuer, issuer_ready_fn ready,
    void *userdata, struct issuer_wait **ret_wait);
void __wrap_issuer_wait_cancel(struct issuer_wait *wait);
const struct config_issuer *__wrap_issuer_config(const struct issuer *of);
struct key_set *__wrap_issuer_keys(const struct issuer *issuer);
int __wrap_device_grant_new(sd_event *event, struct issuer *issuer,
    const struct device_grant_request *request, device_grant_fn report,
    void *userdata, struct device_grant **ret_grant);
struct device_grant *__wrap_device_grant_free(struct device_grant *grant);
enum evidence_result __wrap_evidence_check(const char *token, size_t size,
    const struct evidence_expectation *expectation, int64_t now_s,
    struct identity *ret_identity, const char **ret_detail);
enum register_result __wrap_register_account_by_name(
    struct register_db *db, const char *name, struct account *ret_account);
const char *__wrap_register_error(const struct register_db *db);
const struct policy *__wrap_rules_policy(const struct rules *rules);
int __wrap_grants_decide(struct register_db *db, const struct policy *policy,
    const char *account, struct identity *identity, int64_t now_s,
    struct grants *ret_grants);
int __wrap_person_match(struct register_db *db, const struct person_keys *keys,
    const struct account *account, const struct identity *identity,
    enum person_match *ret_match);
int __wrap_person_match_keep(struct register_db *db,
    const struct person_keys *keys, const struct account *account,
    const struct identity *identity, enum person_match match);
enum register_result __wrap_register_begin(struct register_db *db);
enum register_result __wrap_register_end(
    struct register_db *db, enum register_result result);
enum register_result __wrap_entitlement_login(struct register_db *db,
    const struct account *account, const struct identity *identity,
    const struct entitlement *entitlement, bool *ret_changed);
int __wrap_broker_register_trouble(struct broker *of);
int __wrap_broker_follow(struct broker *of, bool changed);

int
__wrap_sd_event_add_defer(sd_event *event, sd_event_source **ret_source,
    sd_event_handler_t callback, void *userdata)
{
	(void)event;
	world.begin = callback;
	world.userdata = userdata;
	*ret_source = (sd_event_source *)&world;
	return 0;
}

sd_event_source *
__wrap_sd_event_source_disable_unref(sd_event_source *source)
{
	if (source)
		world.begin = NULL;
	return NULL;
}

static int
wait_for(int answer, issuer_ready_fn ready, void *userdata,
    struct issuer_wait **ret_wait)
{
	assert_null(world.ready);
	assert_ptr_equal(userdata, world.userdata);
	if (answer != 0)
		return answer;
	world.ready = ready;
	*ret_wait = (struct issuer_wait *)&world;
	return 0;
}

int
__wrap_issuer_prepare(struct issuer *issuer, issuer_ready_fn ready,
    void *userdata, struct issuer_wait **ret_wait)
{
	(void)issuer;
	return wait_for(world.prepare, ready, userdata, ret_wait);
}

int
__wrap_issuer_refresh_keys(struct issuer *issuer, issuer_ready_fn ready,
    void *userdata, struct issuer_wait **ret_wait)
{
	(void)issuer;
	world.refreshes++;
	return wait_for(world.refresh, ready, userdata, ret_wait);
}

/* Who has been told waits no more, and must not be cancelled. */
void
__wrap_issuer_wait_cancel(struct issuer_wait *wait)
{
	if (!wait)
		return;
	assert_non_null(world.ready);
	world.ready = NULL;
}

const struct config_issuer *
__wrap_issuer_config(const struct issuer *of)
{
	assert_ptr_equal(of, &world);
	return &config.issuers[0];
}

struct key_set *
__wrap_issuer_keys(const struct issuer *issuer)
{
	(void)issuer;
	return (struct key_set *)&world;
}

int
__wrap_device_grant_new(sd_event *event, struct issuer *issuer,
    const struct device_grant_request *request, device_grant_fn report,
    void *userdata, struct device_grant **ret_grant)
{
	(void)event;
	(void)issuer;
	assert_ptr_equal(userdata, world.userdata);
	assert_string_equal(request->acr_values, world.asked.acr);
	assert_int_equal(request->max_age_s, world.asked.max_age_s);
	world.grants++;
	if (world.grant_error)
		return world.grant_error;
	world.report = report;
	strcpy(world.nonce, request->nonce);
	*ret_grant = (struct device_grant *)&world;
	return 0;
}

struct device_grant *
__wrap_device_grant_free(struct device_grant *grant)
{
	if (grant)
		world.report = NULL;
	return NULL;
}

static void
fill_identity(struct identity *ret_identity)
{
	strcpy(ret_identity->issuer, ISSUER);
	strcpy(ret_identity->subject, SUBJECT);
	ret_identity->authenticated_at_s = 1000;
	ret_identity->mandates[0].organisation = slice_of("0192:911830868");
	ret_identity->mandates_count = 1;
	strcpy(ret_identity->acr, "loa3");
	ret_identity->acr_rank = 2;
	ret_identity->roles[0] = slice_of("kompis");
	ret_identity->roles[1] = slice_of("esas");
	ret_identity->roles[2] = slice_of("vikarie");
	ret_identity->roles_count = 3;
}

enum evidence_result
__wrap_evidence_check(const char *token, size_t size,
    const struct evidence_expectation *expectation, int64_t now_s,
    struct identity *ret_identity, const char **ret_detail)
{
	enum evidence_result result;

	(void)now_s;
	assert_int_equal(size, strlen(TOKEN));
	assert_memory_equal(token, TOKEN, size);
	assert_ptr_equal(expectation->profile, &config.issuers[0].profile);
	assert_ptr_equal(expectation->keys, &world);
	assert_string_equal(expectation->audience, "portvakt");
	assert_string_equal(expectation->nonce, world.nonce);
	assert_int_equal(strlen(world.nonce), RANDOM_HEX_SIZE - 1);
	assert_int_equal(expectation->acr_rank_min, world.asked.rank);
	assert_int_equal(expectation->max_age_s, world.asked.max_age_s);
	assert_in_range(world.checks, 0, COUNT(world.evidence) - 1);
	result = world.evidence[world.checks++];
	if (result == EVIDENCE_GOOD)
		fill_identity(ret_identity);
	else
		*ret_detail = "the member";
	return result;
}

enum register_result
__wrap_register_account_by_name(
    struct register_db *db, const char *name, struct account *ret_account)
{
	(void)db;
	assert_string_equal(name, "asa");
	if (world.entry.found != REGISTER_OK)
		return world.entry.found;
	*ret_account = (struct account){
	    .id = 7,
	    .name = "asa",
	    .uid = 70001,
	    .locked = world.entry.locked,
	};
	strcpy(ret_account->issuer, world.entry.issuer);
	strcpy(ret_account->subject, world.entry.subject);
	return REGISTER_OK;
}

const char *
__wrap_register_error(const struct register_db *db)
{
	(void)db;
	return "disk I/O error";
}

const struct policy *
__wrap_rules_policy(const struct rules *rules)
{
	assert_ptr_equal(rules, realm.rules);
	return (const struct policy *)&world;
}

int
__wrap_grants_decide(struct register_db *db, const struct policy *policy,
    const char *account, struct identity *identity, int64_t now_s,
    struct grants *ret_grants)
{
	(void)db;
	assert_int_equal(world.decided_at_s, 0); /* once */
	world.decided_at_s = now_s;
	assert_ptr_equal(policy, &world);
	assert_string_equal(account, "asa");
	assert_string_equal(identity->subject, SUBJECT);
	if (world.grants_error)
		return world.grants_error;
	*ret_grants = (struct grants){
	    .entitlement = {.groups = {{.name = "ko-kompis"},
				{.name = "ko-laser"}},
		.count = 2,
		.decided_at_s = now_s},
	    .granted = "ko-kompis ko-laser",
	    .withheld = "ko-esas: level",
	};
	return 0;
}

/* By issuer and subject alone; of numbers test_person_match.c tells. */
int
__wrap_person_match(struct register_db *db, const struct person_keys *keys,
    const struct account *account, const struct identity *identity,
    enum person_match *ret_match)
{
	(void)db;
	world.keys_of_match = keys;
	*ret_match = strcmp(account->issuer, identity->issuer) == 0 &&
			     strcmp(account->subject, identity->subject) == 0
			 ? PERSON_SAME
			 : PERSON_OTHER;
	return world.match_error;
}

int
__wrap_person_match_keep(struct register_db *db, const struct person_keys *keys,
    const struct account *account, const struct identity *identity,
    enum person_match match)
{
	(void)db;
	assert_ptr_equal(keys, world.keys_of_match);
	(void)account;
	(void)identity;
	assert_int_equal(match, PERSON_SAME);
	assert_int_equal(world.transactions, 1);
	assert_int_equal(world.records, 0);
	return world.keep_error;
}

enum register_result
__wrap_register_begin(struct register_db *db)
{
	(void)db;
	assert_int_equal(world.transactions, 0);
	world.transactions++;
	return REGISTER_OK;
}

enum register_result
__wrap_register_end(struct register_db *db, enum register_result result)
{
	(void)db;
	assert_int_equal(world.transactions, 1);
	world.transactions--;
	world.committed = result == REGISTER_OK;
	return result;
}

/* What is written is what was decided, by one reading of the clock. */
enum register_result
__wrap_entitlement_login(struct register_db *db, const struct account *account,
    const struct identity *identity, const struct entitlement *entitlement,
    bool *ret_changed)
{
	(void)db;
	assert_int_equal(world.transactions, 1);
	assert_int_equal(account->uid, 70001);
	assert_int_equal(world.decisions, 0);
	assert_int_equal(entitlement->count, 2);
	assert_string_equal(entitlement->groups[1].name, "ko-laser");
	assert_int_equal(entitlement->decided_at_s, world.decided_at_s);
	world.records++;
	assert_string_equal(identity->subject, SUBJECT);
	*ret_changed = true;
	return world.record_error ? REGISTER_FAILED : REGISTER_OK;
}

int
__wrap_broker_register_trouble(struct broker *of)
{
	assert_ptr_equal(of, &broker);
	return -EIO;
}

int
__wrap_broker_follow(struct broker *of, bool changed)
{
	assert_ptr_equal(of, &broker);
	assert_int_equal(world.transactions, 0);
	assert_true(world.committed);
	assert_true(changed);
	return world.publish_error;
}

static void
invite(const struct device_grant_report *code, void *userdata)
{
	assert_ptr_equal(userdata, &world);
	assert_string_equal(code->user_code, "WDJB-MJHT");
	world.invitations++;
}

static void
decide(const struct authentication_outcome *outcome, void *userdata)
{
	struct told *told = &world.told;

	assert_ptr_equal(userdata, &world);
	world.decisions++;
	told->verdict = outcome->verdict;
	(void)snprintf(
	    told->reason, sizeof(told->reason), "%s", outcome->reason);
	(void)snprintf(
	    told->detail, sizeof(told->detail), "%s", outcome->detail);
	(void)snprintf(told->acr, sizeof(told->acr), "%s", outcome->acr);
	(void)snprintf(
	    told->groups, sizeof(told->groups), "%s", outcome->groups);
	told->authenticated_at_s = outcome->authenticated_at_s;
	(void)snprintf(told->on_behalf_of, sizeof(told->on_behalf_of), "%s",
	    outcome->on_behalf_of ? outcome->on_behalf_of : "-");
	if (world.free_when_told)
		world.authentication =
		    authentication_free(world.authentication);
}

/* A world where everything goes well, unless the row says otherwise. */
static void
start_login_of(const char *service)
{
	static const struct authentication_owner owner = {
	    .invite = invite,
	    .decide = decide,
	    .userdata = &world,
	};
	bool free_when_told = world.free_when_told;

	assert_null(world.authentication);
	memset(&world, 0, sizeof(world));
	world.free_when_told = free_when_told;
	world.prepare = 1;
	world.evidence[0] = EVIDENCE_GOOD;
	world.entry = (struct entry){REGISTER_OK, false, ISSUER, SUBJECT};
	world.asked = (struct asked){"loa3", 2, 900};
	assert_int_equal(authentication_new(&broker, &realm, &asa, service,
			     &owner, &world.authentication),
	    0);
	assert_int_equal(realm.references, 2);
	assert_int_equal(world.decisions, 0);
	assert_int_equal(world.grants, 0);
}

static void
start_login(void)
{
	start_login_of("sshd");
}

/* What the event loop does, once. */
static void
run_begin(void)
{
	assert_non_null(world.begin);
	assert_int_equal(world.begin(NULL, world.userdata), 0);
}

static void
issuer_says(enum issuer_result result, const char *detail)
{
	issuer_ready_fn ready = world.ready;

	assert_non_null(ready);
	world.ready = NULL;
	ready(result, detail, world.userdata);
}

static void
grant_says(enum device_grant_event event, const char *detail)
{
	const struct device_grant_report report = {
	    .event = event,
	    .user_code = "WDJB-MJHT",
	    .id_token = TOKEN,
	    .id_token_size = strlen(TOKEN),
	    .detail = detail,
	};

	assert_non_null(world.report);
	world.report(&report, world.userdata);
}

/* After it nothing is left that could call the one that was freed. */
static void
free_login(void)
{
	world.authentication = authentication_free(world.authentication);
	assert_null(world.begin);
	assert_null(world.ready);
	assert_null(world.report);
	assert_int_equal(realm.references, 1);
}

static void
assert_told(enum login_verdict verdict, const char *reason, const char *detail)
{
	assert_int_equal(world.decisions, 1);
	assert_int_equal(world.told.verdict, verdict);
	assert_string_equal(world.told.reason, reason);
	assert_string_equal(world.told.detail, detail);
	if (verdict != LOGIN_ALLOW)
		assert_string_equal(world.told.groups, "");
	free_login();
}

static void
token_comes(void)
{
	run_begin();
	grant_says(DEVICE_GRANT_CODE, NULL);
	assert_int_equal(world.invitations, 1);
	assert_int_equal(world.decisions, 0);
	grant_says(DEVICE_GRANT_TOKEN, NULL);
}

static int
to_be_freed_afterwards(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	return 0;
}

static int
to_be_freed_when_told(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	world.free_when_told = true;
	return 0;
}

static void
test_lets_in_with_what_the_rules_give(void **state)
{
	(void)state;
	start_login();
	token_comes();
	assert_int_equal(world.records, 1);
	assert_string_equal(world.told.groups, "ko-kompis ko-laser");
	assert_string_equal(world.told.acr, "loa3");
	assert_int_equal(world.told.authenticated_at_s, 1000);
	assert_string_equal(world.told.on_behalf_of, "0192:911830868");
	assert_told(LOGIN_ALLOW, "granted", "withheld: ko-esas: level");
}

/* The stricter of issuer and service; zero is no age at all. */
static void
test_asks_for_what_the_service_needs(void **state)
{
	static const struct {
		const char *service;
		struct asked asked;
		int64_t issuers_max_age_s;
	} rows[] = {
	    {"sudo", {"loa4", 3, 60}, 900},
	    {"sudo", {"loa4", 3, 60}, 0},
	    {"lax", {"loa3", 2, 900}, 900},
	    {"lax", {"loa3", 2, 3600}, 0},
	    {"drift", {"loa3", 2, 0}, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		config.issuers[0].max_age_s = rows[i].issuers_max_age_s;
		start_login_of(rows[i].service);
		world.asked = rows[i].asked;
		world.evidence[0] = EVIDENCE_EXPIRED;
		token_comes();
		config.issuers[0].max_age_s = 900;
		assert_int_equal(world.grants, 1);
		assert_told(LOGIN_DENY, "expired", "the member");
	}
}

static void
test_does_not_ask_for_a_level_that_is_not_there(void **state)
{
	(void)state;
	start_login_of("vault");
	run_begin();
	assert_int_equal(world.grants, 0);
	assert_string_equal(world.told.reason, "level-unreachable");
	assert_int_equal(world.told.verdict, LOGIN_MISCONFIGURED);
	free_login();
}

/* The group is one of this login: nothing is written before. */
static void
test_needs_a_group_of_the_service(void **state)
{
	(void)state;
	start_login_of("drift");
	token_comes();
	assert_int_equal(world.records, 0);
	assert_string_equal(world.told.on_behalf_of, "-");
	assert_told(LOGIN_DENY, "group-missing", "");
	start_login_of("laser");
	token_comes();
	assert_int_equal(world.records, 1);
	assert_told(LOGIN_ALLOW, "granted", "withheld: ko-esas: level");
}

/* Any issuer can write a number; only a marked one is believed. */
static void
test_numbers_lead_nowhere_at_other_issuers(void **state)
{
	struct person_keys *keys = (struct person_keys *)&world;

	(void)state;
	broker.person_keys = keys;
	start_login();
	token_comes();
	assert_null(world.keys_of_match);
	assert_told(LOGIN_ALLOW, "granted", "withheld: ko-esas: level");
	config.issuers[0].links_persons = true;
	start_login();
	token_comes();
	assert_ptr_equal(world.keys_of_match, keys);
	assert_told(LOGIN_ALLOW, "granted", "withheld: ko-esas: level");
	config.issuers[0].links_persons = false;
	broker.person_keys = NULL;
}

static void
test_judges_the_account_as_it_is_now(void **state)
{
	static const struct {
		struct entry entry;
		enum login_verdict verdict;
		const char *reason;
		const char *detail;
	} rows[] = {
	    {{REGISTER_OK, false, ISSUER, "f3a"}, LOGIN_DENY, "other-person",
		""},
	    {{REGISTER_OK, false, ISSUER, "F3A9"}, LOGIN_DENY, "other-person",
		""},
	    {{REGISTER_OK, false, ISSUER "/", SUBJECT}, LOGIN_DENY,
		"other-person", ""},
	    {{REGISTER_OK, true, ISSUER, SUBJECT}, LOGIN_DENY, "account-locked",
		""},
	    {{REGISTER_NOT_FOUND, false, NULL, NULL}, LOGIN_UNKNOWN_USER,
		"unknown-account", ""},
	    {{REGISTER_FAILED, false, NULL, NULL}, LOGIN_OUTAGE,
		"register-failed", "disk I/O error"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		start_login();
		world.entry = rows[i].entry;
		token_comes();
		assert_int_equal(world.records, 0);
		assert_told(rows[i].verdict, rows[i].reason, rows[i].detail);
	}
}

static void
test_lets_nobody_in_on_bad_evidence(void **state)
{
	static const struct {
		enum evidence_result evidence;
		enum login_verdict verdict;
		const char *reason;
	} rows[] = {
	    {EVIDENCE_SIGNATURE_BAD, LOGIN_DENY, "signature-bad"},
	    {EVIDENCE_NONCE_WRONG, LOGIN_DENY, "nonce-wrong"},
	    {EVIDENCE_ACR_TOO_LOW, LOGIN_DENY, "acr-too-low"},
	    {EVIDENCE_NOT_CHECKED, LOGIN_MISCONFIGURED, "not-checked"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		start_login();
		world.evidence[0] = rows[i].evidence;
		token_comes();
		assert_int_equal(world.checks, 1);
		assert_int_equal(world.refreshes, 0);
		assert_int_equal(world.records, 0);
		assert_string_equal(world.told.acr, "");
		assert_told(rows[i].verdict, rows[i].reason, "the member");
	}
}

static void
test_lets_nobody_in_whose_number_is_not_told(void **state)
{
	(void)state;
	start_login();
	world.match_error = -EIO;
	token_comes();
	assert_int_equal(world.records, 0);
	assert_told(LOGIN_OUTAGE, "register-failed",
	    "whose identity number it is cannot be told");
	start_login();
	world.keep_error = -EEXIST;
	token_comes();
	assert_int_equal(world.records, 0);
	assert_false(world.committed);
	assert_told(
	    LOGIN_DENY, "other-person", "its subject is another account's");
	start_login();
	world.keep_error = -EIO;
	token_comes();
	assert_int_equal(world.records, 0);
	assert_told(LOGIN_OUTAGE, "not-recorded",
	    "its groups could not be put in force: Input/output error");
}

/* Groups that are not in force must not be promised. */
static void
test_lets_nobody_in_unrecorded(void **state)
{
	(void)state;
	start_login();
	world.record_error = -EIO;
	token_comes();
	assert_int_equal(world.records, 1);
	assert_told(LOGIN_OUTAGE, "not-recorded",
	    "its groups could not be put in force: Input/output error");
	assert_false(world.committed);
	start_login();
	world.publish_error = -EIO;
	token_comes();
	assert_true(world.committed);
	assert_told(LOGIN_OUTAGE, "not-recorded",
	    "its groups could not be put in force: Input/output error");
	start_login();
	world.grants_error = -E2BIG;
	token_comes();
	assert_int_equal(world.records, 0);
	assert_told(LOGIN_OUTAGE, "not-recorded",
	    "its groups could not be put in force: Argument list too long");
}

static void
test_an_unknown_key_is_one_refresh(void **state)
{
	static const struct {
		enum evidence_result next;
		enum login_verdict verdict;
		const char *reason;
		const char *detail;
	} rows[] = {
	    {EVIDENCE_GOOD, LOGIN_ALLOW, "granted", "withheld: ko-esas: level"},
	    {EVIDENCE_KEY_UNKNOWN, LOGIN_DENY, "key-unknown", "the member"},
	    {EVIDENCE_EXPIRED, LOGIN_DENY, "expired", "the member"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		start_login();
		world.evidence[0] = EVIDENCE_KEY_UNKNOWN;
		world.evidence[1] = rows[i].next;
		token_comes();
		assert_int_equal(world.decisions, 0);
		issuer_says(ISSUER_READY, "");
		assert_int_equal(world.refreshes, 1);
		assert_int_equal(world.checks, 2);
		assert_told(rows[i].verdict, rows[i].reason, rows[i].detail);
	}
}

static void
test_an_unknown_key_just_after_a_refresh_is_unknown(void **state)
{
	(void)state;
	start_login();
	world.evidence[0] = EVIDENCE_KEY_UNKNOWN;
	world.refresh = 1;
	token_comes();
	assert_int_equal(world.refreshes, 1);
	assert_int_equal(world.checks, 1);
	assert_told(LOGIN_DENY, "key-unknown", "the member");
}

static void
test_a_refresh_that_cannot_begin_is_an_outage(void **state)
{
	(void)state;
	start_login();
	world.evidence[0] = EVIDENCE_KEY_UNKNOWN;
	world.refresh = -ENOMEM;
	token_comes();
	assert_told(LOGIN_OUTAGE, "failed", strerror(ENOMEM));
}

/* The old keys say nothing of a token that may be signed with a new one. */
static void
test_keys_that_do_not_come_are_no_refusal(void **state)
{
	static const struct {
		enum issuer_result result;
		enum login_verdict verdict;
	} rows[] = {
	    {ISSUER_READY, LOGIN_OUTAGE},
	    {ISSUER_UNAVAILABLE, LOGIN_OUTAGE},
	    {ISSUER_MISCONFIGURED, LOGIN_MISCONFIGURED},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		start_login();
		world.evidence[0] = EVIDENCE_KEY_UNKNOWN;
		world.evidence[1] = EVIDENCE_GOOD;
		token_comes();
		issuer_says(rows[i].result, "jwks: timed out");
		assert_int_equal(world.checks, 1);
		assert_told(
		    rows[i].verdict, "provider-outage", "jwks: timed out");
	}
}

static void
test_says_how_a_grant_ended(void **state)
{
	static const struct {
		enum device_grant_event event;
		const char *said;
		enum login_verdict verdict;
		const char *reason;
		const char *detail;
	} rows[] = {
	    {DEVICE_GRANT_DENIED, "access_denied", LOGIN_DENY, "denied",
		"access_denied"},
	    {DEVICE_GRANT_DENIED, NULL, LOGIN_DENY, "denied", ""},
	    {DEVICE_GRANT_EXPIRED, "expired_token", LOGIN_EXPIRED,
		"expired-code", "expired_token"},
	    {DEVICE_GRANT_OUTAGE, "status 503", LOGIN_OUTAGE, "provider-outage",
		"status 503"},
	    {DEVICE_GRANT_MISCONFIGURED, "invalid_client", LOGIN_MISCONFIGURED,
		"client-refused", "invalid_client"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		start_login();
		run_begin();
		grant_says(DEVICE_GRANT_CODE, NULL);
		grant_says(rows[i].event, rows[i].said);
		assert_int_equal(world.checks, 0);
		assert_told(rows[i].verdict, rows[i].reason, rows[i].detail);
	}
}

static void
test_says_why_no_grant_began(void **state)
{
	static const struct {
		int error;
		enum login_verdict verdict;
		const char *reason;
		const char *detail;
	} rows[] = {
	    {-EKEYREJECTED, LOGIN_MISCONFIGURED, "client-key",
		"the client key does not sign"},
	    {-ENOKEY, LOGIN_MISCONFIGURED, "client-key",
		"the client key does not sign"},
	    {-EIO, LOGIN_MISCONFIGURED, "client-key",
		"the client key does not sign"},
	    {-ENOMEM, LOGIN_OUTAGE, "failed", "Cannot allocate memory"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		start_login();
		world.grant_error = rows[i].error;
		run_begin();
		assert_told(rows[i].verdict, rows[i].reason, rows[i].detail);
	}
}

static void
test_needs_the_issuer_of_the_account(void **state)
{
	(void)state;
	strcpy(asa.issuer, "https://other.example");
	start_login();
	strcpy(asa.issuer, ISSUER);
	run_begin();
	assert_int_equal(world.grants, 0);
	assert_told(LOGIN_MISCONFIGURED, "issuer-unknown",
	    "the account's issuer is not in portvakt.conf: add an issuer "
	    "section for it, or give the account another one");
}

static void
test_needs_an_issuer_of_logins(void **state)
{
	(void)state;
	config.issuers[0].logs_people_in = false;
	start_login();
	run_begin();
	config.issuers[0].logs_people_in = true;
	assert_int_equal(world.grants, 0);
	assert_told(LOGIN_MISCONFIGURED, "issuer-no-login",
	    "the account's issuer logs nobody in, as portvakt.conf has it: "
	    "set login = true there, or give the account another issuer");
}

static void
test_says_why_the_issuer_is_not_ready(void **state)
{
	static const struct {
		int prepare;
		enum issuer_result result;
		enum login_verdict verdict;
		const char *reason;
		const char *detail;
	} rows[] = {
	    {0, ISSUER_UNAVAILABLE, LOGIN_OUTAGE, "provider-outage", "why"},
	    {0, ISSUER_MISCONFIGURED, LOGIN_MISCONFIGURED, "issuer", "why"},
	    {-ENOMEM, ISSUER_READY, LOGIN_OUTAGE, "failed",
		"Cannot allocate memory"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		start_login();
		world.prepare = rows[i].prepare;
		run_begin();
		if (rows[i].prepare == 0)
			issuer_says(rows[i].result, "why");
		assert_int_equal(world.grants, 0);
		assert_told(rows[i].verdict, rows[i].reason, rows[i].detail);
	}
}

/* What was known before is good enough to ask for a code. */
static void
test_goes_on_with_an_issuer_that_is_ready_later(void **state)
{
	static const char *const details[] = {"", "the refresh failed"};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(details); i++) {
		start_login();
		world.prepare = 0;
		run_begin();
		assert_int_equal(world.grants, 0);
		issuer_says(ISSUER_READY, details[i]);
		assert_int_equal(world.grants, 1);
		grant_says(DEVICE_GRANT_TOKEN, NULL);
		assert_told(LOGIN_ALLOW, "granted", "withheld: ko-esas: level");
	}
}

/* The person hangs up: at each place where something is waited for. */
static void
test_freed_early_tells_nobody(void **state)
{
	enum { BEFORE_BEGIN, FOR_ISSUER, FOR_PERSON, FOR_KEYS, PLACES };
	int place;

	(void)state;
	for (place = BEFORE_BEGIN; place < PLACES; place++) {
		start_login();
		world.prepare = place != FOR_ISSUER;
		world.evidence[0] = EVIDENCE_KEY_UNKNOWN;
		if (place != BEFORE_BEGIN)
			run_begin();
		if (place == FOR_KEYS)
			grant_says(DEVICE_GRANT_TOKEN, NULL);
		assert_int_equal(
		    !world.ready, place != FOR_ISSUER && place != FOR_KEYS);
		assert_int_equal(
		    !world.report, place != FOR_PERSON && place != FOR_KEYS);
		free_login();
		assert_int_equal(world.decisions, 0);
	}
	assert_null(authentication_free(NULL));
}

#define CASE(test)                                            \
	cmocka_unit_test_setup(test, to_be_freed_afterwards), \
	    cmocka_unit_test_setup(test, to_be_freed_when_told)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_lets_in_with_what_the_rules_give),
	    CASE(test_asks_for_what_the_service_needs),
	    CASE(test_does_not_ask_for_a_level_that_is_not_there),
	    CASE(test_needs_a_group_of_the_service),
	    CASE(test_numbers_lead_nowhere_at_other_issuers),
	    CASE(test_judges_the_account_as_it_is_now),
	    CASE(test_lets_nobody_in_on_bad_evidence),
	    CASE(test_lets_nobody_in_whose_number_is_not_told),
	    CASE(test_lets_nobody_in_unrecorded),
	    CASE(test_an_unknown_key_is_one_refresh),
	    CASE(test_an_unknown_key_just_after_a_refresh_is_unknown),
	    CASE(test_a_refresh_that_cannot_begin_is_an_outage),
	    CASE(test_keys_that_do_not_come_are_no_refusal),
	    CASE(test_says_how_a_grant_ended),
	    CASE(test_says_why_no_grant_began),
	    CASE(test_needs_the_issuer_of_the_account),
	    CASE(test_needs_an_issuer_of_logins),
	    CASE(test_says_why_the_issuer_is_not_ready),
	    CASE(test_goes_on_with_an_issuer_that_is_ready_later),
	    cmocka_unit_test_setup(
		test_freed_early_tells_nobody, to_be_freed_afterwards),
	};

	return cmocka_run_group_tests_name("authentication", tests, NULL, NULL);
}
