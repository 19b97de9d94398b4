/*
 * What portvakt-api asks the broker before it answers. What libportvakt says
 * and what the broker says is the test's.
 */
#include "broker/api/api.h"
#include "broker/api/opaque.h"
#include "broker/clock.h"
#include "broker/json_document.h"
#include "tests/unit/trust_fixture.h"
#include "tests/unit/unit.h"
#include "verify/portvakt_private.h"
#include "verify/result.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* {"alg":"RS256","kid":"k"} {"iss":"https://staff.example"} */
#define TOKEN                                         \
	"eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ."         \
	"eyJpc3MiOiJodHRwczovL3N0YWZmLmV4YW1wbGUifQ." \
	"eHh4"
#define OPAQUE "opaque-1"
#define FORM "application/x-www-form-urlencoded"
#define JSON "application/json"
#define PID "01815010260"

enum { QUESTIONS_MAX = 64 };

struct question_asked {
	json_t *question;
	upstream_fn told; /* NULL: it is told, or dropped */
	void *userdata;
};

struct world {
	char folder[64];
	char image[96];
	struct api api;
	struct api_config config;
	/* What libportvakt says. */
	enum portvakt_reason reason;
	enum portvakt_subject kind;
	const char *account;
	const char *token_id;
	bool owned; /* a refusal knows whose it is */
	size_t scopes_count;
	bool links; /* it asks whose the subject is */
	bool known;
	bool no_group; /* of any name */
	unsigned int judged;
	unsigned int confirmed;
	int64_t links_epoch; /* of the image it judges by */
	char scopes[64]; /* that it was asked for last, and the audience */
	char claims[256]; /* that it judged last */
	char claims_issuer[64];
	/* The broker. */
	bool dead;
	struct question_asked asked[QUESTIONS_MAX];
	size_t asked_count;
	/* The request under way. */
	struct errand errand;
	struct api_call call;
	unsigned int woken;
	bool answered;
	struct answer answer;
};

static struct world *world;

int __wrap_portvakt_knows_group(struct portvakt *portvakt, const char *name);
bool __wrap_portvakt_verify_presented(struct portvakt *portvakt,
    const struct portvakt_presented *presented, const char *audience,
    const struct portvakt_options *options,
    struct portvakt_result **ret_result);
bool __wrap_portvakt_was_known(const struct portvakt *portvakt);
int __wrap_upstream_ask(struct upstream *upstream, json_t *question,
    int deadline_ms, upstream_fn told, void *userdata, uint64_t *ret_id);
void __wrap_upstream_drop(struct upstream *upstream, uint64_t id);

static struct portvakt_result *
make_result(const char *account)
{
	static char long_scope[256];
	static struct identity identity = {
	    .issued_at_s = 1000, .expires_at_s = 2000};
	struct result_source source = {.kind = world->kind,
	    .texts = {[RESULT_ACCOUNT] = slice_of(account ? account : ""),
		[RESULT_ISSUER] = slice_of(TRUST_FIXTURE_STAFF),
		[RESULT_ISSUER_NAME] = slice_of("staff"),
		[RESULT_SUBJECT] = slice_of("s-1"),
		[RESULT_TOKEN_ID] = slice_of(world->token_id)},
	    .identity = &identity};
	struct portvakt_result *result;

	memset(long_scope, 'x', sizeof(long_scope) - 1);
	identity.scopes[0] = slice_of("ko:les");
	identity.scopes[1] = slice_of(long_scope);
	identity.scopes[2] = slice_of("ko:skriv");
	identity.scopes_count = world->scopes_count;
	assert_int_equal(result_new(&source, &result), 0);
	return result;
}

/* As the library's judge does when nobody is linked in the image. */
static struct portvakt_result *
link_result(void)
{
	const struct link_query query = {.issuer = "staff",
	    .subject = slice_of("s-1"),
	    .person_number = slice_of(PID),
	    .expires_at_s = 2000,
	    .now_s = 1000,
	    .links_epoch = world->links_epoch};
	struct link_holder holder;
	int error = link_find(&world->api.linking, &query, &holder);

	if (error == -ENOENT)
		return make_result(NULL);
	if (error)
		return result_new_refusal(PORTVAKT_LINK_UNAVAILABLE, NULL);
	return world->reason == PORTVAKT_GOOD
		   ? make_result(holder.account)
		   : result_new_refusal(world->reason, NULL);
}

static struct portvakt_result *
make_refusal(void)
{
	const struct slice texts[RESULT_TEXTS] = {
	    [RESULT_ACCOUNT] = slice_of("kari"),
	    [RESULT_SUBJECT] = slice_of("s-1"),
	    [RESULT_CLIENT_ID] = slice_of("nettleser"),
	    [RESULT_TOKEN_ID] = slice_of("t-1"),
	    [RESULT_SESSION] = slice_of("s-7")};

	return world->owned ? result_new_refusal_of(world->reason, NULL, texts)
			    : result_new_refusal(world->reason, NULL);
}

static bool
judge_anyhow(struct portvakt_result **ret_result)
{
	world->judged++;
	if (world->links)
		*ret_result = link_result();
	else if (world->reason == PORTVAKT_GOOD)
		*ret_result = make_result(world->account);
	else
		*ret_result = make_refusal();
	return portvakt_result_verdict(*ret_result) == PORTVAKT_VERDICT_GOOD;
}

bool
__wrap_portvakt_verify_presented(struct portvakt *portvakt,
    const struct portvakt_presented *presented, const char *audience,
    const struct portvakt_options *options, struct portvakt_result **ret_result)
{
	size_t i;

	(void)portvakt;
	(void)options;
	assert_string_equal(audience, "app");
	world->confirmed += presented->confirmed;
	if (presented->answer) {
		assert_int_equal(presented->token_size, strlen(OPAQUE));
		assert_int_equal(
		    presented->answer_size, strlen(presented->answer));
		(void)snprintf(world->claims, sizeof(world->claims), "%s",
		    presented->answer);
		(void)snprintf(world->claims_issuer,
		    sizeof(world->claims_issuer), "%s", presented->issuer);
	}
	world->scopes[0] = '\0';
	for (i = 0; i < options->scopes_count; i++) {
		(void)strcat(world->scopes, options->scopes[i]);
		(void)strcat(world->scopes, " ");
	}
	return judge_anyhow(ret_result);
}

int
__wrap_portvakt_knows_group(struct portvakt *portvakt, const char *name)
{
	(void)portvakt;
	(void)name;
	return !world->no_group;
}

