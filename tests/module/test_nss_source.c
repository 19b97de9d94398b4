/* How a process comes by its image, keeps it, and lets go of it. */
#include "nss_module/source.h"
#include "tests/module/sample.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	USERS = 10,
};

struct fixture {
	char folder[64];
	char path[128];
	struct source source;
};

/* The clock of the module stands still until a test moves it. */
static time_t clock_s = 1000;

time_t __wrap_time(time_t *ret_now);

time_t
__wrap_time(time_t *ret_now)
{
	assert_null(ret_now);
	return clock_s;
}

static int
setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	(void)strcpy(fixture->folder, "/tmp/test-source-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	(void)snprintf(fixture->path, sizeof(fixture->path), "%s/directory",
	    fixture->folder);
	fixture->source = (struct source)SOURCE_INIT(NULL, NULL);
	fixture->source.path = fixture->path;
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;
	int slot;

	for (slot = 0; slot < SOURCE_SLOTS; slot++)
		directory_unmap(&fixture->source.slots[slot]);
	(void)unlink(fixture->path);
	assert_int_equal(rmdir(fixture->folder), 0);
	free(fixture);
	return 0;
}

static void
publish(struct fixture *fixture, uint64_t generation)
{
	assert_int_equal(
	    sample_publish(fixture->path, generation, false, USERS, 1), 0);
}

/* Replaces the image as a publisher does that dies before it tells anybody. */
static void
publish_silently(struct fixture *fixture, uint64_t generation)
{
	char other[160];

	(void)snprintf(other, sizeof(other), "%s.other", fixture->path);
	assert_int_equal(sample_publish(other, generation, false, USERS, 1), 0);
	assert_int_equal(rename(other, fixture->path), 0);
}

/* Which generation a lookup sees, or the negative errno. */
static int
look(struct fixture *fixture)
{
	struct reading reading;
	int error, generation;

	error = source_enter(&fixture->source, &reading);
	if (error)
		return error;
	generation = (int)reading.directory->generation;
	source_leave(&reading);
	return generation;
}

static int
mapped_count(const struct fixture *fixture)
{
	int slot, count = 0;

	for (slot = 0; slot < SOURCE_SLOTS; slot++)
		count += fixture->source.slots[slot].base != NULL;
	return count;
}

/* How often an image file is in the process's memory map. */
static int
maps_of_images(void)
{
	FILE *file = fopen("/proc/self/maps", "re");
	char line[512];
	int count = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		count += strstr(line, "/test-source-") != NULL;
	(void)fclose(file);
	return count;
}

static void
test_next_lookup_sees_the_next_generation(void **state)
{
	struct fixture *fixture = *state;
	int generation;

	for (generation = 1; generation <= 20; generation++) {
		publish(fixture, (uint64_t)generation);
		assert_int_equal(
		    look(fixture), generation == 1 ? 1 : generation);
		assert_int_equal(mapped_count(fixture), 1);
		assert_int_equal(maps_of_images(), 1);
	}
}

static void
test_silent_replacement_is_seen_within_a_second(void **state)
{
	struct fixture *fixture = *state;

	publish(fixture, 1);
	assert_int_equal(look(fixture), 1);
	publish_silently(fixture, 2);
	assert_int_equal(look(fixture), 1);
	clock_s++;
	assert_int_equal(look(fixture), 2);
	publish_silently(fixture, 3);
	clock_s -= 3600; /* somebody set the clock */
	assert_int_equal(look(fixture), 3);
	assert_int_equal(mapped_count(fixture), 1);
}

/* Once a minute for months. */
static void
test_rare_lookups_leak_nothing(void **state)
{
	struct fixture *fixture = *state;
	int i;

	for (i = 1; i <= 200; i++) {
		clock_s += 60;
		publish_silently(fixture, (uint64_t)i);
		publish(fixture, (uint64_t)i + 1);
		assert_int_equal(look(fixture), i + 1);
	}
	assert_int_equal(maps_of_images(), 1);
}

static void
test_removed_image_means_nobody(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(look(fixture), -ENOENT);
	publish(fixture, 1);
	assert_int_equal(look(fixture), -ENOENT); /* asked this second */
	clock_s++;
	assert_int_equal(look(fixture), 1);
	assert_int_equal(unlink(fixture->path), 0);
	clock_s++;
	assert_int_equal(look(fixture), -ENOENT);
	assert_int_equal(maps_of_images(), 0);
}

