/* What the builder publishes is what the reader finds, and nothing else. */
#include "broker/directory/directory_builder.h"
#include "lib/directory.h"
#include "lib/directory_image.h"
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
	GID_TOM = 1990000002,
};

struct fixture {
	char folder[64];
	char path[128];
	struct directory_builder *builder;
};

static int
setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	(void)strcpy(fixture->folder, "/tmp/test-directory-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	(void)snprintf(fixture->path, sizeof(fixture->path), "%s/directory",
	    fixture->folder);
	assert_int_equal(directory_builder_new(1, false, &fixture->builder), 0);
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	(void)directory_builder_free(fixture->builder);
	(void)unlink(fixture->path);
	assert_int_equal(rmdir(fixture->folder), 0);
	free(fixture);
	return 0;
}

static uint32_t
add_user(struct fixture *fixture, const char *name, uint32_t uid)
{
	char home[64];
	uint32_t index;

	(void)snprintf(home, sizeof(home), "/home/%s", name);
	assert_int_equal(directory_builder_user(fixture->builder, name, uid,
			     "K\xc3\xa5re", home, "/bin/bash", true, &index),
	    0);
	return index;
}

static uint32_t
add_group(struct fixture *fixture, const char *name, uint32_t gid)
{
	uint32_t index;

	assert_int_equal(
	    directory_builder_group(fixture->builder, name, gid, &index), 0);
	return index;
}

static void
add_member(struct fixture *fixture, uint32_t group, uint32_t user)
{
	assert_int_equal(
	    directory_builder_member(fixture->builder, group, user), 0);
}

static struct directory
publish(struct fixture *fixture)
{
	struct directory directory;

	assert_int_equal(
	    directory_builder_publish(fixture->builder, fixture->path), 0);
	assert_int_equal(directory_map(fixture->path, &directory), 0);
	return directory;
}

static void
test_user_is_found_by_name_and_id(void **state)
{
	struct directory directory;
	struct directory_entry entry;
	struct directory_user user;

	(void)add_user(*state, "kari", UID_KARI);
	(void)add_user(*state, "ola", UID_OLA);
	directory = publish(*state);
	assert_int_equal(directory_user_by_name(&directory, "kari", &user), 0);
	assert_string_equal(user.name, "kari");
	assert_string_equal(user.gecos, "K\xc3\xa5re");
	assert_string_equal(user.home, "/home/kari");
	assert_string_equal(user.shell, "/bin/bash");
	assert_int_equal(user.uid, UID_KARI);
	assert_int_equal(user.gid, UID_KARI);
	assert_true(user.may_log_in);
	assert_true(directory_find_id(&directory, UID_OLA, &entry));
	assert_string_equal(entry.text, "ola");
	directory_unmap(&directory);
	assert_null(directory.base);
}

static void
test_locked_user_may_not_log_in(void **state)
{
	struct fixture *fixture = *state;
	struct directory directory;
	struct directory_user user;
	uint32_t index;

	assert_int_equal(
	    directory_builder_user(fixture->builder, "kari", UID_KARI, "",
		"/home/kari", "/bin/sh", false, &index),
	    0);
	directory = publish(fixture);
	assert_int_equal(directory_user_by_name(&directory, "kari", &user), 0);
	assert_string_equal(user.gecos, "");
	assert_false(user.may_log_in);
	directory_unmap(&directory);
}

static void
test_what_is_not_there_is_missed(void **state)
{
	static const char *const names[] = {"", "kar", "karin", "KARI", "kari ",
	    "root", "ko-sak", "abcdefghijklmnopqrstuvwxyz0123456789"};
	struct directory directory;
	struct directory_entry entry;
	struct directory_user user;
	size_t i;

	(void)add_user(*state, "kari", UID_KARI);
	directory = publish(*state);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_false(directory_find_name(&directory, names[i], &entry));
		assert_int_equal(
		    directory_user_by_name(&directory, names[i], &user),
		    -ENOENT);
	}
	assert_false(directory_find_id(&directory, 0, &entry));
	assert_false(directory_find_id(&directory, UID_KARI + 1, &entry));
	assert_false(directory_find_id(&directory, UINT32_MAX, &entry));
	directory_unmap(&directory);
}