bool
__wrap_portvakt_was_known(const struct portvakt *portvakt)
{
	(void)portvakt;
	return world->known;
}

int
__wrap_upstream_ask(struct upstream *upstream, json_t *question,
    int deadline_ms, upstream_fn told, void *userdata, uint64_t *ret_id)
{
	struct question_asked *asked = &world->asked[world->asked_count];

	(void)upstream;
	assert_non_null(question);
	assert_true(deadline_ms > 0);
	if (world->dead) {
		json_decref(question);
		return -ECONNREFUSED;
	}
	assert_true(world->asked_count < QUESTIONS_MAX);
	*asked = (struct question_asked){question, told, userdata};
	*ret_id = ++world->asked_count;
	return 0;
}

void
__wrap_upstream_drop(struct upstream *upstream, uint64_t id)
{
	(void)upstream;
	world->asked[id - 1].told = NULL;
}

static void
publish(void)
{
	struct trust_writer *writer;

	assert_int_equal(trust_writer_new(&writer), 0);
	assert_int_equal(trust_fixture_fill(writer, NULL), 0);
	assert_int_equal(trust_writer_publish(writer, 7, world->image), 0);
	(void)trust_writer_free(writer);
}

static void
fill_config(struct api_config *config)
{
	static const char *const audiences[] = {"app"};
	static const char *const claims[] = {"username"};
	static const char *const targets[] = {"staff:ko:x", "partner:p:y"};
	static const char *const exchanges[] = {"staff:cluster:ns:b"};
	static const char *const resources[] = {"staff:https://r"};
	static const char *const organisations[] = {"staff:0192:974760673"};
	static const char *const types[] = {"staff:a"};
	const struct api_client app = {.name = "app",
	    .has_uid = true,
	    .uid = 1001,
	    .audiences = {audiences, 1},
	    .claims = {claims, 1},
	    .token_targets = {targets, 2},
	    .token_resources = {resources, 1},
	    .token_details_for = {organisations, 1},
	    .token_details_types = {types, 1},
	    .exchange_targets = {exchanges, 1}};

	config->clients[0] = app;
	config->clients[1] = app;
	config->clients[1].name = "strict";
	config->clients[1].uid = 1002;
	config->clients[1].records_each = true;
	config->clients[2] = app;
	config->clients[2].name = "blind";
	config->clients[2].uid = 1003;
	config->clients[2].claims.count = 0;
	config->clients[2].token_targets.count = 0;
	config->clients[2].exchange_targets.count = 0;
	config->clients_count = 3;
	config->locations[0] =
	    (struct api_location){.path = "/auth/app", .group = "ko-x"};
	config->locations_count = 1;
}

static int
set_up(void **state)
{
	(void)state;
	world = calloc(1, sizeof(*world));
	assert_non_null(world);
	(void)strcpy(world->folder, "/tmp/test-errand-XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	(void)snprintf(
	    world->image, sizeof(world->image), "%s/image", world->folder);
	publish();
	fill_config(&world->config);
	world->reason = PORTVAKT_GOOD;
	world->kind = PORTVAKT_SUBJECT_PERSON;
	world->account = "kari";
	world->token_id = "t-1";
	world->api.config = &world->config;
	world->api.issuers.path = world->image;
	assert_int_equal(metrics_new(1, &world->api.metrics), 0);
	assert_int_equal(
	    recorder_new(NULL, world->api.metrics, 0, &world->api.recorder), 0);
	return opaque_cache_new(&world->api.opaque);
}

static int
tear_down(void **state)
{
	size_t i;

	(void)state;
	errand_done(&world->errand);
	answer_done(&world->answer);
	recorder_free(world->api.recorder);
	opaque_done(&world->api);
	opaque_cache_free(world->api.opaque);
	issuers_done(&world->api.issuers);
	metrics_free(world->api.metrics);
	for (i = 0; i < world->asked_count; i++)
		json_decref(world->asked[i].question);
	(void)unlink(world->image);
	assert_int_equal(rmdir(world->folder), 0);
	free(world);
	return 0;
}

static void
call_again(void)
{
	answer_done(&world->answer);
	world->answered = api_answer(&world->api, &world->call, &world->answer);
}

static void
on_wake(void *userdata)
{
	(void)userdata;
	world->woken++;
	call_again();
}

static void
begin(struct api_call call)
{
	errand_done(&world->errand);
	world->errand.wake = on_wake;
	world->call = call;
	world->call.local = true;
	world->call.errand = &world->errand;
	call_again();
}

static void
post(uid_t uid, const char *path, const char *type, const char *body)
{
	begin((struct api_call){.uid = uid,
	    .method = "POST",
	    .path = path,
	    .content_type = type,
	    .body = body,
	    .size = strlen(body)});
}

static void
introspect(uid_t uid)
{
	post(uid, "/introspect", FORM, "token=" TOKEN);
}

static json_t *
last(void)
{
	assert_true(world->asked_count > 0);
	return world->asked[world->asked_count - 1].question;
}

static const char *
last_text(const char *member)
{
	const char *text = json_string_value(json_object_get(last(), member));

	return text ? text : "";
}

/* The only record, or the first, of the last question. */
static const char *
record_text(const char *member)
{
	json_t *records = json_object_get(last(), "records");
	const char *text = json_string_value(
	    json_object_get(json_array_get(records, 0), member));

	return text ? text : "";
}

/* What the broker says to the last question. */
static void
reply(const char *json)
{
	struct question_asked *asked = &world->asked[world->asked_count - 1];
	json_document *answer = json ? json_loads(json, 0, NULL) : NULL;
	upstream_fn told = asked->told;

	assert_true(!json || answer);
	assert_non_null(told);
	asked->told = NULL;
	told(answer, asked->userdata);
}

static void
expect_body(unsigned int status, const char *body)
{
	assert_true(world->answered);
	assert_int_equal(world->answer.status, status);
	assert_non_null(world->answer.body);
	assert_string_equal(world->answer.body, body);
}

static void
expect_status(unsigned int status)
{
	assert_true(world->answered);
	assert_int_equal(world->answer.status, status);
}

/* Whatever waits in the recorder is asked by now. */
static void
flush_records(void)
{
	recorder_finish(world->api.recorder);
}

#define GOOD_TOKEN                                                   \
	"{\"id\":1,\"ok\":true,\"access_token\":\"at\",\"token_type" \
	"\":\"Bearer\",\"expires_in\":77}"
#define KEPT "{\"id\":2,\"ok\":true}"
#define ASK_TOKEN "{\"identity_provider\":\"staff\",\"target\":\"ko:x\"}"

