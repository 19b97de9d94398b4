#include "ctl/table.h"
#include "ctl/text.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static char *
printed(const struct table *table)
{
	char *bytes = NULL;
	size_t size;
	FILE *file = open_memstream(&bytes, &size);

	assert_non_null(file);
	table_print(table, file);
	assert_int_equal(fclose(file), 0);
	return bytes;
}

static void
test_aligns_by_width(void **state)
{
	static const char *const headings[] = {"NAME", "FULL NAME", "UID"};
	static const char *const first[] = {"kari", "Kåre Blåbær", "1"};
	static const char *const second[] = {"ola", NULL, "22"};
	struct table *table;
	char *text;

	(void)state;
	assert_int_equal(table_new(3, headings, &table), 0);
	assert_int_equal(table_add(table, first), 0);
	assert_int_equal(table_add(table, second), 0);
	text = printed(table);
	assert_string_equal(text, "NAME  FULL NAME    UID\n"
				  "kari  Kåre Blåbær  1\n"
				  "ola   -            22\n");
	free(text);
	assert_null(table_free(table));
}

static void
test_never_passes_eighty_columns(void **state)
{
	static const char *const cells[] = {"kari",
	    "a name as long as parents of many generations could make it",
	    "ko-saksbehandler ko-innsyn ko-rapport ko-vakt ko-helse ko-skole"};
	char *text, *line, *rest;
	struct table *table;
	int i;

	(void)state;
	assert_int_equal(table_new(3, cells, &table), 0);
	for (i = 1; i < 40; i++)
		assert_int_equal(table_add(table, cells), 0);
	text = printed(table);
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		assert_int_equal(text_width(line), TABLE_WIDTH);
		assert_int_equal(strncmp(line, "kari  ", 6), 0);
		i--;
	}
	assert_int_equal(i, 0);
	free(text);
	(void)table_free(table);
}

static void
test_folds_what_has_no_headings(void **state)
{
	static const char *const cells[] = {"its error",
	    "a text that is longer than what is left of a line of eighty "
	    "columns, so that it goes on below"};
	struct table *table;
	char *text;

	(void)state;
	assert_int_equal(table_new(2, NULL, &table), 0);
	assert_int_equal(table_add(table, cells), 0);
	text = printed(table);
	assert_string_equal(text,
	    "its error  a text that is longer than what is left of a line of "
	    "eighty columns,\n"
	    "           so that it goes on below\n");
	free(text);
	(void)table_free(table);
}

static void
test_refuses_more_columns_than_it_has(void **state)
{
	struct table *table;

	(void)state;
	assert_int_equal(table_new(0, NULL, &table), -EINVAL);
	assert_int_equal(
	    table_new(TABLE_COLUMNS_MAX + 1, NULL, &table), -EINVAL);
	assert_null(table_free(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_aligns_by_width),
	    cmocka_unit_test(test_never_passes_eighty_columns),
	    cmocka_unit_test(test_folds_what_has_no_headings),
	    cmocka_unit_test(test_refuses_more_columns_than_it_has),
	};

	(void)setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
