/*
 * Proofs of possession: the one of RFC 9449, one of our own for each
 * algorithm, and their refused twins.
 */
#include "tests/unit/unit.h"
#include "tests/vectors/mint.h"
#include "verify/dpop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW_S 1700000000
#define TOKEN "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
#define ATH "\"ath\":\"fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo\""
#define HTU "\"htu\":\"https://saker.example/api/7\""
#define HTM "\"htm\":\"GET\""
#define IAT "\"iat\":1700000000"
#define JTI "\"jti\":\"e1j3V_bKic8-LAEB\""

static const char payload[] = "{" JTI "," HTM "," HTU "," IAT "," ATH "}";

static const uint8_t replay_key[REPLAY_KEY_SIZE] = "any";
static uint64_t slots[1024];
static struct replay replay;
static struct dpop_request request;
static char *ec_jwk, *rsa_jwk, *ec_header, *rsa_header;
static char ec_jkt[THUMBPRINT_SIZE], rsa_jkt[THUMBPRINT_SIZE];

static void
forget_all(void)
{
	memset(slots, 0, sizeof(slots));
}

static enum evidence_result
check_text(const char *proof, const char *jkt, const char **ret_detail)
{
	enum evidence_result result;
	size_t size = strlen(proof);
	char *copy = malloc(size + 1);

	assert_non_null(copy);
	memcpy(copy, proof, size);
	request.proof = copy;
	request.proof_size = size;
	result =
	    dpop_check(&request, jkt, TOKEN, strlen(TOKEN), NOW_S, ret_detail);
	free(copy);
	return result;
}

static enum evidence_result
check(enum mint_signature how, const char *header, const char *claims,
    const char *jkt, const char **ret_detail)
{
	char *proof = mint_token(how, header, claims);
	enum evidence_result result = check_text(proof, jkt, ret_detail);

	free(proof);
	return result;
}

/* RFC 9449 section 7.1, figure 12. */
static void
test_the_proof_of_the_document(void **state)
{
	static const char proof[] =
	    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVD"
	    "IiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdC"
	    "RnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2"
	    "R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiw"
	    "iaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9"
	    "wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8"
	    "ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yR"
	    "qzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfx"
	    "SYoMxhAJpLjA";
	const char jkt[] = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
	struct dpop_request asked = request;
	const char *detail = NULL;

	(void)state;
	forget_all();
	asked.proof = proof;
	asked.proof_size = strlen(proof);
	asked.uri = "https://resource.example.org/protectedresource";
	assert_int_equal(
	    dpop_check(&asked, jkt, TOKEN, strlen(TOKEN), 1562262618, &detail),
	    EVIDENCE_GOOD);
	assert_null(detail);
	assert_int_equal(
	    dpop_check(&asked, jkt, TOKEN, strlen(TOKEN), 1562262620, &detail),
	    EVIDENCE_PROOF_REPLAYED);
	assert_string_equal(detail, "jti");
}

static void
test_algorithms(void **state)
{
	char *ps =
	    mint_replace(rsa_header, "RS256\",\"jwk\"", "PS256\",\"jwk\"");
	char *any = mint_replace(ps, "\"alg\":\"RS256\",", "");

	(void)state;
	forget_all();
	assert_int_equal(
	    check(MINT_ES256, ec_header, payload, ec_jkt, NULL), EVIDENCE_GOOD);
	assert_int_equal(check(MINT_RS256, rsa_header, payload, rsa_jkt, NULL),
	    EVIDENCE_GOOD);
	/* The key says RS256 alone; then it says nothing. */
	assert_int_equal(
	    check(MINT_PS256, ps, payload, rsa_jkt, NULL), EVIDENCE_PROOF_BAD);
	forget_all();
	assert_int_equal(
	    check(MINT_PS256, any, payload, rsa_jkt, NULL), EVIDENCE_GOOD);
	free(ps);
	free(any);
}