static void
test_token(void **state)
{
	(void)state;
	post(1001, "/api/v1/token", JSON, ASK_TOKEN);
	assert_false(world->answered);
	assert_string_equal(last_text("ask"), "token");
	assert_string_equal(last_text("client"), "app");
	assert_string_equal(last_text("issuer"), "staff");
	assert_string_equal(last_text("target"), "ko:x");
	assert_int_equal(json_object_size(last()), 5);
	reply(GOOD_TOKEN);
	/* Nobody has it before it is recorded. */
	assert_false(world->answered);
	assert_string_equal(last_text("ask"), "record");
	assert_string_equal(record_text("action"), "token");
	assert_string_equal(record_text("client"), "app");
	assert_string_equal(record_text("target"), "ko:x");
	assert_string_equal(record_text("result"), "allow");
	reply(KEPT);
	expect_body(200, "{\"access_token\":\"at\",\"token_type\":\"Bearer\","
			 "\"expires_in\":77}");
	assert_int_equal(world->asked_count, 2);
	assert_int_equal(world->woken, 2);
}

static void
test_token_without_a_record_is_not_given(void **state)
{
	(void)state;
	post(1001, "/api/v1/token", JSON, ASK_TOKEN);
	reply(GOOD_TOKEN);
	reply("{\"id\":2,\"ok\":false,\"error\":\"outage\",\"text\":\"x\"}");
	expect_status(503);
	assert_null(world->answer.body);
	post(1001, "/api/v1/token", JSON, ASK_TOKEN);
	reply(GOOD_TOKEN);
	reply(NULL);
	expect_status(503);
}

static void
test_token_takes_all_that_texas_does(void **state)
{
	json_t *question;

	(void)state;
	post(1001, "/api/v1/token", "application/json; charset=utf-8",
	    "{\"identity_provider\":\"staff\",\"target\":\"ko:x\","
	    "\"resource\":\"https://r\",\"skip_cache\":true,"
	    "\"authorization_details\":[{\"type\":\"a\"}]}");
	question = json_incref(last());
	assert_true(json_is_true(json_object_get(question, "skip_cache")));
	post(1001, "/api/v1/token", FORM,
	    "identity_provider=staff&target=ko%3Ax&resource=https://r"
	    "&skip_cache=true&authorization_details=%5B%7B%22type%22:%22a%22"
	    "%7D%5D");
	assert_int_equal(world->asked_count, 2);
	assert_true(json_equal(question, last()));
	assert_int_equal(
	    json_array_size(json_object_get(question, "resource")), 1);
	json_decref(question);
	/* By its kind, too. */
	post(1001, "/api/v1/token", JSON,
	    "{\"identity_provider\":\"maskinporten\",\"target\":\"p:y\"}");
	assert_string_equal(last_text("issuer"), "partner");
}

static void
test_bodies_that_are_none(void **state)
{
	static const struct {
		const char *type;
		const char *body;
		const char *problem;
	} cases[] = {{"text/plain", ASK_TOKEN,
			 "content type must be application/json or "
			 "application/x-www-form-urlencoded"},
	    {JSON, "", "the body cannot be read"},
	    {JSON, "[]", "the body cannot be read"},
	    {JSON, ASK_TOKEN "x", "the body cannot be read"},
	    {JSON, "{\"target\":\"ko:x\"}",
		"missing field `identity_provider`"},
	    {JSON, "{\"identity_provider\":\"staff\"}",
		"missing field `target`"},
	    {JSON, "{\"identity_provider\":\"staff\",\"target\":1}",
		"the body cannot be read"},
	    {JSON,
		"{\"identity_provider\":\"staff\",\"target\":\"t\","
		"\"skip_cache\":\"true\"}",
		"skip_cache: write true or false"},
	    {FORM, "identity_provider=staff&target=t&skip_cache=1",
		"skip_cache: write true or false"},
	    {JSON,
		"{\"identity_provider\":\"staff\",\"target\":\"t\","
		"\"resource\":[1]}",
		"resource: write a text, or an array of at most 8"},
	    {JSON,
		"{\"identity_provider\":\"staff\",\"target\":\"t\","
		"\"authorization_details\":\"[]\"}",
		"authorization_details: write an array of at most 16 "
		"objects"},
	    {FORM, "identity_provider=staff&target=t&authorization_details={}",
		"authorization_details: write an array of at most 16 objects, "
		"in JSON"},
	    {JSON, "{\"identity_provider\":\"nav\",\"target\":\"t\"}",
		"identity_provider: unknown value"},
	    {JSON, "{\"identity_provider\":\"tokenx\",\"target\":\"t\"}",
		"identity provider 'tokenx' is not enabled"}};
	char body[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		post(1001, "/api/v1/token", cases[i].type, cases[i].body);
		(void)snprintf(body, sizeof(body),
		    "{\"error\":\"invalid_request\",\"error_description\":"
		    "\"%s\"}",
		    cases[i].problem);
		expect_body(400, body);
	}
	assert_int_equal(world->asked_count, 0);
}

static void
test_targets_that_are_not_listed(void **state)
{
	static const char *const bodies[] = {
	    "{\"identity_provider\":\"staff\",\"target\":\"ko:y\"}",
	    "{\"identity_provider\":\"staff\",\"target\":\"\"}",
	    "{\"identity_provider\":\"staff\",\"target\":\"p:y\"}",
	    "{\"identity_provider\":\"partner\",\"target\":\"ko:x\"}",
	    "{\"identity_provider\":\"staff\",\"target\":\"cluster:ns:b\"}"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		post(1001, "/api/v1/token", JSON, bodies[i]);
		expect_body(403,
		    "{\"error\":\"access_denied\",\"error_description\":"
		    "\"the target is not in token_targets of this client\"}");
	}
	post(1003, "/api/v1/token", JSON, ASK_TOKEN);
	expect_status(403);
	assert_int_equal(world->asked_count, 0);
	flush_records();
	assert_string_equal(record_text("result"), "deny");
	assert_string_equal(record_text("reason"), "target-not-listed");
	assert_string_equal(record_text("target"), "ko:y");
}

#define ASK_BEYOND(members) \
	"{\"identity_provider\":\"staff\",\"target\":\"ko:x\"," members "}"
#define SYSTEM_USER(organisation)                                            \
	"\"authorization_details\":[{\"type\":\"urn:altinn:systemuser\","    \
	"\"systemuser_org\":{\"authority\":\"iso6523-actorid-upis\",\"ID\":" \
	"\"" organisation "\"}}]"

