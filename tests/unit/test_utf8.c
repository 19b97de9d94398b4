#include "lib/utf8.h"
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
		assert_int_equal(utf8_decode(characters[i].text,
				     strlen(characters[i].text), &codepoint),
		    characters[i].size);
		assert_int_equal(codepoint, characters[i].codepoint);
	}
}

static void
test_decodes_strictly(void **state)
{
	static const char *const refused[] = {"\x80", "\xc0\x80", "\xc1\xbf",
	    "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5\x80",
	    "\xc3", "\xe2\x82", "\xc3\x28", "\xff"};
	uint32_t character = 7;
	size_t i;

	(void)state;
	assert_int_equal(utf8_decode("a", 1, &character), 1);
	assert_int_equal(character, 'a');
	assert_int_equal(utf8_decode("å", 2, &character), 2);
	assert_int_equal(character, 0xe5);
	assert_int_equal(utf8_decode("\xf0\x9f\x94\x91", 4, &character), 4);
	assert_int_equal(character, 0x1f511);
	assert_int_equal(utf8_decode("", 1, &character), 1);
	assert_int_equal(character, 0);
	assert_int_equal(utf8_decode("å", 1, &character), 0);
	assert_int_equal(utf8_decode("a", 0, &character), 0);
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		character = 7;
		assert_int_equal(
		    utf8_decode(refused[i], strlen(refused[i]), &character), 0);
		assert_int_equal(character, 7);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reads_utf8_and_nothing_else),
	    cmocka_unit_test(test_decodes_strictly),
	};

	return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
