/*
 * What services with an account of their own may ask at a time: each by itself.
 */
#include "broker/login/peer_places.h"
#include "tests/unit/unit.h"

enum { POSTGRES = 101, DOVECOT = 102, OTHERS = 1000 };

#define LATER_US INT64_C(1000000000)

static int64_t
at(int64_t s)
{
	return LATER_US + s * 1000000;
}

static void
test_one_does_not_take_anothers_places(void **state)
{
	struct peer_places places = {0};
	int i;

	(void)state;
	for (i = 0; i < PEER_PLACES_OF_UID; i++)
		assert_true(peer_places_take(&places, POSTGRES, at(0)));
	assert_false(peer_places_take(&places, POSTGRES, at(0)));
	assert_true(peer_places_take(&places, DOVECOT, at(0)));
	peer_places_leave(&places, POSTGRES);
	assert_true(peer_places_take(&places, POSTGRES, at(0)));
	assert_false(peer_places_take(&places, POSTGRES, at(3600)));
}

/* How many of so many attempts at one time succeed. */
static int
come_and_go(struct peer_places *places, uid_t uid, int count, int64_t now_us)
{
	int i, served = 0;

	for (i = 0; i < count; i++) {
		if (!peer_places_take(places, uid, now_us))
			continue;
		peer_places_leave(places, uid);
		served++;
	}
	return served;
}

static void
test_one_does_not_use_up_anothers_rate(void **state)
{
	struct peer_places places = {0};

	(void)state;
	assert_int_equal(
	    come_and_go(&places, POSTGRES, 500, at(0)), PEER_PLACES_BURST);
	assert_int_equal(
	    come_and_go(&places, DOVECOT, 500, at(0)), PEER_PLACES_BURST);
	assert_int_equal(
	    come_and_go(&places, POSTGRES, 500, at(1)), PEER_PLACES_PER_S);
	assert_int_equal(
	    come_and_go(&places, POSTGRES, 500, at(600)), PEER_PLACES_BURST);
}

static void
test_many_accounts_share_what_there_is(void **state)
{
	struct peer_places places = {0};
	uid_t i;

	(void)state;
	for (i = 0; i < PEER_PLACES_UIDS; i++)
		assert_true(peer_places_take(&places, OTHERS + i, at(0)));
	assert_false(peer_places_take(&places, POSTGRES, at(0)));
	peer_places_leave(&places, OTHERS);
	/* What it asked is remembered as long as it counts. */
	assert_false(peer_places_take(&places, POSTGRES, at(0)));
	assert_true(peer_places_take(&places, POSTGRES, at(1)));
	peer_places_leave(&places, OTHERS);
	peer_places_leave(&places, POSTGRES);
	assert_true(peer_places_take(&places, OTHERS + 1, at(1)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_does_not_take_anothers_places),
	    cmocka_unit_test(test_one_does_not_use_up_anothers_rate),
	    cmocka_unit_test(test_many_accounts_share_what_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
