/* Answers of a token endpoint: what is taken from them, and what is not. */
#include "broker/token/token_answer.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TYPE "\"issued_token_type\":\"urn:ietf:params:oauth:token-type:"

static int
parse(const char *json, bool exchanged, struct token_answer *ret_answer,
    const char **ret_detail)
{
	return token_answer_parse(
	    json, strlen(json), exchanged, ret_answer, ret_detail);
}

static void
test_takes_a_token(void **state)
{
	struct token_answer answer;
	const char *detail;

	(void)state;
	assert_int_equal(
	    parse("{\"access_token\":\"a.b.c\",\"token_type\":\"bearer\","
		  "\"expires_in\":119,\"scope\":\"ks:fiks\",\"more\":[{}]}",
		false, &answer, &detail),
	    0);
	assert_string_equal(secret_reveal(answer.access_token), "a.b.c");
	assert_int_equal(answer.expires_in_s, 119);
	secret_free(answer.access_token);
}

static void
test_a_lifetime_is_bounded(void **state)
{
	struct token_answer answer;
	const char *detail;

	(void)state;
	assert_int_equal(
	    parse("{\"access_token\":\"t\",\"token_type\":\"Bearer\","
		  "\"expires_in\":18446744073709551615}",
		false, &answer, &detail),
	    0);
	assert_int_equal(answer.expires_in_s, TOKEN_LIFETIME_MAX_S);
	secret_free(answer.access_token);
}

static void
test_an_exchange_says_what_it_gave(void **state)
{
	static const struct {
		const char *type;
		int result;
	} rows[] = {
	    {"access_token\",", 0},
	    {"jwt\",", 0},
	    {"id_token\",", -EBADMSG},
	    {"refresh_token\",", -EBADMSG},
	    {"saml2\",", -EBADMSG},
	    {NULL, -EBADMSG},
	};
	struct token_answer answer;
	const char *detail;
	char json[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(json, sizeof(json),
		    "{%s%s\"access_token\":\"t\",\"token_type\":\"Bearer\","
		    "\"expires_in\":60}",
		    rows[i].type ? TYPE : "", rows[i].type ? rows[i].type : "");
		assert_int_equal(
		    parse(json, true, &answer, &detail), rows[i].result);
		if (!rows[i].result)
			secret_free(answer.access_token);
		else
			assert_string_equal(detail, "issued_token_type");
	}
}

static void
test_names_what_is_wrong(void **state)
{
	static const struct {
		const char *json, *detail;
	} rows[] = {
	    {"", "JSON object"},
	    {"null", "JSON object"},
	    {"[]", "JSON object"},
	    {"{\"a\":1,\"a\":1}", "JSON object"},
	    {"{\"access_token\":\"t\",\"expires_in\":1}", "token_type"},
	    {"{\"access_token\":\"t\",\"expires_in\":1,"
	     "\"token_type\":\"DPoP\"}",
		"token_type"},
	    {"{\"access_token\":\"t\",\"expires_in\":1,"
	     "\"token_type\":\"N_A\"}",
		"token_type"},
	    {"{\"access_token\":\"t\",\"token_type\":\"Bearer\"}",
		"expires_in"},
	    {"{\"access_token\":\"t\",\"token_type\":\"Bearer\","
	     "\"expires_in\":0}",
		"expires_in"},
	    {"{\"access_token\":\"t\",\"token_type\":\"Bearer\","
	     "\"expires_in\":-1}",
		"expires_in"},
	    {"{\"access_token\":\"t\",\"token_type\":\"Bearer\","
	     "\"expires_in\":\"60\"}",
		"expires_in"},
	    {"{\"access_token\":\"t\",\"token_type\":\"Bearer\","
	     "\"expires_in\":1.5}",
		"expires_in"},
	    {"{\"token_type\":\"Bearer\",\"expires_in\":60}", "access_token"},
	    {"{\"access_token\":\"\",\"token_type\":\"Bearer\","
	     "\"expires_in\":60}",
		"access_token"},
	    {"{\"access_token\":7,\"token_type\":\"Bearer\","
	     "\"expires_in\":60}",
		"access_token"},
	    {"{\"access_token\":\"a b\",\"token_type\":\"Bearer\","
	     "\"expires_in\":60}",
		"access_token"},
	    {"{\"access_token\":\"a\\r\\nb\",\"token_type\":\"Bearer\","
	     "\"expires_in\":60}",
		"access_token"},
	    {"{\"access_token\":\"\\u00e6\",\"token_type\":\"Bearer\","
	     "\"expires_in\":60}",
		"access_token"},
	};
	struct token_answer answer;
	const char *detail = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
		    parse(rows[i].json, false, &answer, &detail), -EBADMSG);
		assert_string_equal(detail, rows[i].detail);
	}
}

