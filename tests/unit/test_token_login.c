/*
 * Which access tokens log a person in, what each of the others is called, and
 * what a client's cut leaves.
 */
#include "broker/login/token_login.h"
#include "tests/unit/unit.h"
#include "tests/vectors/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW_S 1678375500
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define AUDIENCE "\"aud\":\"https://base.example\""
#define SUBJECT "\"sub\":\"ERIFvpD7\""
#define ACR "\"acr\":\"idporten-loa-substantial\""
#define SCOPE "\"scope\":\"ko:base openid\""
#define CLIENT "\"client_id\":\"klient\""
#define ISSUER "\"iss\":\"https://test.idporten.no\""
#define TIMES "\"exp\":1678376092,\"iat\":1678375492,\"auth_time\":1678375491"

static const char good[] = "{" ISSUER "," SUBJECT "," AUDIENCE "," ACR "," SCOPE
			   "," CLIENT "," TIMES ",\"sid\":\"s-1\"}";
static const char header[] =
    "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"JWT\"}";

static const char *const audiences[] = {
    "https://gammel.example", "https://base.example"};
static const char *const scopes[] = {"ko:base"};

static struct service issuer_of_tests;
static struct config_issuer issuer;
static struct config_service service;
static struct need need;
static struct service_token token;

static int
set_up(void **state)
{
	(void)state;
	service_init(&issuer_of_tests, "idporten", "https://test.idporten.no",
	    "https://base.example");
	issuer = (struct config_issuer){
	    .profile = issuer_of_tests.profile,
	    .kind = issuer_of_tests.kind,
	};
	service = (struct config_service){
	    .name = "postgresql",
	    .token_audiences = audiences,
	    .token_audiences_count = COUNT(audiences),
	    .token_scopes = scopes,
	    .token_scopes_count = COUNT(scopes),
	};
	need = (struct need){.service = &service, .issuer = &issuer};
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	service_done(&issuer_of_tests);
	return 0;
}

static struct token_login_finding
check(const char *text, size_t size)
{
	memset(&token, 0, sizeof(token));
	return token_login_check(
	    text, size, &need, issuer_of_tests.expectation.keys, NOW_S, &token);
}

static char *
mint(const char *payload)
{
	char *text = mint_token(MINT_RS256, header, payload);

	assert_non_null(text);
	return text;
}

static const char *
word_of(const char *payload)
{
	char *text = mint(payload);
	struct token_login_finding finding = check(text, strlen(text));

	free(text);
	return token_login_word(&finding);
}

static void
test_a_token_for_the_service_logs_its_person_in(void **state)
{
	char *text = mint(good);

	(void)state;
	assert_int_equal(check(text, strlen(text)).result, TOKEN_LOGIN_GOOD);
	assert_string_equal(token.identity.subject, "ERIFvpD7");
	assert_string_equal(token.session, "s-1");
	free(text);
}

/* Whose it is, for the record: of what the issuer signed, and no other. */
static void
test_it_finds_whose_a_token_is(void **state)
{
	char *text = mint(good);
	char *signature = strrchr(text, '.') + 10;
	struct token_login_finding finding = check(text, strlen(text));

	(void)state;
	assert_true(finding.bearer.known);
	assert_string_equal(finding.bearer.subject, "ERIFvpD7");
	assert_string_equal(finding.audience, "https://base.example");
	*signature = *signature == 'A' ? 'B' : 'A';
	finding = check(text, strlen(text));
	assert_int_equal(finding.result, TOKEN_LOGIN_REFUSED);
	assert_false(finding.bearer.known);
	assert_string_equal(finding.bearer.subject, "");
	assert_null(finding.audience);
	free(text);
}

