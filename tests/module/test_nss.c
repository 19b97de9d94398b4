/* The entry points of the NSS module, as glibc calls them. */
#include "nss_module/answer.h"
#include "nss_module/group.h"
#include "nss_module/passwd.h"
#include "tests/module/sample.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	USERS = 60,
	GROUPS = 5, /* of each user */
	BUFFER_SIZE = 8192,
	ERRNO_BEFORE = 4242,
};

static char folder[64];
static char path[128];

/* Publishes, so that this very lookup and all later ones see it. */
static void
publish(uint64_t generation, bool enumerate, uint32_t users)
{
	assert_int_equal(
	    sample_publish(path, generation, enumerate, users, GROUPS), 0);
}

static int
setup_all(void **state)
{
	(void)state;
	(void)strcpy(folder, "/tmp/test-nss-XXXXXX");
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/directory", folder);
	directory_source.path = path;
	directory_source.restricted_path = "/nowhere/restricted";
	publish(1, true, USERS);
	return 0;
}

static int
teardown_all(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(folder);
}

static void
test_user_by_name_and_uid(void **state)
{
	char buffer[BUFFER_SIZE];
	struct passwd pw;
	int error = ERRNO_BEFORE;

	(void)state;
	errno = ERRNO_BEFORE;
	assert_int_equal(_nss_portvakt_getpwnam_r(
			     "user000007", &pw, buffer, sizeof(buffer), &error),
	    NSS_STATUS_SUCCESS);
	assert_string_equal(pw.pw_name, "user000007");
	assert_string_equal(pw.pw_passwd, "x");
	assert_int_equal(pw.pw_uid, SAMPLE_UID + 7);
	assert_int_equal(pw.pw_gid, SAMPLE_UID + 7);
	assert_string_equal(pw.pw_gecos, "User 7 of 1");
	assert_string_equal(pw.pw_dir, "/home/user000007");
	assert_string_equal(pw.pw_shell, "/bin/bash");
	assert_int_equal(_nss_portvakt_getpwuid_r(SAMPLE_UID + 8, &pw, buffer,
			     sizeof(buffer), &error),
	    NSS_STATUS_SUCCESS);
	assert_string_equal(pw.pw_name, "user000008");
	assert_int_equal(error, ERRNO_BEFORE);
	assert_int_equal(errno, ERRNO_BEFORE);
}

static void
test_unknown_is_final(void **state)
{
	char buffer[BUFFER_SIZE];
	struct passwd pw;
	struct group gr;
	int error = 0;

	(void)state;
	assert_int_equal(_nss_portvakt_getpwnam_r(
			     "root", &pw, buffer, sizeof(buffer), &error),
	    NSS_STATUS_NOTFOUND);
	assert_int_equal(error, ENOENT);
	assert_int_equal(_nss_portvakt_getpwnam_r("ko-group00001", &pw, buffer,
			     sizeof(buffer), &error),
	    NSS_STATUS_NOTFOUND);
	assert_int_equal(
	    _nss_portvakt_getpwuid_r(0, &pw, buffer, sizeof(buffer), &error),
	    NSS_STATUS_NOTFOUND);
	assert_int_equal(_nss_portvakt_getpwuid_r(
			     SAMPLE_GID, &pw, buffer, sizeof(buffer), &error),
	    NSS_STATUS_NOTFOUND);
	assert_int_equal(_nss_portvakt_getgrnam_r(
			     "sudo", &gr, buffer, sizeof(buffer), &error),
	    NSS_STATUS_NOTFOUND);
	assert_int_equal(
	    _nss_portvakt_getgrgid_r(27, &gr, buffer, sizeof(buffer), &error),
	    NSS_STATUS_NOTFOUND);
}

static void
assert_member(const struct group *gr, uint32_t index, uint32_t user)
{
	char name[SAMPLE_NAME_SIZE];

	(void)snprintf(name, sizeof(name), "user%06u", user);
	assert_string_equal(gr->gr_mem[index], name);
}

static void
test_group_by_name_and_gid(void **state)
{
	char buffer[BUFFER_SIZE];
	struct group gr;
	int error = ERRNO_BEFORE;
	uint32_t i;

	(void)state;
	errno = ERRNO_BEFORE;
	assert_int_equal(_nss_portvakt_getgrgid_r(
			     SAMPLE_GID, &gr, buffer, sizeof(buffer), &error),
	    NSS_STATUS_SUCCESS);
	assert_string_equal(gr.gr_name, "ko-group00000");
	assert_string_equal(gr.gr_passwd, "x");
	for (i = 0; i < USERS; i++)
		assert_member(&gr, i, i);
	assert_null(gr.gr_mem[USERS]);
	assert_int_equal(_nss_portvakt_getgrnam_r("ko-group00003", &gr, buffer,
			     sizeof(buffer), &error),
	    NSS_STATUS_SUCCESS);
	assert_int_equal(gr.gr_gid, SAMPLE_GID + 3);
	assert_int_equal(errno, ERRNO_BEFORE);
	assert_int_equal(error, ERRNO_BEFORE);
}

