/*
 * What portvakt-api answers to whom. What libportvakt says is the test's; the
 * trust image is one of tests/unit/trust_fixture.h.
 */
#include "broker/api/api.h"
#include "broker/api/members.h"
#include "broker/clock.h"
#include "tests/unit/trust_fixture.h"
#include "tests/unit/unit.h"
#include "verify/portvakt_private.h"
#include "verify/result.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* {"iss":"i","aud":"kompis","sub":"s","pid":"01815010260","exp":1900000000,
   "name":"Kari","note":"01815010260","roles":["leder"],"n":1815010260} */
#define TOKEN                                                                  \
	"e30."                                                                 \
	"eyJpc3MiOiJpIiwiYXVkIjoia29tcGlzIiwic3ViIjoicyIsInBpZCI6IjAxODE1MDEw" \
	"MjYwIiwiZXhwIjoxOTAwMDAwMDAwLCJuYW1lIjoiS2FyaSIsIm5vdGUiOiIwMTgxNTAx" \
	"MDI2MCIsInJvbGVzIjpbImxlZGVyIl0sIm4iOjE4MTUwMTAyNjB9.x"

struct world {
	char folder[64];
	char image[96];
	struct api api;
	struct api_config config;
	/* What libportvakt will say, and what it was asked. */
	struct portvakt_result *result;
	const char *good_audience; /* NULL: any */
	int groups_count;
	const char *stranger; /* a name that the image does not know */
	unsigned int asked;
	char audience[64];
	struct portvakt_options options;
	struct answer answer;
};

static struct world *world;

int __wrap_portvakt_groups_count(struct portvakt *portvakt);
bool __wrap_portvakt_was_known(const struct portvakt *portvakt);
int __wrap_portvakt_knows_group(struct portvakt *portvakt, const char *name);
int __wrap_portvakt_knows_issuer(struct portvakt *portvakt, const char *name);
int __wrap_portvakt_knows_level(
    struct portvakt *portvakt, const char *issuer, const char *level);
bool __wrap_portvakt_verify_presented(struct portvakt *portvakt,
    const struct portvakt_presented *presented, const char *audience,
    const struct portvakt_options *options,
    struct portvakt_result **ret_result);

int
__wrap_portvakt_groups_count(struct portvakt *portvakt)
{
	(void)portvakt;
	return world->groups_count;
}

static int
is_known(const char *name)
{
	if (world->groups_count < 0)
		return world->groups_count;
	return !world->stranger || strcmp(world->stranger, name) != 0;
}

int
__wrap_portvakt_knows_group(struct portvakt *portvakt, const char *name)
{
	(void)portvakt;
	return is_known(name);
}

int
__wrap_portvakt_knows_issuer(struct portvakt *portvakt, const char *name)
{
	(void)portvakt;
	return is_known(name);
}

int
__wrap_portvakt_knows_level(
    struct portvakt *portvakt, const char *issuer, const char *level)
{
	(void)portvakt;
	(void)issuer;
	return is_known(level);
}

bool
__wrap_portvakt_was_known(const struct portvakt *portvakt)
{
	(void)portvakt;
	return false;
}

bool
__wrap_portvakt_verify_presented(struct portvakt *portvakt,
    const struct portvakt_presented *presented, const char *audience,
    const struct portvakt_options *options, struct portvakt_result **ret_result)
{
	(void)portvakt;
	assert_non_null(presented->token);
	assert_int_equal(presented->token_size, strlen(TOKEN));
	assert_null(presented->answer);
	assert_false(presented->confirmed);
	world->asked++;
	world->options = *options;
	(void)snprintf(world->audience, sizeof(world->audience), "%s",
	    audience ? audience : "");
	if (world->good_audience && strcmp(world->good_audience, audience) != 0)
		*ret_result =
		    result_new_refusal(PORTVAKT_AUDIENCE_WRONG, "aud");
	else
		*ret_result = result_hold(world->result);
	return portvakt_result_verdict(*ret_result) == PORTVAKT_VERDICT_GOOD;
}

