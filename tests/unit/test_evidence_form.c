/*
 * What is not a strict compact JWS. In a shape, H, P and S stand for the three
 * parts of a good token, and everything else for itself.
 */
#include "tests/unit/unit.h"
#include "tests/vectors/login_fixture.h"
#include "tests/vectors/mint.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *shape;
	enum evidence_result result;
} shapes[] = {
    {"H.P.S", EVIDENCE_GOOD},

    /* parts */
    {"", EVIDENCE_MALFORMED},
    {".", EVIDENCE_MALFORMED},
    {"..", EVIDENCE_MALFORMED},
    {"...", EVIDENCE_MALFORMED},
    {"H", EVIDENCE_MALFORMED},
    {"H.P", EVIDENCE_MALFORMED},
    {"H.P.", EVIDENCE_MALFORMED},
    {"H..S", EVIDENCE_MALFORMED},
    {".P.S", EVIDENCE_MALFORMED},
    {".H.P.S", EVIDENCE_MALFORMED},
    {"H.P.S.", EVIDENCE_MALFORMED},
    {"H.P.S.S", EVIDENCE_MALFORMED},
    {"H.H.P.S.S", EVIDENCE_MALFORMED}, /* a JWE has five */
    {"H.P.S~", EVIDENCE_MALFORMED}, /* an SD-JWT */

    /* padding, and the eight bytes that abort libcjose 0.6.2.1 */
    {"A===.A.A", EVIDENCE_MALFORMED},
    {"x.A===.x", EVIDENCE_MALFORMED},
    {"x.x.A===", EVIDENCE_MALFORMED},
    {"H=.P.S", EVIDENCE_MALFORMED},
    {"H.P=.S", EVIDENCE_MALFORMED},
    {"H.P.S=", EVIDENCE_MALFORMED},
    {"H.P.S==", EVIDENCE_MALFORMED},

    /* white space and junk, which libb64 skips */
    {" H.P.S", EVIDENCE_MALFORMED},
    {"H.P.S ", EVIDENCE_MALFORMED},
    {"H.P.S\n", EVIDENCE_MALFORMED},
    {"H.P.S\r\n", EVIDENCE_MALFORMED},
    {"H. P.S", EVIDENCE_MALFORMED},
    {"H.P.!S", EVIDENCE_MALFORMED},
    {"H.P.S!!!!", EVIDENCE_MALFORMED},
    {"H.P.+/AA", EVIDENCE_MALFORMED},
    {"Bearer H.P.S", EVIDENCE_MALFORMED},

    /* lengths and bits that no bytes have */
    {"A.P.S", EVIDENCE_MALFORMED},
    {"H.A.S", EVIDENCE_MALFORMED},
    {"H.P.A", EVIDENCE_MALFORMED},
    {"H.P.AB", EVIDENCE_MALFORMED},
    {"H.P.AAB", EVIDENCE_MALFORMED},

    /* the JSON serialisations of RFC 7515 section 7.2 */
    {"{\"protected\":\"H\",\"payload\":\"P\",\"signature\":\"S\"}",
	EVIDENCE_MALFORMED},
    {"{\"payload\":\"P\",\"signatures\":[{\"protected\":\"H\","
     "\"signature\":\"S\"}]}",
	EVIDENCE_MALFORMED},
    {"{\"a\":\"H.P.S\"}", EVIDENCE_MALFORMED},

    /* well formed, and not what was signed */
    {"H.P.SAAAA", EVIDENCE_SIGNATURE_BAD},
    {"H.P.AAAA", EVIDENCE_SIGNATURE_BAD},
    {"H.PIAAA.S", EVIDENCE_SIGNATURE_BAD},
    {"H.e30.S", EVIDENCE_SIGNATURE_BAD},
    {"e30.P.S", EVIDENCE_HEADER_REFUSED},
    {"P.P.S", EVIDENCE_HEADER_REFUSED},
};

/* The part of a token that a letter of a shape stands for. */
static char *
part_of(const char *token, char letter)
{
	const char *at = token;

	if (letter != 'H')
		at = strchr(at, '.') + 1;
	if (letter == 'S')
		at = strchr(at, '.') + 1;
	return strndup(at, strcspn(at, "."));
}

static char *
build(const char *shape, const char *token)
{
	char *text = calloc(1, strlen(shape) + 3 * strlen(token) + 1);
	size_t size = 0;
	char *part;

	for (; *shape; shape++) {
		if (!strchr("HPS", *shape)) {
			text[size++] = *shape;
			continue;
		}
		part = part_of(token, *shape);
		size = (size_t)(stpcpy(text + size, part) - text);
		free(part);
	}
	return text;
}