static void
test_every_user_has_a_private_group(void **state)
{
	char buffer[BUFFER_SIZE];
	struct group gr;
	int error;

	(void)state;
	assert_int_equal(_nss_portvakt_getgrnam_r(
			     "user000007", &gr, buffer, sizeof(buffer), &error),
	    NSS_STATUS_SUCCESS);
	assert_int_equal(gr.gr_gid, SAMPLE_UID + 7);
	assert_null(gr.gr_mem[0]);
	assert_int_equal(_nss_portvakt_getgrgid_r(SAMPLE_UID + 8, &gr, buffer,
			     sizeof(buffer), &error),
	    NSS_STATUS_SUCCESS);
	assert_string_equal(gr.gr_name, "user000008");
	assert_string_equal(gr.gr_passwd, "x");
	assert_null(gr.gr_mem[0]);
}

/* An exact-size buffer, so that a sanitizer sees the first byte beyond it. */
static enum nss_status
passwd_in(size_t size, int *ret_error)
{
	char *buffer = malloc(size > 0 ? size : 1);
	struct passwd pw;
	enum nss_status status;

	assert_non_null(buffer);
	status = _nss_portvakt_getpwnam_r(
	    "user000007", &pw, buffer, size, ret_error);
	free(buffer);
	return status;
}

static enum nss_status
group_in(gid_t gid, size_t shift, size_t size, int *ret_error)
{
	char *buffer = malloc(shift + size + 1);
	struct group gr;
	enum nss_status status;

	assert_non_null(buffer);
	status =
	    _nss_portvakt_getgrgid_r(gid, &gr, buffer + shift, size, ret_error);
	if (status == NSS_STATUS_SUCCESS)
		assert_int_equal((uintptr_t)gr.gr_mem % sizeof(char *), 0);
	free(buffer);
	return status;
}

static void
test_passwd_asks_for_exactly_what_it_needs(void **state)
{
	const size_t needed =
	    sizeof("user000007\0x\0User 7 of 1\0/home/user000007\0/bin/bash");
	size_t size;
	int error;

	(void)state;
	for (size = 0; size < needed; size++) {
		error = 0;
		assert_int_equal(passwd_in(size, &error), NSS_STATUS_TRYAGAIN);
		assert_int_equal(error, ERANGE);
	}
	assert_int_equal(passwd_in(needed, &error), NSS_STATUS_SUCCESS);
}

static void
assert_group_needs(gid_t gid, size_t needed)
{
	size_t shift, size, padding;
	int error;

	for (shift = 0; shift < sizeof(char *); shift++) {
		padding = -shift % sizeof(char *);
		for (size = 0; size < needed + padding; size++) {
			error = 0;
			assert_int_equal(group_in(gid, shift, size, &error),
			    NSS_STATUS_TRYAGAIN);
			assert_int_equal(error, ERANGE);
		}
		assert_int_equal(
		    group_in(gid, shift, size, &error), NSS_STATUS_SUCCESS);
	}
}

static void
test_group_asks_for_exactly_what_it_needs(void **state)
{
	(void)state;
	assert_group_needs(SAMPLE_GID, sizeof("ko-group00000\0x") +
					   USERS * sizeof("user000000") +
					   (USERS + 1) * sizeof(char *));
	assert_group_needs(
	    SAMPLE_UID + 7, sizeof("user000007\0x") + sizeof(char *));
}

struct groups {
	gid_t *gids;
	long start;
	long size;
};

/* As glibc calls it: with one gid that it has already. */
static enum nss_status
ask_groups(const char *user, gid_t skip, long size, long limit,
    struct groups *ret_groups, int *ret_error)
{
	struct groups groups = {.start = 1, .size = size};
	enum nss_status status;

	groups.gids = calloc((size_t)size, sizeof(*groups.gids));
	assert_non_null(groups.gids);
	groups.gids[0] = skip;
	status = _nss_portvakt_initgroups_dyn(user, skip, &groups.start,
	    &groups.size, &groups.gids, limit, ret_error);
	assert_true(groups.start <= groups.size);
	*ret_groups = groups;
	return status;
}

