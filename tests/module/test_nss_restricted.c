/*
 * Who is told of restricted memberships: initgroups of a process that is root
 * when it asks. Real processes of several users.
 */
#include "nss_module/answer.h"
#include "nss_module/group.h"
#include "tests/module/sample.h"
#include "tests/unit/as_root.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	USERS = 60,
	GROUPS = 5, /* of each user, none of them restricted */
	BUFFER_SIZE = 8192,
	COLLEAGUE = 64001, /* a uid of this machine's */
};

#define MEMBER "user000003"
#define NO_MEMBER "user000004"

static char folder[64];
static char path[128];
static char restricted_path[128];
static uint64_t generation;
static bool other_users; /* can be tested as */

/* What a reader that waits for the second image waits for. */
static int pauses;
static void (*in_pause)(void);

int __wrap_nanosleep(const struct timespec *time, struct timespec *rest);

int
__wrap_nanosleep(const struct timespec *time, struct timespec *rest)
{
	assert_null(rest);
	assert_true(time->tv_sec == 0 && time->tv_nsec <= 1000000);
	pauses++;
	if (in_pause)
		in_pause();
	return 0;
}

static void
publish(void)
{
	assert_int_equal(sample_publish_both(path, restricted_path,
			     ++generation, USERS, GROUPS),
	    0);
}

/* As a crash between the two names leaves it. */
static void
publish_restricted_alone(void)
{
	char aside[160];

	(void)snprintf(aside, sizeof(aside), "%s/aside", folder);
	assert_int_equal(sample_publish_both(aside, restricted_path,
			     ++generation, USERS, GROUPS),
	    0);
	assert_int_equal(unlink(aside), 0);
}

static int
set_up(void **state)
{
	(void)state;
	(void)strcpy(folder, "/tmp/test-restricted-XXXXXX");
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chmod(folder, 0755), 0);
	(void)snprintf(path, sizeof(path), "%s/directory", folder);
	(void)snprintf(restricted_path, sizeof(restricted_path),
	    "%s/directory.restricted", folder);
	memset(&directory_source, 0, sizeof(directory_source));
	directory_source = (struct source)SOURCE_INIT(path, restricted_path);
	pauses = 0;
	in_pause = NULL;
	publish();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	(void)unlink(path);
	(void)unlink(restricted_path);
	return rmdir(folder);
}

/* How many groups there are, 1 of them restricted with *ret_restricted. */
static long
ask(const char *user, long limit, bool *ret_restricted)
{
	gid_t *gids = calloc(1, sizeof(*gids));
	long start = 0, size = 1, i;
	int error = 0;

	assert_non_null(gids);
	assert_int_equal(_nss_portvakt_initgroups_dyn(
			     user, 1, &start, &size, &gids, limit, &error),
	    NSS_STATUS_SUCCESS);
	*ret_restricted = false;
	for (i = 0; i < start; i++)
		*ret_restricted |= gids[i] == SAMPLE_RESTRICTED;
	free(gids);
	return start;
}

static bool
is_told(const char *user)
{
	bool restricted;
	long count = ask(user, 0, &restricted);

	assert_int_equal(count, GROUPS + restricted);
	return restricted;
}

/* Of this process, by the name of their files. */
static int
maps_of_restricted(void)
{
	FILE *file = fopen("/proc/self/maps", "re");
	char line[512];
	int count = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		count += strstr(line, "directory.restricted") != NULL;
	(void)fclose(file);
	return count;
}

