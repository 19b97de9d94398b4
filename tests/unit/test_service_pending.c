/* Questions that an issuer answers, later, never, or after nobody waits. */
#include "broker/service/service_pending.h"

#include "broker/token/introspection.h"
#include "lib/service_protocol.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	int start; /* what the issuer, or who asks it, says at first */
	unsigned int asked;
	unsigned int cancelled;
	issuer_ready_fn ready;
	void *userdata;
	int publish_error;
	unsigned int published;
	char asked_for[512]; /* of the source of tokens, or of introspection */
	token_fn token;
	introspection_fn claims;
	int audit_error;
	char record[512];
	uint64_t deadline_us;
	sd_event_time_handler_t late;
	void *late_userdata;
	unsigned int told;
	char answer[512];
} world;

static struct config config;
static struct realm realm = {.references = 1, .config = &config};
static struct broker broker = {.realm = &realm};

int __wrap_issuer_refresh_keys(struct issuer *issuer, issuer_ready_fn ready,
    void *userdata, struct issuer_wait **ret_wait);
void __wrap_issuer_wait_cancel(struct issuer_wait *wait);
int __wrap_trust_publication_catch_up(struct broker *of);
int __wrap_token_source_ask(struct token_source *source, struct realm *of,
    const struct token_question *question, token_fn token, void *userdata,
    struct token_wait **ret_wait);
void __wrap_token_wait_cancel(struct token_wait *wait);
int __wrap_introspection_new(struct realm *of, const char *issuer,
    const char *token, size_t size, introspection_fn claims, void *userdata,
    struct introspection **ret_introspection);
struct introspection *__wrap_introspection_free(
    struct introspection *introspection);
int __wrap_broker_audit(struct broker *of, const struct audit_record *record);
int __wrap_sd_event_add_time_relative(sd_event *event,
    sd_event_source **ret_source, clockid_t clock, uint64_t usec,
    uint64_t accuracy, sd_event_time_handler_t callback, void *userdata);

int
__wrap_issuer_refresh_keys(struct issuer *issuer, issuer_ready_fn ready,
    void *userdata, struct issuer_wait **ret_wait)
{
	assert_ptr_equal(issuer, (struct issuer *)&config);
	world.asked++;
	if (world.start)
		return world.start;
	world.ready = ready;
	world.userdata = userdata;
	*ret_wait = (struct issuer_wait *)&world;
	return 0;
}

void
__wrap_issuer_wait_cancel(struct issuer_wait *wait)
{
	world.cancelled += wait != NULL;
}

int
__wrap_trust_publication_catch_up(struct broker *of)
{
	assert_ptr_equal(of, &broker);
	assert_int_equal(world.told, 0);
	world.published++;
	return world.publish_error;
}

int
__wrap_sd_event_add_time_relative(sd_event *event, sd_event_source **ret_source,
    clockid_t clock, uint64_t usec, uint64_t accuracy,
    sd_event_time_handler_t callback, void *userdata)
{
	(void)event;
	(void)accuracy;
	assert_int_equal(clock, CLOCK_BOOTTIME);
	*ret_source = NULL;
	world.deadline_us = usec;
	world.late = callback;
	world.late_userdata = userdata;
	return 0;
}

static const char *
or_dash(const char *text)
{
	return text ? text : "-";
}

int
__wrap_token_source_ask(struct token_source *source, struct realm *of,
    const struct token_question *question, token_fn token, void *userdata,
    struct token_wait **ret_wait)
{
	assert_ptr_equal(source, broker.tokens);
	assert_ptr_equal(of, &realm);
	world.asked++;
	(void)snprintf(world.asked_for, sizeof(world.asked_for),
	    "%s %s %s %zu:%s %s %s %d",
	    question->kind == TOKEN_EXCHANGE ? "exchange" : "machine",
	    question->issuer, question->target, question->resources_count,
	    question->resources_count ? question->resources[0] : "-",
	    or_dash(question->authorization_details),
	    or_dash(question->user_token), question->skip_cache);
	if (world.start)
		return world.start;
	world.token = token;
	world.userdata = userdata;
	*ret_wait = (struct token_wait *)&world;
	return 0;
}

void
__wrap_token_wait_cancel(struct token_wait *wait)
{
	world.cancelled += wait != NULL;
}

int
__wrap_introspection_new(struct realm *of, const char *issuer,
    const char *token, size_t size, introspection_fn claims, void *userdata,
    struct introspection **ret_introspection)
{
	assert_ptr_equal(of, &realm);
	assert_int_equal(strlen(token), size);
	(void)snprintf(
	    world.asked_for, sizeof(world.asked_for), "%s %s", issuer, token);
	if (world.start)
		return world.start;
	world.claims = claims;
	world.userdata = userdata;
	*ret_introspection = (struct introspection *)&world;
	return 0;
}