static bool
has_gid(const struct groups *groups, gid_t gid)
{
	long i;

	for (i = 1; i < groups->start; i++) {
		if (groups->gids[i] == gid)
			return true;
	}
	return false;
}

static void
test_initgroups_grows_the_array(void **state)
{
	struct groups groups;
	uint32_t k;
	long size;
	int error = ERRNO_BEFORE;

	(void)state;
	for (size = 1; size < 2 * GROUPS; size++) {
		assert_int_equal(ask_groups("user000007", SAMPLE_UID + 7, size,
				     0, &groups, &error),
		    NSS_STATUS_SUCCESS);
		assert_int_equal(groups.start, 1 + GROUPS);
		assert_int_equal(groups.gids[0], SAMPLE_UID + 7);
		for (k = 0; k < GROUPS; k++)
			assert_true(has_gid(&groups,
			    SAMPLE_GID + sample_group_of(USERS, 7, k)));
		free(groups.gids);
	}
	assert_int_equal(error, ERRNO_BEFORE);
}

static void
test_initgroups_stops_at_the_limit(void **state)
{
	struct groups groups;
	long limit;
	int error;

	(void)state;
	for (limit = 1; limit <= 1 + GROUPS; limit++) {
		assert_int_equal(ask_groups("user000007", SAMPLE_UID + 7, 1,
				     limit, &groups, &error),
		    NSS_STATUS_SUCCESS);
		assert_int_equal(groups.start, limit);
		assert_int_equal(groups.size, limit);
		free(groups.gids);
	}
}

static void
test_initgroups_skips_what_the_caller_has(void **state)
{
	const gid_t skip = SAMPLE_GID + sample_group_of(USERS, 7, 2);
	struct groups groups;
	int error;

	(void)state;
	assert_int_equal(ask_groups("user000007", skip, 1, 0, &groups, &error),
	    NSS_STATUS_SUCCESS);
	assert_int_equal(groups.start, GROUPS);
	assert_false(has_gid(&groups, skip));
	free(groups.gids);
}

static void
test_initgroups_knows_only_our_users(void **state)
{
	struct groups groups;
	int error = 0;

	(void)state;
	assert_int_equal(
	    ask_groups("root", 0, 1, 0, &groups, &error), NSS_STATUS_NOTFOUND);
	assert_int_equal(error, ENOENT);
	assert_int_equal(groups.start, 1);
	free(groups.gids);
	assert_int_equal(ask_groups("ko-group00001", 0, 1, 0, &groups, &error),
	    NSS_STATUS_NOTFOUND);
	free(groups.gids);
}

static uint32_t
count_users(size_t size)
{
	char buffer[BUFFER_SIZE];
	struct passwd pw;
	enum nss_status status;
	uint32_t count = 0;
	int error;

	assert_int_equal(_nss_portvakt_setpwent(0), NSS_STATUS_SUCCESS);
	for (;;) {
		status = _nss_portvakt_getpwent_r(&pw, buffer, size, &error);
		if (status != NSS_STATUS_SUCCESS)
			break;
		assert_int_equal(pw.pw_uid, SAMPLE_UID + count);
		count++;
		/* A lookup moves no cursor. */
		assert_int_equal(_nss_portvakt_getpwuid_r(SAMPLE_UID, &pw,
				     buffer, sizeof(buffer), &error),
		    NSS_STATUS_SUCCESS);
	}
	assert_int_equal(status, NSS_STATUS_NOTFOUND);
	assert_int_equal(_nss_portvakt_endpwent(), NSS_STATUS_SUCCESS);
	return count;
}

static uint32_t
count_groups(void)
{
	char buffer[BUFFER_SIZE];
	struct group gr;
	uint32_t count = 0;
	int error;

	assert_int_equal(_nss_portvakt_setgrent(0), NSS_STATUS_SUCCESS);
	while (_nss_portvakt_getgrent_r(&gr, buffer, sizeof(buffer), &error) ==
	       NSS_STATUS_SUCCESS)
		count++;
	assert_int_equal(error, ENOENT);
	assert_int_equal(_nss_portvakt_endgrent(), NSS_STATUS_SUCCESS);
	return count;
}

static void
test_list_has_everybody_once(void **state)
{
	(void)state;
	assert_int_equal(count_users(BUFFER_SIZE), USERS);
	assert_int_equal(count_groups(), USERS + sample_group_count(USERS));
}