/* 0 when it holds in a process of its own. */
static int
in_child(bool (*holds)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(holds() ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
needs_other_users(void)
{
	if (!other_users)
		skip();
}

static void
test_root_is_told_of_members(void **state)
{
	(void)state;
	assert_true(is_told(MEMBER));
	assert_false(is_told(NO_MEMBER));
	publish();
	assert_true(is_told(MEMBER));
	assert_int_equal(pauses, 0);
}

static void
test_limit_holds_for_both(void **state)
{
	bool restricted;

	(void)state;
	assert_int_equal(ask(MEMBER, GROUPS, &restricted), GROUPS);
	assert_false(restricted);
	assert_int_equal(ask(MEMBER, GROUPS + 1, &restricted), GROUPS + 1);
	assert_true(restricted);
}

static bool
colleague_is_not_told(void)
{
	if (setresuid(COLLEAGUE, COLLEAGUE, COLLEAGUE))
		return false;
	return !is_told(MEMBER) && open(restricted_path, O_RDONLY) < 0 &&
	       errno == EACCES;
}

static void
test_colleague_is_not_told(void **state)
{
	(void)state;
	needs_other_users();
	assert_int_equal(in_child(colleague_is_not_told), 0);
}

static bool
no_longer_told(void)
{
	return is_told(MEMBER) && seteuid(COLLEAGUE) == 0 && !is_told(MEMBER) &&
	       maps_of_restricted() == 0 && seteuid(0) == 0 && is_told(MEMBER);
}

/* A daemon that was root when it asked first, and the child of one. */
static void
test_who_was_root_is_not_told(void **state)
{
	(void)state;
	needs_other_users();
	assert_true(is_told(MEMBER));
	assert_int_equal(in_child(colleague_is_not_told), 0);
	assert_int_equal(in_child(no_longer_told), 0);
}

static bool
owner_is_not_told(void)
{
	return setresuid(COLLEAGUE, COLLEAGUE, COLLEAGUE) == 0 &&
	       access(restricted_path, R_OK) == 0 && !is_told(MEMBER);
}

/* Not even who could open the file: it is the asking that root may do. */
static void
test_owner_is_not_told(void **state)
{
	(void)state;
	needs_other_users();
	assert_int_equal(chown(folder, COLLEAGUE, COLLEAGUE), 0);
	assert_int_equal(chown(path, COLLEAGUE, COLLEAGUE), 0);
	assert_int_equal(chown(restricted_path, COLLEAGUE, COLLEAGUE), 0);
	assert_int_equal(in_child(owner_is_not_told), 0);
	assert_true(is_told(MEMBER));
}

static void
test_nothing_is_kept(void **state)
{
	int before, after;

	(void)state;
	before = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(close(before), 0);
	errno = 4242;
	assert_true(is_told(MEMBER));
	assert_int_equal(errno, 4242);
	after = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(close(after), 0);
	assert_int_equal(before, after);
	assert_int_equal(maps_of_restricted(), 0);
}

/* Groups have a name and no members, for root too, however one asks. */
static void
test_nobody_sees_members(void **state)
{
	char buffer[BUFFER_SIZE];
	struct group group;
	bool seen = false;
	int error = 0;

	(void)state;
	assert_int_equal(_nss_portvakt_getgrnam_r("ko-restricted", &group,
			     buffer, sizeof(buffer), &error),
	    NSS_STATUS_SUCCESS);
	assert_int_equal(group.gr_gid, SAMPLE_RESTRICTED);
	assert_null(group.gr_mem[0]);
	assert_int_equal(_nss_portvakt_getgrgid_r(SAMPLE_RESTRICTED, &group,
			     buffer, sizeof(buffer), &error),
	    NSS_STATUS_SUCCESS);
	assert_string_equal(group.gr_name, "ko-restricted");
	assert_null(group.gr_mem[0]);
	(void)_nss_portvakt_setgrent(0);
	while (_nss_portvakt_getgrent_r(&group, buffer, sizeof(buffer),
		   &error) == NSS_STATUS_SUCCESS) {
		if (group.gr_gid != SAMPLE_RESTRICTED)
			continue;
		assert_null(group.gr_mem[0]);
		seen = true;
	}
	assert_true(seen);
}

static void
test_no_good_image_is_no_membership(void **state)
{
	(void)state;
	assert_int_equal(chmod(restricted_path, 0640), 0);
	assert_false(is_told(MEMBER));
	assert_int_equal(chmod(restricted_path, 0600), 0);
	assert_true(is_told(MEMBER));
	assert_int_equal(truncate(restricted_path, 200), 0);
	assert_false(is_told(MEMBER));
	assert_int_equal(unlink(restricted_path), 0);
	assert_false(is_told(MEMBER));
	assert_int_equal(symlink("directory", restricted_path), 0);
	assert_false(is_told(MEMBER));
	assert_int_equal(unlink(restricted_path), 0);
	/* The public image where the restricted one should be. */
	assert_int_equal(
	    sample_publish(restricted_path, generation, true, USERS, GROUPS),
	    0);
	assert_int_equal(chmod(restricted_path, 0600), 0);
	assert_false(is_told(MEMBER));
	assert_int_equal(pauses, 0);
}

/* And the restricted one, made readable, where the public one should be. */
static void
test_restricted_image_is_no_public_one(void **state)
{
	struct directory directory;

	(void)state;
	assert_int_equal(chmod(restricted_path, 0644), 0);
	assert_int_equal(directory_map(restricted_path, &directory), -EBADMSG);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(directory_map_restricted(path, &directory), -EBADMSG);
}

static void
test_other_generation_is_no_membership(void **state)
{
	(void)state;
	publish_restricted_alone();
	assert_false(is_told(MEMBER));
	assert_int_equal(pauses, 9);
	assert_false(is_told(NO_MEMBER));
	publish();
	assert_true(is_told(MEMBER));
}

/* Between the two names of one publication: the second is waited for. */
static void
test_publication_in_between_is_waited_for(void **state)
{
	(void)state;
	assert_true(is_told(MEMBER));
	publish_restricted_alone();
	in_pause = publish;
	assert_true(is_told(MEMBER));
	assert_int_equal(pauses, 1);
}

/* It would tell everybody. */
static void
test_nscd_is_not_told(void **state)
{
	char nscd[] = "nscd";
	char *name = program_invocation_short_name;

	(void)state;
	program_invocation_short_name = nscd;
	assert_false(is_told(MEMBER));
	program_invocation_short_name = name;
	assert_true(is_told(MEMBER));
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_root_is_told_of_members),
	    TEST(test_limit_holds_for_both),
	    TEST(test_colleague_is_not_told),
	    TEST(test_who_was_root_is_not_told),
	    TEST(test_owner_is_not_told),
	    TEST(test_nothing_is_kept),
	    TEST(test_nobody_sees_members),
	    TEST(test_no_good_image_is_no_membership),
	    TEST(test_restricted_image_is_no_public_one),
	    TEST(test_other_generation_is_no_membership),
	    TEST(test_publication_in_between_is_waited_for),
	    TEST(test_nscd_is_not_told),
	};

	other_users = geteuid() == 0;
	if (!as_root()) {
		(void)puts("1..0 # SKIP no user namespaces");
		return 0;
	}
	return cmocka_run_group_tests_name("restricted", tests, NULL, NULL);
}