/* What replaces a piece of the claims, and what the refusal is called. */
static const struct twin {
	const char *from;
	const char *to;
	const char *word;
} twins[] = {
    {SUBJECT, SUBJECT, "granted"},
    {AUDIENCE, "\"aud\":\"https://gammel.example\"", "granted"},
    {AUDIENCE, "\"aud\":\"https://annen.example\"", "audience-wrong"},
    {AUDIENCE, "\"aud\":\"unspecified\"", "audience-wrong"},
    {AUDIENCE ",", "", "claim-missing"},
    {SCOPE, "\"scope\":\"ko:base.les\"", "scope-missing"},
    {ISSUER, "\"iss\":\"https://idporten.no\"", "issuer-wrong"},
    {TIMES, "\"exp\":1678375489,\"iat\":1678375400", "expired"},
    {"\"iat\":1678375492", "\"iat\":1678375512", "not-yet-valid"},
    {CLIENT, CLIENT ",\"nonce\":\"n\"", "login-token"},
    {CLIENT, CLIENT ",\"at_hash\":\"n\"", "login-token"},
    {CLIENT,
	CLIENT ",\"cnf\":{\"jkt\":"
	       "\"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I\"}",
	"proof-missing"},
    {CLIENT,
	CLIENT ",\"cnf\":{\"x5t#S256\":"
	       "\"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I\"}",
	"certificate-missing"},
};

static void
test_each_refusal_has_its_word(void **state)
{
	char *payload;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(twins); i++) {
		payload = mint_replace(good, twins[i].from, twins[i].to);
		assert_string_equal(word_of(payload), twins[i].word);
		free(payload);
	}
}

static void
test_the_section_asks_for_level_and_age(void **state)
{
	(void)state;
	need.acr_rank_min = 3;
	assert_string_equal(word_of(good), "acr-too-low");
	need.acr_rank_min = 0;
	issuer.acr_rank_min = 3;
	assert_string_equal(word_of(good), "acr-too-low");
	issuer.acr_rank_min = 2;
	assert_string_equal(word_of(good), "granted");
	need.max_age_s = 5;
	issuer.profile.clock_skew_s = 0;
	assert_string_equal(word_of(good), "authentication-too-old");
	need.max_age_s = 9;
	assert_string_equal(word_of(good), "granted");
}

static void
test_a_machines_token_is_nobodys(void **state)
{
	static const char machine[] =
	    "{\"iss\":\"https://sso.example\",\"sub\":\"klient\"," AUDIENCE
	    "," SCOPE "," CLIENT "," TIMES "}";
	char *person;

	(void)state;
	service_done(&issuer_of_tests);
	service_init(&issuer_of_tests, "generic", "https://sso.example",
	    "https://base.example");
	issuer.profile = issuer_of_tests.profile;
	issuer.kind = issuer_of_tests.kind;
	assert_string_equal(word_of(machine), "machine-token");
	assert_string_equal(token.identity.issuer, "");
	person = mint_replace(machine, "\"sub\":\"klient\"", SUBJECT);
	assert_string_equal(word_of(person), "granted");
	free(person);
}

static void
test_a_service_without_options_takes_none(void **state)
{
	const struct config_service none = {.name = "postgresql"};
	char *anybodys;

	(void)state;
	need.service = &none;
	assert_string_equal(word_of(good), "tokens-not-configured");
	need.service = NULL;
	assert_string_equal(word_of(good), "tokens-not-configured");
	need.service = &service;
	service.token_audiences_count = 0;
	assert_string_equal(word_of(good), "audience-wrong");
	anybodys = mint_replace(good, AUDIENCE, "\"aud\":\"unspecified\"");
	assert_string_equal(word_of(anybodys), "granted");
	free(anybodys);
	issuer.kind = issuer_kind_find("generic");
	assert_string_equal(word_of(good), "not-checked");
}

/* Long enough that every client of PAM cuts it. */
static char *
mint_long(size_t size)
{
	char *payload, *text, *filling = malloc(size + 64);
	size_t length;

	assert_non_null(filling);
	length = (size_t)sprintf(filling, CLIENT ",\"x\":\"");
	memset(filling + length, 'x', size);
	strcpy(filling + length + size, "\"");
	payload = mint_replace(good, CLIENT, filling);
	text = mint(payload);
	free(payload);
	free(filling);
	return text;
}

static void
test_what_a_client_cut_is_called_so(void **state)
{
	static const size_t limits[] = {511, 1023, 1024, 4095};
	char *text = mint_long(3000), *dot = strchr(text, '.');
	size_t i, size = strlen(text);

	(void)state;
	assert_true(size > 4095);
	for (i = 0; i < COUNT(limits); i++)
		assert_int_equal(
		    check(text, limits[i]).result, TOKEN_LOGIN_CUT);
	assert_int_equal(
	    check(text, (size_t)(dot - text)).result, TOKEN_LOGIN_CUT);
	assert_int_equal(
	    check(text, (size_t)(dot - text) + 1).result, TOKEN_LOGIN_CUT);
	dot = strrchr(text, '.');
	assert_int_equal(
	    check(text, (size_t)(dot - text) + 1).result, TOKEN_LOGIN_CUT);
	assert_int_equal(check(text, size).result, TOKEN_LOGIN_GOOD);
	free(text);
}