static void
test_only_the_strict_form_is_read(void **state)
{
	char *good = mint_token(MINT_RS256, login_header_rs256, login_payload);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		char *token = build(shapes[i].shape, good);
		enum evidence_result result =
		    login_check(&login, token, strlen(token), NULL);

		if (result != shapes[i].result)
			fail_msg("\"%s\" is %s", shapes[i].shape,
			    evidence_result_word(result));
		free(token);
	}
	free(good);
}

/* Each byte of a good token, with each of its bits turned over. */
static void
test_no_bit_can_be_changed(void **state)
{
	char *token = mint_token(MINT_ES256, login_header_es256, login_payload);
	size_t size = strlen(token);
	size_t i;

	(void)state;
	for (i = 0; i < size; i++) {
		char before = token[i];
		int bit;

		for (bit = 0; bit < 8; bit++) {
			token[i] = (char)(before ^ 1 << bit);
			assert_int_not_equal(EVIDENCE_GOOD,
			    login_check(&login, token, size, NULL));
		}
		token[i] = before;
	}
	assert_int_equal(EVIDENCE_GOOD, login_check(&login, token, size, NULL));
	free(token);
}

static void
test_no_prefix_is_a_token(void **state)
{
	char *token = mint_token(MINT_ES256, login_header_es256, login_payload);
	size_t size;

	(void)state;
	for (size = 0; size < strlen(token); size++)
		assert_int_not_equal(
		    EVIDENCE_GOOD, login_check(&login, token, size, NULL));
	free(token);
}

static void
test_a_nul_is_no_end(void **state)
{
	char *token = mint_token(MINT_RS256, login_header_rs256, login_payload);
	size_t size = strlen(token);

	(void)state;
	assert_int_equal(
	    EVIDENCE_MALFORMED, login_check(&login, token, size + 1, NULL));
	token[size - 1] = '\0';
	assert_int_equal(
	    EVIDENCE_MALFORMED, login_check(&login, token, size, NULL));
	free(token);
}

static char *
repeat(const char *text, size_t count)
{
	size_t size = strlen(text);
	char *result = calloc(count + 1, size);
	size_t i;

	for (i = 0; i < count; i++)
		memcpy(result + i * size, text, size);
	return result;
}

static void
test_the_size_has_a_limit(void **state)
{
	static const size_t sizes[] = {16385, 65536, 9 << 20};
	const char *detail = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		char *token = repeat("A", sizes[i]);

		assert_int_equal(EVIDENCE_TOO_LARGE,
		    login_check(&login, token, sizes[i], &detail));
		assert_string_equal(detail, "token");
		assert_int_equal(EVIDENCE_MALFORMED,
		    login_check(&login, token, 16384, &detail));
		free(token);
	}
}

/* A good token of exactly the size that is asked for, or near it. */
static char *
mint_large(size_t filling)
{
	char *text = repeat("x", filling);
	char *payload;
	char *token;

	text[0] = '"';
	text[filling - 1] = '"';
	payload = mint_replace(login_payload, "\"nb\"", text);
	token = mint_token(MINT_RS256, login_header_rs256, payload);
	free(text);
	free(payload);
	return token;
}

static void
test_the_largest_token_is_good(void **state)
{
	char *small = mint_large(2);
	size_t filling = (16384 - strlen(small)) / 4 * 3;
	char *large;

	(void)state;
	free(small);
	for (;; filling++) {
		large = mint_large(filling);
		if (strlen(large) > 16384)
			break;
		assert_int_equal(EVIDENCE_GOOD,
		    login_check(&login, large, strlen(large), NULL));
		free(large);
	}
	assert_in_range(strlen(large), 16385, 16386);
	assert_int_equal(EVIDENCE_TOO_LARGE,
	    login_check(&login, large, strlen(large), NULL));
	free(large);
}

static void
test_nesting_has_a_limit(void **state)
{
	char *deep = repeat("[", 9000);
	char *token = mint_token(MINT_RS256, login_header_rs256, deep);
	const char *detail = NULL;

	(void)state;
	assert_int_equal(EVIDENCE_CLAIMS_MALFORMED,
	    login_check(&login, token, strlen(token), &detail));
	assert_string_equal(detail, "payload");
	free(token);
	token = mint_token(MINT_RS256, deep, login_payload);
	assert_int_equal(EVIDENCE_MALFORMED,
	    login_check(&login, token, strlen(token), &detail));
	assert_string_equal(detail, "header");
	free(token);
	free(deep);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_only_the_strict_form_is_read),
	    cmocka_unit_test(test_no_bit_can_be_changed),
	    cmocka_unit_test(test_no_prefix_is_a_token),
	    cmocka_unit_test(test_a_nul_is_no_end),
	    cmocka_unit_test(test_the_size_has_a_limit),
	    cmocka_unit_test(test_the_largest_token_is_good),
	    cmocka_unit_test(test_nesting_has_a_limit),
	};

	return cmocka_run_group_tests_name(
	    "evidence form", tests, login_set_up, login_tear_down);
}
