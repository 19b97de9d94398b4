#include "tests/unit/unit.h"
#include "verify/base64url.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int
decode(const char *text, char *ret_bytes, size_t room, size_t *ret_size)
{
	return base64url_decode(text, strlen(text), room, ret_bytes, ret_size);
}

static void
test_decodes_what_the_rfcs_say(void **state)
{
	static const struct {
		const char *text;
		const char *bytes;
		size_t size;
	} good[] = {
	    {"", "", 0}, {"AA", "\0", 1}, {"Zg", "f", 1}, {"Zm8", "fo", 2},
	    {"Zm9v", "foo", 3}, {"Zm9vYg", "foob", 4}, {"Zm9vYmE", "fooba", 5},
	    {"Zm9vYmFy", "foobar", 6}, {"-_-_", "\xfb\xff\xbf", 3},
	    {"_w", "\xff", 1}, {"__8", "\xff\xff", 2},
	    {"A-z_", "\x03\xec\xff", 3}, /* RFC 7515 appendix C */
	};
	char bytes[16];
	size_t size, i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_int_equal(
		    0, decode(good[i].text, bytes, sizeof(bytes), &size));
		assert_int_equal(good[i].size, size);
		assert_memory_equal(good[i].bytes, bytes, size);
	}
}

static void
test_refuses_every_other_spelling(void **state)
{
	static const char *const refused[] = {"A", "AAAAA",
	    "Zg==", "Zg=", "Zm8=", "====", "A===", "Zh", "Zn", "Zm9", "Zm-",
	    "Zm9v\n", " Zm9v", "Zm 9v", "Zm+v", "Zm/v", "Zm9v.", "Zm9\xc3",
	    "\x80\x80"
	    "AA",
	    "Zm9vYg\r\n", "Zm9vY~FyZm9v",
	    "Z\x7f"
	    "9v"};
	char bytes[16];
	size_t size = 77, i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		assert_int_equal(
		    -EBADMSG, decode(refused[i], bytes, sizeof(bytes), &size));
	assert_int_equal(77, size);
}

/* Of all 2^16 pairs of characters, the digits' alone, with four zero bits. */
static void
test_two_characters_spell_each_byte_once(void **state)
{
	unsigned int first, second, good = 0;

	(void)state;
	for (first = 0; first < 256; first++) {
		for (second = 0; second < 256; second++) {
			const char text[] = {(char)first, (char)second};
			size_t size;
			char byte;

			good += base64url_decode(
				    text, sizeof(text), 1, &byte, &size) == 0;
		}
	}
	assert_int_equal(256, good);
}

/* Digits that lie behind the text are not the text's. */
static void
test_reads_no_further_than_it_may(void **state)
{
	char bytes[16];
	size_t size;

	(void)state;
	assert_int_equal(-EBADMSG,
	    base64url_decode("AAAAAAAA", 5, sizeof(bytes), bytes, &size));
	assert_int_equal(
	    0, base64url_decode("AAAAAAAA", 6, sizeof(bytes), bytes, &size));
	assert_int_equal(4, size);
}

static void
test_writes_no_further_than_it_may(void **state)
{
	char *bytes = malloc(4);
	size_t size = 77;

	(void)state;
	assert_int_equal(-EMSGSIZE, decode("Zm9vYmE", bytes, 4, &size));
	assert_int_equal(77, size);
	assert_int_equal(0, decode("Zm9vYg", bytes, 4, &size));
	assert_int_equal(4, size);
	free(bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_decodes_what_the_rfcs_say),
	    cmocka_unit_test(test_refuses_every_other_spelling),
	    cmocka_unit_test(test_two_characters_spell_each_byte_once),
	    cmocka_unit_test(test_reads_no_further_than_it_may),
	    cmocka_unit_test(test_writes_no_further_than_it_may),
	};

	return cmocka_run_group_tests_name("base64url", tests, NULL, NULL);
}
