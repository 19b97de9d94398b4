/*
 * Tricks of the header and of the signature. Each row is a whole header over
 * the good claims, and how it is signed; the signature is right for the key
 * and the method that the row names.
 */
#include "tests/unit/unit.h"
#include "tests/vectors/login_fixture.h"
#include "tests/vectors/mint.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#define RSA "\"kid\":\"rsa\""
#define ANY "\"kid\":\"rsa-any\""
#define EC "\"kid\":\"ec\""
#define RS256 "\"alg\":\"RS256\""
#define PS256 "\"alg\":\"PS256\""
#define ES256 "\"alg\":\"ES256\""

static const struct {
	const char *name;
	const char *header;
	enum mint_signature how;
	enum evidence_result result;
	const char *detail;
} headers[] = {
    {"good", "{" RSA "," RS256 "}", MINT_RS256, EVIDENCE_GOOD, NULL},
    {"spaced", " { " RSA " ,\r\n\t" RS256 " } ", MINT_RS256, EVIDENCE_GOOD,
	NULL},
    {"escaped", "{\"\\u006bid\":\"\\u0072sa\"," RS256 "}", MINT_RS256,
	EVIDENCE_GOOD, NULL},
    {"key without alg", "{" ANY "," RS256 "}", MINT_RS256, EVIDENCE_GOOD, NULL},

    /* alg: the token does not choose */
    {"none", "{" RSA ",\"alg\":\"none\"}", MINT_RS256,
	EVIDENCE_ALGORITHM_REFUSED, "alg"},
    {"none, unsigned", "{\"alg\":\"none\"}", MINT_NOTHING, EVIDENCE_MALFORMED,
	"token"},
    {"None", "{" RSA ",\"alg\":\"None\"}", MINT_RS256,
	EVIDENCE_ALGORITHM_REFUSED, "alg"},
    {"nOnE", "{" RSA ",\"alg\":\"nOnE\"}", MINT_RS256,
	EVIDENCE_ALGORITHM_REFUSED, "alg"},
    {"rs256", "{" RSA ",\"alg\":\"rs256\"}", MINT_RS256,
	EVIDENCE_ALGORITHM_REFUSED, "alg"},
    {"prefix", "{" RSA ",\"alg\":\"RS25\"}", MINT_RS256,
	EVIDENCE_ALGORITHM_REFUSED, "alg"},
    {"longer", "{" RSA ",\"alg\":\"RS2566\"}", MINT_RS256,
	EVIDENCE_ALGORITHM_REFUSED, "alg"},
    {"empty", "{" RSA ",\"alg\":\"\"}", MINT_RS256, EVIDENCE_ALGORITHM_REFUSED,
	"alg"},
    {"HS256 with the public key", "{" RSA ",\"alg\":\"HS256\"}", MINT_HS256,
	EVIDENCE_ALGORITHM_REFUSED, "alg"},
    {"RS256 by HMAC", "{" RSA "," RS256 "}", MINT_HS256, EVIDENCE_SIGNATURE_BAD,
	"signature"},
    {"RS384", "{" RSA ",\"alg\":\"RS384\"}", MINT_RS256,
	EVIDENCE_ALGORITHM_REFUSED, "alg"},
    {"RS512", "{" RSA ",\"alg\":\"RS512\"}", MINT_RS256_SHA512,
	EVIDENCE_ALGORITHM_REFUSED, "alg"},
    {"ES384 on P-256", "{" EC ",\"alg\":\"ES384\"}", MINT_ES256,
	EVIDENCE_ALGORITHM_REFUSED, "alg"},
    {"EdDSA", "{" RSA ",\"alg\":\"EdDSA\"}", MINT_RS256,
	EVIDENCE_ALGORITHM_REFUSED, "alg"},
    {"missing", "{" RSA "}", MINT_RS256, EVIDENCE_HEADER_REFUSED, "alg"},
    {"number", "{" RSA ",\"alg\":256}", MINT_RS256, EVIDENCE_HEADER_REFUSED,
	"alg"},
    {"null", "{" RSA ",\"alg\":null}", MINT_RS256, EVIDENCE_HEADER_REFUSED,
	"alg"},
    {"array", "{" RSA ",\"alg\":[\"RS256\"]}", MINT_RS256,
	EVIDENCE_HEADER_REFUSED, "alg"},
    {"twice", "{" RSA "," RS256 ",\"alg\":\"none\"}", MINT_RS256,
	EVIDENCE_MALFORMED, "header"},
    {"twice the same", "{" RSA "," RS256 "," RS256 "}", MINT_RS256,
	EVIDENCE_MALFORMED, "header"},
    {"twice, escaped", "{" RSA "," RS256 ",\"\\u0061lg\":\"none\"}", MINT_RS256,
	EVIDENCE_MALFORMED, "header"},

    /* the key decides what it may be used for */
    {"PS256, key for RS256", "{" RSA "," PS256 "}", MINT_PS256,
	EVIDENCE_KEY_MISMATCH, "alg"},
    {"ES256, RSA key", "{" RSA "," ES256 "}", MINT_ES256, EVIDENCE_KEY_MISMATCH,
	"alg"},
    {"RS256, EC key", "{" EC "," RS256 "}", MINT_RS256, EVIDENCE_KEY_MISMATCH,
	"alg"},
    {"PS256, EC key", "{" EC "," PS256 "}", MINT_PS256, EVIDENCE_KEY_MISMATCH,
	"alg"},

    /* kid: a name in a table and nothing else */
    {"no kid", "{" RS256 "}", MINT_RS256, EVIDENCE_HEADER_REFUSED, "kid"},
    {"kid number", "{\"kid\":1," RS256 "}", MINT_RS256, EVIDENCE_HEADER_REFUSED,
	"kid"},
    {"kid null", "{\"kid\":null," RS256 "}", MINT_RS256,
	EVIDENCE_HEADER_REFUSED, "kid"},
    {"kid empty", "{\"kid\":\"\"," RS256 "}", MINT_RS256, EVIDENCE_KEY_UNKNOWN,
	"kid"},
    {"kid prefix", "{\"kid\":\"rs\"," RS256 "}", MINT_RS256,
	EVIDENCE_KEY_UNKNOWN, "kid"},
    {"kid longer", "{\"kid\":\"rsa \"," RS256 "}", MINT_RS256,
	EVIDENCE_KEY_UNKNOWN, "kid"},
    {"kid case", "{\"kid\":\"RSA\"," RS256 "}", MINT_RS256,
	EVIDENCE_KEY_UNKNOWN, "kid"},
    {"kid with NUL", "{\"kid\":\"rsa\\u0000\"," RS256 "}", MINT_RS256,
	EVIDENCE_MALFORMED, "header"},
    {"kid path", "{\"kid\":\"../../dev/null\"," RS256 "}", MINT_RS256,
	EVIDENCE_KEY_UNKNOWN, "kid"},
    {"kid dots", "{\"kid\":\"..\"," RS256 "}", MINT_RS256, EVIDENCE_KEY_UNKNOWN,
	"kid"},
    {"kid URL", "{\"kid\":\"https://evil.example/key\"," RS256 "}", MINT_RS256,
	EVIDENCE_KEY_UNKNOWN, "kid"},
    {"kid SQL", "{\"kid\":\"' OR 1=1 --\"," RS256 "}", MINT_RS256,
	EVIDENCE_KEY_UNKNOWN, "kid"},
    {"kid twice", "{" RSA "," EC "," RS256 "}", MINT_RS256, EVIDENCE_MALFORMED,
	"header"},

    /* keys that the token brings along are not looked at */
    {"jku", "{" RSA "," RS256 ",\"jku\":\"https://evil.example/\"}", MINT_RS256,
	EVIDENCE_GOOD, NULL},
    {"x5u", "{" RSA "," RS256 ",\"x5u\":\"https://evil.example/\"}", MINT_RS256,
	EVIDENCE_GOOD, NULL},
    {"x5c of any type", "{" RSA "," RS256 ",\"x5c\":1}", MINT_RS256,
	EVIDENCE_GOOD, NULL},
    {"x5t", "{" RSA "," RS256 ",\"x5t\":\"AAAA\",\"x5t#S256\":\"AAAA\"}",
	MINT_RS256, EVIDENCE_GOOD, NULL},
    {"jwk", "{" RSA "," RS256 ",\"jwk\":{\"kty\":\"oct\",\"k\":\"AA\"}}",
	MINT_RS256, EVIDENCE_GOOD, NULL},
    {"jwk, signed with it",
	"{" RSA "," RS256 ",\"jwk\":{\"kty\":\"RSA\",\"e\":\"AQAB\"}}",
	MINT_RS256_STRANGER, EVIDENCE_SIGNATURE_BAD, "signature"},
    {"unknown member", "{" RSA "," RS256 ",\"ver\":\"2\"}", MINT_RS256,
	EVIDENCE_GOOD, NULL},

    /* what changes the meaning of the rest */
    {"crit", "{" RSA "," RS256 ",\"crit\":[\"exp\"],\"exp\":1}", MINT_RS256,
	EVIDENCE_HEADER_REFUSED, "crit"},
    {"crit empty", "{" RSA "," RS256 ",\"crit\":[]}", MINT_RS256,
	EVIDENCE_HEADER_REFUSED, "crit"},
    {"crit null", "{" RSA "," RS256 ",\"crit\":null}", MINT_RS256,
	EVIDENCE_HEADER_REFUSED, "crit"},
    {"b64", "{" RSA "," RS256 ",\"b64\":false}", MINT_RS256,
	EVIDENCE_HEADER_REFUSED, "b64"},
    {"b64 with crit", "{" RSA "," RS256 ",\"b64\":true,\"crit\":[\"b64\"]}",
	MINT_RS256, EVIDENCE_HEADER_REFUSED, "crit"},
    {"zip", "{" RSA "," RS256 ",\"zip\":\"DEF\"}", MINT_RS256,
	EVIDENCE_HEADER_REFUSED, "zip"},
    {"enc", "{" RSA "," RS256 ",\"enc\":\"A256GCM\"}", MINT_RS256,
	EVIDENCE_HEADER_REFUSED, "enc"},

    /* typ: other tokens of the same issuer are no logins */
    {"JWT", "{\"typ\":\"JWT\"," RSA "," RS256 "}", MINT_RS256, EVIDENCE_GOOD,
	NULL},
    {"jwt", "{\"typ\":\"jwt\"," RSA "," RS256 "}", MINT_RS256, EVIDENCE_GOOD,
	NULL},
    {"at+jwt", "{\"typ\":\"at+jwt\"," RSA "," RS256 "}", MINT_RS256,
	EVIDENCE_TYPE_REFUSED, "typ"},
    {"application/at+jwt", "{\"typ\":\"application/at+jwt\"," RSA "," RS256 "}",
	MINT_RS256, EVIDENCE_TYPE_REFUSED, "typ"},
    {"logout+jwt", "{\"typ\":\"logout+jwt\"," RSA "," RS256 "}", MINT_RS256,
	EVIDENCE_TYPE_REFUSED, "typ"},
    {"dpop+jwt", "{\"typ\":\"dpop+jwt\"," RSA "," RS256 "}", MINT_RS256,
	EVIDENCE_TYPE_REFUSED, "typ"},
    {"secevent+jwt", "{\"typ\":\"secevent+jwt\"," RSA "," RS256 "}", MINT_RS256,
	EVIDENCE_TYPE_REFUSED, "typ"},
    {"typ empty", "{\"typ\":\"\"," RSA "," RS256 "}", MINT_RS256,
	EVIDENCE_TYPE_REFUSED, "typ"},
    {"typ number", "{\"typ\":1," RSA "," RS256 "}", MINT_RS256,
	EVIDENCE_TYPE_REFUSED, "typ"},
    {"typ null", "{\"typ\":null," RSA "," RS256 "}", MINT_RS256,
	EVIDENCE_TYPE_REFUSED, "typ"},

    /* headers that are none */
    {"array", "[\"RS256\"]", MINT_RS256, EVIDENCE_MALFORMED, "header"},
    {"text", "\"RS256\"", MINT_RS256, EVIDENCE_MALFORMED, "header"},
    {"no JSON", "alg=RS256", MINT_RS256, EVIDENCE_MALFORMED, "header"},
    {"two objects", "{" RSA "," RS256 "}{}", MINT_RS256, EVIDENCE_MALFORMED,
	"header"},
    {"trailing comma", "{" RSA "," RS256 ",}", MINT_RS256, EVIDENCE_MALFORMED,
	"header"},
    {"byte order mark", "\xef\xbb\xbf{" RSA "," RS256 "}", MINT_RS256,
	EVIDENCE_MALFORMED, "header"},
    {"bad UTF-8", "{\"a\":\"\xff\"," RSA "," RS256 "}", MINT_RS256,
	EVIDENCE_MALFORMED, "header"},

    /* signatures */
    {"a stranger's", "{" RSA "," RS256 "}", MINT_RS256_STRANGER,
	EVIDENCE_SIGNATURE_BAD, "signature"},
    {"SHA-512", "{" RSA "," RS256 "}", MINT_RS256_SHA512,
	EVIDENCE_SIGNATURE_BAD, "signature"},
    {"RS256 by PSS", "{" ANY "," RS256 "}", MINT_PS256, EVIDENCE_SIGNATURE_BAD,
	"signature"},
    {"RS256 by ECDSA", "{" RSA "," RS256 "}", MINT_ES256,
	EVIDENCE_SIGNATURE_BAD, "signature"},
    {"PSS", "{" ANY "," PS256 "}", MINT_PS256, EVIDENCE_GOOD, NULL},
    {"PSS by PKCS #1", "{" ANY "," PS256 "}", MINT_RS256,
	EVIDENCE_SIGNATURE_BAD, "signature"},
    {"PSS, salt of 20", "{" ANY "," PS256 "}", MINT_PS256_SALT_20,
	EVIDENCE_SIGNATURE_BAD, "signature"},
    {"PSS, MGF1 of SHA-1", "{" ANY "," PS256 "}", MINT_PS256_MGF1_SHA1,
	EVIDENCE_SIGNATURE_BAD, "signature"},
    {"ECDSA", "{" EC "," ES256 "}", MINT_ES256, EVIDENCE_GOOD, NULL},
    {"ECDSA by PKCS #1", "{" EC "," ES256 "}", MINT_RS256,
	EVIDENCE_SIGNATURE_BAD, "signature"},
    {"ECDSA in DER", "{" EC "," ES256 "}", MINT_ES256_DER,
	EVIDENCE_SIGNATURE_BAD, "signature"},
    {"ECDSA short", "{" EC "," ES256 "}", MINT_ES256_SHORT,
	EVIDENCE_SIGNATURE_BAD, "signature"},
    {"ECDSA long", "{" EC "," ES256 "}", MINT_ES256_LONG,
	EVIDENCE_SIGNATURE_BAD, "signature"},
    {"r = 0", "{" EC "," ES256 "}", MINT_ES256_R_ZERO, EVIDENCE_SIGNATURE_BAD,
	"signature"},
    {"s = 0", "{" EC "," ES256 "}", MINT_ES256_S_ZERO, EVIDENCE_SIGNATURE_BAD,
	"signature"},
    {"r = s = 0 (CVE-2022-21449)", "{" EC "," ES256 "}", MINT_ES256_ZERO,
	EVIDENCE_SIGNATURE_BAD, "signature"},
};

