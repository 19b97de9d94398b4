/*
 * What issuers say about opaque tokens, judged as their signed ones are: good
 * answers, and the refused twins of each.
 */
#include "tests/unit/service_world.h"
#include "tests/unit/unit.h"
#include "tests/vectors/access.h"
#include "tests/vectors/mint.h"
#include "verify/issuer_kind.h"
#include "verify/portvakt_private.h"
#include "verify/thumbprint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TOKEN "2YotnFZFEjr1zCsicMWpAA"
#define ACTIVE "{\"active\":true,\"token_type\":\"Bearer\","
#define STAFF "\"iss\":\"https://test.idporten.no\","

static struct service_world *world;
static struct portvakt *portvakt;
static struct portvakt_result *result;
static int64_t now_s, boot_s;

int __wrap_clock_gettime(clockid_t id, struct timespec *ret_time);

int
__wrap_clock_gettime(clockid_t id, struct timespec *ret_time)
{
	*ret_time =
	    (struct timespec){.tv_sec = id == CLOCK_BOOTTIME ? boot_s : now_s};
	return 0;
}

static int
set_up(void **state)
{
	size_t i;

	(void)state;
	now_s = WORLD_NOW_S;
	boot_s = WORLD_BOOT_S;
	world = service_world_new();
	for (i = 0; i < WORLD_ISSUERS; i++)
		world->content.issuers[i].introspects = true;
	service_world_publish(world);
	return portvakt_open(world->path, &portvakt);
}

static int
tear_down(void **state)
{
	(void)state;
	portvakt_result_free(result);
	result = NULL;
	portvakt_close(portvakt);
	service_world_free(world);
	return 0;
}

static const char *
ask_for(const char *issuer, const char *answer, const char *audience,
    const struct portvakt_options *options)
{
	const struct portvakt_presented presented = {
	    .issuer = issuer,
	    .answer = answer,
	    .answer_size = strlen(answer),
	    .token = TOKEN,
	    .token_size = strlen(TOKEN),
	};
	bool good;

	portvakt_result_free(result);
	good = portvakt_verify_presented(
	    portvakt, &presented, audience, options, &result);
	assert_int_equal(
	    good, portvakt_result_verdict(result) == PORTVAKT_VERDICT_GOOD);
	return portvakt_result_word(result);
}

/* Kari's claims, as an answer. The caller frees it. */
static char *
active(void)
{
	return mint_replace(
	    world_payloads[WORLD_STAFF], "{" STAFF, ACTIVE STAFF);
}

static const char *
ask_twin(const char *from, const char *to)
{
	char *whole = active(), *answer = mint_replace(whole, from, to);
	const char *word = ask_for("staff", answer, WORLD_AUDIENCE, NULL);

	free(answer);
	free(whole);
	return word;
}

static void
knows_a_person(void **state)
{
	(void)state;
	assert_string_equal(ask_twin("{", "{"), "good");
	assert_int_equal(
	    portvakt_result_subject_kind(result), PORTVAKT_SUBJECT_PERSON);
	assert_string_equal(portvakt_result_account(result), "kari");
	assert_string_equal(portvakt_result_issuer_name(result), "staff");
	assert_int_equal(portvakt_result_level(result), 2);
	assert_int_equal(portvakt_result_expires_at(result), WORLD_EXPIRES_S);
	assert_true(portvakt_result_has_group(result, "ko-arkiv"));
}

static void
knows_a_machine(void **state)
{
	static const char *const scopes[] = {"ko:saker.read"};
	struct portvakt_options options = PORTVAKT_OPTIONS_INIT;
	char *answer = mint_replace(world_payloads[WORLD_MACHINES],
	    "{\"iss\":\"https://test.maskinporten.no/\",", ACTIVE);

	(void)state;
	options.scopes = scopes;
	options.scopes_count = 1;
	assert_string_equal(ask_for("maskin", answer, NULL, &options), "good");
	assert_int_equal(
	    portvakt_result_subject_kind(result), PORTVAKT_SUBJECT_MACHINE);
	assert_string_equal(portvakt_result_consumer(result), "0192:991825827");
	assert_string_equal(portvakt_result_issuer_name(result), "maskin");
	assert_string_equal(
	    ask_for("staff", answer, NULL, &options), "claim-missing");
	free(answer);
}