static const char *
text_in(const json_t *record, const char *member)
{
	const char *text = json_string_value(json_object_get(record, member));

	return text ? text : "";
}

static void
test_resources_and_details_that_are_not_listed(void **state)
{
	static const struct {
		const char *body;
		const char *reason;
		const char *resource;
		const char *authorization;
	} cases[] = {
	    {ASK_BEYOND("\"resource\":\"https://lonn\""), "resource-not-listed",
		"https://lonn", ""},
	    {ASK_BEYOND("\"resource\":[\"https://r\",\"https://r/\"]"),
		"resource-not-listed", "https://r https://r/", ""},
	    {ASK_BEYOND(SYSTEM_USER("0192:911830868")), "details-not-listed",
		"", "urn:altinn:systemuser=0192:911830868"},
	    {ASK_BEYOND("\"authorization_details\":[{\"type\":\"b\"}]"),
		"details-not-listed", "", "b"},
	    {ASK_BEYOND("\"authorization_details\":[{\"type\":\"a\"},{}]"),
		"details-not-listed", "", "a"},
	};
	const json_t *record;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		post(1001, "/api/v1/token", JSON, cases[i].body);
		expect_status(403);
	}
	assert_int_equal(world->asked_count, 0);
	flush_records();
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		record = json_array_get(json_object_get(last(), "records"), i);
		assert_string_equal(text_in(record, "result"), "deny");
		assert_string_equal(text_in(record, "reason"), cases[i].reason);
		assert_string_equal(
		    text_in(record, "resource"), cases[i].resource);
		assert_string_equal(
		    text_in(record, "authorization"), cases[i].authorization);
	}
	post(1001, "/api/v1/token", JSON,
	    ASK_BEYOND(
		"\"resource\":\"https://r\"," SYSTEM_USER("0192:974760673")));
	assert_string_equal(last_text("ask"), "token");
}

static void
test_refusals_of_the_issuer_pass(void **state)
{
	static const struct {
		const char *answer;
		unsigned int status;
		const char *body;
	} cases[] = {
	    {"{\"ok\":false,\"error\":\"refused\",\"status\":401,\"code\":"
	     "\"invalid_client\",\"text\":\"no\"}",
		401,
		"{\"error\":\"invalid_client\",\"error_description\":\"no\"}"},
	    {"{\"ok\":false,\"error\":\"refused\",\"status\":200,\"code\":"
	     "\"invalid_scope\",\"text\":\"no\"}",
		400,
		"{\"error\":\"invalid_scope\",\"error_description\":\"no\"}"},
	    {"{\"ok\":false,\"error\":\"not-configured\",\"text\":\"x\"}", 400,
		"{\"error\":\"invalid_request\",\"error_description\":"
		"\"identity provider 'staff' does not support token "
		"requests\"}"},
	    {"{\"ok\":false,\"error\":\"outage\",\"text\":\"no answer\"}", 500,
		"{\"error\":\"server_error\",\"error_description\":"
		"\"no answer\"}"},
	    {"{\"ok\":false,\"error\":\"misconfigured\",\"text\":\"key\"}", 500,
		"{\"error\":\"server_error\",\"error_description\":\"key\"}"},
	    {"{\"ok\":false,\"error\":\"busy\",\"text\":\"x\"}", 503,
		"{\"error\":\"server_error\",\"error_description\":"
		"\"the broker does not answer\"}"},
	    {"{\"ok\":true}", 500,
		"{\"error\":\"server_error\",\"error_description\":"
		"\"the broker's answer has no token\"}"},
	    {NULL, 503,
		"{\"error\":\"server_error\",\"error_description\":"
		"\"the broker does not answer\"}"}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		post(1001, "/api/v1/token", JSON, ASK_TOKEN);
		reply(cases[i].answer);
		expect_body(cases[i].status, cases[i].body);
	}
	world->dead = true;
	post(1001, "/api/v1/token", JSON, ASK_TOKEN);
	expect_status(503);
	assert_string_equal(world->answer.headers[1].name, "Retry-After");
}

#define ASK_EXCHANGE                                                \
	"{\"identity_provider\":\"staff\",\"target\":\"cluster:ns:" \
	"b\",\"user_token\":\"" TOKEN "\\n\"}"

#define ASK_TOKEN_OF_NOBODY                                  \
	"{\"identity_provider\":\"staff\",\"target\":\"x\"," \
	"\"user_token\":\"" TOKEN "\"}"

static void
test_exchange(void **state)
{
	(void)state;
	post(1001, "/api/v1/token/exchange", JSON, ASK_EXCHANGE);
	assert_false(world->answered);
	assert_string_equal(last_text("ask"), "exchange");
	assert_string_equal(last_text("user_token"), TOKEN);
	assert_string_equal(last_text("target"), "cluster:ns:b");
	reply(GOOD_TOKEN);
	assert_string_equal(record_text("action"), "exchange");
	assert_string_equal(record_text("account"), "kari");
	assert_string_equal(record_text("subject"), "");
	reply(KEPT);
	expect_status(200);
	/* Before the question and after it, however often it was called. */
	assert_int_equal(world->judged, 2);
}

static void
test_exchange_of_a_token_that_is_good_no_more(void **state)
{
	(void)state;
	post(1001, "/api/v1/token/exchange", JSON, ASK_EXCHANGE);
	world->reason = PORTVAKT_ACCOUNT_LOCKED;
	reply(GOOD_TOKEN);
	expect_status(400);
	assert_non_null(
	    strstr(world->answer.body, "user_token: account-locked"));
	assert_null(strstr(world->answer.body, "access_token"));
	flush_records();
	assert_string_equal(record_text("result"), "deny");
	assert_string_equal(record_text("reason"), "account-locked");
	world->reason = PORTVAKT_GOOD;
	post(1002, "/api/v1/token/exchange", JSON, ASK_EXCHANGE);
	world->reason = PORTVAKT_ACCOUNT_LOCKED;
	reply(GOOD_TOKEN);
	assert_false(world->answered);
	assert_string_equal(record_text("result"), "deny");
	reply(KEPT);
	expect_status(400);
	assert_non_null(
	    strstr(world->answer.body, "user_token: account-locked"));
}

