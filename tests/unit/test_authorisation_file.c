#include "ctl/authorisation_file.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#define HEADER                                                            \
	"person,group,unit,order,kind,basis,reason,exception,from,until," \
	"withdrawn,withdrawn_by,withdrawn_reason\n"

static void
test_reads_rows(void **state)
{
	static const char file[] =
	    "until,group,person,unit,order,kind,basis,reason\n"
	    "2027-01-01,ko-infoflyt,kari,0321,1,case,KSF 2/2005,\"leder, ny\"\n"
	    ",ko-infoflyt,ola,0321,2,clerical,KSF 2/2005,vikar\n";
	char error[AUTHORISATION_FILE_ERROR_SIZE];
	json_t *rows = NULL, *expected;

	(void)state;
	assert_int_equal(
	    authorisation_file_parse(file, strlen(file), &rows, error), 0);
	expected = json_loads(
	    "[{\"until\":1798761600,\"group\":\"ko-infoflyt\",\"person\":"
	    "\"kari\",\"unit\":\"0321\",\"order\":1,\"kind\":\"case\","
	    "\"basis\":\"KSF 2/2005\",\"reason\":\"leder, ny\"},"
	    "{\"group\":\"ko-infoflyt\",\"person\":\"ola\",\"unit\":\"0321\","
	    "\"order\":2,\"kind\":\"clerical\",\"basis\":\"KSF 2/2005\","
	    "\"reason\":\"vikar\"}]",
	    0, NULL);
	assert_true(json_equal(rows, expected));
	json_decref(expected);
	json_decref(rows);
}

static void
test_refuses_and_says_where(void **state)
{
	static const struct {
		const char *row, *error;
	} refused[] = {
	    {"kari,g,1,0,case,b,r,,,,,,\n",
		"line 2: not a place in the order of contact: 0"},
	    {"kari,g,1,x,case,b,r,,,,,,\n",
		"line 2: not a place in the order of contact: x"},
	    {"kari,g,1,1,boss,b,r,,,,,,\n",
		"line 2: neither case nor clerical: boss"},
	    {"kari,g,1,1,case,,r,,,,,,\n", "line 2: this cell is empty: basis"},
	    {"kari,g,1,1,case,b,,,,,,,\n",
		"line 2: this cell is empty: reason"},
	    {"kari,g,1,1,case,b,r,,soon,,,,\n",
		"line 2: neither a date nor RFC 3339: soon"},
	};
	char error[AUTHORISATION_FILE_ERROR_SIZE], file[256];
	json_t *rows = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		(void)snprintf(file, sizeof(file), HEADER "%s", refused[i].row);
		assert_int_equal(
		    authorisation_file_parse(file, strlen(file), &rows, error),
		    -EBADMSG);
		assert_string_equal(error, refused[i].error);
		assert_null(rows);
	}
}

/* What is shown is read again as it was. */
static void
test_prints_what_it_reads(void **state)
{
	static const char *const shown =
	    "[{\"id\":7,\"person\":\"kari\",\"group\":\"ko-a\",\"unit\":"
	    "\"0321\",\"order\":3,\"kind\":\"case\",\"basis\":\"a \\\"b\\\"\","
	    "\"reason\":\"c, d\",\"exception\":null,\"given_by\":\"ola\","
	    "\"from\":1795305600,\"until\":null}]";
	char error[AUTHORISATION_FILE_ERROR_SIZE], text[1024];
	json_t *authorisations = json_loads(shown, 0, NULL);
	json_t *rows = NULL, *expected;
	FILE *file = tmpfile();
	size_t size;

	(void)state;
	assert_non_null(file);
	authorisation_file_print(authorisations, file);
	rewind(file);
	size = fread(text, 1, sizeof(text) - 1, file);
	text[size] = '\0';
	(void)fclose(file);
	assert_string_equal(text,
	    HEADER "kari,ko-a,0321,3,case,\"a \"\"b\"\"\",\"c, d\",,"
		   "2026-11-22T00:00:00Z,,,,\n");
	assert_int_equal(authorisation_file_parse(text, size, &rows, error), 0);
	expected = json_pack("[{s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:i}]",
	    "person", "kari", "group", "ko-a", "unit", "0321", "order", 3,
	    "kind", "case", "basis", "a \"b\"", "reason", "c, d", "from",
	    1795305600);
	assert_true(json_equal(rows, expected));
	json_decref(expected);
	json_decref(rows);
	json_decref(authorisations);
}

/* The list of a period says what was withdrawn, and by whom. */
static void
test_tells_what_is_past(void **state)
{
	static const char *const shown =
	    "[{\"person\":\"kari\",\"group\":\"ko-a\",\"unit\":\"0321\","
	    "\"order\":3,\"kind\":\"case\",\"basis\":\"b\",\"reason\":\"r\","
	    "\"from\":1000,\"until\":null,\"withdrawn_at\":2000,"
	    "\"withdrawn_by\":\"ola\",\"withdrawn_reason\":\"av vakt\"},"
	    "{\"person\":\"kari\",\"group\":\"ko-a\",\"unit\":\"0321\","
	    "\"order\":4,\"kind\":\"case\",\"basis\":\"b\",\"reason\":\"r\","
	    "\"from\":1000,\"until\":3000,\"withdrawn_at\":null}]";
	char error[AUTHORISATION_FILE_ERROR_SIZE], text[1024];
	json_t *authorisations = json_loads(shown, 0, NULL), *rows = NULL;
	FILE *file = tmpfile();
	size_t size;

	(void)state;
	assert_non_null(file);
	authorisation_file_print(authorisations, file);
	rewind(file);
	size = fread(text, 1, sizeof(text) - 1, file);
	text[size] = '\0';
	(void)fclose(file);
	assert_non_null(strstr(text, ",,1970-01-01T00:33:20Z,ola,av vakt\n"));
	assert_int_equal(authorisation_file_parse(text, size, &rows, error), 0);
	assert_true(authorisation_file_is_past(json_array_get(rows, 0), 1500));
	assert_false(authorisation_file_is_past(json_array_get(rows, 1), 2999));
	assert_true(authorisation_file_is_past(json_array_get(rows, 1), 3000));
	json_decref(rows);
	json_decref(authorisations);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reads_rows),
	    cmocka_unit_test(test_refuses_and_says_where),
	    cmocka_unit_test(test_prints_what_it_reads),
	    cmocka_unit_test(test_tells_what_is_past),
	};

	return cmocka_run_group_tests_name(
	    "authorisation_file", tests, NULL, NULL);
}