static const struct {
	const char *from;
	const char *to;
	const char *word;
	const char *detail;
} twins[] = {
    {"\"active\":true", "\"active\":false", "inactive", "active"},
    {"\"active\":true", "\"active\":\"true\"", "claims-malformed", "active"},
    {"\"active\":true", "\"active\":1", "claims-malformed", "active"},
    {"\"active\":true", "\"active\":null", "claims-malformed", "active"},
    {"\"active\":true", "\"Active\":true", "claim-missing", "active"},
    {"\"active\":true", "\"active\":true,\"active\":true", "claims-malformed",
	"payload"},
    /* Refresh tokens are active too. */
    {"\"token_type\":\"Bearer\",", "", "claim-missing", "token_type"},
    {"Bearer", "refresh_token", "type-refused", "token_type"},
    {"\"token_type\":\"Bearer\"", "\"token_type\":1", "type-refused",
	"token_type"},
    {"\"token_type\":\"Bearer\"", "\"typ\":\"Refresh\"", "claim-missing",
	"token_type"},
    {"\"token_type\":\"Bearer\"", "\"token_type\":\"Bearer\",\"typ\":\"ID\"",
	"type-refused", "typ"},
    /* What signed tokens are refused for. */
    {"test.idporten.no", "sso.example", "issuer-wrong", "iss"},
    {"test.idporten.no", "test.idporten.no/", "issuer-wrong", "iss"},
    {"\"https://test.idporten.no\"", "1", "claims-malformed", "iss"},
    {WORLD_AUDIENCE, "https://lager.example", "audience-wrong", "aud"},
    {"\"aud\":\"" WORLD_AUDIENCE "\",", "", "claim-missing", "aud"},
    {",\"exp\":1678376092", "", "claim-missing", "exp"},
    {"\"exp\":1678376092", "\"exp\":\"1678376092\"", "claims-malformed", "exp"},
    {"\"iat\":1678375492,", "", "claim-missing", "iat"},
    {"1678375492,\"exp\":1678376092", "1678375400,\"exp\":1678375480",
	"expired", "exp"},
    {"\"iat\":1678375492", "\"iat\":1678375600", "not-yet-valid", "iat"},
    {"\"iat\"", "\"nbf\":1678375600,\"iat\"", "not-yet-valid", "nbf"},
    {"\"sub\":\"sub-kari\",", "", "claim-missing", "sub"},
    {"21879498012", "21879498013", "person-number-bad", "pid"},
    {"\"jti\"", "\"nonce\"", "login-token", "nonce"},
    {"\"jti\"", "\"at_hash\"", "login-token", "at_hash"},
    {"\"jti\"", "\"events\"", "type-refused", "events"},
    {"\"scope\":\"ko:saker.read openid\",\"client_id\":\"klient\",", "",
	"login-token", "scope"},
    {"\"jti\"", "\"cnf\":{\"jkt\":\"x\"},\"jti\"", "claims-malformed", "cnf"},
    {"\"jti\"", "\"cnf\":{},\"jti\"", "claims-malformed", "cnf"},
    {"}", "", "claims-malformed", "payload"},
    {"}", "}x", "claims-malformed", "payload"},
};

static void
refuses_the_twins(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(twins) / sizeof(*twins); i++) {
		assert_string_equal(
		    ask_twin(twins[i].from, twins[i].to), twins[i].word);
		assert_string_equal(
		    portvakt_result_detail(result), twins[i].detail);
		assert_null(portvakt_result_subject(result));
	}
	assert_string_equal(
	    ask_for("staff", "{\"active\":false}", WORLD_AUDIENCE, NULL),
	    "inactive");
	assert_string_equal(
	    ask_for("staff", "", WORLD_AUDIENCE, NULL), "claims-malformed");
	assert_string_equal(
	    ask_for("staff", "[]", WORLD_AUDIENCE, NULL), "claims-malformed");
}

static void
takes_what_others_write(void **state)
{
	(void)state;
	assert_string_equal(ask_twin(STAFF, ""), "good");
	assert_string_equal(
	    portvakt_result_issuer(result), "https://test.idporten.no");
	assert_string_equal(ask_twin("Bearer", "bearer"), "good");
	assert_string_equal(
	    ask_twin("\"token_type\":\"Bearer\"", "\"typ\":\"Bearer\""),
	    "good");
	assert_string_equal(
	    ask_twin("\"jti\"", "\"username\":\"x\",\"jti\""), "good");
}

