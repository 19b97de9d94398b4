/* A bound token, and how it is presented: with what it needs, or not. */
#include "tests/unit/unit.h"
#include "tests/vectors/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	NOW_S = 1678375500,
};

static const char certificate[] = "any DER";
static const char proof_format[] =
    "{\"jti\":\"p\",\"htm\":\"POST\",\"htu\":\"https://saker.example/a\","
    "\"iat\":1678375500,\"ath\":\"%s\"}";

static struct service service;
static char jkt[THUMBPRINT_SIZE], x5t[THUMBPRINT_SIZE];
static uint8_t digest[CERTIFICATE_SHA256_SIZE], other_digest[32];
static char *proof_header;

/* A person's token with this cnf, or without one. */
static char *
make_token(const char *cnf)
{
	char *payload, *token;

	assert_true(asprintf(&payload,
			"{\"iss\":\"https://sso.example\",\"sub\":\"kari\","
			"\"aud\":\"saker\",\"scope\":\"les\","
			"\"exp\":1678376000,\"iat\":1678375490%s%s}",
			cnf ? ",\"cnf\":" : "", cnf ? cnf : "") > 0);
	token = mint_token(MINT_RS256, login_header_rs256, payload);
	free(payload);
	return token;
}

static char *
make_cnf(bool with_key, bool with_certificate)
{
	char *cnf;

	assert_true(
	    asprintf(&cnf, "{%s%s%s%s%s%s%s}", with_key ? "\"jkt\":\"" : "",
		with_key ? jkt : "", with_key ? "\"" : "",
		with_key && with_certificate ? "," : "",
		with_certificate ? "\"x5t#S256\":\"" : "",
		with_certificate ? x5t : "", with_certificate ? "\"" : "") > 0);
	return cnf;
}

static char *
make_proof(const char *token)
{
	char hash[THUMBPRINT_SIZE];
	char *claims, *proof;

	assert_int_equal(thumbprint_of_bytes(token, strlen(token), hash), 0);
	assert_true(asprintf(&claims, proof_format, hash) > 0);
	proof = mint_token(MINT_ES256, proof_header, claims);
	free(claims);
	return proof;
}

enum certificates { NONE, OWN, OTHER };

static enum evidence_result
present(bool key_bound, bool certificate_bound, enum presentation_scheme scheme,
    bool with_proof, enum certificates certificates)
{
	struct presentation presentation = {.scheme = scheme};
	struct dpop_request request = {.method = "POST",
	    .uri = "https://saker.example/a",
	    .window_s = 60,
	    .replay = &service.replay};
	char *cnf = make_cnf(key_bound, certificate_bound);
	char *token = make_token(key_bound || certificate_bound ? cnf : NULL);
	char *proof = make_proof(token);
	enum evidence_result result;

	request.proof = proof;
	request.proof_size = strlen(proof);
	if (with_proof)
		presentation.dpop = &request;
	if (certificates != NONE)
		presentation.certificate_sha256 =
		    certificates == OWN ? digest : other_digest;
	memset(service.slots, 0, sizeof(service.slots));
	service.expectation.presentation = &presentation;
	result =
	    service_check(&service, token, strlen(token), NOW_S, NULL, NULL);
	service.expectation.presentation = NULL;
	free(cnf);
	free(token);
	free(proof);
	return result;
}

#define BEARER PRESENTED_AS_BEARER
#define DPOP PRESENTED_AS_DPOP

