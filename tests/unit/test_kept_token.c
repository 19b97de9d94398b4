/* What is kept of issuers' answers: for how long, how much, and what goes. */
#include "broker/token/kept_token.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MAX = 4, SECOND = 1000000, WALL_S = 1800000000 };

static int64_t boot_us, wall_s;

int __wrap_clock_gettime(clockid_t id, struct timespec *ret_now);

int
__wrap_clock_gettime(clockid_t id, struct timespec *ret_now)
{
	if (id == CLOCK_REALTIME)
		*ret_now = (struct timespec){.tv_sec = wall_s};
	else
		*ret_now = (struct timespec){.tv_sec = boot_us / SECOND};
	return 0;
}

static const uint8_t *
digest_of(unsigned int number)
{
	static uint8_t digest[TOKEN_DIGEST_SIZE];

	/* Half of them share a bucket. */
	memset(digest, 0, sizeof(digest));
	digest[0] = (uint8_t)(number % 2);
	(void)snprintf((char *)digest + 1, sizeof(digest) - 1, "%u", number);
	return digest;
}

static void
put(struct kept_tokens *kept, unsigned int number, int64_t fresh_s,
    int64_t life_s)
{
	const struct kept_until until = {
	    .fresh_us = boot_us + fresh_s * SECOND,
	    .wall_s = wall_s + life_s,
	};
	struct token_answer answer = {.expires_in_s = life_s};
	struct token_result *result;
	char text[16];

	(void)snprintf(text, sizeof(text), "token-%u", number);
	assert_int_equal(
	    secret_new(text, strlen(text), &answer.access_token), 0);
	assert_int_equal(token_result_new_good(&answer, &result), 0);
	assert_int_equal(
	    kept_tokens_put(kept, digest_of(number), result, &until), 0);
	token_result_unref(result);
}

static void
assert_kept(
    struct kept_tokens *kept, unsigned int number, enum kept_age age, bool is)
{
	struct token_result *result =
	    kept_tokens_find(kept, digest_of(number), age);
	char text[16];

	(void)snprintf(text, sizeof(text), "token-%u", number);
	if (is) {
		assert_non_null(result);
		assert_string_equal(secret_reveal(result->access_token), text);
	} else {
		assert_null(result);
	}
}

static int
start(void **state)
{
	boot_us = 1000 * (int64_t)SECOND;
	wall_s = WALL_S;
	return kept_tokens_new(MAX, (struct kept_tokens **)state);
}

static int
stop(void **state)
{
	kept_tokens_free(*state);
	return 0;
}

static void
test_fresh_then_good_then_gone(void **state)
{
	put(*state, 1, 60, 100);
	assert_kept(*state, 1, KEPT_FRESH, true);
	assert_kept(*state, 2, KEPT_FRESH, false);
	assert_kept(*state, 3, KEPT_FRESH, false); /* of the same bucket */
	boot_us += 59 * (int64_t)SECOND;
	assert_kept(*state, 1, KEPT_FRESH, true);
	boot_us += SECOND;
	assert_kept(*state, 1, KEPT_FRESH, false);
	assert_kept(*state, 1, KEPT_ANY, true);
	boot_us += 34 * (int64_t)SECOND;
	assert_kept(*state, 1, KEPT_ANY, true);
	boot_us += SECOND; /* too short to use it */
	assert_kept(*state, 1, KEPT_ANY, false);
}

static void
test_never_beyond_its_hour_on_the_wall(void **state)
{
	put(*state, 1, 60, 100);
	wall_s += 99;
	assert_kept(*state, 1, KEPT_FRESH, true);
	wall_s++;
	assert_kept(*state, 1, KEPT_FRESH, false);
	assert_kept(*state, 1, KEPT_ANY, false);
}

static void
test_the_oldest_makes_room(void **state)
{
	unsigned int i;

	for (i = 0; i < MAX; i++)
		put(*state, i, 60, 100);
	put(*state, 0, 60, 100); /* the newest now */
	put(*state, MAX, 60, 100);
	assert_kept(*state, 0, KEPT_FRESH, true);
	assert_kept(*state, 1, KEPT_FRESH, false);
	for (i = 2; i <= MAX; i++)
		assert_kept(*state, i, KEPT_FRESH, true);
}

static void
test_what_expired_makes_room_first(void **state)
{
	unsigned int i;

	for (i = 0; i < MAX - 1; i++)
		put(*state, i, 600, 700);
	put(*state, MAX - 1, 10, 20);
	boot_us += 30 * (int64_t)SECOND;
	wall_s += 30;
	put(*state, MAX, 600, 700);
	for (i = 0; i < MAX - 1; i++)
		assert_kept(*state, i, KEPT_FRESH, true);
	assert_kept(*state, MAX, KEPT_FRESH, true);
}

static void
test_one_for_each_question(void **state)
{
	put(*state, 1, 60, 100);
	put(*state, 1, 5, 10);
	boot_us += 6 * (int64_t)SECOND;
	assert_kept(*state, 1, KEPT_FRESH, false);
}

static void
test_clear_leaves_nothing(void **state)
{
	unsigned int i;

	for (i = 0; i < MAX; i++)
		put(*state, i, 60, 100);
	kept_tokens_clear(*state);
	for (i = 0; i < MAX; i++)
		assert_kept(*state, i, KEPT_ANY, false);
	put(*state, 1, 60, 100);
	assert_kept(*state, 1, KEPT_FRESH, true);
}

#define KEPT(test) cmocka_unit_test_setup_teardown(test, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    KEPT(test_fresh_then_good_then_gone),
	    KEPT(test_never_beyond_its_hour_on_the_wall),
	    KEPT(test_the_oldest_makes_room),
	    KEPT(test_what_expired_makes_room_first),
	    KEPT(test_one_for_each_question),
	    KEPT(test_clear_leaves_nothing),
	};

	return cmocka_run_group_tests_name("kept_token", tests, NULL, NULL);
}