static const struct twin {
	const char *from;
	const char *to;
	enum evidence_result result;
	const char *detail;
} twins[] = {
    {JTI, JTI, EVIDENCE_GOOD, NULL},
    {JTI, JTI ",\"x\":[{}]", EVIDENCE_GOOD, NULL},
    {JTI, JTI ",\"nonce\":\"unasked\"", EVIDENCE_GOOD, NULL},

    {HTM ",", "", EVIDENCE_PROOF_BAD, "htm"},
    {HTM, "\"htm\":\"POST\"", EVIDENCE_PROOF_BAD, "htm"},
    {HTM, "\"htm\":\"get\"", EVIDENCE_PROOF_BAD, "htm"},
    {HTM, "\"htm\":\"\"", EVIDENCE_PROOF_BAD, "htm"},
    {HTM, "\"htm\":[\"GET\"]", EVIDENCE_PROOF_BAD, "htm"},

    {HTU ",", "", EVIDENCE_PROOF_BAD, "htu"},
    {HTU, "\"htu\":\"https://saker.example/api/8\"", EVIDENCE_PROOF_BAD, "htu"},
    {HTU, "\"htu\":\"https://saker.example/api/7/\"", EVIDENCE_PROOF_BAD,
	"htu"},
    {HTU, "\"htu\":\"https://saker.example/API/7\"", EVIDENCE_PROOF_BAD, "htu"},
    {HTU, "\"htu\":\"http://saker.example/api/7\"", EVIDENCE_PROOF_BAD, "htu"},
    {HTU, "\"htu\":\"https://saker.example:8443/api/7\"", EVIDENCE_PROOF_BAD,
	"htu"},
    {HTU, "\"htu\":\"https://saker.example.evil.example/api/7\"",
	EVIDENCE_PROOF_BAD, "htu"},
    {HTU, "\"htu\":\"https://saker.example@evil.example/api/7\"",
	EVIDENCE_PROOF_BAD, "htu"},
    {HTU, "\"htu\":\"/api/7\"", EVIDENCE_PROOF_BAD, "htu"},
    {HTU, "\"htu\":\"HTTPS://Saker.Example:443/x/../api/%37?q=1#f\"",
	EVIDENCE_GOOD, NULL},

    {IAT ",", "", EVIDENCE_PROOF_BAD, "iat"},
    {IAT, "\"iat\":\"1700000000\"", EVIDENCE_PROOF_BAD, "iat"},
    {IAT, "\"iat\":1700000000.5", EVIDENCE_PROOF_BAD, "iat"},
    {IAT, "\"iat\":99999999999999", EVIDENCE_PROOF_BAD, "iat"},
    {IAT, "\"iat\":1699999940", EVIDENCE_GOOD, NULL},
    {IAT, "\"iat\":1699999939", EVIDENCE_PROOF_STALE, "iat"},
    {IAT, "\"iat\":1700000060", EVIDENCE_GOOD, NULL},
    {IAT, "\"iat\":1700000061", EVIDENCE_PROOF_STALE, "iat"},
    {IAT, "\"iat\":0", EVIDENCE_PROOF_STALE, "iat"},

    {JTI ",", "", EVIDENCE_PROOF_BAD, "jti"},
    {JTI, "\"jti\":\"\"", EVIDENCE_PROOF_BAD, "jti"},
    {JTI, "\"jti\":7", EVIDENCE_PROOF_BAD, "jti"},
    {JTI, "\"jti\":\"a\\u0001\"", EVIDENCE_PROOF_BAD, "jti"},

    {"," ATH, "", EVIDENCE_PROOF_BAD, "ath"},
    {ATH, "\"ath\":\"fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEp\"",
	EVIDENCE_PROOF_BAD, "ath"},
    {ATH, "\"ath\":\"" TOKEN "\"", EVIDENCE_PROOF_BAD, "ath"},
    {ATH, "\"ath\":null", EVIDENCE_PROOF_BAD, "ath"},
    {JTI, JTI ",\"nonce\":7", EVIDENCE_PROOF_BAD, "nonce"},
    {JTI, JTI "," JTI, EVIDENCE_PROOF_BAD, "payload"},
};

static void
test_twins(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(twins) / sizeof(*twins); i++) {
		char *claims =
		    mint_replace(payload, twins[i].from, twins[i].to);
		const char *detail = NULL;
		enum evidence_result result;

		forget_all();
		result = check(MINT_ES256, ec_header, claims, ec_jkt, &detail);
		if (result != twins[i].result)
			fail_msg("%s: %s, %s", twins[i].to,
			    evidence_result_word(result), detail ? detail : "");
		if (twins[i].detail)
			assert_string_equal(detail, twins[i].detail);
		else
			assert_null(detail);
		free(claims);
	}
}