struct introspection *
__wrap_introspection_free(struct introspection *introspection)
{
	world.cancelled += introspection != NULL;
	return NULL;
}

int
__wrap_broker_audit(struct broker *of, const struct audit_record *record)
{
	assert_ptr_equal(of, &broker);
	assert_int_equal(world.told, 0); /* before the answer */
	(void)snprintf(world.record, sizeof(world.record),
	    "%s %s %s %s %s %s %s %s", record->action, record->result,
	    record->reason, record->peer, record->client, record->issuer,
	    record->target, or_dash(record->detail));
	return world.audit_error;
}

static void
told(json_t *answer, void *userdata)
{
	char *text = json_dumps(answer, JSON_COMPACT);

	assert_ptr_equal(userdata, &world);
	assert_non_null(text);
	(void)snprintf(world.answer, sizeof(world.answer), "%s", text);
	world.told++;
	free(text);
	json_decref(answer);
}

static int
set_up(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	config.issuers[0].name = "staff";
	config.issuers_count = 1;
	broker.tokens = (struct token_source *)&world;
	realm.issuers[0] = (struct issuer *)&config;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	assert_int_equal(realm.references, 1);
	return 0;
}

/* NULL and world.answer, or what waits. */
static struct service_pending *
begin(const char *text)
{
	struct service_question question;
	struct service_pending *pending;
	json_t *answer = NULL;
	const char *problem;

	if (service_question_read(text, strlen(text), &question, &problem))
		fail_msg("%s: %s", text, problem);
	question.peer = "uid 990";
	pending =
	    service_pending_new(&broker, &question, told, &world, &answer);
	assert_null(question.document);
	if (pending) {
		assert_null(answer);
		assert_int_equal(realm.references, 2);
		assert_int_equal(world.deadline_us, SERVICE_DEADLINE_MS * 1000);
		return pending;
	}
	told(answer, &world);
	return NULL;
}

#define KEYS "{\"id\":5,\"ask\":\"keys\",\"issuer\":\"staff\"}"

static void
assert_told(const char *answer)
{
	assert_int_equal(world.told, 1);
	assert_string_equal(world.answer, answer);
}

static void
test_keys_are_published_before_it_says_so(void **state)
{
	struct service_pending *pending = begin(KEYS);

	(void)state;
	assert_int_equal(world.told, 0);
	world.ready(ISSUER_READY, "", world.userdata);
	assert_int_equal(world.published, 1);
	assert_told("{\"id\":5,\"ok\":true}");
	service_pending_free(pending);
	assert_int_equal(world.cancelled, 0);
}

static void
test_keys_that_came_just_now(void **state)
{
	(void)state;
	world.start = 1;
	assert_null(begin(KEYS));
	assert_told("{\"id\":5,\"ok\":true}");
}

static void
test_keys_that_do_not_come(void **state)
{
	static const struct {
		enum issuer_result result;
		const char *detail;
		int publish_error;
		const char *answer;
	} cases[] = {
	    {ISSUER_UNAVAILABLE, "refused", 0,
		"{\"id\":5,\"ok\":false,\"error\":\"outage\",\"text\":"
		"\"refused\"}"},
	    {ISSUER_MISCONFIGURED, "another issuer", 0,
		"{\"id\":5,\"ok\":false,\"error\":\"misconfigured\",\"text\":"
		"\"another issuer\"}"},
	    /* The old ones go on, but it is new ones that are asked for. */
	    {ISSUER_READY, "refused", 0,
		"{\"id\":5,\"ok\":false,\"error\":\"outage\",\"text\":"
		"\"refused\"}"},
	    {ISSUER_READY, "", -ENOSPC,
		"{\"id\":5,\"ok\":false,\"error\":\"outage\",\"text\":\"the "
		"trust image could not be published; see the journal of "
		"portvaktd\"}"},
	};
	struct service_pending *pending;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)set_up(state);
		world.publish_error = cases[i].publish_error;
		pending = begin(KEYS);
		world.ready(cases[i].result, cases[i].detail, world.userdata);
		assert_told(cases[i].answer);
		service_pending_free(pending);
	}
}

