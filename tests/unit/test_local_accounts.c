#include "broker/register/local_accounts.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
put_file(const char *dir, const char *name, const char *text)
{
	char path[PATH_MAX];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int
set_up(void **state)
{
	*state = strdup("/tmp/portvakt-local-XXXXXX");
	return mkdtemp(*state) ? 0 : -1;
}

static int
tear_down(void **state)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", (char *)*state);
	free(*state);
	return system(command);
}

static void
test_knows_names_and_ids_of_both_files(void **state)
{
	struct local_accounts *local;
	const char *dir = *state;

	put_file(dir, "passwd",
	    "root:x:0:0:root:/root:/bin/bash\n"
	    "per:x:70000:70001:Per,,:/home/per:/bin/bash\n"
	    "last:x:70002:70003::/:/bin/sh"); /* without a newline */
	put_file(dir, "group", "kantine:x:70004:per,ola\nempty::70005:\n");
	assert_int_equal(local_accounts_read(dir, &local), 0);
	assert_true(local_accounts_has_name(local, "per"));
	assert_true(local_accounts_has_name(local, "last"));
	assert_true(local_accounts_has_name(local, "kantine"));
	assert_false(local_accounts_has_name(local, "ola"));
	assert_false(local_accounts_has_name(local, "pe"));
	assert_false(local_accounts_has_name(local, "perr"));
	assert_false(local_accounts_has_name(local, "Per"));
	assert_true(local_accounts_has_id(local, 0));
	assert_true(local_accounts_has_id(local, 70000));
	assert_true(local_accounts_has_id(local, 70001));
	assert_true(local_accounts_has_id(local, 70003));
	assert_true(local_accounts_has_id(local, 70004));
	assert_true(local_accounts_has_id(local, 70005));
	assert_false(local_accounts_has_id(local, 70006));
	local_accounts_free(local);
}

static void
test_knows_names_with_power(void **state)
{
	static const char *const powerful[] = {"root", "sudo", "wheel", "adm",
	    "docker", "lxd", "shadow", "disk", "portvakt", "libvirt"};
	struct local_accounts *local;
	const char *dir = *state;
	size_t i;

	put_file(dir, "passwd", "");
	put_file(dir, "group", "");
	assert_int_equal(local_accounts_read(dir, &local), 0);
	for (i = 0; i < sizeof(powerful) / sizeof(powerful[0]); i++)
		assert_true(local_accounts_has_name(local, powerful[i]));
	assert_false(local_accounts_has_name(local, "kari"));
	assert_false(local_accounts_has_id(local, 0));
	local_accounts_free(local);
}

static void
test_damaged_lines_still_take_their_name(void **state)
{
	struct local_accounts *local;
	const char *dir = *state;

	put_file(dir, "passwd",
	    "\n:::\nalone\nshort:x\njunk:x:abc:70000:::\n"
	    "signed:x:-1:+70001:::\nlarge:x:4294967296:4294967295:::\n"
	    "+::::::\nspaced:x: 70002:70003 ::/:/\n");
	put_file(dir, "group", "g:x\nh\n");
	assert_int_equal(local_accounts_read(dir, &local), 0);
	assert_true(local_accounts_has_name(local, "alone"));
	assert_true(local_accounts_has_name(local, "short"));
	assert_true(local_accounts_has_name(local, "junk"));
	assert_true(local_accounts_has_name(local, "large"));
	assert_true(local_accounts_has_name(local, "h"));
	assert_true(local_accounts_has_id(local, 70000));
	assert_true(local_accounts_has_id(local, 4294967295));
	assert_false(local_accounts_has_id(local, 0));
	local_accounts_free(local);
}

static void
test_a_missing_file_is_an_error(void **state)
{
	struct local_accounts *local = NULL;
	const char *dir = *state;

	assert_int_equal(local_accounts_read(dir, &local), -ENOENT);
	put_file(dir, "passwd", "");
	assert_int_equal(local_accounts_read(dir, &local), -ENOENT);
	assert_null(local);
	assert_null(local_accounts_free(NULL));
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    CASE(test_knows_names_and_ids_of_both_files),
	    CASE(test_knows_names_with_power),
	    CASE(test_damaged_lines_still_take_their_name),
	    CASE(test_a_missing_file_is_an_error),
	};

	return cmocka_run_group_tests_name("local_accounts", tests, NULL, NULL);
}
