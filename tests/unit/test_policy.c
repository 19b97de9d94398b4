#include "tests/unit/unit.h"
#include "verify/policy.h"

static const struct policy_unit units[] = {
    {.number = "0100", .level = POLICY_LEVEL_CENTRAL},
    {.number = "0300", .level = POLICY_LEVEL_REGION, .parent = &units[0]},
    {.number = "0321", .level = POLICY_LEVEL_UNIT, .parent = &units[1]},
    {.number = "0321-B", .level = POLICY_LEVEL_UNIT, .parent = &units[2]},
    {.number = "0400", .level = POLICY_LEVEL_REGION, .parent = &units[0]},
};

static const struct policy_group groups[] = {
    {.name = "ko-a", .gid = 1900000300},
    {.name = "ko-ab", .gid = 1900000100},
    {.name = "ko-b", .gid = 1900000200},
};

static const struct policy policy = {
    .issuers = {{"https://a.example", "staff"}, {"https://b.example", "pid"}},
    .issuers_count = 2,
    .groups = groups,
    .groups_count = 3,
    .units = units,
    .units_count = 5,
};

static const struct policy nothing;

static void
test_finds_groups_by_whole_name(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < policy.groups_count; i++)
		assert_ptr_equal(
		    &groups[i], policy_group_by_name(&policy, groups[i].name));
	assert_null(policy_group_by_name(&policy, "ko-"));
	assert_null(policy_group_by_name(&policy, "ko-aa"));
	assert_null(policy_group_by_name(&policy, "ko-bb"));
	assert_null(policy_group_by_name(&policy, "KO-A"));
	assert_null(policy_group_by_name(&policy, ""));
	assert_null(policy_group_by_name(&nothing, "ko-a"));
}

static void
test_finds_groups_by_gid(void **state)
{
	(void)state;
	assert_ptr_equal(&groups[1], policy_group_by_gid(&policy, 1900000100));
	assert_ptr_equal(&groups[0], policy_group_by_gid(&policy, 1900000300));
	assert_null(policy_group_by_gid(&policy, 0));
	assert_null(policy_group_by_gid(&nothing, 1900000100));
}

static void
test_finds_units_by_whole_number(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < policy.units_count; i++)
		assert_ptr_equal(
		    &units[i], policy_unit_by_number(&policy, units[i].number));
	assert_null(policy_unit_by_number(&policy, "032"));
	assert_null(policy_unit_by_number(&policy, "03210"));
	assert_null(policy_unit_by_number(&policy, "0000"));
	assert_null(policy_unit_by_number(&policy, "9999"));
	assert_null(policy_unit_by_number(&nothing, "0321"));
}

/* What stands behind the slice is not looked at. */
static void
test_finds_units_by_slice(void **state)
{
	(void)state;
	assert_ptr_equal(&units[2],
	    policy_unit_by_slice(&policy, (struct slice){"0321-B", 4}));
	assert_ptr_equal(&units[3],
	    policy_unit_by_slice(&policy, (struct slice){"0321-B", 6}));
	assert_null(policy_unit_by_slice(&policy, (struct slice){"0321-B", 5}));
	assert_null(policy_unit_by_slice(&policy, (struct slice){"0321\0", 5}));
	assert_null(policy_unit_by_slice(&policy, (struct slice){NULL, 0}));
}

static void
test_finds_issuers_byte_for_byte(void **state)
{
	(void)state;
	assert_int_equal(1, policy_issuer_index(&policy, "https://b.example"));
	assert_int_equal(
	    -1, policy_issuer_index(&policy, "https://b.example/"));
	assert_int_equal(-1, policy_issuer_index(&policy, "https://B.example"));
	assert_int_equal(-1, policy_issuer_index(&policy, ""));
	assert_int_equal(-1, policy_issuer_index(&nothing, ""));
}

static void
test_ranks_an_acr_on_the_ladder_of_its_issuer(void **state)
{
	static const char *const acrs[] = {"substantial", "high"};
	struct policy known = policy;

	(void)state;
	known.ladders[1] = (struct policy_ladder){acrs, 2};
	assert_int_equal(
	    1, policy_acr_rank(&known, "https://b.example", "substantial"));
	assert_int_equal(
	    2, policy_acr_rank(&known, "https://b.example", "high"));
	assert_int_equal(
	    0, policy_acr_rank(&known, "https://b.example", "High"));
	assert_int_equal(0, policy_acr_rank(&known, "https://b.example", ""));
	assert_int_equal(
	    0, policy_acr_rank(&known, "https://a.example", "high"));
	assert_int_equal(
	    0, policy_acr_rank(&known, "https://c.example", "high"));
}

