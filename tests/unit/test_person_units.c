#include "tests/unit/unit.h"
#include "verify/person_units.h"

#include <stdio.h>
#include <string.h>

static char numbers[POLICY_UNITS_MAX + 1][8];
static struct policy_unit units[POLICY_UNITS_MAX + 1];
static struct policy policy;
static struct identity identity;
static struct person_units found;

static int
reset(void **state)
{
	size_t i;

	(void)state;
	memset(&identity, 0, sizeof(identity));
	memset(units, 0, sizeof(units));
	for (i = 0; i <= POLICY_UNITS_MAX; i++) {
		(void)snprintf(numbers[i], sizeof(numbers[i]), "%05zu", i);
		units[i].number = numbers[i];
	}
	policy.units = units;
	policy.units_count = POLICY_UNITS_MAX;
	return 0;
}

static void
add_unit(const char *number)
{
	identity.units[identity.units_count++] = slice_of(number);
}

static void
add_mandate(const char *organisation)
{
	identity.mandates[identity.mandates_count++].organisation =
	    slice_of(organisation);
}

static void
assert_found(size_t i, size_t index, bool claimed, uint32_t mandates)
{
	assert_true(i < found.count);
	assert_int_equal(index, found.units[i].index);
	assert_int_equal(claimed, found.units[i].claimed);
	assert_int_equal(mandates, found.units[i].mandates);
}

static void
test_finds_what_the_token_names(void **state)
{
	(void)state;
	add_unit("00007");
	add_unit("99999");
	add_unit("00003");
	add_unit("00007");
	add_unit("");
	person_units_find(&policy, &identity, &found);
	assert_int_equal(2, found.count);
	assert_found(0, 3, true, 0);
	assert_found(1, 7, true, 0);
}

static void
test_finds_those_of_each_mandate_once(void **state)
{
	(void)state;
	units[3].organisation = "911830868";
	units[4].organisation = "974760673";
	units[5].organisation = "911830868";
	add_unit("00003");
	add_mandate("0192:974760673");
	add_mandate("0192:911830868");
	add_mandate("0192:999999999");
	add_mandate("0192:911830868");
	person_units_find(&policy, &identity, &found);
	assert_int_equal(3, found.count);
	assert_found(0, 3, true, 1 << 1 | 1 << 3);
	assert_found(1, 4, false, 1 << 0);
	assert_found(2, 5, false, 1 << 1 | 1 << 3);
}

static void
test_has_room_for_all_of_them(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < POLICY_UNITS_MAX; i++)
		units[i].organisation = "911830868";
	for (i = 0; i < IDENTITY_UNITS_MAX; i++)
		add_unit(numbers[POLICY_UNITS_MAX - 1 - i]);
	for (i = 0; i < IDENTITY_MANDATES_MAX; i++)
		add_mandate("0192:911830868");
	person_units_find(&policy, &identity, &found);
	assert_int_equal(POLICY_UNITS_MAX, found.count);
	for (i = 0; i < POLICY_UNITS_MAX; i++)
		assert_found(i, i, i >= POLICY_UNITS_MAX - IDENTITY_UNITS_MAX,
		    UINT32_MAX);
}

/* A policy that no reader made: nobody has a unit of it. */
static void
test_too_many_units_are_none(void **state)
{
	(void)state;
	policy.units_count = POLICY_UNITS_MAX + 1;
	add_unit("00003");
	person_units_find(&policy, &identity, &found);
	assert_int_equal(0, found.count);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_finds_what_the_token_names, reset),
	    cmocka_unit_test_setup(
		test_finds_those_of_each_mandate_once, reset),
	    cmocka_unit_test_setup(test_has_room_for_all_of_them, reset),
	    cmocka_unit_test_setup(test_too_many_units_are_none, reset),
	};

	return cmocka_run_group_tests_name("person_units", tests, NULL, NULL);
}
