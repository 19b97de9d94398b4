/*
 * One table of tokens (tests/vectors/access.h), judged by all who judge any:
 * libportvakt, portvakt-api at each of its endpoints, and the login that takes
 * a token for a password. What one says, all say, in the words of each; and it
 * is what stands in the table.
 */
#include "broker/api/api.h"
#include "broker/login/token_login.h"
#include "tests/unit/service_world.h"
#include "tests/unit/unit.h"
#include "tests/vectors/access.h"
#include "verify/issuer_kind.h"
#include "verify/portvakt_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	CLIENT_UID = 1001,
	OPENED_BEFORE_S = 300, /* proofs from before are stale */
};

static const enum world_issuer issuers[ACCESS_PROFILES] = {
    [ACCESS_IDPORTEN] = WORLD_STAFF,
    [ACCESS_ANSATTPORTEN] = WORLD_EMPLOYEES,
    [ACCESS_MASKINPORTEN] = WORLD_MACHINES,
    [ACCESS_GENERIC] = WORLD_INTERNAL,
};

static struct {
	struct service_world *service;
	struct portvakt *library;
	struct key_set *keys; /* of them all */
	struct api api;
	struct api_config config;
} world;
static int64_t now_s;

int __wrap_clock_gettime(clockid_t id, struct timespec *ret_time);

int
__wrap_clock_gettime(clockid_t id, struct timespec *ret_time)
{
	*ret_time = (struct timespec){
	    .tv_sec = id == CLOCK_BOOTTIME ? WORLD_BOOT_S : now_s};
	return 0;
}

/* A vector of one profile, and what it was made into. */
struct sample {
	const struct access_vector *vector;
	enum access_profile profile;
	const char *issuer;
	char *token;
	char *proof;
};

static void
fill_options(const struct sample *sample, struct portvakt_options *options)
{
	static const char *const scopes[] = {ACCESS_SCOPE};
	const struct access_vector *vector = sample->vector;

	options->issuer = sample->issuer;
	options->scopes = scopes;
	options->scopes_count = 1;
	options->level = vector->level;
	options->max_age_s = vector->max_age_s;
	options->scheme = vector->proof == ACCESS_BEARER ||
				  vector->proof == ACCESS_PROVED_AS_BEARER
			      ? PORTVAKT_SCHEME_BEARER
			      : PORTVAKT_SCHEME_DPOP;
	options->dpop = sample->proof;
	options->dpop_size = sample->proof ? strlen(sample->proof) : 0;
	options->method = ACCESS_METHOD;
	options->url = ACCESS_URL;
	options->certificate_sha256 =
	    vector->certificate
		? (const unsigned char *)ACCESS_CERTIFICATE_SHA256
		: NULL;
}

static struct portvakt_result *
ask_library(const struct sample *sample, const struct portvakt_options *options)
{
	struct portvakt_result *result = NULL;

	(void)portvakt_verify(world.library, sample->token,
	    strlen(sample->token), ACCESS_AUDIENCE, options, &result);
	return result;
}

static void
fail_sample(const struct sample *sample, const char *who, const char *said)
{
	fail_msg("%s, %s: %s says %s", sample->issuer, sample->vector->name,
	    who, said);
}

static void
check_library(const struct sample *sample)
{
	struct portvakt_options options = PORTVAKT_OPTIONS_INIT;
	const char *wanted = sample->vector->detail, *detail;
	struct portvakt_result *result;

	fill_options(sample, &options);
	result = ask_library(sample, &options);
	if (strcmp(portvakt_result_word(result), sample->vector->word) != 0)
		fail_sample(
		    sample, "the library", portvakt_result_word(result));
	detail = portvakt_result_detail(result);
	if (wanted && (!detail || strcmp(detail, wanted) != 0))
		fail_sample(sample, "its detail", detail ? detail : "nothing");
	portvakt_result_free(result);
}

static bool
is_good(const struct sample *sample)
{
	return strcmp(sample->vector->word, "good") == 0;
}

static void
ask_api(const struct api_call *call, struct answer *answer)
{
	struct errand errand = {0};
	struct api_call asked = *call;

	asked.errand = &errand;
	assert_true(api_answer(&world.api, &asked, answer));
	errand_done(&errand);
}

static const char *
challenge_of(const struct answer *answer)
{
	size_t i;

	for (i = 0; i < answer->headers_count; i++) {
		if (strcmp(answer->headers[i].name, "WWW-Authenticate") == 0)
			return answer->headers[i].value;
	}
	return "";
}

