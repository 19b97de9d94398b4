#include "tests/unit/unit.h"
#include "verify/thumbprint.h"

#include <errno.h>
#include <string.h>

/* RFC 7638 section 3.1. */
#define RFC_N                                                              \
	"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86z" \
	"wu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5Js" \
	"GY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMic" \
	"AtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-" \
	"bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csF" \
	"Cur-kEgU8awapJzKnqDKgw"
/* RFC 9449 section 4.1 and 6.1. */
#define RFC_X "\"x\":\"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs\""
#define RFC_Y "\"y\":\"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA\""

static int
of_jwk(const char *jwk, char *ret_thumbprint)
{
	struct json_node nodes[32];
	struct json json;
	char text[1024];

	strcpy(text, jwk);
	assert_int_equal(json_read(text, strlen(text), nodes, 32, &json), 0);
	return thumbprint_of_jwk(&json, json.nodes, ret_thumbprint);
}

static void
test_keys_of_the_documents(void **state)
{
	char thumbprint[THUMBPRINT_SIZE];

	(void)state;
	assert_int_equal(
	    of_jwk("{\"kty\":\"RSA\",\"n\":\"" RFC_N "\",\"e\":\"AQAB\","
		   "\"alg\":\"RS256\",\"kid\":\"2011-04-29\"}",
		thumbprint),
	    0);
	assert_string_equal(
	    thumbprint, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
	assert_int_equal(
	    of_jwk("{\"kty\":\"EC\"," RFC_X "," RFC_Y ",\"crv\":\"P-256\"}",
		thumbprint),
	    0);
	assert_string_equal(
	    thumbprint, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
}

static void
test_what_is_no_key(void **state)
{
	static const char *const jwks[] = {
	    "{}",
	    "[]",
	    "\"RSA\"",
	    "{\"kty\":\"oct\",\"k\":\"AAAA\"}",
	    "{\"kty\":1,\"n\":\"AAAA\",\"e\":\"AQAB\"}",
	    "{\"kty\":\"RSA\",\"n\":\"AAAA\"}",
	    "{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"AQAB\"}",
	    "{\"kty\":\"RSA\",\"n\":7,\"e\":\"AQAB\"}",
	    "{\"kty\":\"RSA\",\"n\":\"AA\\\"A\",\"e\":\"AQAB\"}",
	    "{\"kty\":\"EC\"," RFC_X ",\"crv\":\"P-256\"}",
	    "{\"kty\":\"EC\"," RFC_X "," RFC_Y "}",
	};
	char thumbprint[THUMBPRINT_SIZE] = "untouched";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(jwks) / sizeof(*jwks); i++) {
		if (of_jwk(jwks[i], thumbprint) != -ENOKEY)
			fail_msg("%s", jwks[i]);
	}
	assert_string_equal(thumbprint, "untouched");
}

/* RFC 9449 section 7.1: ath of its token. */
static void
test_bytes(void **state)
{
	static const char token[] =
	    "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
	char thumbprint[THUMBPRINT_SIZE];

	(void)state;
	assert_int_equal(
	    thumbprint_of_bytes(token, strlen(token), thumbprint), 0);
	assert_string_equal(
	    thumbprint, "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
}

static void
test_form(void **state)
{
	(void)state;
	assert_true(thumbprint_is_valid(
	    slice_of("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I")));
	assert_false(thumbprint_is_valid(
	    slice_of("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4J")));
	assert_false(thumbprint_is_valid(
	    slice_of("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4")));
	assert_false(thumbprint_is_valid(
	    slice_of("0ZcOCORZNYy+DWpqq30jZyJGHTN0d2HglBV3uiguA4I")));
	assert_false(thumbprint_is_valid((struct slice){NULL, 0}));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_keys_of_the_documents),
	    cmocka_unit_test(test_what_is_no_key),
	    cmocka_unit_test(test_bytes),
	    cmocka_unit_test(test_form),
	};

	return cmocka_run_group_tests_name("thumbprint", tests, NULL, NULL);
}