static void
test_a_token_has_a_largest_size(void **state)
{
	static char json[TOKEN_SIZE_MAX + 256];
	static char token[TOKEN_SIZE_MAX + 2];
	struct token_answer answer;
	const char *detail;
	int size;

	(void)state;
	memset(token, 'a', TOKEN_SIZE_MAX + 1);
	for (size = TOKEN_SIZE_MAX; size <= TOKEN_SIZE_MAX + 1; size++) {
		(void)snprintf(json, sizeof(json),
		    "{\"access_token\":\"%.*s\",\"token_type\":\"Bearer\","
		    "\"expires_in\":60}",
		    size, token);
		assert_int_equal(parse(json, false, &answer, &detail),
		    size > TOKEN_SIZE_MAX ? -EBADMSG : 0);
	}
	secret_free(answer.access_token);
}

static int
refuse(const char *json, struct token_refusal *ret_refusal)
{
	return token_refusal_parse(json, strlen(json), ret_refusal);
}

static void
test_a_refusal_has_a_word_and_perhaps_more(void **state)
{
	struct token_refusal refusal;

	(void)state;
	assert_int_equal(
	    refuse("{\"error\":\"invalid_scope\",\"error_description\":"
		   "\"MP-003: ikke tilgang, p\\u00e5 grunn av x\","
		   "\"error_uri\":\"https://e\"}",
		&refusal),
	    0);
	assert_string_equal(refusal.error, "invalid_scope");
	assert_string_equal(
	    refusal.description, "MP-003: ikke tilgang, p\xc3\xa5 grunn av x");
	assert_int_equal(refuse("{\"error\":\"invalid_grant\"}", &refusal), 0);
	assert_string_equal(refusal.description, "");
	assert_int_equal(
	    refuse("{\"error\":\"x\",\"error_description\":[]}", &refusal), 0);
	assert_string_equal(refusal.description, "");
}

static void
test_no_word_is_no_refusal(void **state)
{
	static const char *const rows[] = {"", "{}", "[]", "{\"error\":null}",
	    "{\"error\":\"\"}", "{\"error\":\"a b\"}", "{\"error\":\"a\\nb\"}",
	    "{\"error\":\"01019012345\"}", "{\"error\":{\"code\":1}}",
	    "{\"error\":"
	    "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "\"}"};
	struct token_refusal refusal;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(refuse(rows[i], &refusal), -EBADMSG);
}

static void
test_a_description_is_safe_to_show(void **state)
{
	static const struct {
		const char *said, *shown;
	} rows[] = {
	    {"a\\u001b[2Jb", "a [2Jb"},
	    {"a\\r\\nSet-Cookie: b", "a  Set-Cookie: b"},
	    {"a\\u202eb", "a b"},
	    /* numbers of people, however they are written */
	    {"person 01019012345 unknown", "person *********** unknown"},
	    {"010190 12345", "****** *****"},
	    {"010190-12345.", "******-*****."},
	    {"x01019012345x", "x***********x"},
	    {"123456789012", "************"},
	    /* and of organisations, which may be read */
	    {"consumer 0192:987464291", "consumer 0192:987464291"},
	    {"org 987 464 291", "org 987 464 291"},
	    {"1.", "1."},
	};
	struct token_refusal refusal;
	char json[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(json, sizeof(json),
		    "{\"error\":\"x\",\"error_description\":\"%s\"}",
		    rows[i].said);
		assert_int_equal(refuse(json, &refusal), 0);
		assert_string_equal(refusal.description, rows[i].shown);
	}
}

/* Cut between characters, never within one. */
static void
test_a_description_has_a_largest_size(void **state)
{
	enum { LENGTH = 600 };
	struct token_refusal refusal;
	char json[2 * LENGTH + 64], text[2 * LENGTH + 1];
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH; i++)
		memcpy(text + 2 * i, "\xc3\xa5", 2);
	text[2 * LENGTH] = '\0';
	(void)snprintf(json, sizeof(json),
	    "{\"error\":\"x\",\"error_description\":\"%s\"}", text);
	assert_int_equal(refuse(json, &refusal), 0);
	assert_int_equal(
	    strlen(refusal.description), TOKEN_DESCRIPTION_SIZE - 1);
	(void)snprintf(json, sizeof(json),
	    "{\"error\":\"x\",\"error_description\":\"a%s\"}", text);
	assert_int_equal(refuse(json, &refusal), 0);
	assert_int_equal(
	    strlen(refusal.description), TOKEN_DESCRIPTION_SIZE - 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_takes_a_token),
	    cmocka_unit_test(test_a_lifetime_is_bounded),
	    cmocka_unit_test(test_an_exchange_says_what_it_gave),
	    cmocka_unit_test(test_names_what_is_wrong),
	    cmocka_unit_test(test_a_token_has_a_largest_size),
	    cmocka_unit_test(test_a_refusal_has_a_word_and_perhaps_more),
	    cmocka_unit_test(test_no_word_is_no_refusal),
	    cmocka_unit_test(test_a_description_is_safe_to_show),
	    cmocka_unit_test(test_a_description_has_a_largest_size),
	};

	return cmocka_run_group_tests_name("token_answer", tests, NULL, NULL);
}
