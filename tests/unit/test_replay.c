/* Once and no more: also when it is full, and among processes. */
#include "tests/unit/unit.h"
#include "verify/replay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	NOW_S = 1700000000,
	PROCESSES = 4,
	IDS = 2000,
};

static const uint8_t key[REPLAY_KEY_SIZE] = "any";
static const struct slice owner = {"owner", 5};

static int
remember(struct replay *replay, const char *id, int64_t until_s, int64_t now_s)
{
	return replay_remember(replay, owner, slice_of(id), until_s, now_s);
}

static void
test_once(void **state)
{
	static uint64_t slots[REPLAY_SLOTS_MIN];
	const struct slice other = {"other", 5};
	struct replay replay;

	(void)state;
	memset(slots, 0, sizeof(slots));
	assert_int_equal(replay_init(&replay, slots, sizeof(slots), key), 0);
	assert_int_equal(remember(&replay, "a", NOW_S + 60, NOW_S), 0);
	assert_int_equal(remember(&replay, "a", NOW_S + 60, NOW_S), -EEXIST);
	assert_int_equal(
	    remember(&replay, "a", NOW_S + 90, NOW_S + 59), -EEXIST);
	assert_int_equal(remember(&replay, "b", NOW_S + 60, NOW_S), 0);
	assert_int_equal(
	    replay_remember(&replay, other, slice_of("a"), NOW_S + 60, NOW_S),
	    0);
	assert_int_equal(remember(&replay, "a", NOW_S + 90, NOW_S + 60), 0);
}

/* ("ab", "c") is not ("a", "bc"). */
static void
test_owner_and_id_stay_apart(void **state)
{
	static uint64_t slots[REPLAY_SLOTS_MIN];
	struct replay replay;

	(void)state;
	assert_int_equal(replay_init(&replay, slots, sizeof(slots), key), 0);
	assert_int_equal(replay_remember(&replay, slice_of("ab"), slice_of("c"),
			     NOW_S + 60, NOW_S),
	    0);
	assert_int_equal(replay_remember(&replay, slice_of("a"), slice_of("bc"),
			     NOW_S + 60, NOW_S),
	    0);
}

static void
test_what_cannot_be_used(void **state)
{
	static uint64_t slots[REPLAY_SLOTS_MIN];
	struct replay replay;

	(void)state;
	assert_int_equal(replay_init(&replay, NULL, 4096, key), -EINVAL);
	assert_int_equal(
	    replay_init(&replay, slots, sizeof(slots) - 1, key), -EINVAL);
	assert_int_equal(replay_init(&replay, slots, sizeof(slots), key), 0);
	assert_int_equal(remember(&replay, "a", NOW_S, NOW_S), -EINVAL);
	assert_int_equal(remember(&replay, "a", NOW_S + 1, -1), -EINVAL);
	assert_int_equal(
	    remember(&replay, "a", INT64_C(1) << 32, NOW_S), -EINVAL);
}

/* Full, it refuses what is new and forgets nothing. */
static void
test_full(void **state)
{
	static uint64_t slots[REPLAY_SLOTS_MIN + 7];
	struct replay replay;
	int held = 0, i, r;
	char id[16];

	(void)state;
	assert_int_equal(replay_init(&replay, slots, sizeof(slots), key), 0);
	assert_int_equal(replay.slots_count, REPLAY_SLOTS_MIN);
	assert_int_equal(remember(&replay, "first", NOW_S + 60, NOW_S), 0);
	for (i = 0; i < 1000; i++) {
		(void)snprintf(id, sizeof(id), "%d", i);
		r = remember(&replay, id, NOW_S + 60, NOW_S);
		assert_true(r == 0 || r == -ENOSPC);
		held += r == 0;
	}
	assert_in_range(held, REPLAY_SLOTS_MIN / 2, REPLAY_SLOTS_MIN - 1);
	assert_int_equal(
	    remember(&replay, "first", NOW_S + 60, NOW_S), -EEXIST);
	assert_int_equal(remember(&replay, "new", NOW_S + 120, NOW_S + 60), 0);
}

/* Nobody without the key can aim at one slot. */
static void
test_places_depend_on_the_key(void **state)
{
	static const uint8_t another[REPLAY_KEY_SIZE] = "other";
	static uint64_t a[REPLAY_SLOTS_MIN], b[REPLAY_SLOTS_MIN];
	struct replay one, two;

	(void)state;
	assert_int_equal(replay_init(&one, a, sizeof(a), key), 0);
	assert_int_equal(replay_init(&two, b, sizeof(b), another), 0);
	assert_int_equal(remember(&one, "a", NOW_S + 60, NOW_S), 0);
	assert_int_equal(remember(&two, "a", NOW_S + 60, NOW_S), 0);
	assert_memory_not_equal(a, b, sizeof(a));
}

static int
count_accepted(struct replay *replay)
{
	int accepted = 0, i;
	char id[16];

	for (i = 0; i < IDS; i++) {
		(void)snprintf(id, sizeof(id), "%d", i);
		accepted += remember(replay, id, NOW_S + 60, NOW_S) == 0;
	}
	return accepted;
}

/* Several who race for the same ids: none of them is said yes to twice. */
static void
test_processes(void **state)
{
	const size_t size = 65536 * sizeof(uint64_t);
	uint64_t *slots = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fds[2], accepted, total = 0, i, status;
	struct replay replay;
	pid_t pids[PROCESSES];

	(void)state;
	assert_ptr_not_equal(slots, MAP_FAILED);
	assert_int_equal(replay_init(&replay, slots, size, key), 0);
	assert_int_equal(pipe(fds), 0);
	for (i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			accepted = count_accepted(&replay);
			_exit(write(fds[1], &accepted, sizeof(accepted)) !=
			      sizeof(accepted));
		}
		assert_true(pids[i] > 0);
	}
	for (i = 0; i < PROCESSES; i++) {
		assert_int_equal(
		    read(fds[0], &accepted, sizeof(accepted)), sizeof(int));
		total += accepted;
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	/* Two at once may both lose, but seldom; 1 in 100 is not seldom. */
	assert_in_range(total, IDS - IDS / 100, IDS);
	assert_int_equal(munmap(slots, size), 0);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_once),
	    cmocka_unit_test(test_owner_and_id_stay_apart),
	    cmocka_unit_test(test_what_cannot_be_used),
	    cmocka_unit_test(test_full),
	    cmocka_unit_test(test_places_depend_on_the_key),
	    cmocka_unit_test(test_processes),
	};

	return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
