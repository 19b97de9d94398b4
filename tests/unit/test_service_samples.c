/*
 * The sample tokens of the Norwegian public sector's own documentation, as a
 * service meets them: signed by a key that it trusts, judged as a token of
 * that kind of issuer, and asked for no more than stands in them. First by the
 * check alone, then by libportvakt from a trust image with that issuer.
 */
#include "broker/trust/trust_image.h"
#include "tests/unit/unit.h"
#include "tests/vectors/samples.h"
#include "tests/vectors/service.h"
#include "verify/portvakt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BOOT_S = 5000 };

static int64_t now_s;

int __wrap_clock_gettime(clockid_t id, struct timespec *ret_time);

int
__wrap_clock_gettime(clockid_t id, struct timespec *ret_time)
{
	*ret_time =
	    (struct timespec){.tv_sec = id == CLOCK_BOOTTIME ? BOOT_S : now_s};
	return 0;
}

#define HEADER "{\"x5c\":[\"MIID\"],\"kid\":\"rsa\",\"alg\":\"RS256\"}"

static const struct sample {
	const char *name;
	const char *header;
	const char *payload;
	const char *kind;
	const char *issuer;
	const char *audience;
	const char *scope;
	int64_t now_s;
	enum evidence_result result;
	const char *detail;
} samples[] = {
    {"ID-porten id_token", HEADER, login_payload, "idporten",
	"https://idporten.dev", "democlient_idporten_systest", NULL, 1678375500,
	EVIDENCE_LOGIN_TOKEN, "nonce"},
    {"ID-porten access token", HEADER, sample_idporten_access, "idporten",
	"https://idporten.dev", NULL, "profile", 1678375500, EVIDENCE_GOOD,
	NULL},
    {"ID-porten access token, no scope asked", HEADER, sample_idporten_access,
	"idporten", "https://idporten.dev", "https://saker.example", NULL,
	1678375500, EVIDENCE_CLAIM_MISSING, "aud"},
    {"ID-porten access token, another scope", HEADER, sample_idporten_access,
	"idporten", "https://idporten.dev", NULL, "ko:saker.read", 1678375500,
	EVIDENCE_SCOPE_MISSING, "scope"},
    {"ID-porten access token at a strict issuer", HEADER,
	sample_idporten_access, "generic", "https://idporten.dev",
	"democlient_idporten_systest", "profile", 1678375500,
	EVIDENCE_CLAIM_MISSING, "aud"},
    {"ID-porten access token as a machine's", HEADER, sample_idporten_access,
	"maskinporten", "https://test.maskinporten.no/", NULL, "profile",
	1678375500, EVIDENCE_ISSUER_WRONG, "iss"},
    {"ID-porten of 2017", HEADER, sample_legacy_login, "generic",
	"https://oidc-yt2.difi.eon.no/idporten-oidc-provider/", "test_rp_yt2",
	NULL, 1497605270, EVIDENCE_LOGIN_TOKEN, "nonce"},
    {"Ansattporten id_token", HEADER, sample_ansattporten_login, "ansattporten",
	"https://test.ansattporten.no", "ansattporten_demo_client_prod", NULL,
	1671033220, EVIDENCE_LOGIN_TOKEN, "nonce"},
    {"Entra job account", HEADER, sample_entra_login, "ansattporten",
	"https://test.ansattporten.no", "ansattporten_demo_client_prod", NULL,
	1671033220, EVIDENCE_LOGIN_TOKEN, "nonce"},
    {"Maskinporten, delegated", HEADER, sample_maskinporten_delegated,
	"maskinporten", "https://test.maskinporten.no/", NULL, "difitest:test2",
	1584693500, EVIDENCE_GOOD, NULL},
    {"Maskinporten, delegated, without its slash", HEADER,
	sample_maskinporten_delegated, "maskinporten",
	"https://test.maskinporten.no", NULL, "difitest:test2", 1584693500,
	EVIDENCE_ISSUER_WRONG, "iss"},
    {"Maskinporten, for nobody", HEADER, sample_maskinporten_delegated,
	"maskinporten", "https://test.maskinporten.no/", "unspecified",
	"difitest:test2", 1584693500, EVIDENCE_NOT_CHECKED, "expectation"},
    {"Maskinporten, delegated, old", HEADER, sample_maskinporten_delegated,
	"maskinporten", "https://test.maskinporten.no/", NULL, "difitest:test2",
	1584694450, EVIDENCE_EXPIRED, "exp"},
    {"Maskinporten, with a person and nothing else", HEADER,
	sample_maskinporten_with_person, "maskinporten",
	"https://test.maskinporten.no/", NULL, "difitest:test2", 1584693500,
	EVIDENCE_LOGIN_TOKEN, "scope"},
    {"Maskinporten, administration", HEADER, sample_maskinporten_admin,
	"maskinporten", "https://oidc-ver2.difi.no/idporten-oidc-provider/",
	NULL, "idporten:dcr.read", 1631645700, EVIDENCE_GOOD, NULL},
    {"Maskinporten, system user", HEADER, sample_maskinporten_system_user,
	"maskinporten", "https://maskinporten.no/", NULL, "some_scope",
	1520589810, EVIDENCE_GOOD, NULL},
    {"TokenX", HEADER, sample_tokenx, "generic", "https://tokendings.example",
	"cluster:ns:target", NULL, 1678375600, EVIDENCE_GOOD, NULL},
    {"TokenX at ID-porten", HEADER, sample_tokenx, "idporten",
	"https://idporten.dev", "cluster:ns:target", NULL, 1678375600,
	EVIDENCE_ISSUER_WRONG, "iss"},
    {"TokenX, the caller's audience", HEADER, sample_tokenx, "generic",
	"https://tokendings.example", "cluster:ns:caller", NULL, 1678375600,
	EVIDENCE_AUDIENCE_WRONG, "aud"},
    {"back-channel logout",
	"{\"typ\":\"logout+jwt\",\"alg\":\"RS256\",\"kid\":\"rsa\"}",
	sample_logout, "idporten", "https://idporten.no", "client", NULL,
	1700000001, EVIDENCE_TYPE_REFUSED, "typ"},
    {"back-channel logout, untyped", HEADER, sample_logout, "generic",
	"https://idporten.no", "client", NULL, 1700000001, EVIDENCE_LOGIN_TOKEN,
	"scope"},
};