static void
test_list_repeats_what_did_not_fit(void **state)
{
	char buffer[BUFFER_SIZE];
	struct passwd pw;
	int error = 0;

	(void)state;
	(void)_nss_portvakt_setpwent(0);
	assert_int_equal(_nss_portvakt_getpwent_r(&pw, buffer, 8, &error),
	    NSS_STATUS_TRYAGAIN);
	assert_int_equal(error, ERANGE);
	assert_int_equal(
	    _nss_portvakt_getpwent_r(&pw, buffer, sizeof(buffer), &error),
	    NSS_STATUS_SUCCESS);
	assert_int_equal(pw.pw_uid, SAMPLE_UID);
}

/* From one generation to the next in the middle: nobody twice, no loop. */
static void
test_list_goes_on_in_the_next_generation(void **state)
{
	char buffer[BUFFER_SIZE];
	struct passwd pw;
	uint32_t i;
	int error;

	(void)state;
	(void)_nss_portvakt_setpwent(0);
	for (i = 0; i < 2 * USERS; i++) {
		if (i == 30)
			publish(2, true, 2 * USERS);
		assert_int_equal(_nss_portvakt_getpwent_r(
				     &pw, buffer, sizeof(buffer), &error),
		    NSS_STATUS_SUCCESS);
		assert_int_equal(pw.pw_uid, SAMPLE_UID + i);
	}
	publish(3, true, USERS); /* and back: the last one is gone */
	assert_int_equal(
	    _nss_portvakt_getpwent_r(&pw, buffer, sizeof(buffer), &error),
	    NSS_STATUS_NOTFOUND);
}

static void
test_list_is_empty_unless_allowed(void **state)
{
	(void)state;
	publish(4, false, USERS);
	assert_int_equal(count_users(BUFFER_SIZE), 0);
	assert_int_equal(count_groups(), 0);
}

static void
test_no_image_is_an_outage_not_a_miss(void **state)
{
	char buffer[BUFFER_SIZE];
	struct source kept = directory_source;
	struct passwd pw;
	struct group gr;
	struct groups groups;
	int error = 0;

	(void)state;
	memset(&directory_source, 0, sizeof(directory_source));
	directory_source = (struct source)SOURCE_INIT(
	    "/nowhere/directory", "/nowhere/restricted");
	errno = ERRNO_BEFORE;
	assert_int_equal(_nss_portvakt_getpwnam_r(
			     "user000007", &pw, buffer, sizeof(buffer), &error),
	    NSS_STATUS_UNAVAIL);
	assert_int_equal(error, ENOENT);
	assert_int_equal(errno, ERRNO_BEFORE);
	assert_int_equal(_nss_portvakt_getpwuid_r(
			     SAMPLE_UID, &pw, buffer, sizeof(buffer), &error),
	    NSS_STATUS_UNAVAIL);
	assert_int_equal(_nss_portvakt_getgrnam_r(
			     "user000007", &gr, buffer, sizeof(buffer), &error),
	    NSS_STATUS_UNAVAIL);
	assert_int_equal(_nss_portvakt_getgrgid_r(
			     SAMPLE_UID, &gr, buffer, sizeof(buffer), &error),
	    NSS_STATUS_UNAVAIL);
	assert_int_equal(
	    _nss_portvakt_getpwent_r(&pw, buffer, sizeof(buffer), &error),
	    NSS_STATUS_UNAVAIL);
	assert_int_equal(
	    _nss_portvakt_getgrent_r(&gr, buffer, sizeof(buffer), &error),
	    NSS_STATUS_UNAVAIL);
	assert_int_equal(ask_groups("user000007", 0, 1, 0, &groups, &error),
	    NSS_STATUS_UNAVAIL);
	free(groups.gids);
	directory_source = kept;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_user_by_name_and_uid),
	    cmocka_unit_test(test_unknown_is_final),
	    cmocka_unit_test(test_group_by_name_and_gid),
	    cmocka_unit_test(test_every_user_has_a_private_group),
	    cmocka_unit_test(test_passwd_asks_for_exactly_what_it_needs),
	    cmocka_unit_test(test_group_asks_for_exactly_what_it_needs),
	    cmocka_unit_test(test_initgroups_grows_the_array),
	    cmocka_unit_test(test_initgroups_stops_at_the_limit),
	    cmocka_unit_test(test_initgroups_skips_what_the_caller_has),
	    cmocka_unit_test(test_initgroups_knows_only_our_users),
	    cmocka_unit_test(test_list_has_everybody_once),
	    cmocka_unit_test(test_list_repeats_what_did_not_fit),
	    cmocka_unit_test(test_list_goes_on_in_the_next_generation),
	    cmocka_unit_test(test_list_is_empty_unless_allowed),
	    cmocka_unit_test(test_no_image_is_an_outage_not_a_miss),
	};

	return cmocka_run_group_tests_name(
	    "nss", tests, setup_all, teardown_all);
}