static void
test_keys_that_cannot_be_asked_for(void **state)
{
	(void)state;
	assert_null(begin("{\"id\":5,\"ask\":\"keys\",\"issuer\":\"x\"}"));
	assert_told("{\"id\":5,\"ok\":false,\"error\":\"issuer-unknown\","
		    "\"text\":\"no issuer section of portvakt.conf has this "
		    "name\"}");
	assert_int_equal(world.asked, 0);
	(void)set_up(state);
	world.start = -EBUSY;
	assert_null(begin(KEYS));
	assert_told(
	    "{\"id\":5,\"ok\":false,\"error\":\"busy\",\"text\":\"too "
	    "many requests to issuers are under way, or too much was to be "
	    "recorded\"}");
	(void)set_up(state);
	world.start = -ENOMEM;
	assert_null(begin(KEYS));
	assert_told("{\"id\":5,\"ok\":false,\"error\":\"outage\",\"text\":"
		    "\"Cannot allocate memory\"}");
}

#define TOKEN                                                             \
	"{\"id\":6,\"ask\":\"token\",\"client\":\"saker\",\"issuer\":"    \
	"\"maskin\",\"target\":\"ks:fiks\",\"resource\":[\"https://a\"]," \
	"\"authorization_details\":[{\"type\":\"x\"}],\"skip_cache\":true}"
#define EXCHANGE                                                          \
	"{\"id\":6,\"ask\":\"exchange\",\"client\":\"saker\",\"issuer\":" \
	"\"tokenx\",\"target\":\"a:b:c\",\"user_token\":\"x.y.z\"}"

static const struct token_reply good_token = {
    .outcome = TOKEN_GOOD,
    .access_token = "kanari-token-7",
    .token_type = "Bearer",
    .expires_in_s = 119,
};

static bool
token_given(void)
{
	struct service_pending *pending = begin(TOKEN);

	if (!pending)
		return false;
	world.token(&good_token, world.userdata);
	service_pending_free(pending);
	return true;
}

static void
test_a_token_is_recorded_and_handed_out(void **state)
{
	struct service_pending *pending = begin(TOKEN);

	(void)state;
	assert_string_equal(world.asked_for,
	    "machine maskin ks:fiks 1:https://a [{\"type\":\"x\"}] - 1");
	world.token(&good_token, world.userdata);
	assert_told("{\"id\":6,\"ok\":true,\"access_token\":"
		    "\"kanari-token-7\",\"token_type\":\"Bearer\","
		    "\"expires_in\":119}");
	assert_string_equal(world.record,
	    "token-out allow handed-out uid 990 saker maskin ks:fiks -");
	service_pending_free(pending);
	assert_int_equal(world.cancelled, 0);
}

/* So that an API that was taken over gets none in silence. */
static void
test_a_token_without_a_record_is_not_handed_out(void **state)
{
	struct service_pending *pending;

	(void)state;
	world.audit_error = -ENOSPC;
	pending = begin(EXCHANGE);
	assert_string_equal(
	    world.asked_for, "exchange tokenx a:b:c 0:- - x.y.z 0");
	world.token(&good_token, world.userdata);
	assert_told("{\"id\":6,\"ok\":false,\"error\":\"outage\",\"text\":"
		    "\"it cannot be recorded, so no token is handed out\"}");
	service_pending_free(pending);
}

/* As many as may be recorded, and no more. */
static void
test_tokens_take_the_room_of_records(void **state)
{
	unsigned int given;

	(void)state;
	for (given = 0; given < 20000; given++) {
		world.told = 0;
		if (!token_given())
			break;
	}
	assert_in_range(given, 16384, 19999);
	assert_string_equal(world.answer,
	    "{\"id\":6,\"ok\":false,\"error\":\"busy\",\"text\":\"too many "
	    "requests to issuers are under way, or too much was to be "
	    "recorded\"}");
	assert_int_equal(world.asked, given);
	broker.records_rate = (struct rate){0};
}

static void
test_what_is_no_token_is_recorded_too(void **state)
{
	static const struct {
		struct token_reply reply;
		const char *answer;
		const char *record;
	} cases[] = {
	    {{.outcome = TOKEN_REFUSED,
		 .status = 400,
		 .error = "invalid_scope",
		 .detail = "not for 15869000016"},
		"{\"id\":6,\"ok\":false,\"error\":\"refused\",\"text\":"
		"\"(an identity number was here)\",\"status\":400,\"code\":"
		"\"invalid_scope\"}",
		"exchange-out deny invalid_scope uid 990 saker tokenx a:b:c "
		"(an identity number was here)"},
	    {{.outcome = TOKEN_OUTAGE, .detail = "down"},
		"{\"id\":6,\"ok\":false,\"error\":\"outage\",\"text\":"
		"\"down\"}",
		"exchange-out outage not-got uid 990 saker tokenx a:b:c down"},
	    {{.outcome = TOKEN_MISCONFIGURED, .detail = "no key"},
		"{\"id\":6,\"ok\":false,\"error\":\"misconfigured\","
		"\"text\":\"no key\"}",
		"exchange-out misconfigured not-got uid 990 saker tokenx a:b:c "
		"no key"},
	};
	struct service_pending *pending;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)set_up(state);
		pending = begin(EXCHANGE);
		world.token(&cases[i].reply, world.userdata);
		assert_told(cases[i].answer);
		assert_string_equal(world.record, cases[i].record);
		service_pending_free(pending);
	}
}

