#include "broker/text.h"
#include "tests/unit/unit.h"

#include <string.h>

struct character {
	const char *text;
	size_t size;
	uint32_t codepoint;
};

static void
test_reads_utf8_and_nothing_else(void **state)
{
	static const struct character characters[] = {{"a", 1, 'a'},
	    {"\x7f", 1, 0x7f}, {"\xc2\x80", 2, 0x80}, {"\xdf\xbf", 2, 0x7ff},
	    {"\xe0\xa0\x80", 3, 0x800}, {"\xed\x9f\xbf", 3, 0xd7ff},
	    {"\xef\xbf\xbf", 3, 0xffff}, {"\xf0\x90\x80\x80", 4, 0x10000},
	    {"\xf4\x8f\xbf\xbf", 4, 0x10ffff}, {"", 0, 0}, {"\x80", 0, 0},
	    {"\xc1\xbf", 0, 0}, {"\xc2", 0, 0},
	    {"\xc2"
	     "a",
		0, 0},
	    {"\xe0\x9f\xbf", 0, 0}, {"\xe2\x82", 0, 0}, {"\xed\xa0\x80", 0, 0},
	    {"\xf0\x8f\xbf\xbf", 0, 0}, {"\xf4\x90\x80\x80", 0, 0},
	    {"\xf5\x80\x80\x80", 0, 0}, {"\xff", 0, 0}};
	uint32_t codepoint;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(characters) / sizeof(characters[0]); i++) {
		codepoint = 0;
		assert_int_equal(text_character(characters[i].text, &codepoint),
		    characters[i].size);
		assert_int_equal(codepoint, characters[i].codepoint);
	}
}

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
	    cmocka_unit_test(test_reads_utf8_and_nothing_else),
	    cmocka_unit_test(test_refuses_what_moves_or_hides_text),
	    cmocka_unit_test(test_knows_a_path_that_passwd_can_hold),
	};

	return cmocka_run_group_tests_name("broker_text", tests, NULL, NULL);
}
