#include "broker/rate.h"
#include "tests/unit/unit.h"

enum { BURST = 3, PER_S = 2, NOW_US = 1000000000 };

static int
take_many(struct rate *rate, int64_t now_us)
{
	int taken = 0;

	while (rate_take(rate, BURST, PER_S, now_us))
		taken++;
	return taken;
}

static void
test_gives_a_burst_and_then_its_rate(void **state)
{
	struct rate rate = {0};

	(void)state;
	assert_int_equal(take_many(&rate, NOW_US), BURST);
	assert_int_equal(take_many(&rate, NOW_US + 400000), 0);
	assert_int_equal(take_many(&rate, NOW_US + 500000), 1);
	assert_int_equal(take_many(&rate, NOW_US + 1500000), PER_S);
}

static void
test_never_holds_more_than_the_burst(void **state)
{
	struct rate rate = {0};

	(void)state;
	assert_int_equal(take_many(&rate, NOW_US), BURST);
	assert_int_equal(
	    take_many(&rate, NOW_US + (int64_t)3600 * 1000000), BURST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_gives_a_burst_and_then_its_rate),
	    cmocka_unit_test(test_never_holds_more_than_the_burst),
	};

	return cmocka_run_group_tests_name("rate", tests, NULL, NULL);
}