static struct portvakt_result *
good_result(void)
{
	static const struct policy_group groups[] = {
	    {.name = "ko-kompis", .gid = 1900000100},
	    {.name = "ko-drift", .gid = 1900000101}};
	static const struct decision decisions[] = {
	    {.group = &groups[0], .outcome = DECISION_GRANTED},
	    {.group = &groups[1], .outcome = DECISION_GRANTED}};
	static struct identity identity = {
	    .issued_at_s = 1000, .expires_at_s = 2000};
	const struct result_source source = {.kind = PORTVAKT_SUBJECT_PERSON,
	    .texts = {[RESULT_ACCOUNT] = {"kari", 4},
		[RESULT_ISSUER] = {"https://i", 9},
		[RESULT_ISSUER_NAME] = {"staff", 5},
		[RESULT_SUBJECT] = {"s-1", 3},
		[RESULT_CLIENT_ID] = {"app", 3},
		[RESULT_ACR] = {"high", 4}},
	    .identity = &identity,
	    .decisions = decisions,
	    .decisions_count = 2};
	struct portvakt_result *result;

	assert_int_equal(result_new(&source, &result), 0);
	return result;
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

static const char *const audiences[] = {"arkiv", "kompis"};
static const char *const all_claims[] = {"sub", "username", "access_groups",
    "on_behalf_of", "name", "note", "roles", "n"};
static const char *const scopes[] = {"ko:read"};

static void
fill_config(struct api_config *config)
{
	config->clients[0] = (struct api_client){.name = "kompis",
	    .has_uid = true,
	    .uid = 1001,
	    .audiences = {audiences, 2},
	    .claims = {all_claims, 8}};
	config->clients[1] = (struct api_client){.name = "blind",
	    .has_uid = true,
	    .uid = 1002,
	    .scopes = {scopes, 1}};
	config->clients_count = 2;
	assert_int_equal(secret_new("0123456789abcdef0123456789abcdef", 32,
			     &config->clients[1].secret),
	    0);
	config->locations[0] = (struct api_location){.path = "/auth/kompis",
	    .audience = "kompis",
	    .group = "ko-kompis",
	    .level = "high",
	    .max_age_s = 900,
	    .origin = "https://kompis.example"};
	config->locations[1] =
	    (struct api_location){.path = "/auth", .group = "ko-infoflyt"};
	config->locations_count = 2;
}

static int
setup(void **state)
{
	world = calloc(1, sizeof(*world));
	assert_non_null(world);
	(void)strcpy(world->folder, "/tmp/test-api-XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	(void)snprintf(
	    world->image, sizeof(world->image), "%s/image", world->folder);
	publish();
	fill_config(&world->config);
	world->api.config = &world->config;
	world->api.issuers.path = world->image;
	assert_int_equal(metrics_new(2, &world->api.metrics), 0);
	world->result = good_result();
	*state = world;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	answer_done(&world->answer);
	portvakt_result_free(world->result);
	issuers_done(&world->api.issuers);
	metrics_free(world->api.metrics);
	secret_free(world->config.clients[1].secret);
	(void)unlink(world->image);
	assert_int_equal(rmdir(world->folder), 0);
	free(world);
	return 0;
}

static void
will_refuse(enum portvakt_reason reason, const char *detail)
{
	portvakt_result_free(world->result);
	world->result = result_new_refusal(reason, detail);
}

static void
ask(const struct api_call *call)
{
	struct errand errand = {0};
	struct api_call asked = *call;

	answer_done(&world->answer);
	asked.errand = &errand;
	assert_true(api_answer(&world->api, &asked, &world->answer));
	errand_done(&errand);
}

static void
get(uid_t uid, const char *path, const char *authorization)
{
	const struct api_call call = {.local = true,
	    .uid = uid,
	    .method = "GET",
	    .path = path,
	    .authorization = authorization,
	    .body = ""};

	ask(&call);
}

static void
post(uid_t uid, const char *path, const char *type, const char *body)
{
	const struct api_call call = {.local = true,
	    .uid = uid,
	    .method = "POST",
	    .path = path,
	    .content_type = type,
	    .body = body,
	    .size = strlen(body)};

	ask(&call);
}

#define FORM "application/x-www-form-urlencoded"

static void
introspect(uid_t uid)
{
	post(uid, "/introspect", FORM, "token=" TOKEN);
}

static void
texas(uid_t uid, const char *provider)
{
	char body[1024];

	(void)snprintf(body, sizeof(body),
	    "{\"identity_provider\":\"%s\",\"token\":\"%s\"}", provider, TOKEN);
	post(uid, "/api/v1/introspect", "application/json", body);
}

static void
expect_body(unsigned int status, const char *body)
{
	assert_int_equal(world->answer.status, status);
	assert_non_null(world->answer.body);
	assert_string_equal(world->answer.body, body);
}

static const char *
header(const char *name)
{
	size_t i;

	for (i = 0; i < world->answer.headers_count; i++) {
		if (strcmp(world->answer.headers[i].name, name) == 0)
			return world->answer.headers[i].value;
	}
	return NULL;
}

static void
expect_nothing(unsigned int status)
{
	assert_int_equal(world->answer.status, status);
	assert_null(world->answer.body);
	assert_int_equal(world->answer.headers_count, 0);
}

static void
test_strangers_get_nothing(void **state)
{
	static const char *const paths[] = {"/introspect", "/api/v1/introspect",
	    "/auth", "/auth/kompis", "/metrics", "/nothing"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		post(4242, paths[i], FORM, "token=" TOKEN);
		expect_nothing(403);
		get(0, paths[i], "Bearer " TOKEN);
		expect_nothing(403);
	}
	assert_int_equal(world->asked, 0);
}

static void
test_routes(void **state)
{
	(void)state;
	get(1001, "/nothing", NULL);
	expect_nothing(404);
	get(1001, "/introspect", NULL);
	assert_int_equal(world->answer.status, 405);
	assert_string_equal(header("Allow"), "POST");
	post(1001, "/auth", FORM, "");
	assert_int_equal(world->answer.status, 405);
	get(4242, "/healthz", NULL);
	expect_body(200, "ok\n");
	world->groups_count = -ENOENT;
	get(4242, "/healthz", NULL);
	assert_int_equal(world->answer.status, 503);
	assert_string_equal(header("Retry-After"), "1");
	assert_string_equal(world->answer.body, "there is no trust image\n");
	world->groups_count = -EACCES;
	get(4242, "/healthz", NULL);
	assert_int_equal(world->answer.status, 503);
	assert_non_null(
	    strstr(world->answer.body, "in the group portvakt-verify"));
}

/* What the image does not know is the configuration's fault, not theirs. */
static void
test_what_is_misspelt_is_no_refusal(void **state)
{
	static const char *const names[] = {"ko-kompis", "high"};
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		world->stranger = names[i];
		get(1001, "/auth/kompis", "Bearer " TOKEN);
		assert_int_equal(world->answer.status, 503);
		assert_null(header("X-Portvakt-Account"));
		get(1001, "/auth/kompis", NULL);
		assert_int_equal(world->answer.status, 503);
	}
	world->config.locations[0].issuer = "staf";
	world->stranger = "staf";
	get(1001, "/auth/kompis", "Bearer " TOKEN);
	assert_int_equal(world->answer.status, 503);
	world->config.clients[0].group = world->stranger = "ko-komp";
	introspect(1001);
	assert_int_equal(world->answer.status, 503);
	texas(1001, "staff");
	assert_int_equal(world->answer.status, 503);
	world->stranger = NULL;
	introspect(1001);
	assert_int_equal(world->answer.status, 200);
	get(1001, "/auth/kompis", "Bearer " TOKEN);
	assert_int_equal(world->answer.status, 204);
	/* Without an image nothing is misspelt: it is an outage all the same. */
	world->groups_count = -ENOENT;
	get(1001, "/auth/kompis", NULL);
	assert_int_equal(world->answer.status, 401);
}