static enum evidence_result
check_sample(const struct sample *sample, struct service_token *ret_token,
    const char **ret_detail)
{
	static struct service service;
	enum evidence_result result;
	char *token;

	service_init(&service, sample->kind, sample->issuer, sample->audience);
	service.expectation.scopes = &sample->scope;
	service.expectation.scopes_count = sample->scope ? 1 : 0;
	token = mint_token(MINT_RS256, sample->header, sample->payload);
	result = service_check(&service, token, strlen(token), sample->now_s,
	    ret_token, ret_detail);
	free(token);
	service_done(&service);
	return result;
}

static void
test_samples(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(samples) / sizeof(*samples); i++) {
		const char *detail = NULL;
		enum evidence_result result =
		    check_sample(&samples[i], NULL, &detail);

		if (result != samples[i].result)
			fail_msg("%s: %s, %s", samples[i].name,
			    evidence_result_word(result), detail ? detail : "");
		if (samples[i].detail)
			assert_string_equal(detail, samples[i].detail);
		else
			assert_null(detail);
	}
}

/* That issuer, whose keys came just now, and rules that know of no group. */
static void
publish(const struct sample *sample, const char *keys, const char *path)
{
	const struct issuer_kind *kind = issuer_kind_find(sample->kind);
	struct policy policy = {
	    .issuers = {{sample->issuer, "samples"}}, .issuers_count = 1};
	struct trust_content content = {
	    .issuers = {{.profile = {.issuer = sample->issuer,
			     .test = true,
			     .clock_skew_s = 10},
		.name = "samples",
		.kind = sample->kind,
		.tokens_from_s = TRUST_SINCE_EVER}},
	    .keys = {{keys, strlen(keys), BOOT_S - 1, BOOT_S + 1000}},
	    .issuers_count = 1,
	    .policy = &policy,
	};
	struct trust_writer *writer;

	issuer_kind_complete(kind, &content.issuers[0].profile);
	assert_int_equal(trust_writer_new(&writer), 0);
	assert_int_equal(trust_writer_content(writer, &content), 0);
	assert_int_equal(trust_writer_publish(writer, 1, path), 0);
	(void)trust_writer_free(writer);
}

static struct portvakt_result *
ask_library(const struct sample *sample)
{
	struct portvakt_options options = PORTVAKT_OPTIONS_INIT;
	char folder[] = "/tmp/test-samples-XXXXXX", path[64], *keys, *jwk;
	struct portvakt_result *result = NULL;
	struct portvakt *portvakt = NULL;
	char *token = mint_token(MINT_RS256, sample->header, sample->payload);

	jwk = mint_file("rsa.jwk");
	assert_true(asprintf(&keys, "{\"keys\":[%s]}", jwk) > 0);
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/image", folder);
	publish(sample, keys, path);
	now_s = sample->now_s;
	options.scopes = &sample->scope;
	options.scopes_count = sample->scope ? 1 : 0;
	assert_int_equal(portvakt_open(path, &portvakt), 0);
	(void)portvakt_verify(portvakt, token, strlen(token), sample->audience,
	    &options, &result);
	portvakt_close(portvakt);
	(void)unlink(path);
	(void)rmdir(folder);
	free(keys);
	free(jwk);
	free(token);
	return result;
}

static void
test_samples_in_the_library(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(samples) / sizeof(*samples); i++) {
		struct portvakt_result *result = ask_library(&samples[i]);
		const char *word = portvakt_result_word(result);
		const char *expected =
		    samples[i].result == EVIDENCE_NOT_CHECKED
			? "not-judged"
			: evidence_result_word(samples[i].result);

		if (strcmp(word, expected) != 0)
			fail_msg("%s: %s", samples[i].name, word);
		if (samples[i].detail)
			assert_string_equal(
			    portvakt_result_detail(result), samples[i].detail);
		portvakt_result_free(result);
	}
}

