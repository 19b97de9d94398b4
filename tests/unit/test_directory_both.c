/*
 * The public and the restricted image are published together: what a reader
 * that compares their generations puts together is of before or of after,
 * never a membership more, whichever step fails.
 */
#include "broker/directory/directory_builder.h"
#include "lib/directory.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	UID_KARI = 1900000001,
	UID_OLA = 1900000002,
	GID_SAK = 1990000001,
	GID_INFO = 1990000002,
};

struct fixture {
	char folder[64];
	char public[128];
	char restricted[128];
	char elsewhere[160];
};

/* Which call of renameat fails; 0: none. */
static int fails_at;
static int renames;

int __real_renameat(
    int from_folder, const char *from, int to_folder, const char *to);
int __wrap_renameat(
    int from_folder, const char *from, int to_folder, const char *to);

int
__wrap_renameat(
    int from_folder, const char *from, int to_folder, const char *to)
{
	if (++renames != fails_at)
		return __real_renameat(from_folder, from, to_folder, to);
	errno = EIO;
	return -1;
}

static int
setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	(void)strcpy(fixture->folder, "/tmp/test-both-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	(void)snprintf(fixture->public, sizeof(fixture->public), "%s/directory",
	    fixture->folder);
	(void)snprintf(fixture->restricted, sizeof(fixture->restricted),
	    "%s/directory.restricted", fixture->folder);
	(void)snprintf(fixture->elsewhere, sizeof(fixture->elsewhere),
	    "%s/gone/directory", fixture->folder);
	fails_at = 0;
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	(void)unlink(fixture->public);
	(void)unlink(fixture->restricted);
	assert_int_equal(rmdir(fixture->folder), 0); /* with no leftovers */
	free(fixture);
	return 0;
}

struct pair {
	struct directory_builder *public;
	struct directory_builder *restricted;
};

/* Kari and ola; kari is in ko-sak or in ko-info, which is restricted. */
static struct pair
make_pair(uint64_t generation, bool in_info)
{
	uint32_t kari, ola, sak, info, hidden;
	struct pair pair;

	assert_int_equal(
	    directory_builder_new(generation, false, &pair.public), 0);
	assert_int_equal(
	    directory_builder_new_restricted(generation, &pair.restricted), 0);
	/* Not in the order of their ids. */
	assert_int_equal(directory_builder_user(pair.public, "ola", UID_OLA,
			     "Ola", "/home/ola", "/bin/sh", true, &ola),
	    0);
	assert_int_equal(directory_builder_user(pair.public, "kari", UID_KARI,
			     "Kari", "/home/kari", "/bin/sh", true, &kari),
	    0);
	assert_int_equal(
	    directory_builder_group(pair.public, "ko-sak", GID_SAK, &sak), 0);
	assert_int_equal(
	    directory_builder_group(pair.public, "ko-info", GID_INFO, &info),
	    0);
	assert_int_equal(directory_builder_group(
			     pair.restricted, "ko-info", GID_INFO, &info),
	    0);
	if (!in_info) {
		assert_int_equal(
		    directory_builder_member(pair.public, sak, kari), 0);
		return pair;
	}
	assert_int_equal(directory_builder_user_of(
			     pair.restricted, pair.public, kari, &hidden),
	    0);
	assert_int_equal(
	    directory_builder_member(pair.restricted, info, hidden), 0);
	return pair;
}

static int
publish_at(const char *public, const char *restricted, uint64_t generation,
    bool in_info)
{
	struct pair pair = make_pair(generation, in_info);
	int error = directory_builder_publish_both(
	    pair.public, public, pair.restricted, restricted);

	(void)directory_builder_free(pair.public);
	(void)directory_builder_free(pair.restricted);
	return error;
}

static int
publish(const struct fixture *fixture, uint64_t generation, bool in_info)
{
	renames = 0;
	return publish_at(
	    fixture->public, fixture->restricted, generation, in_info);
}

static uint32_t
first_gid_of_kari(const struct directory *directory)
{
	struct directory_entry entry;

	if (!directory_find_name(directory, "kari", &entry) || entry.count == 0)
		return 0;
	assert_int_equal(entry.count, 1);
	return *(const uint32_t *)entry.list;
}

/* As a reader that is root puts them together; kari is in one or in none. */
static uint32_t
gid_of_kari(const struct fixture *fixture)
{
	struct directory public, restricted;
	uint32_t gid, other = 0;

	assert_int_equal(directory_map(fixture->public, &public), 0);
	assert_false(directory_is_superseded(&public));
	assert_int_equal(
	    directory_map_restricted(fixture->restricted, &restricted), 0);
	gid = first_gid_of_kari(&public);
	assert_true(gid == 0 || gid == GID_SAK);
	if (restricted.generation == public.generation)
		other = first_gid_of_kari(&restricted);
	assert_true(gid == 0 || other == 0);
	directory_unmap(&public);
	directory_unmap(&restricted);
	return gid + other;
}

