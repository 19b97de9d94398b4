#include "broker/issuer/metadata.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#define ISSUER "https://idp.example"
#define ENDPOINTS                                           \
	"\"jwks_uri\":\"https://idp.example/jwks\","        \
	"\"token_endpoint\":\"https://idp.example/token\"," \
	"\"device_authorization_endpoint\":\"https://idp.example/device\""

static enum metadata_result
parse(const char *json, struct metadata *ret_metadata, const char **ret_detail)
{
	return metadata_parse(
	    json, strlen(json), ISSUER, true, ret_metadata, ret_detail);
}

static void
test_reads_the_endpoints(void **state)
{
	struct metadata metadata;
	const char *detail;

	(void)state;
	assert_int_equal(parse("{\"issuer\":\"" ISSUER "\"," ENDPOINTS "}",
			     &metadata, &detail),
	    METADATA_GOOD);
	assert_string_equal(metadata.jwks_uri, "https://idp.example/jwks");
	assert_string_equal(
	    metadata.token_endpoint, "https://idp.example/token");
	assert_string_equal(metadata.device_authorization_endpoint,
	    "https://idp.example/device");
	assert_string_equal(metadata.introspection_endpoint, "");
	assert_false(metadata.introspection_endpoint_bad);
	assert_false(metadata.token_endpoint_bad);
	assert_int_equal(parse("{\"issuer\":\"" ISSUER "\"," ENDPOINTS
			       ",\"introspection_endpoint\":"
			       "\"https://idp.example/ask\"}",
			     &metadata, &detail),
	    METADATA_GOOD);
	assert_string_equal(
	    metadata.introspection_endpoint, "https://idp.example/ask");
}

/* Its tokens are verified whatever else it lacks; http is as good as none. */
static void
test_without_login_the_keys_are_enough(void **state)
{
	static const char json[] =
	    "{\"issuer\":\"" ISSUER "\",\"jwks_uri\":\"" ISSUER "/jwks\","
	    "\"token_endpoint\":\"http://idp.example/token\","
	    "\"introspection_endpoint\":7}";
	static const char no_keys[] = "{\"issuer\":\"" ISSUER "\"}";
	struct metadata metadata;
	const char *detail;

	(void)state;
	memset(&metadata, 'x', sizeof(metadata));
	assert_int_equal(metadata_parse(json, strlen(json), ISSUER, false,
			     &metadata, &detail),
	    METADATA_GOOD);
	assert_string_equal(metadata.jwks_uri, ISSUER "/jwks");
	assert_string_equal(metadata.token_endpoint, "");
	assert_string_equal(metadata.device_authorization_endpoint, "");
	assert_string_equal(metadata.introspection_endpoint, "");
	/* Whoever needs them hears that they are there, and are no good. */
	assert_true(metadata.token_endpoint_bad);
	assert_true(metadata.introspection_endpoint_bad);
	assert_int_equal(metadata_parse(no_keys, strlen(no_keys), ISSUER, false,
			     &metadata, &detail),
	    METADATA_ENDPOINT_MISSING);
	assert_string_equal(detail, "jwks_uri");
}

static void
test_knows_where_it_is(void **state)
{
	static const struct {
		const char *issuer;
		bool oauth;
		const char *url;
	} rows[] = {
	    {"https://a", false, "https://a/.well-known/openid-configuration"},
	    {"https://a/", false, "https://a/.well-known/openid-configuration"},
	    {"https://a:8/b/", false,
		"https://a:8/b/.well-known/openid-configuration"},
	    {"https://a", true,
		"https://a/.well-known/oauth-authorization-server"},
	    {"https://a/", true,
		"https://a/.well-known/oauth-authorization-server"},
	    {"https://a:8/b", true,
		"https://a:8/.well-known/oauth-authorization-server/b"},
	    {"https://a:8/b/c/", true,
		"https://a:8/.well-known/oauth-authorization-server/b/c"},
	};
	char url[FETCH_URL_SIZE], longest[FETCH_URL_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
		    metadata_url(rows[i].issuer, rows[i].oauth, url), 0);
		assert_string_equal(url, rows[i].url);
	}
	memset(longest, 'a', sizeof(longest));
	memcpy(longest, "https://", 8);
	longest[sizeof(longest) - 20] = '\0';
	assert_int_equal(metadata_url(longest, true, url), -ENAMETOOLONG);
}