static void
asks_for_what_is_asked(void **state)
{
	static const char *const scopes[] = {"ko:saker.write"};
	struct portvakt_options options = PORTVAKT_OPTIONS_INIT;
	char *answer = active();

	(void)state;
	options.issuer = "maskin";
	assert_string_equal(
	    ask_for("staff", answer, WORLD_AUDIENCE, &options), "issuer-wrong");
	options.issuer = "staff";
	options.level = "high";
	assert_string_equal(
	    ask_for("staff", answer, WORLD_AUDIENCE, &options), "acr-too-low");
	options.level = "substantial";
	assert_string_equal(
	    ask_for("staff", answer, WORLD_AUDIENCE, &options), "good");
	options.scopes = scopes;
	options.scopes_count = 1;
	assert_string_equal(ask_for("staff", answer, WORLD_AUDIENCE, &options),
	    "scope-missing");
	free(answer);
}

/* Only of issuers that are asked, and of what the administrator lets in. */
static void
refuses_what_the_administrator_refuses(void **state)
{
	char *answer = active();

	(void)state;
	assert_string_equal(
	    ask_for("nobody", answer, WORLD_AUDIENCE, NULL), "issuer-wrong");
	assert_string_equal(
	    ask_for("internal", answer, WORLD_AUDIENCE, NULL), "issuer-wrong");
	world->accounts[0].account.locked = true;
	service_world_publish(world);
	assert_string_equal(
	    ask_for("staff", answer, WORLD_AUDIENCE, NULL), "account-locked");
	world->accounts[0].account.locked = false;
	world->content.issuers[WORLD_STAFF].tokens_from_s = WORLD_NOW_S;
	service_world_publish(world);
	assert_string_equal(
	    ask_for("staff", answer, WORLD_AUDIENCE, NULL), "revoked");
	world->content.issuers[WORLD_STAFF].tokens_from_s = TRUST_SINCE_EVER;
	world->content.issuers[WORLD_STAFF].introspects = false;
	service_world_publish(world);
	assert_string_equal(
	    ask_for("staff", answer, WORLD_AUDIENCE, NULL), "issuer-wrong");
	free(answer);
}

/* The keys of signed tokens have nothing to do with it. */
static void
needs_no_keys(void **state)
{
	(void)state;
	boot_s = WORLD_BOOT_S + 10000;
	assert_string_equal(ask_twin("{", "{"), "good");
}

/* What was said of a token is no word of who it is asked about next. */
static void
keeps_nothing(void **state)
{
	(void)state;
	assert_string_equal(ask_twin("{", "{"), "good");
	assert_string_equal(
	    ask_twin("\"active\":true", "\"active\":false"), "inactive");
	assert_false(portvakt_verify(
	    portvakt, TOKEN, strlen(TOKEN), WORLD_AUDIENCE, NULL, NULL));
}

#define CNF "\"cnf\":{\"x5t#S256\":\"%s\"},\"jti\""

static void
a_bound_token_needs_its_certificate(void **state)
{
	const uint8_t mine[32] = {1}, other[32] = {2};
	struct portvakt_options options = PORTVAKT_OPTIONS_INIT;
	char *thumbprint = mint_base64url(mine, sizeof(mine));
	char *cnf = mint_replace(CNF, "%s", thumbprint), *whole = active();
	char *answer = mint_replace(whole, "\"jti\"", cnf);

	(void)state;
	assert_string_equal(ask_for("staff", answer, WORLD_AUDIENCE, NULL),
	    "certificate-missing");
	options.certificate_sha256 = other;
	assert_string_equal(ask_for("staff", answer, WORLD_AUDIENCE, &options),
	    "certificate-wrong");
	options.certificate_sha256 = mine;
	assert_string_equal(
	    ask_for("staff", answer, WORLD_AUDIENCE, &options), "good");
	free(answer);
	free(whole);
	free(cnf);
	free(thumbprint);
}