static void
test_empty_directory_has_nobody(void **state)
{
	struct directory directory = publish(*state);
	struct directory_entry entry;

	assert_false(directory_find_name(&directory, "kari", &entry));
	assert_false(directory_find_id(&directory, UID_KARI, &entry));
	assert_false(directory_find_next(&directory, 0, &entry));
	directory_unmap(&directory);
}

static void
test_memberships_are_seen_from_both_sides(void **state)
{
	uint32_t kari = add_user(*state, "kari", UID_KARI);
	uint32_t ola = add_user(*state, "ola", UID_OLA);
	uint32_t sak = add_group(*state, "ko-sak", GID_SAK);
	uint32_t empty = add_group(*state, "ko-tom", GID_TOM);
	struct directory directory;
	struct directory_entry entry;
	const uint32_t *gids;
	const char *members;

	(void)empty;
	add_member(*state, sak, ola);
	add_member(*state, sak, kari);
	add_member(*state, sak, ola); /* counts once */
	directory = publish(*state);
	assert_true(directory_find_name(&directory, "ko-sak", &entry));
	assert_false(entry.is_user);
	assert_int_equal(entry.id, GID_SAK);
	assert_int_equal(entry.count, 2);
	members = entry.text + entry.head_size;
	assert_memory_equal(members, "kari\0ola", sizeof("kari\0ola"));
	assert_memory_equal(entry.list, "\5\4", 2);

	assert_true(directory_find_id(&directory, GID_TOM, &entry));
	assert_int_equal(entry.count, 0);
	assert_true(directory_find_name(&directory, "ola", &entry));
	assert_int_equal(entry.count, 1);
	gids = entry.list;
	assert_int_equal(gids[0], GID_SAK);
	directory_unmap(&directory);
}

static void
test_group_is_no_user(void **state)
{
	struct directory directory;
	struct directory_user user;

	(void)add_group(*state, "ko-sak", GID_SAK);
	directory = publish(*state);
	assert_int_equal(
	    directory_user_by_name(&directory, "ko-sak", &user), -ENOENT);
	directory_unmap(&directory);
}

static void
test_walk_goes_by_id_and_survives_gaps(void **state)
{
	struct directory directory;
	struct directory_entry entry;

	(void)add_group(*state, "ko-sak", GID_SAK);
	(void)add_user(*state, "ola", UID_OLA);
	(void)add_user(*state, "kari", UID_KARI);
	directory = publish(*state);
	assert_true(directory_find_next(&directory, 0, &entry));
	assert_int_equal(entry.id, UID_KARI);
	assert_true(directory_find_next(&directory, UID_KARI, &entry));
	assert_int_equal(entry.id, UID_OLA);
	assert_true(directory_find_next(&directory, UID_OLA + 5, &entry));
	assert_int_equal(entry.id, GID_SAK);
	assert_false(directory_find_next(&directory, GID_SAK, &entry));
	assert_false(directory_find_next(&directory, GID_SAK + 1, &entry));
	directory_unmap(&directory);
}

/* Enough for every slot to be contested, and for the sets to grow. */
static void
test_many_are_all_found(void **state)
{
	enum { MANY = 5000 };
	struct directory directory;
	struct directory_entry entry;
	char name[32];
	uint32_t i;

	for (i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "user%u", i);
		(void)add_user(*state, name, UID_KARI + i);
	}
	directory = publish(*state);
	for (i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "user%u", i);
		assert_true(directory_find_name(&directory, name, &entry));
		assert_int_equal(entry.id, UID_KARI + i);
		assert_true(
		    directory_find_id(&directory, UID_KARI + i, &entry));
		assert_string_equal(entry.text, name);
	}
	directory_unmap(&directory);
}