static void
test_each_has_its_own(void **state)
{
	struct fixture *fixture = *state;
	struct directory directory;
	struct directory_entry entry;
	struct stat status;

	assert_int_equal(publish(fixture, 7, true), 0);
	assert_int_equal(gid_of_kari(fixture), GID_INFO);
	assert_int_equal(stat(fixture->restricted, &status), 0);
	assert_int_equal(status.st_mode, S_IFREG | 0600);
	assert_int_equal(
	    directory_map_restricted(fixture->restricted, &directory), 0);
	assert_int_equal(directory.generation, 7);
	assert_int_equal(directory.records, 1);
	assert_false(directory.enumerate);
	assert_true(directory_find_id(&directory, UID_KARI, &entry));
	assert_string_equal(entry.text, "kari");
	assert_false(directory_find_name(&directory, "ola", &entry));
	assert_false(directory_find_name(&directory, "ko-info", &entry));
	directory_unmap(&directory);
	assert_int_equal(publish(fixture, 8, false), 0);
	assert_int_equal(gid_of_kari(fixture), GID_SAK);
}

/* A mode that the umask or an old file would widen is not taken over. */
static void
test_mode_is_strict_from_the_first(void **state)
{
	struct fixture *fixture = *state;
	struct stat status;
	mode_t mask = umask(0);
	char path[160];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s.new", fixture->restricted);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(publish(fixture, 1, true), 0);
	assert_int_equal(chmod(fixture->restricted, 0666), 0);
	assert_int_equal(publish(fixture, 2, true), 0);
	(void)umask(mask);
	assert_int_equal(stat(fixture->restricted, &status), 0);
	assert_int_equal(status.st_mode, S_IFREG | 0600);
}

static void
test_what_cannot_be_written_changes_nothing(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(publish(fixture, 1, true), 0);
	assert_int_equal(
	    publish_at(fixture->public, fixture->elsewhere, 2, false), -ENOENT);
	assert_int_equal(gid_of_kari(fixture), GID_INFO);
	assert_int_equal(
	    publish_at(fixture->elsewhere, fixture->restricted, 2, false),
	    -ENOENT);
	assert_int_equal(gid_of_kari(fixture), GID_INFO);
}

/* Moved from one group to the other: never in both. */
static void
move(const struct fixture *fixture, bool to_info)
{
	uint32_t from = to_info ? GID_SAK : GID_INFO;
	uint32_t to = to_info ? GID_INFO : GID_SAK;

	assert_int_equal(publish(fixture, 1, !to_info), 0);
	assert_int_equal(gid_of_kari(fixture), from);
	fails_at = 1;
	assert_int_equal(publish(fixture, 2, to_info), -EIO);
	assert_int_equal(gid_of_kari(fixture), from);
	/* Between the two names: of both, what no restricted group adds to. */
	fails_at = 2;
	assert_int_equal(publish(fixture, 3, to_info), -EIO);
	assert_int_equal(renames, 2);
	assert_int_equal(gid_of_kari(fixture), to_info ? from : 0);
	fails_at = 0;
	assert_int_equal(publish(fixture, 4, to_info), 0);
	assert_int_equal(gid_of_kari(fixture), to);
}

static void
test_failure_between_the_names_adds_nothing(void **state)
{
	move(*state, true);
	move(*state, false);
}

static void
refuse(struct directory_builder *public, struct directory_builder *restricted,
    const struct fixture *fixture)
{
	assert_int_equal(directory_builder_publish_both(public, fixture->public,
			     restricted, fixture->restricted),
	    -EINVAL);
}

static void
test_what_does_not_belong_together_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct pair one = make_pair(1, true), two = make_pair(2, true);
	uint32_t index;

	refuse(one.public, two.restricted, fixture);
	refuse(one.public, one.public, fixture);
	refuse(one.restricted, one.restricted, fixture);
	refuse(one.restricted, one.public, fixture);
	assert_int_equal(
	    directory_builder_user_of(one.restricted, one.public, 2, &index),
	    -EINVAL);
	assert_int_equal(
	    directory_builder_publish_both(one.public, fixture->public,
		one.restricted, fixture->restricted),
	    0);
	refuse(one.public, one.restricted, fixture); /* used up */
	(void)directory_builder_free(one.public);
	(void)directory_builder_free(one.restricted);
	(void)directory_builder_free(two.public);
	(void)directory_builder_free(two.restricted);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_each_has_its_own),
	    TEST(test_mode_is_strict_from_the_first),
	    TEST(test_what_cannot_be_written_changes_nothing),
	    TEST(test_failure_between_the_names_adds_nothing),
	    TEST(test_what_does_not_belong_together_is_refused),
	};

	return cmocka_run_group_tests_name("directory both", tests, NULL, NULL);
}