static void
refuses_what_is_too_large(void **state)
{
	char *whole = active(), *answer;
	size_t size = 20000;
	char *filler = malloc(size + 1);

	(void)state;
	assert_non_null(filler);
	memset(filler, ' ', size);
	filler[0] = '{';
	filler[size] = '\0';
	answer = mint_replace(whole, "{", filler);
	assert_string_equal(
	    ask_for("staff", answer, WORLD_AUDIENCE, NULL), "too-large");
	free(answer);
	free(filler);
	free(whole);
}

/*
 * Where an answer is called by another word than a signed token: its issuer is
 * the one that was asked, and may be left out.
 */
static const struct {
	const char *name;
	const char *word;
} other_words[] = {
    {"iss missing", "good"},
    {"iss a number", "claims-malformed"},
    {"aud twice", "claims-malformed"},
    {"a claim twice", "claims-malformed"},
};

static const char *
word_of(const struct access_vector *vector)
{
	size_t i;

	for (i = 0; i < sizeof(other_words) / sizeof(*other_words); i++) {
		if (strcmp(vector->name, other_words[i].name) == 0)
			return other_words[i].word;
	}
	return vector->word;
}

static void
check_vector(const struct access_vector *vector, enum access_profile profile)
{
	static const char *const issuers[ACCESS_PROFILES] = {
	    "staff", "ansatt", "maskin", "internal"};
	static const char *const scopes[] = {ACCESS_SCOPE};
	struct portvakt_options options = PORTVAKT_OPTIONS_INIT;
	char *payload = access_payload(vector, profile, now_s), *answer, *proof;
	struct portvakt_presented presented;
	char token[128];

	(void)snprintf(
	    token, sizeof(token), "%s of %s", vector->name, issuers[profile]);
	proof = access_proof(vector, token, now_s);
	answer = mint_replace(payload, "{\"v\":1",
	    profile == ACCESS_MASKINPORTEN
		? "{\"active\":true"
		: "{\"active\":true,\"token_type\":\"Bearer\"");
	presented = (struct portvakt_presented){.token = token,
	    .token_size = strlen(token),
	    .answer = answer,
	    .answer_size = strlen(answer),
	    .issuer = issuers[profile]};
	options.scopes = scopes;
	options.scopes_count = 1;
	options.level = vector->level;
	options.max_age_s = vector->max_age_s;
	options.scheme = vector->proof == ACCESS_BEARER ||
				 vector->proof == ACCESS_PROVED_AS_BEARER
			     ? PORTVAKT_SCHEME_BEARER
			     : PORTVAKT_SCHEME_DPOP;
	options.dpop = proof;
	options.dpop_size = proof ? strlen(proof) : 0;
	options.method = ACCESS_METHOD;
	options.url = ACCESS_URL;
	options.certificate_sha256 =
	    vector->certificate
		? (const unsigned char *)ACCESS_CERTIFICATE_SHA256
		: NULL;
	portvakt_result_free(result);
	(void)portvakt_verify_presented(
	    portvakt, &presented, ACCESS_AUDIENCE, &options, &result);
	if (strcmp(portvakt_result_word(result), word_of(vector)) != 0)
		fail_msg("%s: %s", token, portvakt_result_word(result));
	free(payload);
	free(answer);
	free(proof);
}

/* By the very rules of signed tokens: what is not of their form holds here. */
static void
agrees_with_signed_tokens(void **state)
{
	size_t i, checked = 0;
	int profile;

	(void)state;
	/* A proof from before a handle is stale. */
	now_s += 300;
	for (i = 0; i < access_vectors_count; i++) {
		const struct access_vector *vector = &access_vectors[i];

		for (profile = 0; profile < ACCESS_PROFILES; profile++) {
			if (!(vector->profiles & (1U << profile)) ||
			    vector->header || vector->how != MINT_RS256 ||
			    vector->form != ACCESS_WHOLE)
				continue;
			check_vector(vector, (enum access_profile)profile);
			checked++;
		}
	}
	assert_true(checked > 200);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(knows_a_person),
	    TEST(knows_a_machine),
	    TEST(refuses_the_twins),
	    TEST(takes_what_others_write),
	    TEST(asks_for_what_is_asked),
	    TEST(refuses_what_the_administrator_refuses),
	    TEST(needs_no_keys),
	    TEST(keeps_nothing),
	    TEST(a_bound_token_needs_its_certificate),
	    TEST(refuses_what_is_too_large),
	    TEST(agrees_with_signed_tokens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
