#include "ctl/text.h"
#include "tests/unit/unit.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

struct sink {
	FILE *file;
	char *bytes;
	size_t size;
};

static void
sink_open(struct sink *sink)
{
	sink->bytes = NULL;
	sink->file = open_memstream(&sink->bytes, &sink->size);
	assert_non_null(sink->file);
}

static void
sink_expect(struct sink *sink, const char *expected)
{
	assert_int_equal(fclose(sink->file), 0);
	assert_string_equal(sink->bytes, expected);
	free(sink->bytes);
}

static void
test_measures_columns_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(text_width("Åse Bjørg"), 9);
	assert_int_equal(text_width("日本"), 4);
	assert_int_equal(text_width("e\xcc\x81"), 1);
	assert_int_equal(text_width(""), 0);
}

static void
test_shows_nothing_that_a_terminal_obeys(void **state)
{
	struct sink sink;

	(void)state;
	sink_open(&sink);
	(void)text_put(sink.file, "a\033[2Jb\r\n\xff\xc2\x9b\xe2\x80\xae|", 80);
	sink_expect(&sink, "a?[2Jb?????|");
}

static void
test_cuts_with_an_ellipsis(void **state)
{
	struct sink sink;

	(void)state;
	sink_open(&sink);
	assert_int_equal(text_put(sink.file, "blåbær", 6), 6);
	assert_int_equal(text_put(sink.file, "blåbær", 4), 4);
	assert_int_equal(text_put(sink.file, "日本語", 4), 3);
	sink_expect(&sink, "blåbærblå…日…");
}

static void
test_folds_at_spaces(void **state)
{
	struct sink sink;

	(void)state;
	sink_open(&sink);
	text_fold(sink.file, "one two  three", 2, 9);
	sink_expect(&sink, "one two\n  three\n");
}

/* However long, and wherever its parts end, no character is cut in two. */
static void
test_folds_a_long_word_between_characters(void **state)
{
	char text[2 + 3 * 200 + 1];
	struct sink sink;
	size_t lead, i;

	(void)state;
	for (lead = 0; lead < 3; lead++) {
		memset(text, 'a', lead);
		for (i = 0; i < 200; i++)
			memcpy(text + lead + 3 * i, "日", sizeof("日"));
		sink_open(&sink);
		text_fold(sink.file, text, 0, 80);
		assert_int_equal(fclose(sink.file), 0);
		assert_null(strchr(sink.bytes, '?'));
		free(sink.bytes);
	}
}

static void
test_folds_rubbish_to_its_end(void **state)
{
	char text[600];
	struct sink sink;
	size_t i, shown = 0;

	(void)state;
	memset(text, '\x80', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	sink_open(&sink);
	text_fold(sink.file, text, 0, 1000);
	assert_int_equal(fclose(sink.file), 0);
	for (i = 0; sink.bytes[i]; i++)
		shown += sink.bytes[i] == '?';
	assert_int_equal(shown, sizeof(text) - 1);
	free(sink.bytes);
}

static void
test_a_file_gets_no_colour(void **state)
{
	FILE *file = tmpfile();

	(void)state;
	assert_non_null(file);
	assert_false(text_colour(file));
	(void)fclose(file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_measures_columns_not_bytes),
	    cmocka_unit_test(test_shows_nothing_that_a_terminal_obeys),
	    cmocka_unit_test(test_cuts_with_an_ellipsis),
	    cmocka_unit_test(test_folds_at_spaces),
	    cmocka_unit_test(test_folds_a_long_word_between_characters),
	    cmocka_unit_test(test_folds_rubbish_to_its_end),
	    cmocka_unit_test(test_a_file_gets_no_colour),
	};

	(void)setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