static const struct header_twin {
	const char *from;
	const char *to;
	const char *detail;
} header_twins[] = {
    {"\"typ\":\"dpop+jwt\",", "", "typ"},
    {"\"dpop+jwt\"", "\"JWT\"", "typ"},
    {"\"dpop+jwt\"", "\"at+jwt\"", "typ"},
    {"\"dpop+jwt\"", "null", "typ"},
    {"\"alg\":\"ES256\",\"jwk\"", "\"alg\":\"RS256\",\"jwk\"", "alg"},
    {"\"alg\":\"ES256\",\"jwk\"", "\"alg\":\"none\",\"jwk\"", "alg"},
    {"\"alg\":\"ES256\",\"jwk\"", "\"alg\":\"HS256\",\"jwk\"", "alg"},
    {"\"alg\":\"ES256\",\"jwk\"", "\"jwk\"", "alg"},
    {"\"alg\":\"ES256\",\"jwk\"", "\"alg\":\"ES256\",\"crit\":[],\"jwk\"",
	"crit"},
    {"\"kid\":\"ec\"", "\"d\":\"AAAA\"", "jwk"},
    {"\"kid\":\"ec\"", "\"k\":\"AAAA\"", "jwk"},
    {"\"use\":\"sig\"", "\"use\":\"enc\"", "jwk"},
    {"\"crv\":\"P-256\"", "\"crv\":\"P-384\"", "jwk"},
    {"\"kty\":\"EC\"", "\"kty\":\"oct\"", "jwk"},
    {"\"x\":\"obcR", "\"x\":\"obcS", "jwk"},
    {"\"jwk\":", "\"jwk_\":", "jwk"},
    {"\"jwk\":{", "\"jwk\":7,\"jwk_\":{", "jwk"},
};

static void
test_headers(void **state)
{
	size_t i;

	(void)state;
	forget_all();
	for (i = 0; i < sizeof(header_twins) / sizeof(*header_twins); i++) {
		const struct header_twin *twin = &header_twins[i];
		char *header = mint_replace(ec_header, twin->from, twin->to);
		const char *detail = NULL;

		if (check(MINT_ES256, header, payload, ec_jkt, &detail) !=
		    EVIDENCE_PROOF_BAD)
			fail_msg("%s", twin->to);
		assert_string_equal(detail, twin->detail);
		free(header);
	}
	/* None of them has used it up. */
	assert_int_equal(
	    check(MINT_ES256, ec_header, payload, ec_jkt, NULL), EVIDENCE_GOOD);
}

/* A good proof of another's key, and the right key without its signature. */
static void
test_another_key(void **state)
{
	const char *detail = NULL;

	(void)state;
	forget_all();
	assert_int_equal(
	    check(MINT_RS256, rsa_header, payload, ec_jkt, &detail),
	    EVIDENCE_PROOF_BAD);
	assert_string_equal(detail, "jwk");
	assert_int_equal(
	    check(MINT_RS256_STRANGER, rsa_header, payload, rsa_jkt, &detail),
	    EVIDENCE_PROOF_BAD);
	assert_string_equal(detail, "signature");
	assert_int_equal(
	    check(MINT_ES256_ZERO, ec_header, payload, ec_jkt, &detail),
	    EVIDENCE_PROOF_BAD);
	assert_string_equal(detail, "signature");
	assert_int_equal(check(MINT_ES256, ec_header, payload, "", &detail),
	    EVIDENCE_PROOF_BAD);
	assert_string_equal(detail, "jwk");
}

static void
test_no_proof(void **state)
{
	static char large[DPOP_PROOF_SIZE_MAX + 2];
	static const char *const texts[] = {
	    "", ".", "..", "e30.e30.AA", "a.b", "e30.e30.AA.AA", "\xff"};
	size_t i;

	(void)state;
	memset(large, 'A', sizeof(large) - 1);
	assert_int_equal(check_text(large, ec_jkt, NULL), EVIDENCE_PROOF_BAD);
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_int_equal(
		    check_text(texts[i], ec_jkt, NULL), EVIDENCE_PROOF_BAD);
}

static enum evidence_result
check_nonce(const char *claim)
{
	char *claims = mint_replace(payload, JTI, claim);
	enum evidence_result result;

	forget_all();
	request.nonce = "the-nonce";
	result = check(MINT_ES256, ec_header, claims, ec_jkt, NULL);
	request.nonce = NULL;
	free(claims);
	return result;
}

static void
test_nonce(void **state)
{
	(void)state;
	assert_int_equal(check_nonce(JTI), EVIDENCE_PROOF_NONCE);
	assert_int_equal(
	    check_nonce(JTI ",\"nonce\":\"the-nonc\""), EVIDENCE_PROOF_NONCE);
	assert_int_equal(
	    check_nonce(JTI ",\"nonce\":\"the-nonce\""), EVIDENCE_GOOD);
}

