#include "broker/config/value.h"
#include "broker/policy/policy_time.h"
#include "tests/unit/unit.h"

#include <errno.h>

static void
assert_time(const char *text, int64_t expected_s)
{
	int64_t at_s = -1;

	if (policy_time_parse(text, &at_s) != 0)
		fail_msg("%s", text);
	assert_int_equal(at_s, expected_s);
}

/* Figures of date -u -d TEXT +%s. */
static void
test_reads_dates_and_times(void **state)
{
	(void)state;
	assert_time("1970-01-01", 0);
	assert_time("2026-01-01", 1767225600);
	assert_time("2024-02-29", 1709164800);
	assert_time("2000-02-29", 951782400);
	assert_time("9999-12-31", 253402214400);
	assert_time("2026-01-31T08:00:00+01:00", 1769842800);
	assert_time("2026-01-31T08:00:00Z", 1769846400);
	assert_time("2026-01-31T08:00:00-00:30", 1769848200);
	assert_time("1970-01-01T01:00:00+01:00", 0);
}

static void
test_refuses_what_is_no_time(void **state)
{
	static const char *const texts[] = {"", "2026", "2026-1-1",
	    "2026-01-00", "2026-00-01", "2026-13-01", "2026-01-32",
	    "2026-04-31", "2026-02-29", "1900-02-29", "1969-12-31",
	    "1970-01-01T00:00:00+01:00", "2026-01-01 ", " 2026-01-01",
	    "2026-01-01T", "2026-01-01T00:00", "2026-01-01T00:00Z",
	    "2026-01-01T00:00:00", "2026-01-01T00:00:00z",
	    "2026-01-01t00:00:00Z", "2026-01-01T24:00:00Z",
	    "2026-01-01T23:60:00Z", "2026-01-01T23:59:60Z",
	    "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00+0100",
	    "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+01:60",
	    "2026-01-01T00:00:00+01", "2026-01-01T00:00:00Zx", "-026-01-01",
	    "2026-01-01T-1:00:00Z", "2026/01/01", "01.02.2026"};
	int64_t at_s = 77;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (policy_time_parse(texts[i], &at_s) != -EINVAL)
			fail_msg("%s", texts[i]);
		assert_int_equal(at_s, 77);
	}
}

static void
assert_span(const char *text, int64_t expected_s)
{
	int64_t span_s = -1;

	if (value_span_parse(text, &span_s) != 0)
		fail_msg("%s", text);
	assert_int_equal(span_s, expected_s);
}

static void
test_reads_spans(void **state)
{
	(void)state;
	assert_span("1s", 1);
	assert_span("15min", 900);
	assert_span("12h", 43200);
	assert_span("366d", 31622400);
	assert_span("31622400s", 31622400);
}

static void
test_refuses_what_is_no_span(void **state)
{
	static const char *const texts[] = {"", "s", "15", "0s", "00s", "015s",
	    "-1s", "+1s", "1m", "1S", "1 s", "1s ", "1.5h", "1h30min", "367d",
	    "31622401s", "9999999999s", "18446744073709551616s"};
	int64_t span_s = 77;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (value_span_parse(texts[i], &span_s) != -EINVAL)
			fail_msg("%s", texts[i]);
		assert_int_equal(span_s, 77);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reads_dates_and_times),
	    cmocka_unit_test(test_refuses_what_is_no_time),
	    cmocka_unit_test(test_reads_spans),
	    cmocka_unit_test(test_refuses_what_is_no_span),
	};

	return cmocka_run_group_tests_name("policy_time", tests, NULL, NULL);
}