static void
test_a_secret_opens_tcp(void **state)
{
	/* blind:0123456789abcdef0123456789abcdef, and one bit of it wrong */
	static const char good[] = "Basic YmxpbmQ6MDEyMzQ1Njc4OWFiY2RlZjAx"
				   "MjM0NTY3ODlhYmNkZWY=",
			  bad[] = "Basic YmxpbmQ6MDEyMzQ1Njc4OWFiY2RlZjAx"
				  "MjM0NTY3ODlhYmNkZWc=";
	struct api_call call = {.method = "POST",
	    .path = "/introspect",
	    .content_type = FORM,
	    .body = "token=" TOKEN,
	    .size = strlen("token=" TOKEN)};

	(void)state;
	call.uid = 1001; /* of nobody: it is not local */
	ask(&call);
	assert_int_equal(world->answer.status, 401);
	assert_string_equal(
	    header("WWW-Authenticate"), "Basic realm=\"portvakt\"");
	call.authorization = bad;
	ask(&call);
	assert_int_equal(world->answer.status, 401);
	assert_int_equal(world->asked, 0);
	call.authorization = good;
	ask(&call);
	assert_int_equal(world->answer.status, 200);
	/* Where Authorization is of somebody else, the secret is not there. */
	call = (struct api_call){.method = "GET",
	    .path = "/auth",
	    .authorization = good,
	    .body = ""};
	ask(&call);
	expect_nothing(403);
	call.authorization = "Bearer " TOKEN;
	call.portvakt_authorization = good;
	ask(&call);
	assert_int_equal(world->answer.status, 403);
	assert_non_null(strstr(header("WWW-Authenticate"), "scope"));
}

