#include "broker/issuer/http_date.h"
#include "tests/unit/unit.h"

#include <errno.h>

static void
test_takes_a_date(void **state)
{
	static const struct {
		const char *text;
		int64_t at_s;
	} rows[] = {
	    {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
	    {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
	    {"Thu, 29 Feb 2024 23:59:59 GMT", 1709251199},
	    {"Wed, 31 Dec 1969 23:59:59 GMT", -1},
	};
	int64_t at_s = 99;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(http_date_parse(rows[i].text, &at_s), 0);
		assert_int_equal(at_s, rows[i].at_s);
	}
}

static void
test_takes_nothing_else(void **state)
{
	static const char *const refused[] = {
	    "",
	    "Sun, 06 Nov 1994 08:49:37",
	    "Sun, 06 Nov 1994 08:49:37 GMT ",
	    " Sun, 06 Nov 1994 08:49:37 GMT",
	    "Sun, 6 Nov 1994 08:49:37 GMT",
	    "Sun,  6 Nov 1994 08:49:37 GMT",
	    "Sunday, 06-Nov-94 08:49:37 GMT",
	    "Sun Nov  6 08:49:37 1994",
	    "Sun, 06 Nov 1994 08:49:37 UTC",
	    "sun, 06 Nov 1994 08:49:37 GMT",
	    "Sun, 06 NOV 1994 08:49:37 GMT",
	    "unM, 06 Nov 1994 08:49:37 GMT",
	    "Mon, 06 Nov 1994 08:49:37 GMT",
	    "Thu, 29 Feb 2023 00:00:00 GMT",
	    "Sun, 00 Nov 1994 08:49:37 GMT",
	    "Sun, 06 Nov 1994 24:00:00 GMT",
	    "Sun, 06 Nov 1994 08:60:00 GMT",
	    "Sun, 06 Nov 1994 08:49:61 GMT",
	    "Sun, +6 Nov 1994 08:49:37 GMT",
	};
	int64_t at_s = 99;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (http_date_parse(refused[i], &at_s) != -EBADMSG)
			fail_msg("taken: %s", refused[i]);
		assert_int_equal(at_s, 99);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_takes_a_date),
	    cmocka_unit_test(test_takes_nothing_else),
	};

	return cmocka_run_group_tests_name("http_date", tests, NULL, NULL);
}