static void
test_builder_refuses_what_must_not_be_published(void **state)
{
	struct fixture *fixture = *state;
	struct directory_builder *b = fixture->builder;
	char long_text[600];
	uint32_t i;

	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[0] = '/';
	long_text[sizeof(long_text) - 1] = '\0';
#define USER(name, uid, gecos, home, shell) \
	directory_builder_user(b, name, uid, gecos, home, shell, true, &i)
	assert_int_equal(USER("Kari", UID_KARI, "", "/", "/s"), -EINVAL);
	assert_int_equal(USER("", UID_KARI, "", "/", "/s"), -EINVAL);
	assert_int_equal(USER("kari", 0, "", "/", "/s"), -EINVAL);
	assert_int_equal(USER("kari", 1000, "", "/", "/s"), -EINVAL);
	assert_int_equal(USER("kari", UINT32_MAX, "", "/", "/s"), -EINVAL);
	assert_int_equal(USER("kari", UID_KARI, "a:b", "/", "/s"), -EINVAL);
	assert_int_equal(USER("kari", UID_KARI, "a\nb", "/", "/s"), -EINVAL);
	assert_int_equal(USER("kari", UID_KARI, "", "home", "/s"), -EINVAL);
	assert_int_equal(USER("kari", UID_KARI, "", "/", ""), -EINVAL);
	assert_int_equal(USER("kari", UID_KARI, "", long_text, "/s"), -EINVAL);
#undef USER
	assert_int_equal(directory_builder_group(b, "ko-sak", 27, &i), -EINVAL);
	assert_int_equal(
	    directory_builder_group(b, "a b", GID_SAK, &i), -EINVAL);
	assert_int_equal(directory_builder_member(b, 0, 0), -EINVAL);
}

/* A user is also a group, so both share one space of names and of ids. */
static void
test_builder_refuses_what_is_there_already(void **state)
{
	struct fixture *fixture = *state;
	struct directory_builder *builder = fixture->builder;
	uint32_t index;

	(void)add_user(fixture, "kari", UID_KARI);
	(void)add_group(fixture, "ko-sak", GID_SAK);
	assert_int_equal(directory_builder_user(builder, "kari", UID_OLA, "",
			     "/", "/s", true, &index),
	    -EEXIST);
	assert_int_equal(directory_builder_user(builder, "ola", UID_KARI, "",
			     "/", "/s", true, &index),
	    -EEXIST);
	assert_int_equal(directory_builder_user(builder, "ko-sak", UID_OLA, "",
			     "/", "/s", true, &index),
	    -EEXIST);
	assert_int_equal(
	    directory_builder_group(builder, "kari", GID_TOM, &index), -EEXIST);
	assert_int_equal(
	    directory_builder_group(builder, "ko-tom", UID_KARI, &index),
	    -EEXIST);
}

static void
test_publication_tells_the_old_image(void **state)
{
	struct fixture *fixture = *state;
	struct directory old, new;

	(void)add_user(fixture, "kari", UID_KARI);
	old = publish(fixture);
	assert_false(directory_is_superseded(&old));
	assert_int_equal(directory_check_current(&old, fixture->path), 0);

	(void)directory_builder_free(fixture->builder);
	assert_int_equal(directory_builder_new(2, true, &fixture->builder), 0);
	new = publish(fixture);
	assert_true(directory_is_superseded(&old));
	assert_int_equal(directory_check_current(&old, fixture->path), -ESTALE);
	assert_false(directory_is_superseded(&new));
	assert_int_equal(new.generation, 2);
	assert_true(new.enumerate);
	assert_false(old.enumerate);
	directory_unmap(&old);
	directory_unmap(&new);
}

static void
test_failed_publication_leaves_the_old_image(void **state)
{
	struct fixture *fixture = *state;
	struct directory directory;
	char path[160];

	(void)add_user(fixture, "kari", UID_KARI);
	directory = publish(fixture);
	assert_int_equal(
	    directory_builder_publish(fixture->builder, fixture->path),
	    -EINVAL); /* used up */
	(void)directory_builder_free(fixture->builder);
	assert_int_equal(directory_builder_new(2, true, &fixture->builder), 0);
	(void)snprintf(
	    path, sizeof(path), "%s/none/directory", fixture->folder);
	assert_int_equal(
	    directory_builder_publish(fixture->builder, path), -ENOENT);
	assert_false(directory_is_superseded(&directory));
	assert_int_equal(directory_check_current(&directory, fixture->path), 0);
	directory_unmap(&directory);
}