static void
test_introspection(void **state)
{
	(void)state;
	world->good_audience = "kompis";
	introspect(1001);
	expect_body(200,
	    "{\"active\":true,\"iss\":\"https://i\",\"aud\":\"kompis\","
	    "\"exp\":2000,\"iat\":1000,\"client_id\":\"app\",\"acr\":\"high\","
	    "\"sub\":\"s-1\",\"username\":\"kari\","
	    "\"access_groups\":[\"ko-kompis\",\"ko-drift\"],"
	    "\"on_behalf_of\":[]}");
	assert_string_equal(header("Cache-Control"), "no-store");
	assert_int_equal(world->asked, 2);
}

static void
test_unlisted_claims_are_not_shown(void **state)
{
	(void)state;
	introspect(1002);
	expect_body(200,
	    "{\"active\":true,\"iss\":\"https://i\",\"exp\":2000,"
	    "\"iat\":1000,\"client_id\":\"app\",\"acr\":\"high\"}");
	assert_string_equal(world->audience, "");
	assert_int_equal(world->options.scopes_count, 1);
	assert_string_equal(world->options.scopes[0], "ko:read");
}

static void
test_every_refusal_is_inactive(void **state)
{
	static const enum portvakt_reason reasons[] = {PORTVAKT_MALFORMED,
	    PORTVAKT_EXPIRED, PORTVAKT_AUDIENCE_WRONG, PORTVAKT_SCOPE_MISSING,
	    PORTVAKT_PROOF_MISSING, PORTVAKT_REVOKED, PORTVAKT_ACCOUNT_LOCKED};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		will_refuse(reasons[i], NULL);
		introspect(1001);
		expect_body(200, "{\"active\":false}");
	}
	will_refuse(PORTVAKT_NO_KEYS, NULL);
	introspect(1001);
	assert_int_equal(world->answer.status, 503);
}

static void
test_introspection_of_nothing(void **state)
{
	static const char *const bodies[] = {
	    "", "token", "tokens=a", "token=a&token=b", "token=%0"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		post(1001, "/introspect", FORM, bodies[i]);
		assert_int_equal(world->answer.status, 400);
	}
	post(1001, "/introspect", "application/json", "{\"token\":\"a\"}");
	assert_int_equal(world->answer.status, 400);
	assert_int_equal(world->asked, 0);
}