static void
test_presentations(void **state)
{
	static const struct {
		bool key_bound, certificate_bound;
		enum presentation_scheme scheme;
		bool with_proof;
		enum certificates certificates;
		enum evidence_result result;
	} cases[] = {
	    /* bound to nothing */
	    {false, false, BEARER, false, NONE, EVIDENCE_GOOD},
	    {false, false, BEARER, false, OWN, EVIDENCE_GOOD},
	    {false, false, DPOP, true, NONE, EVIDENCE_SCHEME_WRONG},
	    {false, false, DPOP, false, NONE, EVIDENCE_SCHEME_WRONG},
	    /* bound to a key */
	    {true, false, DPOP, true, NONE, EVIDENCE_GOOD},
	    {true, false, DPOP, false, NONE, EVIDENCE_PROOF_MISSING},
	    {true, false, BEARER, false, NONE, EVIDENCE_PROOF_MISSING},
	    {true, false, BEARER, true, NONE, EVIDENCE_SCHEME_WRONG},
	    {true, false, BEARER, false, OWN, EVIDENCE_PROOF_MISSING},
	    /* bound to a certificate */
	    {false, true, BEARER, false, OWN, EVIDENCE_GOOD},
	    {false, true, BEARER, false, NONE, EVIDENCE_CERTIFICATE_MISSING},
	    {false, true, BEARER, false, OTHER, EVIDENCE_CERTIFICATE_WRONG},
	    {false, true, DPOP, true, NONE, EVIDENCE_CERTIFICATE_MISSING},
	    {false, true, DPOP, true, OWN, EVIDENCE_SCHEME_WRONG},
	    /* bound to both */
	    {true, true, DPOP, true, OWN, EVIDENCE_GOOD},
	    {true, true, DPOP, true, OTHER, EVIDENCE_CERTIFICATE_WRONG},
	    {true, true, DPOP, true, NONE, EVIDENCE_CERTIFICATE_MISSING},
	    {true, true, DPOP, false, OWN, EVIDENCE_PROOF_MISSING},
	    {true, true, BEARER, true, OWN, EVIDENCE_SCHEME_WRONG},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		enum evidence_result result = present(cases[i].key_bound,
		    cases[i].certificate_bound, cases[i].scheme,
		    cases[i].with_proof, cases[i].certificates);

		if (result != cases[i].result)
			fail_msg("%zu: %s", i, evidence_result_word(result));
	}
}

/* A proof is for one token: another of the same holder needs its own. */
static void
test_a_proof_of_another_token(void **state)
{
	struct presentation presentation = {.scheme = DPOP};
	struct dpop_request request = {.method = "POST",
	    .uri = "https://saker.example/a",
	    .window_s = 60,
	    .replay = &service.replay};
	char *cnf = make_cnf(true, false);
	char *token = make_token(cnf);
	char *proof = make_proof("another");
	const char *detail = NULL;

	(void)state;
	request.proof = proof;
	request.proof_size = strlen(proof);
	presentation.dpop = &request;
	service.expectation.presentation = &presentation;
	assert_int_equal(
	    service_check(&service, token, strlen(token), NOW_S, NULL, &detail),
	    EVIDENCE_PROOF_BAD);
	assert_string_equal(detail, "ath");
	service.expectation.presentation = NULL;
	free(cnf);
	free(token);
	free(proof);
}

/* Whoever keeps what a token said asks again for each request. */
static void
test_each_request_anew(void **state)
{
	struct dpop_request request = {.method = "POST",
	    .uri = "https://saker.example/a",
	    .window_s = 60,
	    .replay = &service.replay};
	const struct presentation presentation = {
	    .scheme = DPOP, .dpop = &request};
	struct confirmation confirmation = {"", ""};
	char *proof = make_proof("token");
	const char *detail = NULL;

	(void)state;
	memset(service.slots, 0, sizeof(service.slots));
	strcpy(confirmation.jkt, jkt);
	assert_true(confirmation_is_bound(&confirmation));
	request.proof = proof;
	request.proof_size = strlen(proof);
	assert_int_equal(
	    confirmation_check(&confirmation, NULL, "token", 5, NOW_S, &detail),
	    EVIDENCE_PROOF_MISSING);
	assert_string_equal(detail, "jkt");
	assert_int_equal(confirmation_check(&confirmation, &presentation,
			     "token", 5, NOW_S, NULL),
	    EVIDENCE_GOOD);
	assert_int_equal(confirmation_check(&confirmation, &presentation,
			     "token", 5, NOW_S, NULL),
	    EVIDENCE_PROOF_REPLAYED);
	free(proof);
}

static int
set_up(void **state)
{
	struct json_node nodes[32];
	char *jwk = mint_file("ec.jwk");
	struct json json;

	(void)state;
	service_init(&service, "generic", "https://sso.example", "saker");
	assert_true(asprintf(&proof_header,
			"{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"jwk\":%s}",
			jwk) > 0);
	assert_int_equal(json_read(jwk, strlen(jwk), nodes, 32, &json), 0);
	assert_int_equal(thumbprint_of_jwk(&json, json.nodes, jkt), 0);
	free(jwk);
	assert_int_equal(
	    thumbprint_of_bytes(certificate, strlen(certificate), x5t), 0);
	return confirmation_hash_certificate(
	    certificate, strlen(certificate), digest);
}

static int
tear_down(void **state)
{
	(void)state;
	free(proof_header);
	service_done(&service);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_presentations),
	    cmocka_unit_test(test_a_proof_of_another_token),
	    cmocka_unit_test(test_each_request_anew),
	};

	return cmocka_run_group_tests_name(
	    "confirmation", tests, set_up, tear_down);
}
