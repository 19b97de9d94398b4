#include "ctl/table.h"
#include "ctl/text.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	text = printed(table);
	assert_string_equal(text, "none\n");
	free(text);
	assert_int_equal(table_add(table, first), 0);
	assert_int_equal(table_add(table, second), 0);
	text = printed(table);
	assert_string_equal(text, "NAME  FULL NAME    UID\n"
				  "kari  Kåre Blåbær  1\n"
				  "ola   -            22\n");
	free(text);
	assert_null(table_free(table));
}

static const char *const long_cells[] = {"ko-infoflyt-saksbehandler-lokal",
    "2026-11-22 08:30",
    "a personal authorisation of the kind case or clerical, in force now"};

static void
test_cuts_nothing_in_a_pipe(void **state)
{
	static const char *const headings[] = {"GROUP", "UNTIL", "BECAUSE"};
	struct table *table;
	char *text;

	(void)state;
	assert_int_equal(table_new(3, headings, &table), 0);
	assert_int_equal(table_add(table, long_cells), 0);
	text = printed(table);
	assert_string_equal(strchr(text, '\n') + 1,
	    "ko-infoflyt-saksbehandler-lokal  2026-11-22 08:30  a personal "
	    "authorisation of the kind case or clerical, in force now\n");
	free(text);
	(void)table_free(table);
}

/* A name and a time stay whole; what explains goes on below. */
static void
test_folds_the_last_column_on_a_terminal(void **state)
{
	static const char *const headings[] = {"GROUP", "UNTIL", "BECAUSE"};
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct table *table;
	char text[2048];
	ssize_t size;
	FILE *file;

	(void)state;
	assert_true(
	    master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	file = fopen(ptsname(master), "r+e");
	assert_non_null(file);
	assert_int_equal(setenv("NO_COLOR", "1", 1), 0);
	assert_int_equal(table_new(3, headings, &table), 0);
	assert_int_equal(table_add(table, long_cells), 0);
	table_print(table, file);
	assert_int_equal(fflush(file), 0);
	size = read(master, text, sizeof(text) - 1);
	assert_true(size > 0);
	text[size] = '\0';
	assert_string_equal(strchr(text, '\n') + 1,
	    "ko-infoflyt-saksbehandler-lokal  2026-11-22 08:30  a personal "
	    "authorisation of\r\n"
	    "                                                   the kind case "
	    "or clerical, in\r\n"
	    "                                                   force now\r\n");
	assert_int_equal(fclose(file), 0);
	(void)close(master);
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
	    cmocka_unit_test(test_cuts_nothing_in_a_pipe),
	    cmocka_unit_test(test_folds_the_last_column_on_a_terminal),
	    cmocka_unit_test(test_folds_what_has_no_headings),
	    cmocka_unit_test(test_refuses_more_columns_than_it_has),
	};

	(void)setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