static const struct sample *
find_sample(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(samples) / sizeof(*samples); i++) {
		if (strcmp(samples[i].name, name) == 0)
			return &samples[i];
	}
	fail_msg("no sample %s", name);
	return NULL;
}

/* R12 and the rest: a machine is its consumer, and the supplier is told. */
static void
test_what_the_library_says_of_a_machine(void **state)
{
	struct portvakt_result *result =
	    ask_library(find_sample("Maskinporten, delegated"));

	(void)state;
	assert_int_equal(
	    portvakt_result_subject_kind(result), PORTVAKT_SUBJECT_MACHINE);
	assert_string_equal(portvakt_result_consumer(result), "0192:910753614");
	assert_string_equal(portvakt_result_supplier(result), "0192:991825827");
	assert_string_equal(portvakt_result_delegation_source(result),
	    "https://tt02.altinn.no/");
	assert_string_equal(portvakt_result_scope(result, 0), "difitest:test2");
	assert_string_equal(
	    portvakt_result_client_id(result), "oidc_difi_delegering_altinn");
	assert_null(portvakt_result_subject(result));
	assert_null(portvakt_result_account(result));
	portvakt_result_free(result);
}

static void
test_what_the_library_says_of_a_person(void **state)
{
	struct portvakt_result *result =
	    ask_library(find_sample("ID-porten access token"));

	(void)state;
	assert_int_equal(
	    portvakt_result_subject_kind(result), PORTVAKT_SUBJECT_PERSON);
	assert_string_equal(
	    portvakt_result_acr(result), "idporten-loa-substantial");
	assert_int_equal(portvakt_result_level(result), 2);
	assert_int_equal(portvakt_result_expires_at(result), 1678376092);
	assert_int_equal(portvakt_result_scopes_count(result), 2);
	assert_string_equal(portvakt_result_token_id(result), "UPw8a6-uKGo");
	assert_null(portvakt_result_account(result));
	portvakt_result_free(result);
}

static const struct service_token *
read_sample(const char *name)
{
	static struct service_token token;

	assert_int_equal(
	    check_sample(find_sample(name), &token, NULL), EVIDENCE_GOOD);
	return &token;
}

static void
test_a_person_at_idporten(void **state)
{
	const struct service_token *token =
	    read_sample("ID-porten access token");

	(void)state;
	assert_int_equal(token->subject, SERVICE_SUBJECT_PERSON);
	assert_string_equal(token->identity.person_number, "21879498012");
	assert_int_equal(token->identity.acr_rank, 2);
	assert_true(slice_equal(token->identity.consumer, "0192:991825827"));
	assert_string_equal(token->client_id, "democlient_idporten_systest");
	assert_string_equal(token->token_id, "UPw8a6-uKGo");
	assert_int_equal(token->identity.mandates_count, 0);
}

static void
test_a_supplier_at_maskinporten(void **state)
{
	const struct service_token *token =
	    read_sample("Maskinporten, delegated");

	(void)state;
	assert_int_equal(token->subject, SERVICE_SUBJECT_MACHINE);
	assert_true(slice_equal(token->identity.consumer, "0192:910753614"));
	assert_string_equal(token->supplier, "0192:991825827");
	assert_string_equal(
	    token->delegation_source, "https://tt02.altinn.no/");
	assert_string_equal(token->identity.subject, "");
}

static void
test_a_system_user_at_maskinporten(void **state)
{
	const struct service_token *token =
	    read_sample("Maskinporten, system user");

	(void)state;
	assert_int_equal(token->subject, SERVICE_SUBJECT_MACHINE);
	assert_true(slice_equal(token->identity.consumer, "0192:991825827"));
	assert_string_equal(token->system_user_organisation, "0192:910753614");
	assert_string_equal(token->system_user_id, "u");
	assert_string_equal(token->system_id, "i");
}

/* Level3 is what TokenX makes of a level; on no ladder of today. */
static void
test_tokenx_keeps_the_person(void **state)
{
	const struct service_token *token = read_sample("TokenX");

	(void)state;
	assert_int_equal(token->subject, SERVICE_SUBJECT_PERSON);
	assert_string_equal(token->identity.subject, "ERIFvpD7");
	assert_string_equal(token->identity.acr, "Level3");
	assert_int_equal(token->identity.acr_rank, 0);
	assert_string_equal(token->client_id, "cluster:ns:caller");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_samples),
	    cmocka_unit_test(test_samples_in_the_library),
	    cmocka_unit_test(test_what_the_library_says_of_a_machine),
	    cmocka_unit_test(test_what_the_library_says_of_a_person),
	    cmocka_unit_test(test_a_person_at_idporten),
	    cmocka_unit_test(test_a_supplier_at_maskinporten),
	    cmocka_unit_test(test_a_system_user_at_maskinporten),
	    cmocka_unit_test(test_tokenx_keeps_the_person),
	};

	return cmocka_run_group_tests_name(
	    "service samples", tests, NULL, NULL);
}