/* The end of the signature alone is missing; another length is a bad one. */
static void
test_a_signature_that_a_client_cut(void **state)
{
	char *text = NULL;
	size_t filling, size = 0;

	(void)state;
	for (filling = 100; size < 1023 + 8; filling++) {
		free(text);
		text = mint_long(filling);
		size = strlen(text);
	}
	assert_true(strrchr(text, '.') - text < 1023);
	assert_int_equal(check(text, 1023).result, TOKEN_LOGIN_CUT);
	assert_int_equal(check(text, 1022).result, TOKEN_LOGIN_REFUSED);
	assert_int_equal(check(text, size).result, TOKEN_LOGIN_GOOD);
	free(text);
}

static void
test_a_whole_token_of_a_clients_limit_is_good(void **state)
{
	char *text = NULL;
	size_t filling, size = 0;

	(void)state;
	for (filling = 100; size < 1023; filling++) {
		free(text);
		text = mint_long(filling);
		size = strlen(text);
	}
	if (size == 1023 || size == 1024)
		assert_int_equal(check(text, size).result, TOKEN_LOGIN_GOOD);
	free(text);
}

static void
test_a_password_is_no_token(void **state)
{
	static const char *const texts[] = {
	    "", "hunter2", "a.b.c", "..", "eyJ", "{\"alg\":\"none\"}"};
	struct token_login_finding finding;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(texts); i++) {
		finding = check(texts[i], strlen(texts[i]));
		assert_string_equal(token_login_word(&finding),
		    strcmp(texts[i], "eyJ") == 0 ? "token-cut" : "not-a-token");
	}
}

static struct token_origin
make_origin(void)
{
	memset(&token, 0, sizeof(token));
	strcpy(token.identity.issuer, "https://a.example");
	strcpy(token.session, "s-1");
	token.identity.issued_at_s = 1000;
	return token_origin_of(&token);
}

static void
test_each_kind_of_revocation_is_seen(void **state)
{
	struct revocation of_session = {
	    .kind = REVOCATION_SESSION, .session = "s-1"};
	struct revocation of_account = {
	    .kind = REVOCATION_ACCOUNT, .account_id = 7, .before_s = 1001};
	struct revocation of_issuer = {
	    .kind = REVOCATION_ISSUER, .before_s = 1001};
	struct token_origin origin = make_origin();

	(void)state;
	assert_true(token_login_is_revoked(&of_session, &origin, 7));
	assert_true(token_login_is_revoked(&of_account, &origin, 7));
	assert_true(token_login_is_revoked(&of_issuer, &origin, 7));
	assert_false(token_login_is_revoked(&of_account, &origin, 8));
	strcpy(of_session.issuer, "https://b.example");
	strcpy(of_issuer.issuer, "https://b.example");
	assert_false(token_login_is_revoked(&of_session, &origin, 7));
	assert_false(token_login_is_revoked(&of_issuer, &origin, 7));
	strcpy(of_issuer.issuer, "https://a.example");
	assert_true(token_login_is_revoked(&of_issuer, &origin, 7));
	of_issuer.before_s = of_account.before_s = 1000;
	assert_false(token_login_is_revoked(&of_issuer, &origin, 7));
	assert_false(token_login_is_revoked(&of_account, &origin, 7));
	of_session.issuer[0] = origin.session[0] = of_session.session[0] = '\0';
	assert_false(token_login_is_revoked(&of_session, &origin, 7));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    CASE(test_a_token_for_the_service_logs_its_person_in),
	    CASE(test_it_finds_whose_a_token_is),
	    CASE(test_each_refusal_has_its_word),
	    CASE(test_the_section_asks_for_level_and_age),
	    CASE(test_a_machines_token_is_nobodys),
	    CASE(test_a_service_without_options_takes_none),
	    CASE(test_what_a_client_cut_is_called_so),
	    CASE(test_a_signature_that_a_client_cut),
	    CASE(test_a_whole_token_of_a_clients_limit_is_good),
	    CASE(test_a_password_is_no_token),
	    CASE(test_each_kind_of_revocation_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