static void
check_header(const char *name, const char *header, enum mint_signature how,
    enum evidence_result wanted, const char *wanted_detail)
{
	char *token = mint_token(how, header, login_payload);
	const char *detail = NULL;
	enum evidence_result result;

	result = login_check(&login, token, strlen(token), &detail);
	if (result != wanted)
		fail_msg("%s: %s", name, evidence_result_word(result));
	assert_int_equal(0, ERR_peek_error());
	if (!wanted_detail)
		assert_null(detail);
	else
		assert_string_equal(wanted_detail, detail);
	free(token);
}

static void
test_the_token_does_not_choose(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(headers) / sizeof(*headers); i++)
		check_header(headers[i].name, headers[i].header, headers[i].how,
		    headers[i].result, headers[i].detail);
}

/* A refusal must not spoil the key's context for the next token. */
static void
test_refusals_leave_no_trace(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		check_header("bad", login_header_rs256, MINT_RS256_STRANGER,
		    EVIDENCE_SIGNATURE_BAD, "signature");
		check_header("good", login_header_rs256, MINT_RS256,
		    EVIDENCE_GOOD, NULL);
		check_header("bad", login_header_es256, MINT_ES256_ZERO,
		    EVIDENCE_SIGNATURE_BAD, "signature");
		check_header("good", login_header_es256, MINT_ES256,
		    EVIDENCE_GOOD, NULL);
		check_header("bad", login_header_ps256, MINT_RS256,
		    EVIDENCE_SIGNATURE_BAD, "signature");
		check_header("good", login_header_ps256, MINT_PS256,
		    EVIDENCE_GOOD, NULL);
	}
}