static void
expect_record_first(
    const char *path, const char *body, unsigned int status, const char *reason)
{
	post(1002, path, JSON, body);
	if (strcmp(last_text("ask"), "record") != 0)
		reply("{\"ok\":false,\"error\":\"refused\",\"status\":400}");
	assert_false(world->answered);
	assert_string_equal(last_text("ask"), "record");
	assert_string_equal(record_text("client"), "strict");
	assert_string_equal(record_text("result"), "deny");
	assert_string_equal(record_text("reason"), reason);
	reply(KEPT);
	expect_status(status);
	post(1002, path, JSON, body);
	if (strcmp(last_text("ask"), "record") != 0)
		reply("{\"ok\":false,\"error\":\"refused\",\"status\":400}");
	reply("{\"ok\":false,\"error\":\"outage\",\"text\":\"disk\"}");
	expect_status(503);
	assert_null(world->answer.body);
}

static void
test_each_refusal_is_recorded_before_it_is_told(void **state)
{
	(void)state;
	expect_record_first("/api/v1/token", ASK_TOKEN, 400, "refused");
	expect_record_first(
	    "/api/v1/token/exchange", ASK_EXCHANGE, 400, "refused");
	expect_record_first("/api/v1/token/exchange", ASK_TOKEN_OF_NOBODY, 403,
	    "target-not-listed");
	world->reason = PORTVAKT_EXPIRED;
	expect_record_first(
	    "/api/v1/token/exchange", ASK_EXCHANGE, 400, "expired");
	world->dead = true;
	post(1002, "/api/v1/token/exchange", JSON, ASK_EXCHANGE);
	expect_status(503);
	assert_null(world->answer.body);
	world->reason = PORTVAKT_NO_KEYS;
	post(1002, "/api/v1/token/exchange", JSON, ASK_EXCHANGE);
	expect_status(503);
	assert_null(world->answer.body);
}

static void
test_exchange_is_for_good_tokens_of_people(void **state)
{
	static const struct {
		enum portvakt_reason reason;
		enum portvakt_subject kind;
		unsigned int status;
		const char *text;
	} cases[] = {{PORTVAKT_EXPIRED, PORTVAKT_SUBJECT_PERSON, 400,
			 "user_token: expired"},
	    {PORTVAKT_PROOF_MISSING, PORTVAKT_SUBJECT_PERSON, 400,
		"user_token: proof-missing"},
	    {PORTVAKT_GOOD, PORTVAKT_SUBJECT_MACHINE, 400,
		"user_token: not-of-a-person"},
	    {PORTVAKT_NO_KEYS, PORTVAKT_SUBJECT_PERSON, 503,
		"user_token: nobody can say at present"}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		world->reason = cases[i].reason;
		world->kind = cases[i].kind;
		world->account = NULL;
		post(1001, "/api/v1/token/exchange", JSON, ASK_EXCHANGE);
		expect_status(cases[i].status);
		assert_non_null(strstr(world->answer.body, cases[i].text));
	}
	post(1003, "/api/v1/token/exchange", JSON, ASK_EXCHANGE);
	expect_status(403);
	post(1001, "/api/v1/token/exchange", JSON, ASK_TOKEN);
	expect_status(400);
	assert_int_equal(world->asked_count, 0);
}

#define HOLDER(name, epoch) \
	"\"account\":\"" name "\",\"uid\":2000000001,\"links_epoch\":" epoch
#define NAMES(name, epoch) "{\"ok\":true," HOLDER(name, epoch) "}"
#define ASK_LINK "token=" TOKEN "%0A&audience=app"

static void
test_link_in_a_judgement(void **state)
{
	(void)state;
	world->links = true;
	introspect(1001);
	assert_false(world->answered);
	assert_string_equal(last_text("ask"), "link");
	assert_string_equal(last_text("client"), "app");
	assert_string_equal(last_text("issuer"), "staff");
	assert_string_equal(last_text("subject"), "s-1");
	assert_string_equal(last_text("pid"), PID);
	assert_int_equal(world->confirmed, 0);
	reply(NAMES("kari", "0"));
	expect_status(200);
	assert_non_null(strstr(world->answer.body, "\"username\":\"kari\""));
	/* A proof was used up by the first judgement. */
	assert_int_equal(world->judged, 2);
	assert_int_equal(world->confirmed, 1);
	assert_null(strstr(world->answer.body, PID));
	/* One that nobody here is linked to is a good one. */
	introspect(1001);
	reply("{\"ok\":true,\"account\":null}");
	expect_status(200);
	assert_null(strstr(world->answer.body, "username"));
}

static void
test_link_unavailable_is_an_outage(void **state)
{
	(void)state;
	world->links = true;
	introspect(1001);
	reply("{\"ok\":false,\"error\":\"busy\",\"text\":\"x\"}");
	expect_status(503);
	introspect(1001);
	reply(NULL);
	expect_status(503);
	introspect(1001);
	reply(NAMES("../x", "0"));
	expect_status(503);
	introspect(1001);
	reply("{\"ok\":true,\"account\":\"kari\"}");
	expect_status(503);
	introspect(1001);
	reply("{\"ok\":true,\"account\":\"kari\",\"uid\":0,"
	      "\"links_epoch\":0}");
	expect_status(503);
	/* It was said before a link was changed that the image knows of. */
	world->links_epoch = 4;
	introspect(1001);
	reply(NAMES("kari", "3"));
	expect_status(503);
	world->dead = true;
	introspect(1001);
	expect_status(503);
}

static void
test_link_for_libraries(void **state)
{
	(void)state;
	world->links = true;
	post(1001, "/link", FORM, ASK_LINK);
	assert_int_equal(world->confirmed, 1);
	reply(NAMES("kari", "0"));
	expect_body(200, "{" HOLDER("kari", "0") "}");
	post(1001, "/link", FORM, ASK_LINK);
	reply("{\"ok\":true,\"account\":null}");
	expect_body(200, "{\"account\":null}");
	/* The library learns the name, and from the image that it is locked. */
	world->reason = PORTVAKT_ACCOUNT_LOCKED;
	post(1001, "/link", FORM, ASK_LINK);
	reply(NAMES("ola", "0"));
	expect_body(200, "{" HOLDER("ola", "0") "}");
	world->links = false;
	post(1001, "/link", FORM, ASK_LINK);
	expect_status(401);
	/* Whose subject is in the image, by what the image says. */
	world->reason = PORTVAKT_GOOD;
	post(1001, "/link", FORM, ASK_LINK);
	expect_body(200, "{" HOLDER("kari", "9") "}");
	world->reason = PORTVAKT_NO_KEYS;
	post(1001, "/link", FORM, ASK_LINK);
	expect_status(503);
}

