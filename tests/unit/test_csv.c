#include "ctl/csv.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

static void
parse(const char *text, struct csv *ret_csv)
{
	struct csv_error error;

	assert_int_equal(csv_parse(text, strlen(text), ret_csv, &error), 0);
}

static void
test_reads_rows_and_fields(void **state)
{
	static const char *const same[] = {"a,b\n1,2\n", "a,b\r\n1,2\r\n",
	    "a,b\n1,2", "\xef\xbb\xbf\x61,b\n1,2\n", "\"a\",\"b\"\n\"1\",2\n"};
	struct csv csv;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		parse(same[i], &csv);
		assert_int_equal(csv.columns, 2);
		assert_int_equal(csv.rows, 2);
		assert_string_equal(csv_cell(&csv, 0, 0), "a");
		assert_string_equal(csv_cell(&csv, 0, 1), "b");
		assert_string_equal(csv_cell(&csv, 1, 0), "1");
		assert_string_equal(csv_cell(&csv, 1, 1), "2");
		csv_done(&csv);
	}
}

static void
test_unquotes(void **state)
{
	struct csv csv;

	(void)state;
	parse("\"a,b\",\"say \"\"hei\"\"\",\"\"\"\",\"\",,å\n", &csv);
	assert_int_equal(csv.columns, 6);
	assert_string_equal(csv_cell(&csv, 0, 0), "a,b");
	assert_string_equal(csv_cell(&csv, 0, 1), "say \"hei\"");
	assert_string_equal(csv_cell(&csv, 0, 2), "\"");
	assert_string_equal(csv_cell(&csv, 0, 3), "");
	assert_string_equal(csv_cell(&csv, 0, 4), "");
	assert_string_equal(csv_cell(&csv, 0, 5), "å");
	csv_done(&csv);
}

static void
test_reads_many_rows(void **state)
{
	static char text[40000];
	struct csv csv;
	size_t i;

	(void)state;
	for (i = 0; i < 10000; i++)
		memcpy(text + i * 4, "a,b\n", 4);
	text[sizeof(text) - 1] = '\0';
	parse(text, &csv);
	assert_int_equal(csv.rows, 10000);
	assert_string_equal(csv_cell(&csv, 9999, 1), "b");
	csv_done(&csv);
}

static void
refuses(const char *text, size_t size, size_t line, size_t column)
{
	struct csv csv = {.rows = 42};
	struct csv_error error = {0};

	assert_int_equal(csv_parse(text, size, &csv, &error), -EBADMSG);
	assert_int_equal(csv.rows, 42);
	assert_int_equal(error.line, line);
	assert_int_equal(error.column, column);
	assert_non_null(error.text);
}

static void
test_refuses_with_line_and_column(void **state)
{
	static const struct {
		const char *text;
		size_t line, column;
	} refused[] = {
	    {"", 1, 1},
	    {"\xef\xbb\xbf", 1, 1},
	    {"a,b\n\n1,2\n", 2, 1},
	    {"a,b\n1,2\n\n", 3, 1},
	    {"a,b\n1\n", 2, 2},
	    {"a,b\n1,2,3\n", 2, 5},
	    {"a,b\n\"1\n2\",3\n", 2, 3},
	    {"a,b\n\"1,2\n", 2, 5},
	    {"a,b\n1,\"2", 2, 5},
	    {"a,b\nx\"y,2\n", 2, 2},
	    {"a,b\n\"x\"y,2\n", 2, 4},
	    {"a,b\n\"x\" ,2\n", 2, 4},
	    {"a,b\n1\t,2\n", 2, 2},
	    {"a,b\n1\r2,3\n", 2, 2},
	    {"a,b\nåå\x1b,2\n", 2, 3},
	    {"a,b\n\xc3(,2\n", 2, 1},
	    {"a,b\n1,\xff\n", 2, 3},
	    {"a,b\n1,\xc2\x85\n", 2, 3},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		refuses(refused[i].text, strlen(refused[i].text),
		    refused[i].line, refused[i].column);
	refuses("a,b\n1,\0\n", 8, 2, 3);
}

static void
test_refuses_too_many_columns(void **state)
{
	char text[CSV_COLUMNS_MAX * 2 + 2];
	struct csv csv;

	(void)state;
	memset(text, ',', sizeof(text));
	refuses(text, CSV_COLUMNS_MAX, 1, CSV_COLUMNS_MAX + 1);
	text[CSV_COLUMNS_MAX - 1] = '\0';
	parse(text, &csv);
	assert_int_equal(csv.columns, CSV_COLUMNS_MAX);
	csv_done(&csv);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reads_rows_and_fields),
	    cmocka_unit_test(test_unquotes),
	    cmocka_unit_test(test_reads_many_rows),
	    cmocka_unit_test(test_refuses_with_line_and_column),
	    cmocka_unit_test(test_refuses_too_many_columns),
	};

	return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
