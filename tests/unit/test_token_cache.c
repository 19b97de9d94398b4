#include "tests/unit/unit.h"
#include "verify/token_cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct token_cache *cache;

static int
set_up(void **state)
{
	(void)state;
	return token_cache_new(&cache);
}

static int
tear_down(void **state)
{
	(void)state;
	cache = token_cache_free(cache);
	return 0;
}

/* Any result will do; the cache does not look into it. */
static void
keep(const char *token, const char *question, int64_t from_s, int64_t until_s)
{
	struct verified verified = {
	    .result = result_new_refusal(PORTVAKT_GOOD, NULL),
	    .from_s = from_s,
	    .until_s = until_s,
	};

	token_cache_keep(cache, slice_of(token), slice_of(question), &verified);
	portvakt_result_free(verified.result);
}

static const struct verified *
find(const char *token, const char *question, int64_t now_s)
{
	return token_cache_find(
	    cache, slice_of(token), slice_of(question), now_s);
}

static const char token_a[] = "header.payload.signature-of-32-bytes-at-the-end";

static void
finds_what_was_kept(void **state)
{
	(void)state;
	assert_null(find(token_a, "orders", 100));
	keep(token_a, "orders", 100, 200);
	assert_non_null(find(token_a, "orders", 100));
	assert_int_equal(token_cache_count(cache), 1);
}

static void
each_byte_counts(void **state)
{
	char other[sizeof(token_a)];
	size_t i;

	(void)state;
	keep(token_a, "orders", 100, 200);
	for (i = 0; i < sizeof(token_a) - 1; i++) {
		memcpy(other, token_a, sizeof(other));
		other[i] ^= 1;
		assert_null(find(other, "orders", 100));
	}
	memcpy(other, token_a, sizeof(other));
	other[sizeof(other) - 2] = '\0';
	assert_null(find(other, "orders", 100));
	assert_non_null(find(token_a, "orders", 100));
}

static void
each_question_has_its_own_answer(void **state)
{
	(void)state;
	keep(token_a, "orders", 100, 200);
	assert_null(find(token_a, "order", 100));
	assert_null(find(token_a, "orderz", 100));
	assert_null(find(token_a, "orders ", 100));
	keep(token_a, "invoices", 100, 200);
	assert_ptr_not_equal(find(token_a, "invoices", 100)->result,
	    find(token_a, "orders", 100)->result);
}

static void
ends_when_it_ends(void **state)
{
	(void)state;
	keep(token_a, "orders", 100, 200);
	assert_non_null(find(token_a, "orders", 199));
	assert_null(find(token_a, "orders", 200));
	assert_int_equal(token_cache_count(cache), 0);
	assert_null(find(token_a, "orders", 150));
}

static void
a_clock_that_went_back_asks_anew(void **state)
{
	(void)state;
	keep(token_a, "orders", 100, 200);
	assert_null(find(token_a, "orders", 99));
}

static void
the_newest_answer_stands(void **state)
{
	(void)state;
	keep(token_a, "orders", 100, 200);
	keep(token_a, "orders", 150, 300);
	assert_int_equal(token_cache_count(cache), 1);
	assert_non_null(find(token_a, "orders", 250));
}

static void
holds_its_results(void **state)
{
	struct portvakt_result *result;

	(void)state;
	keep(token_a, "orders", 100, 200);
	result = result_hold(find(token_a, "orders", 100)->result);
	token_cache_clear(cache);
	assert_int_equal(token_cache_count(cache), 0);
	assert_int_equal(token_cache_bytes(cache), 0);
	assert_int_equal(portvakt_result_reason(result), PORTVAKT_GOOD);
	portvakt_result_free(result);
}

static void
is_bounded_in_number(void **state)
{
	char token[64];
	unsigned int i, found = 0;

	(void)state;
	for (i = 0; i < 3 * TOKEN_CACHE_ENTRIES_MAX; i++) {
		(void)snprintf(token, sizeof(token), "token %040u", i);
		keep(token, "orders", 100, 200);
		assert_non_null(find(token, "orders", 100));
	}
	assert_in_range(token_cache_count(cache), TOKEN_CACHE_ENTRIES_MAX / 2,
	    TOKEN_CACHE_ENTRIES_MAX);
	for (i = 0; i < 3 * TOKEN_CACHE_ENTRIES_MAX; i++) {
		(void)snprintf(token, sizeof(token), "token %040u", i);
		found += find(token, "orders", 100) != NULL;
	}
	assert_int_equal(found, token_cache_count(cache));
}

static void
is_bounded_in_memory(void **state)
{
	static char token[16384];
	unsigned int i;

	(void)state;
	memset(token, 'x', sizeof(token) - 1);
	for (i = 0; i < 2000; i++) {
		(void)snprintf(token + sizeof(token) - 41, 41, "%040u", i);
		keep(token, "orders", 100, 200);
		assert_non_null(find(token, "orders", 100));
		assert_true(token_cache_bytes(cache) <= TOKEN_CACHE_BYTES_MAX);
	}
	assert_in_range(token_cache_count(cache), 400, 600);
}

static void
what_is_too_large_is_not_kept(void **state)
{
	size_t size = TOKEN_CACHE_BYTES_MAX / 8;
	char *token = malloc(size + 1);

	(void)state;
	memset(token, 'x', size);
	token[size] = '\0';
	keep(token, "orders", 100, 200);
	assert_null(find(token, "orders", 100));
	assert_int_equal(token_cache_bytes(cache), 0);
	free(token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		finds_what_was_kept, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		each_byte_counts, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		each_question_has_its_own_answer, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		ends_when_it_ends, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		a_clock_that_went_back_asks_anew, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		the_newest_answer_stands, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		holds_its_results, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		is_bounded_in_number, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		is_bounded_in_memory, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		what_is_too_large_is_not_kept, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