/* Used once: by a yes, and until it is too old to be used at all. */
static void
test_replay(void **state)
{
	char *stale = mint_replace(payload, IAT, "\"iat\":1699999000");

	(void)state;
	forget_all();
	assert_int_equal(check(MINT_ES256, ec_header, stale, ec_jkt, NULL),
	    EVIDENCE_PROOF_STALE);
	assert_int_equal(
	    check(MINT_ES256, ec_header, payload, ec_jkt, NULL), EVIDENCE_GOOD);
	assert_int_equal(check(MINT_ES256, ec_header, payload, ec_jkt, NULL),
	    EVIDENCE_PROOF_REPLAYED);
	/* Another key's jti is another's. */
	assert_int_equal(check(MINT_RS256, rsa_header, payload, rsa_jkt, NULL),
	    EVIDENCE_GOOD);
	free(stale);
}

/* After a restart nobody knows what was used before it. */
static void
test_what_nobody_remembers(void **state)
{
	(void)state;
	forget_all();
	request.remembered_since_s = NOW_S + 1;
	assert_int_equal(check(MINT_ES256, ec_header, payload, ec_jkt, NULL),
	    EVIDENCE_PROOF_STALE);
	request.remembered_since_s = NOW_S;
	assert_int_equal(
	    check(MINT_ES256, ec_header, payload, ec_jkt, NULL), EVIDENCE_GOOD);
	request.remembered_since_s = 0;
}

static void
test_no_room(void **state)
{
	(void)state;
	memset(slots, 0xff, sizeof(slots));
	assert_int_equal(check(MINT_ES256, ec_header, payload, ec_jkt, NULL),
	    EVIDENCE_PROOF_OVERLOAD);
}

static void
test_unusable_requests(void **state)
{
	const struct dpop_request good = request;
	struct dpop_request bad[8];
	size_t i;

	(void)state;
	for (i = 0; i < 8; i++)
		bad[i] = good;
	bad[0].method = NULL;
	bad[1].method = "";
	bad[2].uri = NULL;
	bad[3].nonce = "";
	bad[4].window_s = 0;
	bad[5].window_s = DPOP_WINDOW_MAX_S + 1;
	bad[6].replay = NULL;
	bad[7].window_s = -1;
	for (i = 0; i < 8; i++) {
		request = bad[i];
		forget_all();
		if (check(MINT_ES256, ec_header, payload, ec_jkt, NULL) !=
		    EVIDENCE_NOT_CHECKED)
			fail_msg("%zu", i);
	}
	request = good;
}

static void
take_key(const char *jwk, const char *algorithm, char **ret_header, char *jkt)
{
	struct json_node nodes[32];
	struct json json;
	char *text = strdup(jwk);

	assert_non_null(text);
	assert_int_equal(json_read(text, strlen(text), nodes, 32, &json), 0);
	assert_int_equal(thumbprint_of_jwk(&json, json.nodes, jkt), 0);
	free(text);
	assert_true(asprintf(ret_header,
			"{\"typ\":\"dpop+jwt\",\"alg\":\"%s\",\"jwk\":%s}",
			algorithm, jwk) > 0);
}

static int
set_up(void **state)
{
	(void)state;
	ec_jwk = mint_file("ec.jwk");
	rsa_jwk = mint_file("rsa.jwk");
	take_key(ec_jwk, "ES256", &ec_header, ec_jkt);
	take_key(rsa_jwk, "RS256", &rsa_header, rsa_jkt);
	request = (struct dpop_request){
	    .method = "GET",
	    .uri = "https://saker.example/api/7?side=2",
	    .window_s = 60,
	    .replay = &replay,
	};
	return replay_init(&replay, slots, sizeof(slots), replay_key);
}

static int
tear_down(void **state)
{
	(void)state;
	free(ec_jwk);
	free(rsa_jwk);
	free(ec_header);
	free(rsa_header);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_proof_of_the_document),
	    cmocka_unit_test(test_algorithms),
	    cmocka_unit_test(test_twins),
	    cmocka_unit_test(test_headers),
	    cmocka_unit_test(test_another_key),
	    cmocka_unit_test(test_no_proof),
	    cmocka_unit_test(test_nonce),
	    cmocka_unit_test(test_replay),
	    cmocka_unit_test(test_what_nobody_remembers),
	    cmocka_unit_test(test_no_room),
	    cmocka_unit_test(test_unusable_requests),
	};

	return cmocka_run_group_tests_name("dpop", tests, set_up, tear_down);
}