/* Kept as long as the image has the same number, and no longer. */
static void
test_links_are_kept_until_one_changes(void **state)
{
	(void)state;
	world->links = true;
	world->links_epoch = 4;
	assert_int_equal(link_cache_new(&world->api.linking.cache), 0);
	introspect(1001);
	reply(NAMES("kari", "4"));
	introspect(1001);
	expect_status(200);
	assert_int_equal(world->asked_count, 1);
	world->links_epoch = 5;
	introspect(1001);
	assert_false(world->answered);
	reply(NAMES("ola", "5"));
	assert_non_null(strstr(world->answer.body, "\"username\":\"ola\""));
	post(1001, "/link", FORM, ASK_LINK);
	expect_body(200, "{" HOLDER("ola", "5") "}");
	assert_int_equal(world->asked_count, 2);
	world->api.linking.cache = link_cache_free(world->api.linking.cache);
}

static void
test_link_by_scopes(void **state)
{
	static const char *const scopes[] = {"a", "b"};

	(void)state;
	world->links = true;
	post(1001, "/link", FORM, "token=" TOKEN "&scope=a");
	expect_status(403);
	world->config.clients[0].scopes = (struct api_list){scopes, 2};
	post(1001, "/link", FORM, "token=" TOKEN "&scope=c+d");
	expect_status(403);
	post(1001, "/link", FORM, "token=" TOKEN "&scope=");
	expect_status(403);
	assert_int_equal(world->judged, 0);
	post(1001, "/link", FORM, "token=" TOKEN "&scope=c+b");
	assert_string_equal(world->scopes, "b ");
	reply(NAMES("kari", "0"));
	expect_body(200, "{" HOLDER("kari", "0") "}");
	/* Those that the client has not are nothing that it may go by. */
	post(1001, "/link", FORM, ASK_LINK "&scope=c");
	assert_string_equal(world->scopes, "a b ");
	post(1001, "/link", FORM, ASK_LINK "&scope=a+b+c");
	assert_string_equal(world->scopes, "a b ");
	post(1001, "/link", FORM, ASK_LINK "&scope=a");
	assert_string_equal(world->scopes, "a ");
}

static void
test_link_is_not_for_everybody(void **state)
{
	(void)state;
	world->links = true;
	post(1001, "/link", FORM, "token=" TOKEN "&audience=other");
	expect_status(403);
	assert_null(world->answer.body);
	/* It may not see names. */
	post(1003, "/link", FORM, ASK_LINK);
	expect_status(403);
	post(1001, "/link", FORM, "token=" TOKEN);
	expect_status(400);
	post(1001, "/link", JSON, "{}");
	expect_status(400);
	post(4242, "/link", FORM, ASK_LINK);
	expect_status(403);
	assert_int_equal(world->asked_count, 0);
	assert_int_equal(world->judged, 0);
}

static void
test_unknown_key(void **state)
{
	struct errand second = {.wake = on_wake};
	struct api_call call;

	(void)state;
	world->reason = PORTVAKT_KEY_UNKNOWN;
	introspect(1001);
	assert_false(world->answered);
	assert_string_equal(last_text("ask"), "keys");
	assert_string_equal(last_text("issuer"), "staff");
	/* Another one waits for the same answer. */
	call = world->call;
	call.errand = &second;
	assert_false(api_answer(&world->api, &call, &world->answer));
	assert_int_equal(world->asked_count, 1);
	world->reason = PORTVAKT_GOOD;
	reply("{\"ok\":true}");
	assert_int_equal(world->woken, 2);
	expect_status(200);
	errand_done(&second);
	/* And then nobody asks, for a while. */
	world->reason = PORTVAKT_KEY_UNKNOWN;
	introspect(1001);
	expect_body(200, "{\"active\":false}");
	assert_int_equal(world->asked_count, 1);
}

static void
test_unknown_key_stays_unknown(void **state)
{
	(void)state;
	world->reason = PORTVAKT_KEY_UNKNOWN;
	introspect(1001);
	reply("{\"ok\":true}");
	expect_body(200, "{\"active\":false}");
	/* 30 s must pass; and a broker that is away changes nothing. */
	world->api.keys.issuers[0].asked_us -=
	    ((int64_t)KEYS_INTERVAL_S - 1) * 1000000;
	introspect(1001);
	expect_status(200);
	assert_int_equal(world->asked_count, 1);
	world->api.keys.issuers[0].asked_us -= 1000000;
	introspect(1001);
	assert_false(world->answered);
	assert_int_equal(world->asked_count, 2);
	/* Who waited goes away: what was asked goes on. */
	errand_done(&world->errand);
	reply(NULL);
	world->api.keys.issuers[0].asked_us = 0;
	world->dead = true;
	introspect(1001);
	expect_body(200, "{\"active\":false}");
}

#define ACTIVE(exp)                                             \
	"{\"ok\":true,\"claims\":{\"active\":true,\"exp\":" exp \
	",\"pid\":\"" PID "\",\"sub\":\"s-1\"}}"
#define FAR "99999999999"

static void
ask_opaque(uid_t uid)
{
	post(uid, "/introspect", FORM, "token=" OPAQUE);
}

static void
test_opaque(void **state)
{
	(void)state;
	ask_opaque(1001);
	assert_false(world->answered);
	assert_string_equal(last_text("ask"), "introspect");
	assert_string_equal(last_text("client"), "app");
	assert_string_equal(last_text("issuer"), "partner");
	assert_string_equal(last_text("token"), OPAQUE);
	assert_int_equal(world->judged, 0);
	reply(ACTIVE(FAR));
	expect_status(200);
	assert_string_equal(world->claims_issuer, "partner");
	assert_non_null(strstr(world->claims, "\"active\":true"));
	/* Kept, and judged again. */
	ask_opaque(1001);
	expect_status(200);
	assert_int_equal(world->asked_count, 1);
	assert_int_equal(world->judged, 2);
	world->reason = PORTVAKT_AUDIENCE_WRONG;
	ask_opaque(1001);
	expect_body(200, "{\"active\":false}");
	/* Not for anybody else. */
	ask_opaque(1003);
	assert_false(world->answered);
	assert_int_equal(world->asked_count, 2);
	assert_string_equal(last_text("client"), "blind");
}

static void
test_opaque_is_asked_once_at_a_time(void **state)
{
	struct errand second = {.wake = on_wake};
	struct api_call call;

	(void)state;
	ask_opaque(1001);
	call = world->call;
	call.errand = &second;
	assert_false(api_answer(&world->api, &call, &world->answer));
	assert_int_equal(world->asked_count, 1);
	/* For another client it is another question. */
	call.uid = 1003;
	errand_done(&second);
	second.wake = on_wake;
	assert_false(api_answer(&world->api, &call, &world->answer));
	assert_int_equal(world->asked_count, 2);
	errand_done(&second);
	/* Whose last asker is gone: the broker need not go on. */
	assert_null(world->asked[1].told);
	assert_non_null(world->asked[0].told);
	world->asked_count = 1;
	reply(ACTIVE(FAR));
	expect_status(200);
	world->asked_count = 2;
}