static void
test_refuses_by_name(void **state)
{
	static const struct {
		const char *json;
		enum metadata_result result;
		const char *detail;
	} rows[] = {
	    {"", METADATA_MALFORMED, "document"},
	    {"[]", METADATA_MALFORMED, "document"},
	    {"{\"issuer\":\"" ISSUER "\",\"issuer\":\"" ISSUER "\"," ENDPOINTS
	     "}",
		METADATA_MALFORMED, "document"},
	    {"{" ENDPOINTS "}", METADATA_ISSUER_WRONG, "issuer"},
	    {"{\"issuer\":1," ENDPOINTS "}", METADATA_ISSUER_WRONG, "issuer"},
	    {"{\"issuer\":\"" ISSUER "/\"," ENDPOINTS "}",
		METADATA_ISSUER_WRONG, "issuer"},
	    {"{\"issuer\":\"https://IDP.example\"," ENDPOINTS "}",
		METADATA_ISSUER_WRONG, "issuer"},
	    {"{\"issuer\":\"" ISSUER "\"}", METADATA_ENDPOINT_MISSING,
		"jwks_uri"},
	    {"{\"issuer\":\"" ISSUER "\",\"jwks_uri\":\"http://idp.example/\"}",
		METADATA_ENDPOINT_INSECURE, "jwks_uri"},
	    {"{\"issuer\":\"" ISSUER
	     "\",\"jwks_uri\":\"https://idp.example/\\u0007\"}",
		METADATA_ENDPOINT_INSECURE, "jwks_uri"},
	    {"{\"issuer\":\"" ISSUER "\",\"jwks_uri\":\"https://idp.example/\","
	     "\"token_endpoint\":[]}",
		METADATA_ENDPOINT_INSECURE, "token_endpoint"},
	};
	struct metadata metadata;
	const char *detail;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
		    parse(rows[i].json, &metadata, &detail), rows[i].result);
		assert_string_equal(detail, rows[i].detail);
	}
}

static void
test_refuses_what_follows_a_nul(void **state)
{
	static const char json[] =
	    "{\"issuer\":\"" ISSUER "\"," ENDPOINTS "}\0 and more";
	struct metadata metadata;
	const char *detail;

	(void)state;
	assert_int_equal(metadata_parse(json, sizeof(json) - 1, ISSUER, true,
			     &metadata, &detail),
	    METADATA_MALFORMED);
}

static void
test_refuses_a_url_that_is_too_long(void **state)
{
	char json[FETCH_URL_SIZE + 256], *at;
	struct metadata metadata;
	const char *detail;

	(void)state;
	at = stpcpy(json,
	    "{\"issuer\":\"" ISSUER "\",\"jwks_uri\":\"https://idp.example/");
	memset(at, 'a', FETCH_URL_SIZE);
	strcpy(at + FETCH_URL_SIZE, "\"}");
	assert_int_equal(
	    parse(json, &metadata, &detail), METADATA_ENDPOINT_INSECURE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reads_the_endpoints),
	    cmocka_unit_test(test_without_login_the_keys_are_enough),
	    cmocka_unit_test(test_knows_where_it_is),
	    cmocka_unit_test(test_refuses_by_name),
	    cmocka_unit_test(test_refuses_what_follows_a_nul),
	    cmocka_unit_test(test_refuses_a_url_that_is_too_long),
	};

	return cmocka_run_group_tests_name("metadata", tests, NULL, NULL);
}
