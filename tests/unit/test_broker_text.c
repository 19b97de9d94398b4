#include "broker/text.h"
#include "tests/unit/unit.h"

#include <string.h>

static void
test_refuses_what_moves_or_hides_text(void **state)
{
	static const char *const refused[] = {"a\nb", "a\tb", "\x1b[0m", "\x7f",
	    "\xc2\x9b", "\xe2\x80\x8f", "\xe2\x80\xa8", "\xe2\x80\xae",
	    "\xe2\x81\xa6", "\xef\xbb\xbf", "\xff", "12345678"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_false(text_is_clean(refused[i], 8));
	assert_true(text_is_clean("", 8));
	assert_true(text_is_clean("1234567", 8));
	assert_true(text_is_clean("\xc3\xa5\xe2\x82\xac", 8));
	assert_false(text_is_ascii("\xc3\xa5", 8));
	assert_false(text_is_ascii("a\n", 8));
	assert_false(text_is_ascii("12345678", 8));
	assert_true(text_is_ascii(" ~", 8));
}

static void
test_knows_a_path_that_passwd_can_hold(void **state)
{
	static const char *const refused[] = {
	    "", "a", "./a", "/a:b", "/..", "/../a", "/a/..", "/a/../b", "/a\n"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_false(text_is_path(refused[i], 16));
	assert_true(text_is_path("/", 16));
	assert_true(text_is_path("/a/b", 16));
	assert_true(text_is_path("/..a/...", 16));
	assert_false(text_is_path("/0123456789abcde", 16));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_refuses_what_moves_or_hides_text),
	    cmocka_unit_test(test_knows_a_path_that_passwd_can_hold),
	};

	return cmocka_run_group_tests_name("broker_text", tests, NULL, NULL);
}