/* What is too long, or is no b64token (RFC 6750 2.1), goes to no issuer. */
static void
test_opaque_that_is_none(void **state)
{
	static const char *const bad[] = {"opaque%201", "op%C3%A6que", "a,b",
	    "a%22b", "a%0Ab", "a:b", "a=b", "=", "==", "a%3F"};
	static char body[IDENTITY_TOKEN_SIZE_MAX + 32];
	char token[64];
	size_t i;

	(void)state;
	world->reason = PORTVAKT_MALFORMED;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(token, sizeof(token), "token=%s", bad[i]);
		post(1001, "/introspect", FORM, token);
		expect_body(200, "{\"active\":false}");
	}
	(void)strcpy(body, "token=");
	memset(body + strlen("token="), 'x', IDENTITY_TOKEN_SIZE_MAX + 1);
	post(1001, "/introspect", FORM, body);
	expect_body(200, "{\"active\":false}");
	assert_int_equal(world->asked_count, 0);
	/* Of the longest that there may be, and of all its characters, not. */
	body[strlen("token=") + IDENTITY_TOKEN_SIZE_MAX] = '\0';
	post(1001, "/introspect", FORM, body);
	assert_false(world->answered);
	post(1001, "/introspect", FORM, "token=aZ09-._~%2B/==");
	assert_false(world->answered);
	assert_string_equal(last_text("token"), "aZ09-._~+/==");
	assert_int_equal(world->asked_count, 2);
}

static void
test_opaque_as_texas(void **state)
{
	(void)state;
	post(1001, "/api/v1/introspect", JSON,
	    "{\"identity_provider\":\"maskinporten\",\"token\":\"" OPAQUE
	    "\"}");
	reply(ACTIVE(FAR));
	expect_body(
	    200, "{\"active\":true,\"exp\":" FAR ",\"username\":\"kari\"}");
	/* An issuer that is not asked about its tokens. */
	world->reason = PORTVAKT_MALFORMED;
	post(1001, "/api/v1/introspect", JSON,
	    "{\"identity_provider\":\"staff\",\"token\":\"" OPAQUE "\"}");
	expect_body(200, "{\"active\":false,\"error\":\"invalid token header: "
			 "InvalidToken\"}");
	assert_int_equal(world->asked_count, 1);
}

static void
test_opaque_is_forgotten(void **state)
{
	(void)state;
	/* It has ended: asked again each time, and whoever judges says so. */
	ask_opaque(1001);
	reply(ACTIVE("1000"));
	ask_opaque(1001);
	assert_int_equal(world->asked_count, 2);
	/* Not active: for a moment. */
	reply("{\"ok\":true,\"claims\":{\"active\":false}}");
	ask_opaque(1001);
	assert_int_equal(world->asked_count, 2);
}

static void
test_opaque_outage(void **state)
{
	static const char *const answers[] = {NULL,
	    "{\"ok\":false,\"error\":\"outage\",\"text\":\"x\"}",
	    "{\"ok\":true}", "{\"ok\":true,\"claims\":[]}"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		ask_opaque(1001);
		reply(answers[i]);
		expect_status(503);
	}
	world->dead = true;
	ask_opaque(1001);
	expect_status(503);
	assert_int_equal(world->judged, 0);
}

static void
test_record_each(void **state)
{
	(void)state;
	world->known = true; /* every use, not the fresh ones alone */
	introspect(1002);
	assert_false(world->answered);
	assert_string_equal(last_text("ask"), "record");
	assert_string_equal(record_text("client"), "strict");
	assert_string_equal(record_text("audience"), "app");
	assert_string_equal(record_text("action"), "verify");
	assert_string_equal(record_text("result"), "allow");
	assert_string_equal(record_text("reason"), "good");
	assert_string_equal(record_text("account"), "kari");
	assert_string_equal(record_text("token_id"), "t-1");
	reply(KEPT);
	expect_status(200);
	assert_int_equal(world->judged, 1);
	introspect(1002);
	reply("{\"ok\":false,\"error\":\"outage\",\"text\":\"disk\"}");
	expect_status(503);
	world->dead = true;
	introspect(1002);
	expect_status(503);
	/* Those without such a rule go on. */
	introspect(1001);
	expect_status(200);
}

static void
test_record_of_a_location(void **state)
{
	(void)state;
	begin((struct api_call){.uid = 1002,
	    .method = "GET",
	    .path = "/auth/app",
	    .authorization = "Bearer " TOKEN,
	    .body = ""});
	assert_string_equal(record_text("group"), "ko-x");
	assert_string_equal(record_text("result"), "deny");
	assert_string_equal(record_text("reason"), "group-withheld");
	reply(KEPT);
	expect_status(403);
}

static void
test_record_of_a_group_that_is_none(void **state)
{
	(void)state;
	world->no_group = true;
	begin((struct api_call){.uid = 1002,
	    .method = "GET",
	    .path = "/auth/app",
	    .authorization = "Bearer " TOKEN,
	    .body = ""});
	assert_string_equal(record_text("result"), "misconfigured");
	assert_string_equal(record_text("reason"), "group-unknown");
	reply(KEPT);
	expect_status(503);
}

static void
test_fresh_judgements_are_recorded(void **state)
{
	(void)state;
	introspect(1001);
	world->known = true;
	introspect(1001);
	world->known = false;
	assert_int_equal(world->asked_count, 0);
	assert_int_equal(recorder_left(world->api.recorder), 1);
	world->reason = PORTVAKT_EXPIRED;
	introspect(1001);
	introspect(1001);
	flush_records();
	assert_int_equal(
	    json_array_size(json_object_get(last(), "records")), 2);
	assert_string_equal(record_text("reason"), "good");
	/* The two that say the same are one. */
	assert_int_equal(
	    json_integer_value(json_object_get(
		json_array_get(json_object_get(last(), "records"), 1),
		"times")),
	    2);
	reply(KEPT);
	assert_int_equal(recorder_left(world->api.recorder), 0);
}