#define OPAQUE                                                              \
	"{\"id\":6,\"ask\":\"introspect\",\"client\":\"saker\",\"issuer\":" \
	"\"internal\",\"token\":\"kanari-opak\"}"

static void
test_hands_on_what_an_issuer_says_of_a_token(void **state)
{
	static const struct {
		struct introspection_reply reply;
		const char *answer;
	} cases[] = {
	    {{.outcome = INTROSPECTION_GOOD,
		 .claims = "{\"active\":true,\"sub\":\"x\"}?",
		 .claims_size = 25},
		"{\"id\":6,\"ok\":true,\"claims\":{\"active\":true,"
		"\"sub\":\"x\"}}"},
	    {{.outcome = INTROSPECTION_GOOD, .claims = "[]", .claims_size = 2},
		"{\"id\":6,\"ok\":false,\"error\":\"outage\",\"text\":"
		"\"what the issuer says of the token cannot be read\"}"},
	    {{.outcome = INTROSPECTION_OUTAGE, .detail = "down"},
		"{\"id\":6,\"ok\":false,\"error\":\"outage\",\"text\":"
		"\"down\"}"},
	    {{.outcome = INTROSPECTION_MISCONFIGURED, .detail = "no key"},
		"{\"id\":6,\"ok\":false,\"error\":\"misconfigured\","
		"\"text\":\"no key\"}"},
	};
	struct service_pending *pending;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)set_up(state);
		pending = begin(OPAQUE);
		assert_string_equal(world.asked_for, "internal kanari-opak");
		world.claims(&cases[i].reply, world.userdata);
		assert_told(cases[i].answer);
		service_pending_free(pending);
	}
}

static void
test_an_issuer_that_is_not_to_be_asked(void **state)
{
	(void)state;
	world.start = -EPERM;
	assert_null(begin(OPAQUE));
	assert_told("{\"id\":6,\"ok\":false,\"error\":\"misconfigured\","
		    "\"text\":\"the issuer's section does not say "
		    "introspection\"}");
	(void)set_up(state);
	world.start = -ENOENT;
	assert_null(begin(TOKEN));
	assert_told("{\"id\":6,\"ok\":false,\"error\":\"issuer-unknown\","
		    "\"text\":\"no issuer section of portvakt.conf has this "
		    "name\"}");
}

static void
test_what_takes_too_long(void **state)
{
	struct service_pending *pending = begin(KEYS);

	(void)state;
	assert_int_equal(world.late(NULL, 0, world.late_userdata), 0);
	assert_int_equal(world.cancelled, 1);
	assert_told("{\"id\":5,\"ok\":false,\"error\":\"outage\",\"text\":"
		    "\"the issuer did not answer in time\"}");
	service_pending_free(pending);
	assert_int_equal(world.cancelled, 1);
}

static void
test_what_nobody_waits_for_is_cancelled(void **state)
{
	(void)state;
	service_pending_free(begin(KEYS));
	assert_int_equal(world.cancelled, 1);
	service_pending_free(begin(TOKEN));
	assert_int_equal(world.cancelled, 2);
	service_pending_free(begin(OPAQUE));
	assert_int_equal(world.cancelled, 3);
	assert_int_equal(world.told, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	    TEST(test_keys_are_published_before_it_says_so),
	    TEST(test_keys_that_came_just_now),
	    TEST(test_keys_that_do_not_come),
	    TEST(test_keys_that_cannot_be_asked_for),
	    TEST(test_a_token_is_recorded_and_handed_out),
	    TEST(test_a_token_without_a_record_is_not_handed_out),
	    TEST(test_tokens_take_the_room_of_records),
	    TEST(test_what_is_no_token_is_recorded_too),
	    TEST(test_hands_on_what_an_issuer_says_of_a_token),
	    TEST(test_an_issuer_that_is_not_to_be_asked),
	    TEST(test_what_takes_too_long),
	    TEST(test_what_nobody_waits_for_is_cancelled),
	};

	return cmocka_run_group_tests_name(
	    "service_pending", tests, NULL, NULL);
}