/* What the gate says for a word: its status, and what is in its challenge. */
static void
expect_gate(
    const struct sample *sample, unsigned int *ret_status, char said[64])
{
	const char *word = sample->vector->word;

	*ret_status = 401;
	if (is_good(sample)) {
		*ret_status = 204;
		said[0] = '\0';
	} else if (sample->vector->unmeetable) {
		*ret_status = 503;
		said[0] = '\0';
	} else if (strcmp(word, "acr-too-low") == 0) {
		(void)strcpy(said, "a higher level of authentication");
	} else if (strcmp(word, "authentication-too-old") == 0) {
		(void)strcpy(said, "a more recent authentication");
	} else {
		if (strcmp(word, "scope-missing") == 0)
			*ret_status = 403;
		(void)snprintf(said, 64, "error_description=\"%s\"", word);
	}
}

/* RFC 6750 knows no such credentials: they are none, and named by no error. */
static bool
is_no_credential(const struct sample *sample)
{
	return sample->vector->form == ACCESS_SPACED ||
	       sample->vector->form == ACCESS_FLATTENED;
}

static void
check_gate(const struct sample *sample)
{
	struct portvakt_options options = PORTVAKT_OPTIONS_INIT;
	struct api_location *location = &world.config.locations[0];
	struct answer answer = {0};
	char *header, said[64];
	unsigned int status;

	fill_options(sample, &options);
	location->issuer = sample->issuer;
	location->level = options.level;
	location->max_age_s = options.max_age_s;
	assert_true(
	    asprintf(&header, "%s %s",
		options.scheme == PORTVAKT_SCHEME_DPOP ? "DPoP" : "Bearer",
		sample->token) > 0);
	ask_api(&(struct api_call){.local = true,
		    .uid = CLIENT_UID,
		    .method = "GET",
		    .path = "/auth",
		    .authorization = header,
		    .dpop = sample->proof,
		    .certificate =
			sample->vector->certificate ? ACCESS_CERTIFICATE : NULL,
		    .original_method = ACCESS_METHOD,
		    .original_uri = ACCESS_PATH,
		    .body = ""},
	    &answer);
	expect_gate(sample, &status, said);
	if (is_no_credential(sample))
		said[0] = '\0';
	if (answer.status != status || !strstr(challenge_of(&answer), said))
		fail_sample(sample, "/auth", challenge_of(&answer));
	answer_done(&answer);
	free(header);
}

/* As a form, with every character written out. */
static char *
form_of(const struct sample *sample, const char *more)
{
	char *form = malloc(3 * strlen(sample->token) + strlen(more) + 16);
	const char *at;
	char *end;

	assert_non_null(form);
	end = stpcpy(form, "token=");
	for (at = sample->token; *at; at++)
		end += sprintf(end, "%%%02X", (unsigned char)*at);
	(void)strcpy(end, more);
	return form;
}

static void
post(const char *path, const char *form, struct answer *answer)
{
	ask_api(&(struct api_call){.local = true,
		    .uid = CLIENT_UID,
		    .method = "POST",
		    .path = path,
		    .content_type = "application/x-www-form-urlencoded",
		    .body = form,
		    .size = strlen(form)},
	    answer);
}

/* What the library says where the endpoint has no more to ask it with. */
static struct portvakt_result *
ask_plainly(const struct sample *sample, const char *issuer)
{
	static const char *const scopes[] = {ACCESS_SCOPE};
	struct portvakt_options options = PORTVAKT_OPTIONS_INIT;

	options.issuer = issuer;
	options.scopes = scopes;
	options.scopes_count = 1;
	return ask_library(sample, &options);
}

/* RFC 7662: active or not, and nothing about why. */
static void
check_introspection(const struct sample *sample)
{
	struct portvakt_result *result = ask_plainly(sample, NULL);
	char *form = form_of(sample, "");
	struct answer answer = {0};
	bool active;

	post("/introspect", form, &answer);
	assert_int_equal(answer.status, 200);
	active = strstr(answer.body, "\"active\":true") != NULL;
	if (active !=
	    (portvakt_result_verdict(result) == PORTVAKT_VERDICT_GOOD))
		fail_sample(sample, "/introspect", answer.body);
	if (!active)
		assert_string_equal(answer.body, "{\"active\":false}");
	if (is_good(sample) && sample->vector->proof == ACCESS_BEARER &&
	    !sample->vector->certificate)
		assert_true(active);
	answer_done(&answer);
	portvakt_result_free(result);
	free(form);
}

/* The words of Texas (identity-ecosystem: its errors), by ours. */
static const struct {
	const char *word;
	const char *texas;
} texas_words[] = {
    {"expired", "invalid token: ExpiredSignature"},
    {"not-yet-valid", "invalid token: ImmatureSignature"},
    {"audience-wrong", "invalid token: InvalidAudience"},
    {"issuer-wrong", "invalid token: InvalidIssuer"},
    {"signature-bad", "invalid token: InvalidSignature"},
    {"key-mismatch", "invalid token: InvalidSignature"},
    {"algorithm-refused", "invalid token: InvalidAlgorithm"},
    {"malformed", "invalid token header: InvalidToken"},
    {"key-unknown", "token can not be validated with this identity provider"},
};

