/*
 * libportvakt while images come and go: threads with a handle each, and
 * processes that go on with one handle. An answer is always that of one whole
 * image, and the first question after the last image is answered by that one.
 */
#include "tests/unit/service_world.h"
#include "tests/unit/unit.h"
#include "verify/portvakt.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	ASKERS = 3,
	IMAGES = 200,
};

/* Shared by threads and, as a mapping, by processes. */
struct signals {
	atomic_bool done; /* the last image is in place */
	atomic_ulong good;
	atomic_ulong locked;
	atomic_ulong wrong;
};

static struct service_world *world;
static struct signals *signals;
static char *token;

static int
set_up(void **state)
{
	char *payload = world_payload_now(WORLD_STAFF);

	(void)state;
	world = service_world_new();
	service_world_publish_now(world);
	token = world_token(payload);
	free(payload);
	signals = mmap(NULL, sizeof(*signals), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return signals == MAP_FAILED ? -1 : 0;
}

static int
tear_down(void **state)
{
	(void)state;
	(void)munmap(signals, sizeof(*signals));
	free(token);
	service_world_free(world);
	return 0;
}

static enum portvakt_reason
ask(struct portvakt *portvakt)
{
	struct portvakt_result *result = NULL;
	enum portvakt_reason reason;
	const char *account;
	bool good;

	good = portvakt_verify(
	    portvakt, token, strlen(token), WORLD_AUDIENCE, NULL, &result);
	reason = portvakt_result_reason(result);
	account = portvakt_result_account(result);
	if (good != (account && strcmp(account, "kari") == 0))
		atomic_fetch_add(&signals->wrong, 1);
	portvakt_result_free(result);
	return reason;
}

/* Until the last image is there, and once more. */
static void
ask_on(struct portvakt *portvakt)
{
	enum portvakt_reason reason;
	bool done;

	do {
		done = atomic_load(&signals->done);
		reason = ask(portvakt);
		if (reason == PORTVAKT_GOOD && !done)
			atomic_fetch_add(&signals->good, 1);
		else if (reason == PORTVAKT_ACCOUNT_LOCKED)
			atomic_fetch_add(&signals->locked, 1);
		else
			atomic_fetch_add(&signals->wrong, 1);
	} while (!done);
}

/* Open and locked in turns; locked in the end. */
static void
publish_many(void)
{
	int i;

	for (i = 0; i < IMAGES; i++) {
		world->accounts[0].account.locked = i % 2 == 1;
		service_world_publish(world);
	}
	atomic_store(&signals->done, true);
}

static void
check_signals(void)
{
	assert_int_equal(atomic_load(&signals->wrong), 0);
	assert_true(atomic_load(&signals->good) > 0);
	assert_true(atomic_load(&signals->locked) >= ASKERS);
}

static void *
run_thread(void *argument)
{
	struct portvakt *portvakt = NULL;

	(void)argument;
	if (portvakt_open(world->path, &portvakt) < 0)
		atomic_fetch_add(&signals->wrong, 1);
	else
		ask_on(portvakt);
	portvakt_close(portvakt);
	return NULL;
}

static void
threads_with_a_handle_each(void **state)
{
	pthread_t threads[ASKERS];
	size_t i;

	(void)state;
	for (i = 0; i < ASKERS; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, run_thread, NULL), 0);
	publish_many();
	for (i = 0; i < ASKERS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	check_signals();
}

static void
processes_with_the_same_handle(void **state)
{
	struct portvakt *portvakt = NULL;
	int i, status;

	(void)state;
	assert_int_equal(portvakt_open(world->path, &portvakt), 0);
	assert_int_equal(ask(portvakt), PORTVAKT_GOOD);
	for (i = 0; i < ASKERS; i++) {
		if (fork() != 0)
			continue;
		ask_on(portvakt);
		portvakt_close(portvakt);
		_exit(0);
	}
	publish_many();
	assert_int_equal(ask(portvakt), PORTVAKT_ACCOUNT_LOCKED);
	for (i = 0; i < ASKERS; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	portvakt_close(portvakt);
	check_signals();
}

/* Address space that each image takes and none gives back would show. */
static size_t
mapped_pages(void)
{
	FILE *statm = fopen("/proc/self/statm", "re");
	size_t pages = 0;
	char line[128];

	assert_non_null(statm);
	assert_non_null(fgets(line, sizeof(line), statm));
	(void)fclose(statm);
	pages = strtoul(line, NULL, 10);
	return pages;
}

static void
nothing_grows(void **state)
{
	struct portvakt *portvakt = NULL;
	size_t before = 0;
	int i;

	(void)state;
	assert_int_equal(portvakt_open(world->path, &portvakt), 0);
	for (i = 0; i < IMAGES; i++) {
		if (i == IMAGES / 2)
			before = mapped_pages();
		service_world_publish(world);
		assert_int_equal(ask(portvakt), PORTVAKT_GOOD);
	}
	assert_in_range(mapped_pages(), 1, before + 16);
	portvakt_close(portvakt);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(threads_with_a_handle_each),
	    TEST(processes_with_the_same_handle),
	    TEST(nothing_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