static void
test_the_profile_names_the_algorithms(void **state)
{
	(void)state;
	login.profile.algorithms = EVIDENCE_RS256;
	check_header(
	    "RS256", login_header_rs256, MINT_RS256, EVIDENCE_GOOD, NULL);
	check_header("PS256", login_header_ps256, MINT_PS256,
	    EVIDENCE_ALGORITHM_REFUSED, "alg");
	check_header("ES256", login_header_es256, MINT_ES256,
	    EVIDENCE_ALGORITHM_REFUSED, "alg");
	login.profile.algorithms = 0;
	check_header("none allowed", login_header_rs256, MINT_RS256,
	    EVIDENCE_ALGORITHM_REFUSED, "alg");
}

/* Nine zero bits in front: DER leaves a byte out, RFC 7518 does not. */
static void
test_a_short_r_is_good(void **state)
{
	int tried;

	(void)state;
	for (tried = 0; tried < 20000; tried++) {
		char *token =
		    mint_token(MINT_ES256, login_header_es256, login_payload);
		const char *signature = strrchr(token, '.') + 1;
		bool is_short = signature[0] == 'A' && signature[1] >= 'A' &&
				signature[1] <= 'H';

		assert_int_equal(EVIDENCE_GOOD,
		    login_check(&login, token, strlen(token), NULL));
		free(token);
		if (is_short)
			return;
	}
	fail();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_token_does_not_choose),
	    cmocka_unit_test(test_refusals_leave_no_trace),
	    cmocka_unit_test(test_a_short_r_is_good),
	    cmocka_unit_test(test_the_profile_names_the_algorithms),
	};

	return cmocka_run_group_tests_name(
	    "evidence header", tests, login_set_up, login_tear_down);
}
