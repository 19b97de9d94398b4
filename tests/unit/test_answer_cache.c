/* One result, one client, one view: one answer, from the second time on. */
#include "broker/api/answer_cache.h"
#include "tests/unit/unit.h"
#include "verify/result.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 5000 };

static const char view, other_view;
static const struct api_client client, other_client;
static struct answer_cache *cache;

static int
setup(void **state)
{
	(void)state;
	return answer_cache_new(&cache);
}

static int
teardown(void **state)
{
	(void)state;
	cache = answer_cache_free(cache);
	return 0;
}

static struct portvakt_result *
new_result(void)
{
	return result_new_refusal(PORTVAKT_GOOD, NULL);
}

static struct answer
keep(const struct answer_key *key)
{
	struct answer answer;

	answer_object(&answer, 200, strdup("{}"));
	answer_cache_keep(cache, key, &answer);
	return answer;
}

static bool
is_kept(const struct answer_key *key)
{
	struct answer answer;

	return answer_cache_find(cache, key, &answer);
}

static void
test_the_second_one_is_kept(void **state)
{
	struct portvakt_result *result = new_result();
	const struct answer_key key = {result, &client, NULL, &view};
	struct answer first, second, found;

	(void)state;
	assert_false(is_kept(&key));
	first = keep(&key);
	assert_null(first.response);
	assert_string_equal(first.body, "{}");
	assert_false(is_kept(&key));
	second = keep(&key);
	assert_non_null(second.response);
	assert_null(second.body);
	assert_int_equal(second.status, 200);
	assert_true(answer_cache_find(cache, &key, &found));
	assert_ptr_equal(found.response, second.response);
	assert_int_equal(found.status, 200);
	assert_string_equal(
	    MHD_get_response_header(found.response, "Cache-Control"),
	    "no-store");
	answer_done(&first);
	portvakt_result_free(result);
}

static void
test_nobody_else_gets_it(void **state)
{
	struct portvakt_result *result = new_result(), *twin = new_result();
	const struct answer_key key = {result, &client, "a", &view};
	struct answer_key other;
	struct answer answer;

	(void)state;
	answer = keep(&key);
	answer_done(&answer);
	answer = keep(&key);
	other = key;
	other.result = twin;
	assert_false(is_kept(&other));
	other = key;
	other.client = &other_client;
	assert_false(is_kept(&other));
	other = key;
	other.audience = NULL;
	assert_false(is_kept(&other));
	other = key;
	other.view = &other_view;
	assert_false(is_kept(&other));
	assert_true(is_kept(&key));
	portvakt_result_free(result);
	portvakt_result_free(twin);
}

/* The result is held: nothing else comes to lie where it does. */
static void
test_many_take_turns(void **state)
{
	struct answer_key key = {NULL, &client, NULL, &view};
	struct answer answer;
	int i;

	(void)state;
	for (i = 0; i < MANY; i++) {
		key.result = new_result();
		answer = keep(&key);
		answer_done(&answer);
		answer = keep(&key);
		assert_true(is_kept(&key));
		answer_done(&answer);
		portvakt_result_free(key.result);
	}
}

static void
test_without_a_cache_nothing_is_kept(void **state)
{
	struct portvakt_result *result = new_result();
	const struct answer_key key = {result, &client, NULL, &view};
	struct answer answer;

	(void)state;
	answer_object(&answer, 200, strdup("{}"));
	answer_cache_keep(NULL, &key, &answer);
	answer_cache_keep(NULL, &key, &answer);
	assert_string_equal(answer.body, "{}");
	answer_done(&answer);
	assert_false(answer_cache_find(NULL, &key, &answer));
	portvakt_result_free(result);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_the_second_one_is_kept, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_nobody_else_gets_it, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_many_take_turns, setup, teardown),
	    cmocka_unit_test(test_without_a_cache_nothing_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
