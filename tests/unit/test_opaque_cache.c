/* What is kept of opaque tokens, for whom and for how long. */
#include "broker/api/opaque_cache.h"
#include "tests/unit/unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOW_S = 1800000000, BOOT_S = 5000 };

static const struct opaque_key one = {"saker", "staff", "token-1", 7};

static int
set_up(void **state)
{
	return opaque_cache_new((struct opaque_cache **)state);
}

static int
tear_down(void **state)
{
	opaque_cache_free(*state);
	return 0;
}

static void
test_whole_key(void **state)
{
	static const struct opaque_key others[] = {
	    {"annen", "staff", "token-1", 7}, {"saker", "staf", "token-1", 7},
	    {"saker", "staff", "token-2", 7}, {"saker", "staff", "token-1", 6},
	    {"saker", "staff", "token-1x", 8}};
	const char *found;
	size_t i;

	opaque_cache_keep(
	    *state, &one, "{\"a\":1}", NOW_S + 500, NOW_S, BOOT_S);
	found = opaque_cache_find(*state, &one, NOW_S, BOOT_S);
	assert_non_null(found);
	assert_string_equal(found, "{\"a\":1}");
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_null(
		    opaque_cache_find(*state, &others[i], NOW_S, BOOT_S));
	/* The later one takes the place of the first. */
	opaque_cache_keep(*state, &one, "{}", NOW_S + 500, NOW_S, BOOT_S);
	assert_string_equal(
	    opaque_cache_find(*state, &one, NOW_S, BOOT_S), "{}");
}

static void
keep(void *state, int64_t expires_at_s)
{
	opaque_cache_keep(state, &one, "{}", expires_at_s, NOW_S, BOOT_S);
}

static void
expect(void *state, int64_t after_s, int64_t boot_after_s, bool found)
{
	assert_int_equal(opaque_cache_find(state, &one, NOW_S + after_s,
			     BOOT_S + boot_after_s) != NULL,
	    found);
}

static void
test_ends(void **state)
{
	/* With the token. */
	keep(*state, NOW_S + 5);
	expect(*state, 4, 4, true);
	expect(*state, 5, 5, false);
	expect(*state, 4, 4, false); /* forgotten */
	keep(*state, NOW_S + 5);
	/* A clock that stood still or was stepped is no help. */
	expect(*state, 0, OPAQUE_KEPT_S, false);
	keep(*state, NOW_S + 500);
	expect(*state, OPAQUE_KEPT_S - 1, OPAQUE_KEPT_S - 1, true);
	expect(*state, OPAQUE_KEPT_S, OPAQUE_KEPT_S, false);
	keep(*state, NOW_S + 500);
	expect(*state, -1, 1, false);
	/* What is no good, for a moment. */
	keep(*state, 0);
	expect(*state, OPAQUE_INACTIVE_KEPT_S - 1, OPAQUE_INACTIVE_KEPT_S - 1,
	    true);
	expect(*state, OPAQUE_INACTIVE_KEPT_S, OPAQUE_INACTIVE_KEPT_S, false);
	/* What has ended, never. */
	keep(*state, NOW_S);
	expect(*state, 0, 0, false);
}

static void
test_bounded(void **state)
{
	char token[32], *large;
	struct opaque_key key = {"saker", "staff", token, 0};
	size_t i, found = 0;

	for (i = 0; i < 4 * OPAQUE_CACHE_ENTRIES_MAX; i++) {
		(void)snprintf(token, sizeof(token), "token-%zu", i);
		key.size = strlen(token);
		opaque_cache_keep(
		    *state, &key, "{}", NOW_S + 500, NOW_S, BOOT_S);
		assert_non_null(opaque_cache_find(*state, &key, NOW_S, BOOT_S));
	}
	for (i = 0; i < 4 * OPAQUE_CACHE_ENTRIES_MAX; i++) {
		(void)snprintf(token, sizeof(token), "token-%zu", i);
		key.size = strlen(token);
		found += opaque_cache_find(*state, &key, NOW_S, BOOT_S) != NULL;
	}
	assert_in_range(found, 1, OPAQUE_CACHE_ENTRIES_MAX);
	large = calloc(1, OPAQUE_CLAIMS_SIZE_MAX + 2);
	assert_non_null(large);
	memset(large, ' ', OPAQUE_CLAIMS_SIZE_MAX + 1);
	opaque_cache_keep(*state, &one, large, NOW_S + 500, NOW_S, BOOT_S);
	expect(*state, 0, 0, false);
	key = (struct opaque_key){
	    "saker", "staff", large, OPAQUE_TOKEN_SIZE_MAX + 1};
	opaque_cache_keep(*state, &key, "{}", NOW_S + 500, NOW_S, BOOT_S);
	assert_null(opaque_cache_find(*state, &key, NOW_S, BOOT_S));
	free(large);
}

#define test(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    test(test_whole_key), test(test_ends), test(test_bounded)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