static void
expect_texas(const struct portvakt_result *result, char said[128])
{
	const char *word = portvakt_result_word(result);
	const char *detail = portvakt_result_detail(result);
	size_t i;

	(void)snprintf(said, 128, "invalid token: %s", word);
	for (i = 0; i < sizeof(texas_words) / sizeof(*texas_words); i++) {
		if (strcmp(word, texas_words[i].word) == 0)
			(void)snprintf(said, 128, "%s", texas_words[i].texas);
	}
	if (strcmp(word, "claim-missing") == 0)
		(void)snprintf(said, 128,
		    "invalid token: Missing required claim: %s", detail);
	if (strcmp(word, "header-refused") == 0)
		(void)strcpy(said, strcmp(detail, "kid") == 0
				       ? "missing key id from token header"
				       : "invalid token header: InvalidToken");
}

static void
check_texas(const struct sample *sample)
{
	struct portvakt_result *result = ask_plainly(sample, sample->issuer);
	bool good = portvakt_result_verdict(result) == PORTVAKT_VERDICT_GOOD;
	struct answer answer = {0};
	char more[64], said[128], *form;

	(void)snprintf(
	    more, sizeof(more), "&identity_provider=%s", sample->issuer);
	form = form_of(sample, more);
	post("/api/v1/introspect", form, &answer);
	assert_int_equal(answer.status, 200);
	(void)strcpy(said, "\"active\":true");
	if (!good)
		expect_texas(result, said);
	if (good == (strstr(answer.body, "\"active\":false") != NULL) ||
	    !strstr(answer.body, said))
		fail_sample(sample, "/api/v1/introspect", answer.body);
	answer_done(&answer);
	portvakt_result_free(result);
	free(form);
}

/*
 * Where a login says another word: it knows the issuer before it looks into a
 * token, and never takes a machine's. A cut token has a word of its own.
 */
static const struct {
	const char *name;
	const char *word;
} login_words[] = {
    {"halved", "token-cut"},
    {"none, unsigned", "token-cut"},
    {"unsigned", "token-cut"},
    {"two parts", "token-cut"},
    {"as JSON", "not-a-token"},
    {"iss missing", "claim-missing"},
    {"iss a number", "claims-malformed"},
    {"aud twice", "claims-malformed"},
    /* Where a section names an audience, scopes do not stand in for it. */
    {"aud missing at Digdir, with a scope", "claim-missing"},
    {"aud unspecified at Digdir, with a scope", "audience-wrong"},
    {"a claim twice", "claims-malformed"},
    {"sub is the client: a machine", "machine-token"},
    /* Nobody types a certificate. */
    {"bound to a certificate that comes", "certificate-missing"},
    {"bound to another certificate", "certificate-missing"},
};

static const char *
expect_login(const struct sample *sample)
{
	size_t i;

	for (i = 0; i < sizeof(login_words) / sizeof(*login_words); i++) {
		if (strcmp(sample->vector->name, login_words[i].name) == 0)
			return login_words[i].word;
	}
	return is_good(sample) ? "granted" : sample->vector->word;
}

static int
rank_of_level(const struct trust_issuer *issuer, const char *level)
{
	if (!level)
		return 0;
	return issuer_acr_rank(&issuer->profile,
	    slice_of(strcmp(level, "high") == 0 ? issuer->level_high
						: issuer->level_substantial));
}

/* As PAM asks: nobody types a proof, and a password has no scheme. */
static void
check_login(const struct sample *sample)
{
	static const char *const audiences[] = {ACCESS_AUDIENCE};
	static const char *const scopes[] = {ACCESS_SCOPE};
	const struct trust_issuer *known =
	    &world.service->content.issuers[issuers[sample->profile]];
	const struct config_issuer issuer = {.profile = known->profile,
	    .kind = issuer_kind_find(known->kind),
	    .name = known->name};
	const struct config_service service = {.name = "postgresql",
	    .token_audiences = audiences,
	    .token_audiences_count = 1,
	    .token_scopes = scopes,
	    .token_scopes_count = 1};
	const struct need need = {.service = &service,
	    .issuer = &issuer,
	    .acr_rank_min = rank_of_level(known, sample->vector->level),
	    .max_age_s = sample->vector->max_age_s};
	static struct service_token token;
	struct token_login_finding finding;
	const char *word;

	finding = token_login_check(sample->token, strlen(sample->token), &need,
	    world.keys, now_s, &token);
	word = token_login_word(&finding);
	if (strcmp(word, expect_login(sample)) != 0)
		fail_sample(sample, "the login", word);
	if ((finding.result == TOKEN_LOGIN_GOOD) !=
	    (strcmp(word, "granted") == 0))
		fail_sample(sample, "its yes", word);
}

