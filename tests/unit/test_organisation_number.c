#include "tests/unit/unit.h"
#include "verify/organisation_number.h"

static void
test_numbers(void **state)
{
	static const char *const good[] = {"911830868", "991825827",
	    "987464291", "311046349", "910753614", "314758625", "123456785",
	    "311094688"};
	static const char *const bad[] = {"991825828", "999888777", "",
	    "91183086", "9118308680", "0911830868", "91183086x", "x11830868",
	    "911 830 868", "911830868 ", "-11830868", "91183086\xc2\xb9",
	    "NO911830868", "911830868MVA"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		if (!organisation_number_is_valid(slice_of(good[i])))
			fail_msg("%s", good[i]);
	}
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (organisation_number_is_valid(slice_of(bad[i])))
			fail_msg("%s", bad[i]);
	}
	assert_false(organisation_number_is_valid((struct slice){NULL, 0}));
}

/* Remainder 1 would take the check digit 10: no such number is given. */
static void
test_each_number_has_one_check_digit_at_most(void **state)
{
	char text[] = "991825820", none[] = "100000130";
	int found = 0, i;

	(void)state;
	for (i = 0; i < 10; i++) {
		text[8] = (char)('0' + i);
		none[8] = text[8];
		found += organisation_number_is_valid(slice_of(text));
		assert_int_equal(
		    organisation_number_is_valid(slice_of(none)), false);
	}
	assert_int_equal(found, 1);
}

static void
test_identifiers(void **state)
{
	static const char *const bad[] = {"911830868",
	    "0192:", "0192:991825828", "0192: 911830868", "0192:911830868:1",
	    "9908:911830868", "192:911830868", "00192:911830868",
	    "0192-911830868", "0192:0192:911830868", " 0192:911830868", ""};
	size_t i;

	(void)state;
	assert_true(
	    organisation_identifier_is_valid(slice_of("0192:911830868")));
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (organisation_identifier_is_valid(slice_of(bad[i])))
			fail_msg("%s", bad[i]);
	}
	assert_false(organisation_identifier_is_valid((struct slice){NULL, 0}));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_each_number_has_one_check_digit_at_most),
	    cmocka_unit_test(test_identifiers),
	};

	return cmocka_run_group_tests_name(
	    "organisation number", tests, NULL, NULL);
}
