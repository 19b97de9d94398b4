#include "ctl/moment.h"
#include "tests/unit/unit.h"

#include <errno.h>

static void
test_reads_moments(void **state)
{
	static const struct {
		const char *text;
		int64_t at_s;
	} rows[] = {
	    {"1970-01-01", 0},
	    {"2026-11-22", 1795305600},
	    {"2024-02-29", 1709164800},
	    {"2026-11-22T00:00:00Z", 1795305600},
	    {"2026-11-22T01:00:00+01:00", 1795305600},
	    {"2026-11-21T18:30:00-05:30", 1795305600},
	};
	char text[MOMENT_SIZE];
	int64_t at_s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(moment_parse(rows[i].text, &at_s), 0);
		assert_int_equal(at_s, rows[i].at_s);
		moment_print(at_s, text);
		assert_int_equal(moment_parse(text, &at_s), 0);
		assert_int_equal(at_s, rows[i].at_s);
	}
	moment_print(1795305600, text);
	assert_string_equal(text, "2026-11-22T00:00:00Z");
}

static void
test_refuses_other_texts(void **state)
{
	static const char *const wrong[] = {"", "2026", "2026-11-22 ",
	    "2026-11-22T", "2026-02-30", "2025-02-29", "2026-13-01",
	    "2026-00-01", "2026-11-00", "26-11-22", "2026-11-22T08:30",
	    "2026-11-22T08:30:00", "2026-11-22 08:30:00Z",
	    "2026-11-22T08:30:00z", "2026-11-22T24:00:00Z",
	    "2026-11-22T08:60:00Z", "2026-11-22T08:30:60Z",
	    "2026-11-22T08:30:00+0100", "2026-11-22T08:30:00+01:00 ",
	    "1969-12-31", "0000-01-01", "1970-01-01T00:00:00+00:01",
	    "9999-12-31T23:59:59-00:01", "2026-11-22T08:30:00+24:00",
	    "-026-11-22", "tomorrow"};
	int64_t at_s = 7;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (moment_parse(wrong[i], &at_s) != -EINVAL)
			fail_msg("\"%s\" is taken", wrong[i]);
		assert_int_equal(at_s, 7);
	}
}

static void
test_reads_lengths(void **state)
{
	static const char *const wrong[] = {"", "15", "min", "15 min", "-1s",
	    "1w", "1.5h", "99999999999s", "15minutes", "1hh"};
	int64_t length_s;
	size_t i;

	(void)state;
	assert_int_equal(moment_parse_length("15min", &length_s), 0);
	assert_int_equal(length_s, 900);
	assert_int_equal(moment_parse_length("0s", &length_s), 0);
	assert_int_equal(length_s, 0);
	assert_int_equal(moment_parse_length("2h", &length_s), 0);
	assert_int_equal(length_s, 7200);
	assert_int_equal(moment_parse_length("30d", &length_s), 0);
	assert_int_equal(length_s, 30 * 86400);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(
		    moment_parse_length(wrong[i], &length_s), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reads_moments),
	    cmocka_unit_test(test_refuses_other_texts),
	    cmocka_unit_test(test_reads_lengths),
	};

	return cmocka_run_group_tests_name("moment", tests, NULL, NULL);
}