/* The disk fails at the last step: the old image takes back what it was told. */
static bool rename_fails;

int __real_renameat(
    int from_folder, const char *from, int to_folder, const char *to);
int __wrap_renameat(
    int from_folder, const char *from, int to_folder, const char *to);

int
__wrap_renameat(
    int from_folder, const char *from, int to_folder, const char *to)
{
	if (!rename_fails)
		return __real_renameat(from_folder, from, to_folder, to);
	errno = EIO;
	return -1;
}

static void
test_failed_rename_leaves_the_old_image(void **state)
{
	struct fixture *fixture = *state;
	struct directory directory;
	char path[160];

	(void)add_user(fixture, "kari", UID_KARI);
	directory = publish(fixture);
	(void)directory_builder_free(fixture->builder);
	assert_int_equal(directory_builder_new(2, true, &fixture->builder), 0);
	rename_fails = true;
	assert_int_equal(
	    directory_builder_publish(fixture->builder, fixture->path), -EIO);
	rename_fails = false;
	assert_false(directory_is_superseded(&directory));
	assert_int_equal(directory_check_current(&directory, fixture->path), 0);
	(void)snprintf(path, sizeof(path), "%s.new", fixture->path);
	assert_int_equal(access(path, F_OK), -1);
	directory_unmap(&directory);
}

/* What a killed publisher left behind is in nobody's way. */
static void
test_leftovers_are_replaced(void **state)
{
	struct fixture *fixture = *state;
	struct directory directory;
	char path[160];
	struct stat st;
	mode_t mask;

	(void)snprintf(path, sizeof(path), "%s.new", fixture->path);
	assert_int_equal(symlink("/dev/null", path), 0);
	mask = umask(077);
	directory = publish(fixture);
	(void)umask(mask);
	assert_int_equal(lstat(path, &st), -1);
	assert_int_equal(lstat(fixture->path, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0644);
	directory_unmap(&directory);
}

/*
 * A reader that hashes otherwise than the writer finds nobody, and says nobody
 * is there. Whoever changes the hash changes DIRECTORY_VERSION, and this.
 */
static void
test_the_hash_belongs_to_the_version(void **state)
{
	static const uint64_t seed[2] = {
	    0x0123456789abcdef, 0xfedcba9876543210};

	(void)state;
	assert_int_equal(DIRECTORY_VERSION, 1);
	assert_true(image_hash(seed, "kari", 4) == 0x248152c64cc83d5f);
	assert_true(image_hash(seed, "a", 1) == 0x8e51256328b911d2);
	assert_true(image_hash(seed, "abcdefghijklmnopqrstuvwxyz012345", 32) ==
		    0x3089e4b260c29c73);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_the_hash_belongs_to_the_version),
	    TEST(test_user_is_found_by_name_and_id),
	    TEST(test_locked_user_may_not_log_in),
	    TEST(test_what_is_not_there_is_missed),
	    TEST(test_empty_directory_has_nobody),
	    TEST(test_memberships_are_seen_from_both_sides),
	    TEST(test_group_is_no_user),
	    TEST(test_walk_goes_by_id_and_survives_gaps),
	    TEST(test_many_are_all_found),
	    TEST(test_builder_refuses_what_must_not_be_published),
	    TEST(test_builder_refuses_what_is_there_already),
	    TEST(test_publication_tells_the_old_image),
	    TEST(test_failed_publication_leaves_the_old_image),
	    TEST(test_failed_rename_leaves_the_old_image),
	    TEST(test_leftovers_are_replaced),
	};

	return cmocka_run_group_tests_name("directory", tests, NULL, NULL);
}