static void
test_texas_shows_claims(void **state)
{
	(void)state;
	texas(1001, "staff");
	expect_body(200,
	    "{\"active\":true,\"iss\":\"i\",\"aud\":\"kompis\","
	    "\"exp\":1900000000,\"name\":\"Kari\",\"roles\":[\"leder\"],"
	    "\"sub\":\"s-1\",\"username\":\"kari\","
	    "\"access_groups\":[\"ko-kompis\",\"ko-drift\"],"
	    "\"on_behalf_of\":[]}");
	assert_string_equal(world->options.issuer, "staff");
	texas(1002, "staff");
	expect_body(200, "{\"active\":true,\"iss\":\"i\",\"aud\":\"kompis\","
			 "\"exp\":1900000000}");
}

/* Whose account it is and what it may is never the token's word. */
static void
test_claims_say_nothing_for_us(void **state)
{
	static const char said[] =
	    "{\"active\":false,\"username\":\"root\",\"sub\":\"s-1\","
	    "\"access_groups\":[\"ko-arkiv\"],\"on_behalf_of\":[1],"
	    "\"exp\":1815010260,\"name\":{\"a\":[\"01815010260\"]}}";
	char claims[sizeof(said)], *text;
	struct portvakt_result *nobody =
	    result_new_refusal(PORTVAKT_GOOD, NULL);

	(void)state;
	(void)strcpy(claims, said);
	text = members_of_claims(
	    nobody, &world->config.clients[0], claims, strlen(claims));
	assert_string_equal(text,
	    "{\"active\":true,\"sub\":\"s-1\",\"exp\":1815010260,"
	    "\"access_groups\":[],\"on_behalf_of\":[]}");
	free(text);
	(void)strcpy(claims, said);
	claims[strlen(claims) - 1] = ' ';
	assert_null(members_of_claims(
	    nobody, &world->config.clients[0], claims, strlen(claims)));
	portvakt_result_free(nobody);
}

static void
test_texas_knows_providers(void **state)
{
	(void)state;
	texas(1001, "maskinporten"); /* the one of that kind */
	assert_int_equal(world->answer.status, 200);
	assert_string_equal(world->options.issuer, "partner");
	texas(1001, "tokenx");
	expect_body(200, "{\"active\":false,\"error\":\"identity provider "
			 "'tokenx' is not enabled\"}");
	texas(1001, "generous");
	expect_body(400, "{\"error\":\"invalid_request\","
			 "\"error_description\":\"identity_provider: unknown "
			 "value\"}");
}

static void
test_texas_says_why(void **state)
{
	static const struct {
		enum portvakt_reason reason;
		const char *detail;
		const char *error;
	} cases[] = {
	    {PORTVAKT_EXPIRED, "exp", "invalid token: ExpiredSignature"},
	    {PORTVAKT_NOT_YET_VALID, "nbf", "invalid token: ImmatureSignature"},
	    {PORTVAKT_AUDIENCE_WRONG, "aud", "invalid token: InvalidAudience"},
	    {PORTVAKT_ISSUER_WRONG, "iss", "invalid token: InvalidIssuer"},
	    {PORTVAKT_CLAIM_MISSING, "iss",
		"invalid token: Missing required claim: iss"},
	    {PORTVAKT_MALFORMED, NULL, "invalid token header: InvalidToken"},
	    {PORTVAKT_HEADER_REFUSED, "kid",
		"missing key id from token header"},
	    {PORTVAKT_KEY_UNKNOWN, "kid",
		"token can not be validated with this identity provider"},
	    {PORTVAKT_REVOKED, NULL, "invalid token: revoked"},
	    /* Of these the token is not at fault. */
	    {PORTVAKT_NO_KEYS, NULL,
		"the identity provider's keys are not known at present: "
		"no-keys"},
	    {PORTVAKT_ISSUER_UNAVAILABLE, NULL,
		"the identity provider does not answer at present: "
		"issuer-unavailable"},
	    {PORTVAKT_NO_TRUST_IMAGE, NULL,
		"the token cannot be judged at present: no-trust-image"},
	};
	char body[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		will_refuse(cases[i].reason, cases[i].detail);
		texas(1001, "staff");
		(void)snprintf(body, sizeof(body),
		    "{\"active\":false,\"error\":\"%s\"}", cases[i].error);
		expect_body(200, body);
	}
}