static void
test_damaged_successor_means_nobody(void **state)
{
	struct fixture *fixture = *state;

	publish(fixture, 1);
	assert_int_equal(look(fixture), 1);
	publish_silently(fixture, 2);
	assert_int_equal(truncate(fixture->path, 1000), 0);
	clock_s++;
	assert_int_equal(look(fixture), -EBADMSG);
	assert_int_equal(maps_of_images(), 0);
	publish(fixture, 3);
	clock_s++;
	assert_int_equal(look(fixture), 3);
}

/* What ails this process says nothing about who exists. */
static void
test_process_without_descriptors_keeps_its_image(void **state)
{
	struct fixture *fixture = *state;
	struct rlimit kept, none;

	publish(fixture, 1);
	assert_int_equal(look(fixture), 1);
	publish(fixture, 2);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &kept), 0);
	none = kept;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(look(fixture), 1);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &kept), 0);
	assert_int_equal(look(fixture), 2);
}

static void
test_no_descriptor_stays_open(void **state)
{
	struct fixture *fixture = *state;
	int before, after;

	publish(fixture, 1);
	before = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(close(before), 0);
	assert_int_equal(look(fixture), 1);
	after = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(close(after), 0);
	assert_int_equal(before, after);
}

static void
test_readers_keep_what_they_read(void **state)
{
	struct fixture *fixture = *state;
	struct reading first, second;
	struct directory_user user;

	publish(fixture, 1);
	assert_int_equal(source_enter(&fixture->source, &first), 0);
	publish(fixture, 2);
	assert_int_equal(source_enter(&fixture->source, &second), 0);
	assert_int_equal(
	    directory_user_by_name(first.directory, "user000003", &user), 0);
	assert_string_equal(user.gecos, "User 3 of 1");
	assert_int_equal(
	    directory_user_by_name(second.directory, "user000003", &user), 0);
	assert_string_equal(user.gecos, "User 3 of 2");
	assert_int_equal(mapped_count(fixture), 2);
	source_leave(&first);
	source_leave(&second);
	clock_s++;
	assert_int_equal(look(fixture), 2);
	assert_int_equal(mapped_count(fixture), 1);
}

/* Readers that never leave cost slots, not memory without bound. */
static void
test_stuck_readers_are_bounded(void **state)
{
	struct fixture *fixture = *state;
	struct reading stuck[SOURCE_SLOTS];
	int i;

	for (i = 0; i < SOURCE_SLOTS; i++) {
		publish(fixture, (uint64_t)i + 1);
		assert_int_equal(source_enter(&fixture->source, &stuck[i]), 0);
		assert_int_equal(stuck[i].directory->generation, i + 1);
	}
	publish(fixture, 100);
	assert_int_equal(look(fixture), 100); /* for that lookup alone */
	assert_int_equal(maps_of_images(), SOURCE_SLOTS);
	assert_int_equal(mapped_count(fixture), SOURCE_SLOTS);
	source_leave(&stuck[0]);
	assert_int_equal(look(fixture), 100);
	assert_int_equal(maps_of_images(), SOURCE_SLOTS);
	for (i = 1; i < SOURCE_SLOTS; i++)
		source_leave(&stuck[i]);
	clock_s++;
	assert_int_equal(look(fixture), 100);
	assert_int_equal(maps_of_images(), 1);
}

/* What the child of a fork that a reader of another thread lived through does. */
static int
child(struct fixture *fixture)
{
	int generation;

	if (look(fixture) != 1 || maps_of_images() != 1)
		return 1;
	for (generation = 2; generation < 20; generation++) {
		publish(fixture, (uint64_t)generation);
		if (look(fixture) != generation || maps_of_images() != 1)
			return generation;
	}
	return 0;
}

static void
test_child_has_no_readers_of_its_parent(void **state)
{
	struct fixture *fixture = *state;
	struct reading reading;
	int status;
	pid_t pid;

	publish(fixture, 1);
	assert_int_equal(source_enter(&fixture->source, &reading), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(child(fixture));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	source_leave(&reading);
	assert_int_equal(look(fixture), 19);
	assert_int_equal(maps_of_images(), 1);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_next_lookup_sees_the_next_generation),
	    TEST(test_silent_replacement_is_seen_within_a_second),
	    TEST(test_rare_lookups_leak_nothing),
	    TEST(test_removed_image_means_nobody),
	    TEST(test_damaged_successor_means_nobody),
	    TEST(test_process_without_descriptors_keeps_its_image),
	    TEST(test_no_descriptor_stays_open),
	    TEST(test_readers_keep_what_they_read),
	    TEST(test_stuck_readers_are_bounded),
	    TEST(test_child_has_no_readers_of_its_parent),
	};

	return cmocka_run_group_tests_name("nss source", tests, NULL, NULL);
}
