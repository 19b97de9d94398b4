#include "broker/config/authority.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

static void
assert_authority(const char *text, const char *expected)
{
	char authority[FETCH_HOST_SIZE] = "unchanged";

	if (!expected) {
		assert_int_equal(
		    authority_normalize(text, strlen(text), authority),
		    -EINVAL);
		return;
	}
	assert_int_equal(authority_normalize(text, strlen(text), authority), 0);
	assert_string_equal(authority, expected);
}

static void
test_has_one_form(void **state)
{
	(void)state;
	assert_authority("idp.example", "idp.example");
	assert_authority("IdP.Example:443", "idp.example");
	assert_authority("idp.example:8443", "idp.example:8443");
	assert_authority("idp.example:65535", "idp.example:65535");
	assert_authority("127.0.0.1:1", "127.0.0.1:1");
	assert_authority("[2001:DB8::1]:443", "[2001:db8::1]");
	assert_authority("[::1]:8443", "[::1]:8443");
}

static void
test_refuses_what_is_no_host(void **state)
{
	static const char *const refused[] = {"", ":443", "a:", "a:0", "a:01",
	    "a:65536", "a:443x", "a:99999999", "a:-1", "a:443:443", "a/b",
	    "u@a", "a b", ".a", "a.", "-a", "a_b", "[", "[]", "[::1", "[::1]x",
	    "[g]", "a%41", "\xc3\xa5"};
	char longest[FETCH_HOST_SIZE + 1];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_authority(refused[i], NULL);
	memset(longest, 'a', sizeof(longest));
	longest[FETCH_HOST_SIZE] = '\0';
	assert_authority(longest, NULL);
	assert_authority(longest + 6, NULL);
	assert_authority(longest + 7, longest + 7);
}

static void
test_takes_it_from_an_address(void **state)
{
	static const char *const refused[] = {"http://a", "https:/a",
	    "https://", "https:///a", "https://a?b", "https://a#b",
	    "https://u@a", "https://a\\b", "https://a /", "https://a/\n", "a"};
	char authority[FETCH_HOST_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_int_equal(
		    authority_of_https(refused[i], authority), -EINVAL);
	assert_int_equal(
	    authority_of_https("https://A:8443/op/x", authority), 0);
	assert_string_equal(authority, "a:8443");
	assert_int_equal(authority_of_https("https://a", authority), 0);
	assert_string_equal(authority, "a");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_has_one_form),
	    cmocka_unit_test(test_refuses_what_is_no_host),
	    cmocka_unit_test(test_takes_it_from_an_address),
	};

	return cmocka_run_group_tests_name("authority", tests, NULL, NULL);
}