static void
test_texas_refuses_bodies(void **state)
{
	static const struct {
		const char *type;
		const char *body;
	} cases[] = {
	    {"text/plain", "x"},
	    {NULL, "x"},
	    {"application/json", "{"},
	    {"application/json", "{\"token\":\"a\"}"},
	    {"application/json", "{\"identity_provider\":\"staff\"}"},
	    {FORM, "identity_provider=staff"},
	    {FORM, "token=a"},
	};
	static const char begin[] = "{\"error\":\"invalid_request\","
				    "\"error_description\":\"";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		post(1001, "/api/v1/introspect", cases[i].type, cases[i].body);
		assert_int_equal(world->answer.status, 400);
		assert_memory_equal(
		    world->answer.body, begin, sizeof(begin) - 1);
	}
}

static void
test_gate_opens(void **state)
{
	(void)state;
	get(1001, "/auth/kompis", "Bearer " TOKEN);
	assert_int_equal(world->answer.status, 204);
	assert_string_equal(header("X-Portvakt-Account"), "kari");
	assert_string_equal(header("X-Portvakt-Groups"), "ko-kompis,ko-drift");
	assert_string_equal(header("X-Portvakt-Acr"), "high");
	assert_string_equal(world->audience, "kompis");
	assert_string_equal(world->options.level, "high");
	assert_int_equal(world->options.max_age_s, 900);
	assert_null(world->options.url);
}

static void
test_gate_stays_shut(void **state)
{
	(void)state;
	get(1001, "/auth/kompis", NULL);
	assert_int_equal(world->answer.status, 401);
	assert_string_equal(
	    header("WWW-Authenticate"), "Bearer realm=\"portvakt\"");
	get(1001, "/auth/kompis", "Basic YTpi");
	assert_int_equal(world->answer.status, 401);
	get(1001, "/auth", "Bearer " TOKEN); /* not of that group */
	assert_int_equal(world->answer.status, 403);
	assert_non_null(
	    strstr(header("WWW-Authenticate"), "error=\"insufficient_scope\""));
	assert_null(header("X-Portvakt-Account"));
	get(1001, "/auth/elsewhere", "Bearer " TOKEN);
	expect_nothing(403);
	get(1002, "/auth/kompis", "Bearer " TOKEN); /* not its audience */
	expect_nothing(403);
	will_refuse(PORTVAKT_EXPIRED, "exp");
	get(1001, "/auth/kompis", "Bearer " TOKEN);
	assert_int_equal(world->answer.status, 401);
	assert_string_equal(header("WWW-Authenticate"),
	    "Bearer realm=\"portvakt\", error=\"invalid_token\", "
	    "error_description=\"expired\"");
	will_refuse(PORTVAKT_NO_TRUST_IMAGE, NULL);
	get(1001, "/auth/kompis", "Bearer " TOKEN);
	assert_int_equal(world->answer.status, 503);
}

static void
test_gate_asks_to_step_up(void **state)
{
	(void)state;
	will_refuse(PORTVAKT_ACR_TOO_LOW, "acr");
	get(1001, "/auth/kompis", "Bearer " TOKEN);
	assert_int_equal(world->answer.status, 401);
	assert_string_equal(header("WWW-Authenticate"),
	    "Bearer realm=\"portvakt\", "
	    "error=\"insufficient_user_authentication\", "
	    "error_description=\"a higher level of authentication is needed\""
	    ", acr_values=\"high\", max_age=\"900\"");
}