/*
 * That an issuer logs nobody in, or does not have a level, is found out before
 * a token is read.
 */
static bool
is_for_a_login(const struct sample *sample)
{
	return sample->vector->proof == ACCESS_BEARER &&
	       sample->profile != ACCESS_MASKINPORTEN &&
	       !(sample->vector->level && sample->profile == ACCESS_GENERIC);
}

static void
check_sample(const struct sample *sample)
{
	check_library(sample);
	check_gate(sample);
	check_introspection(sample);
	check_texas(sample);
	if (is_for_a_login(sample))
		check_login(sample);
}

static void
check_vector(const struct access_vector *vector, enum access_profile profile)
{
	struct sample sample = {.vector = vector, .profile = profile};

	sample.issuer = world.service->content.issuers[issuers[profile]].name;
	sample.token = access_token(vector, profile, now_s);
	sample.proof = access_proof(vector, sample.token, now_s);
	check_sample(&sample);
	free(sample.token);
	free(sample.proof);
}

static size_t
check_all(enum access_profile profile)
{
	size_t i, checked = 0;

	for (i = 0; i < access_vectors_count; i++) {
		if (!(access_vectors[i].profiles & (1U << profile)))
			continue;
		check_vector(&access_vectors[i], profile);
		checked++;
	}
	return checked;
}

static void
all_agree_about_idporten(void **state)
{
	(void)state;
	assert_true(check_all(ACCESS_IDPORTEN) > 90);
}

static void
all_agree_about_ansattporten(void **state)
{
	(void)state;
	assert_true(check_all(ACCESS_ANSATTPORTEN) > 90);
}

static void
all_agree_about_maskinporten(void **state)
{
	(void)state;
	assert_true(check_all(ACCESS_MASKINPORTEN) > 80);
}

static void
all_agree_about_others(void **state)
{
	(void)state;
	assert_true(check_all(ACCESS_GENERIC) > 90);
}

/* Names are how a disagreement is found. */
static void
no_two_rows_are_called_the_same(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < access_vectors_count; i++) {
		for (j = 0; j < i; j++)
			assert_string_not_equal(
			    access_vectors[i].name, access_vectors[j].name);
	}
}

/* Each is the issuer of its kind, and of nothing more. */
static void
publish(struct service_world *service)
{
	size_t i;

	for (i = 0; i < WORLD_ISSUERS; i++) {
		struct trust_issuer *issuer = &service->content.issuers[i];
		const struct issuer_kind *kind = issuer_kind_find(issuer->kind);

		issuer->profile.algorithms = 0;
		issuer_kind_complete(kind, &issuer->profile);
	}
	service_world_publish(service);
}

static void
fill_config(struct api_config *config)
{
	static const char *const audiences[] = {ACCESS_AUDIENCE};
	static const char *const scopes[] = {ACCESS_SCOPE};
	static const char *const claims[] = {"sub", "username"};

	config->clients[0] = (struct api_client){.name = "saker",
	    .has_uid = true,
	    .forwards_certificate = true,
	    .uid = CLIENT_UID,
	    .audiences = {audiences, 1},
	    .scopes = {scopes, 1},
	    .claims = {claims, 2}};
	config->clients_count = 1;
	config->locations[0] = (struct api_location){.path = "/auth",
	    .audience = ACCESS_AUDIENCE,
	    .origin = ACCESS_AUDIENCE,
	    .scopes = {scopes, 1}};
	config->locations_count = 1;
}

static int
set_up(void **state)
{
	(void)state;
	now_s = WORLD_NOW_S - OPENED_BEFORE_S;
	world.service = service_world_new();
	publish(world.service);
	fill_config(&world.config);
	world.api.config = &world.config;
	world.api.issuers.path = world.service->path;
	assert_int_equal(metrics_new(2, &world.api.metrics), 0);
	/* A proof is good once in a process, so each has a handle. */
	assert_int_equal(portvakt_open(world.service->path, &world.library), 0);
	assert_int_equal(
	    portvakt_open(world.service->path, &world.api.portvakt), 0);
	assert_int_equal(key_set_parse(world.service->keys,
			     strlen(world.service->keys), &world.keys),
	    0);
	now_s = WORLD_NOW_S;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	(void)key_set_free(world.keys);
	portvakt_close(world.library);
	portvakt_close(world.api.portvakt);
	issuers_done(&world.api.issuers);
	metrics_free(world.api.metrics);
	service_world_free(world.service);
	memset(&world, 0, sizeof(world));
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(all_agree_about_idporten),
	    TEST(all_agree_about_ansattporten),
	    TEST(all_agree_about_maskinporten),
	    TEST(all_agree_about_others),
	    cmocka_unit_test(no_two_rows_are_called_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