static void
test_records_wait_and_are_lost(void **state)
{
	char id[16];
	size_t i;
	json_t *records;

	(void)state;
	world->dead = true;
	for (i = 0; i < RECORDER_WAITING_MAX + 3; i++) {
		(void)snprintf(id, sizeof(id), "t-%zu", i);
		world->token_id = id;
		introspect(1001);
		expect_status(200);
	}
	flush_records();
	/* Those, and how many there was no place for. */
	assert_int_equal(
	    recorder_left(world->api.recorder), RECORDER_WAITING_MAX + 1);
	world->dead = false;
	flush_records();
	records = json_object_get(last(), "records");
	assert_int_equal(json_array_size(records), RECORDER_BATCH_MAX + 1);
	assert_string_equal(record_text("token_id"), "t-0");
	assert_string_equal(
	    json_string_value(json_object_get(
		json_array_get(records, RECORDER_BATCH_MAX), "reason")),
	    "records-lost");
	assert_int_equal(
	    json_integer_value(json_object_get(
		json_array_get(records, RECORDER_BATCH_MAX), "times")),
	    3);
	reply(NULL);
	assert_int_equal(
	    recorder_left(world->api.recorder), RECORDER_WAITING_MAX + 1);
	flush_records();
	reply(KEPT);
	assert_int_equal(recorder_left(world->api.recorder),
	    RECORDER_WAITING_MAX - RECORDER_BATCH_MAX);
	/* The number was recorded. */
	flush_records();
	assert_int_equal(json_array_size(json_object_get(last(), "records")),
	    RECORDER_BATCH_MAX);
}

#define REFUSED "{\"ok\":false,\"error\":\"bad-request\",\"text\":\"x\"}"

static size_t
records_asked(void)
{
	return json_array_size(json_object_get(last(), "records"));
}

/* The others that were in the same question are kept. */
static void
test_a_refused_record_is_lost_alone(void **state)
{
	static const char *const ids[] = {"t-0", "t-1", "t-2"};
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		world->token_id = ids[i];
		introspect(1001);
	}
	flush_records();
	assert_int_equal(records_asked(), 3);
	reply(REFUSED);
	assert_int_equal(recorder_left(world->api.recorder), 3);
	for (i = 0; i < 3; i++) {
		assert_int_equal(
		    recorder_timeout_ms(world->api.recorder, 5000), 0);
		recorder_run(world->api.recorder);
		assert_int_equal(records_asked(), 1);
		assert_string_equal(record_text("token_id"), ids[i]);
		reply(i == 1 ? REFUSED : KEPT);
	}
	/* That it was is said, though nothing else comes. */
	assert_int_equal(recorder_left(world->api.recorder), 1);
	assert_int_equal(recorder_timeout_ms(world->api.recorder, 5000), 0);
	recorder_run(world->api.recorder);
	assert_int_equal(records_asked(), 1);
	assert_string_equal(record_text("reason"), "records-lost");
	reply(KEPT);
	assert_int_equal(recorder_left(world->api.recorder), 0);
	assert_int_equal(recorder_timeout_ms(world->api.recorder, 5000), 5000);
	/* And then they go together again. */
	for (i = 0; i < 2; i++) {
		world->token_id = ids[i];
		introspect(1001);
	}
	flush_records();
	assert_int_equal(records_asked(), 2);
}

static void
test_records_that_are_refused_are_lost(void **state)
{
	(void)state;
	introspect(1001);
	flush_records();
	reply(REFUSED);
	/* Its number is left to tell. */
	assert_int_equal(recorder_left(world->api.recorder), 1);
	/* An empty text would be refused so. */
	post(1001, "/api/v1/token", JSON,
	    "{\"identity_provider\":\"staff\",\"target\":\"\"}");
	expect_status(403);
	flush_records();
	assert_string_equal(record_text("reason"), "target-not-listed");
	assert_null(json_object_get(
	    json_array_get(json_object_get(last(), "records"), 0), "target"));
	assert_string_equal(
	    json_string_value(json_object_get(
		json_array_get(json_object_get(last(), "records"), 1),
		"reason")),
	    "records-lost");
}

static void
test_records_have_no_identity_number(void **state)
{
	char *text;

	(void)state;
	world->token_id = "x" PID;
	world->account = NULL;
	introspect(1002);
	text = json_dumps(last(), 0);
	assert_non_null(text);
	assert_null(strstr(text, PID));
	assert_string_equal(record_text("subject"), "s-1");
	free(text);
}

/* Whose it is: the record knows, and the answer does not. */
static void
test_records_say_whose_a_refused_token_is(void **state)
{
	(void)state;
	world->reason = PORTVAKT_REVOKED;
	world->owned = true;
	introspect(1002);
	assert_string_equal(record_text("reason"), "revoked");
	assert_string_equal(record_text("account"), "kari");
	assert_string_equal(record_text("subject"), "");
	assert_string_equal(record_text("client_id"), "nettleser");
	assert_string_equal(record_text("token_id"), "t-1");
	assert_string_equal(record_text("session"), "s-7");
	reply(KEPT);
	expect_body(200, "{\"active\":false}");
}

static void
test_records_say_which_scopes(void **state)
{
	(void)state;
	world->scopes_count = 3;
	introspect(1002);
	assert_string_equal(record_text("scope"), "ko:les ko:skriv");
}

#define test(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {test(test_token),
	    test(test_token_without_a_record_is_not_given),
	    test(test_token_takes_all_that_texas_does),
	    test(test_bodies_that_are_none),
	    test(test_targets_that_are_not_listed),
	    test(test_resources_and_details_that_are_not_listed),
	    test(test_refusals_of_the_issuer_pass), test(test_exchange),
	    test(test_exchange_is_for_good_tokens_of_people),
	    test(test_exchange_of_a_token_that_is_good_no_more),
	    test(test_each_refusal_is_recorded_before_it_is_told),
	    test(test_link_in_a_judgement),
	    test(test_link_unavailable_is_an_outage),
	    test(test_link_for_libraries),
	    test(test_links_are_kept_until_one_changes),
	    test(test_link_by_scopes), test(test_link_is_not_for_everybody),
	    test(test_unknown_key), test(test_unknown_key_stays_unknown),
	    test(test_opaque), test(test_opaque_is_asked_once_at_a_time),
	    test(test_opaque_that_is_none), test(test_opaque_as_texas),
	    test(test_opaque_is_forgotten), test(test_opaque_outage),
	    test(test_record_each), test(test_record_of_a_location),
	    test(test_record_of_a_group_that_is_none),
	    test(test_fresh_judgements_are_recorded),
	    test(test_records_wait_and_are_lost),
	    test(test_a_refused_record_is_lost_alone),
	    test(test_records_that_are_refused_are_lost),
	    test(test_records_say_whose_a_refused_token_is),
	    test(test_records_say_which_scopes),
	    test(test_records_have_no_identity_number)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