static void
test_gate_takes_proofs(void **state)
{
	struct api_call call = {.local = true,
	    .uid = 1001,
	    .method = "GET",
	    .path = "/auth/kompis",
	    .authorization = "DPoP " TOKEN,
	    .dpop = "proof",
	    .original_method = "POST",
	    .original_uri = "/sak/1?x=2",
	    .body = ""};

	(void)state;
	ask(&call);
	assert_int_equal(world->answer.status, 204);
	assert_int_equal(world->options.scheme, PORTVAKT_SCHEME_DPOP);
	assert_int_equal(world->options.dpop_size, 5);
	assert_string_equal(world->options.method, "POST");
	call.original_uri = "evil.example/"; /* would change the host */
	ask(&call);
	assert_null(world->options.url);
	will_refuse(PORTVAKT_PROOF_STALE, "iat");
	ask(&call);
	assert_int_equal(world->answer.status, 401);
	assert_non_null(strstr(header("WWW-Authenticate"),
	    "DPoP realm=\"portvakt\", error=\"invalid_dpop_proof\""));
}

#define CERTIFICATE                                 \
	"-----BEGIN%20CERTIFICATE-----%0AAAAA%0A--" \
	"---END%20CERTIFICATE-----%0A"

static void
test_gate_believes_certificates_of_web_servers(void **state)
{
	struct api_call call = {.local = true,
	    .uid = 1001,
	    .method = "GET",
	    .path = "/auth/kompis",
	    .authorization = "Bearer " TOKEN,
	    .certificate = CERTIFICATE,
	    .body = ""};

	(void)state;
	/* Whoever may not say so has said nothing. */
	ask(&call);
	assert_int_equal(world->answer.status, 204);
	assert_null(world->options.certificate_sha256);
	world->config.clients[0].forwards_certificate = true;
	ask(&call);
	assert_int_equal(world->answer.status, 204);
	assert_non_null(world->options.certificate_sha256);
	call.certificate = ""; /* of nginx, when its client showed none */
	ask(&call);
	assert_int_equal(world->answer.status, 204);
	assert_null(world->options.certificate_sha256);
	call.certificate = "-----BEGIN%20CERTIFICATE-----";
	world->asked = 0;
	ask(&call);
	expect_nothing(400);
	assert_int_equal(world->asked, 0);
}

static void
test_metrics(void **state)
{
	static const char *const lines[] = {
	    "portvakt_api_verifications_total{issuer=\"staff\","
	    "result=\"good\"} 1\n",
	    "portvakt_api_verifications_total{issuer=\"\","
	    "result=\"expired\"} 2\n",
	    "portvakt_api_verification_duration_seconds_count 3\n",
	    "portvakt_api_verification_duration_seconds_bucket{le=\"+Inf\"} "
	    "3\n",
	    "portvakt_api_image_generation 7\n", "portvakt_api_image 1\n"};
	size_t i;

	(void)state;
	introspect(1002);
	will_refuse(PORTVAKT_EXPIRED, NULL);
	introspect(1002);
	world->api.worker = 1; /* another one counts on */
	introspect(1002);
	get(1001, "/metrics", NULL);
	assert_int_equal(world->answer.status, 200);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (!strstr(world->answer.body, lines[i]))
			fail_msg("no %s in %s", lines[i], world->answer.body);
	}
	assert_string_equal(
	    world->answer.body + world->answer.size - 6, "# EOF\n");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_strangers_get_nothing),
	    CASE(test_routes),
	    CASE(test_a_secret_opens_tcp),
	    CASE(test_introspection),
	    CASE(test_unlisted_claims_are_not_shown),
	    CASE(test_every_refusal_is_inactive),
	    CASE(test_introspection_of_nothing),
	    CASE(test_texas_shows_claims),
	    CASE(test_claims_say_nothing_for_us),
	    CASE(test_texas_knows_providers),
	    CASE(test_texas_says_why),
	    CASE(test_texas_refuses_bodies),
	    CASE(test_what_is_misspelt_is_no_refusal),
	    CASE(test_gate_opens),
	    CASE(test_gate_stays_shut),
	    CASE(test_gate_asks_to_step_up),
	    CASE(test_gate_takes_proofs),
	    CASE(test_gate_believes_certificates_of_web_servers),
	    CASE(test_metrics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