static void
test_a_unit_covers_itself_and_those_below(void **state)
{
	(void)state;
	assert_true(policy_unit_covers(&units[2], &units[2]));
	assert_true(policy_unit_covers(&units[1], &units[2]));
	assert_true(policy_unit_covers(&units[0], &units[3]));
	assert_false(policy_unit_covers(&units[2], &units[1]));
	assert_false(policy_unit_covers(&units[4], &units[2]));
	assert_false(policy_unit_covers(NULL, &units[0]));
	assert_false(policy_unit_covers(&units[0], NULL));
	assert_false(policy_unit_covers(NULL, NULL));
}

static void
test_a_ring_of_parents_ends(void **state)
{
	struct policy_unit ring[2] = {
	    {.number = "1", .parent = &ring[1]},
	    {.number = "2", .parent = &ring[0]},
	};

	(void)state;
	assert_true(policy_unit_covers(&ring[1], &ring[0]));
	assert_false(policy_unit_covers(&units[0], &ring[0]));
}

static void
test_sets_hold_whole_texts(void **state)
{
	static const char *const texts[] = {"", "a", "aa", "b", "bø"};
	const struct policy_set set = {texts, 5}, none = {NULL, 0};

	(void)state;
	assert_true(policy_set_has(&set, "a"));
	assert_true(policy_set_has(&set, "aa"));
	assert_true(policy_set_has(&set, "bø"));
	assert_false(policy_set_has(&set, "A"));
	assert_false(policy_set_has(&set, "ab"));
	assert_false(policy_set_has(&set, "c"));
	assert_false(policy_set_has(&set, ""));
	assert_false(policy_set_has(&none, "a"));
	assert_true(policy_set_has_slice(&set, (struct slice){"aab", 2}));
	assert_false(policy_set_has_slice(&set, (struct slice){"aab", 3}));
	assert_false(policy_set_has_slice(&set, (struct slice){NULL, 0}));
}

static void
test_places_are_ordered_by_file_then_line(void **state)
{
	const struct policy_place a9 = {"a.conf", 9}, a10 = {"a.conf", 10},
				  b1 = {"b.conf", 1}, none = {NULL, 0};

	(void)state;
	assert_true(policy_place_compare(&a9, &a10) < 0);
	assert_true(policy_place_compare(&a10, &b1) < 0);
	assert_true(policy_place_compare(&b1, &a9) > 0);
	assert_true(policy_place_compare(&none, &a9) < 0);
	assert_int_equal(0, policy_place_compare(&a9, &a9));
	assert_int_equal(0, policy_place_compare(&none, &none));
}

static void
test_words(void **state)
{
	(void)state;
	assert_string_equal(
	    "central", policy_unit_level_word(POLICY_LEVEL_CENTRAL));
	assert_string_equal(
	    "region", policy_unit_level_word(POLICY_LEVEL_REGION));
	assert_string_equal("unit", policy_unit_level_word(POLICY_LEVEL_UNIT));
	assert_string_equal("case", policy_kind_word(POLICY_KIND_CASE));
	assert_string_equal("clerical", policy_kind_word(POLICY_KIND_CLERICAL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_finds_groups_by_whole_name),
	    cmocka_unit_test(test_finds_groups_by_gid),
	    cmocka_unit_test(test_finds_units_by_whole_number),
	    cmocka_unit_test(test_finds_units_by_slice),
	    cmocka_unit_test(test_finds_issuers_byte_for_byte),
	    cmocka_unit_test(test_ranks_an_acr_on_the_ladder_of_its_issuer),
	    cmocka_unit_test(test_a_unit_covers_itself_and_those_below),
	    cmocka_unit_test(test_a_ring_of_parents_ends),
	    cmocka_unit_test(test_sets_hold_whole_texts),
	    cmocka_unit_test(test_places_are_ordered_by_file_then_line),
	    cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
