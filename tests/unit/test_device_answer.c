#include "broker/issuer/device_answer.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#define CODES "\"device_code\":\"d\",\"user_code\":\"ABCD-EFGH\","
#define URI "\"verification_uri\":\"https://idp.example/device\","

static int
parse(
    const char *json, struct device_authorization *ret, const char **ret_detail)
{
	return device_authorization_parse(json, strlen(json), ret, ret_detail);
}

static void
test_reads_an_authorization(void **state)
{
	struct device_authorization authorization;
	const char *detail;

	(void)state;
	assert_int_equal(
	    parse("{" CODES URI "\"expires_in\":300}", &authorization, &detail),
	    0);
	assert_string_equal(secret_reveal(authorization.device_code), "d");
	assert_string_equal(authorization.user_code, "ABCD-EFGH");
	assert_string_equal(authorization.verification_uri_complete, "");
	assert_int_equal(authorization.expires_in_s, 300);
	assert_int_equal(authorization.interval_s, DEVICE_INTERVAL_DEFAULT_S);
	device_authorization_done(&authorization);
}

static void
test_bounds_what_the_provider_asks_for(void **state)
{
	struct device_authorization authorization;
	const char *detail;

	(void)state;
	assert_int_equal(
	    parse("{" CODES URI "\"expires_in\":999999999,\"interval\":99999}",
		&authorization, &detail),
	    0);
	assert_int_equal(authorization.expires_in_s, DEVICE_EXPIRES_MAX_S);
	assert_int_equal(authorization.interval_s, DEVICE_INTERVAL_MAX_S);
	device_authorization_done(&authorization);
}

static void
test_refuses_by_member(void **state)
{
	static const struct {
		const char *json;
		const char *detail;
	} rows[] = {
	    {"rubbish", "answer"},
	    {"{}", "user_code"},
	    {"{\"user_code\":\"AB\\u001b[2J\"}", "user_code"},
	    {"{\"user_code\":\"\"}", "user_code"},
	    {"{" CODES "\"verification_uri\":\"http://idp.example/\"}",
		"verification_uri"},
	    {"{" CODES "\"verification_uri\":\"javascript:x\"}",
		"verification_uri"},
	    {"{" CODES URI "\"verification_uri_complete\":7,\"expires_in\":9}",
		"verification_uri_complete"},
	    {"{" CODES URI "\"expires_in\":0}", "expires_in"},
	    {"{" CODES URI "\"expires_in\":-5}", "expires_in"},
	    {"{" CODES URI "\"expires_in\":3.5}", "expires_in"},
	    {"{" CODES URI "\"expires_in\":\"300\"}", "expires_in"},
	    {"{" CODES URI "\"expires_in\":300,\"interval\":\"1\"}",
		"interval"},
	    {"{\"user_code\":\"A\"," URI "\"expires_in\":300}", "device_code"},
	    {"{\"device_code\":\"\",\"user_code\":\"A\"," URI
	     "\"expires_in\":300}",
		"device_code"},
	};
	struct device_authorization authorization;
	const char *detail;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
		    parse(rows[i].json, &authorization, &detail), -EBADMSG);
		assert_string_equal(detail, rows[i].detail);
	}
}

static void
test_reads_a_token_and_an_error(void **state)
{
	static const char token[] = "{\"id_token\":\"a.b.c\"}";
	static const char error[] = "{\"error\":\"slow_down\"}";
	static const char nasty[] = "{\"error\":\"\\u001b[31m\"}";
	char word[DEVICE_ERROR_SIZE];
	struct secret *id_token;
	const char *detail;

	(void)state;
	assert_int_equal(
	    device_token_parse(token, strlen(token), &id_token, &detail), 0);
	assert_string_equal(secret_reveal(id_token), "a.b.c");
	secret_free(id_token);
	assert_int_equal(
	    device_token_parse(error, strlen(error), &id_token, &detail),
	    -EBADMSG);
	assert_string_equal(detail, "id_token");
	device_error_parse(error, strlen(error), word);
	assert_string_equal(word, "slow_down");
	device_error_parse(nasty, strlen(nasty), word);
	assert_string_equal(word, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reads_an_authorization),
	    cmocka_unit_test(test_bounds_what_the_provider_asks_for),
	    cmocka_unit_test(test_refuses_by_member),
	    cmocka_unit_test(test_reads_a_token_and_an_error),
	};

	return cmocka_run_group_tests_name("device_answer", tests, NULL, NULL);
}
