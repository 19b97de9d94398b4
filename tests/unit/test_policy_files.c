#include "broker/policy/policy_files.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct machine {
	char dir[64];
	struct policy_files *files;
	struct config_error error;
};

static void
path_of(const struct machine *machine, const char *name, char *ret_path)
{
	(void)snprintf(ret_path, PATH_MAX, "%s/%s", machine->dir, name);
}

static void
put_file(const struct machine *machine, const char *name, const char *text)
{
	char path[PATH_MAX];
	FILE *file;

	path_of(machine, name, path);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void
make_dir(const struct machine *machine, const char *name)
{
	char path[PATH_MAX];

	path_of(machine, name, path);
	assert_int_equal(mkdir(path, 0755), 0);
}

static int
set_up(void **state)
{
	struct machine *machine = calloc(1, sizeof(*machine));

	(void)snprintf(
	    machine->dir, sizeof(machine->dir), "/tmp/portvakt-rules-XXXXXX");
	if (!mkdtemp(machine->dir))
		return -1;
	make_dir(machine, "share");
	make_dir(machine, "etc");
	make_dir(machine, "etc/access.d");
	*state = machine;
	return 0;
}

static int
tear_down(void **state)
{
	struct machine *machine = *state;
	char command[128];

	policy_files_free(machine->files);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", machine->dir);
	free(machine);
	return system(command);
}

static int
read_machine(struct machine *machine)
{
	char share[PATH_MAX], etc[PATH_MAX];

	path_of(machine, "share", share);
	path_of(machine, "etc", etc);
	machine->files = policy_files_free(machine->files);
	return policy_files_read(share, etc, &machine->files, &machine->error);
}

/* Name below the directory, "=" text, "s" or "u". */
static void
assert_files(struct machine *machine, const char *expected)
{
	char text[2048] = "";
	size_t i, length;

	if (read_machine(machine) != 0)
		fail_msg("%s", machine->error.text);
	for (i = 0; i < machine->files->count; i++) {
		const struct policy_file *file = &machine->files->files[i];

		length = strlen(text);
		assert_int_equal(strlen(file->text), file->size);
		(void)snprintf(text + length, sizeof(text) - length,
		    "[%s=%s%s%s]", file->name + strlen(machine->dir) + 1,
		    file->text, file->shipped ? " s" : "",
		    file->units ? " u" : "");
	}
	assert_string_equal(text, expected);
}

static void
assert_refused(struct machine *machine, int error, const char *said)
{
	assert_int_equal(read_machine(machine), error);
	assert_null(machine->files);
	if (!strstr(machine->error.text, said))
		fail_msg(
		    "\"%s\" does not say \"%s\"", machine->error.text, said);
}

static void
test_own_files_hide_those_of_the_catalogue(void **state)
{
	struct machine *machine = *state;

	put_file(machine, "share/a.conf", "a");
	put_file(machine, "share/b.conf", "b");
	put_file(machine, "share/c.conf", "c");
	put_file(machine, "etc/access.d/b.conf", "own");
	put_file(machine, "etc/access.d/c.conf", " # not here\n\t\n#\n#end");
	put_file(machine, "etc/access.d/d.conf", "d");
	put_file(machine, "etc/units.conf", "units");
	assert_files(machine, "[etc/access.d/b.conf=own][etc/access.d/d.conf=d]"
			      "[etc/units.conf=units u][share/a.conf=a s]");
}

static void
test_reads_rule_files_alone(void **state)
{
	struct machine *machine = *state;

	put_file(machine, "share/.a.conf", "a");
	put_file(machine, "share/a.conf~", "a");
	put_file(machine, "share/README", "a");
	put_file(machine, "share/.conf", "a");
	put_file(machine, "etc/access.d/a.conf.dpkg-dist", "a");
	put_file(machine, "etc/access.d/#a.conf#", "a");
	assert_files(machine, "");
	put_file(machine, "share/a.conf", "a");
	put_file(machine, "etc/access.d/.a.conf", "");
	assert_files(machine, "[share/a.conf=a s]");
}

static void
test_directories_and_units_may_be_missing(void **state)
{
	struct machine *machine = *state;
	char path[PATH_MAX];

	path_of(machine, "share", path);
	assert_int_equal(rmdir(path), 0);
	path_of(machine, "etc/access.d", path);
	assert_int_equal(rmdir(path), 0);
	assert_files(machine, "");
}

static void
test_refuses_what_others_can_write(void **state)
{
	struct machine *machine = *state;
	char path[PATH_MAX];

	put_file(machine, "etc/access.d/a.conf", "a");
	path_of(machine, "etc/access.d/a.conf", path);
	assert_int_equal(chmod(path, 0666), 0);
	assert_refused(machine, -EPERM, "a.conf: others can write it");
	assert_int_equal(chmod(path, 0644), 0);
	path_of(machine, "share", path);
	assert_int_equal(chmod(path, 0777), 0);
	assert_refused(machine, -EPERM, "share: others can write it");
	assert_int_equal(chmod(path, 0755), 0);
	path_of(machine, "etc", path);
	assert_int_equal(chmod(path, 0775), 0);
	assert_refused(machine, -EPERM, "etc: others can write it");
	assert_int_equal(chmod(path, 0755), 0);
	path_of(machine, "etc/units.conf", path);
	assert_int_equal(symlink("/nowhere/units.conf", path), 0);
	assert_files(machine, "[etc/access.d/a.conf=a]");
	assert_int_equal(unlink(path), 0);
	make_dir(machine, "etc/units.conf");
	assert_refused(machine, -EINVAL, "it is not a regular file");
}

/* As a simulation has them: named after a directory of somebody's own. */
static void
test_files_that_lie_nowhere_hide_those_of_the_catalogue(void **state)
{
	struct policy_files *own = calloc(1, sizeof(*own));
	struct machine *machine = *state;
	char share[PATH_MAX];

	path_of(machine, "share", share);
	put_file(machine, "share/a.conf", "a");
	put_file(machine, "share/b.conf", "b");
	put_file(machine, "share/units.conf", "u");
	assert_int_equal(policy_files_add(own, "b.conf", "own", 3, 0, 0), 0);
	assert_int_equal(policy_files_add(own, "new/a.conf", "#", 1, 0, 0), 0);
	assert_int_equal(
	    policy_files_add(own, "new/units.conf", "x", 1, 0, 1), 0);
	assert_int_equal(policy_files_over_catalogue(
			     share, own, &machine->files, &machine->error),
	    0);
	assert_int_equal(machine->files->count, 3);
	assert_non_null(
	    strstr(machine->files->files[0].name, "/share/units.conf"));
	assert_true(machine->files->files[0].shipped);
	assert_string_equal(machine->files->files[1].name, "b.conf");
	assert_string_equal(machine->files->files[1].text, "own");
	assert_true(machine->files->files[2].units);
	policy_files_free(own);
}

/* More than there may be is told with the file that was one too many. */
static void
test_refuses_too_many_files(void **state)
{
	struct machine *machine = *state;
	char name[32];
	int i;

	for (i = 0; i <= POLICY_FILES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "share/%03d.conf", i);
		put_file(machine, name, "x");
	}
	assert_refused(machine, -E2BIG, "256.conf: the rules are more than");
}

static void
test_add_keeps_order_and_limits(void **state)
{
	static char large[POLICY_FILES_SIZE_MAX + 1];
	struct policy_files *files = calloc(1, sizeof(*files));
	char name[16];
	int i;

	(void)state;
	memset(large, ' ', sizeof(large));
	assert_int_equal(
	    policy_files_add(files, "b", "two", 3, false, false), 0);
	assert_int_equal(
	    policy_files_add(files, "a", "x\0y", 3, true, true), 0);
	assert_int_equal(
	    policy_files_add(files, "b", "", 0, false, false), -EEXIST);
	assert_string_equal(files->files[0].name, "a");
	assert_memory_equal(files->files[0].text, "x\0y", 4);
	assert_string_equal(files->files[1].text, "two");
	assert_int_equal(policy_files_add(files, "c", large,
			     POLICY_FILES_SIZE_MAX - 5, false, false),
	    -E2BIG);
	assert_int_equal(policy_files_add(files, "c", large,
			     POLICY_FILES_SIZE_MAX - 6, false, false),
	    0);
	for (i = 3; i < POLICY_FILES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "%d", i);
		assert_int_equal(
		    policy_files_add(files, name, "", 0, false, false), 0);
	}
	assert_int_equal(
	    policy_files_add(files, "z", "", 0, false, false), -E2BIG);
	policy_files_free(files);
}

static struct policy_files *
some_files(void)
{
	struct policy_files *files = calloc(1, sizeof(*files));

	assert_int_equal(policy_files_add(files, "/usr/a.conf",
			     "service \"a\" { }\n", 16, true, false),
	    0);
	assert_int_equal(
	    policy_files_add(files, "/etc/units.conf", "", 0, false, true), 0);
	assert_int_equal(
	    policy_files_add(files, "/etc/x.conf", "x\0y", 3, false, false), 0);
	return files;
}

static void
test_a_record_comes_back_whole(void **state)
{
	struct policy_files *files = some_files(), *back = NULL;
	void *record = NULL;
	size_t i, size = 0;

	(void)state;
	assert_int_equal(policy_files_put(files, &record, &size), 0);
	assert_int_equal(policy_files_get(record, size, &back), 0);
	assert_int_equal(back->count, files->count);
	for (i = 0; i < files->count; i++) {
		const struct policy_file *a = &files->files[i];
		const struct policy_file *b = &back->files[i];

		assert_string_equal(a->name, b->name);
		assert_int_equal(a->size, b->size);
		assert_memory_equal(a->text, b->text, a->size + 1);
		assert_int_equal(a->shipped, b->shipped);
		assert_int_equal(a->units, b->units);
	}
	free(record);
	policy_files_free(files);
	policy_files_free(back);
}

static int
get_copy(const uint8_t *record, size_t size)
{
	struct policy_files *files = NULL;
	uint8_t *copy = malloc(size ? size : 1);
	int error;

	memcpy(copy, record, size);
	error = policy_files_get(copy, size, &files);
	assert_int_equal(error == 0, files != NULL);
	policy_files_free(files);
	free(copy);
	return error;
}

/* Wherever it is cut, and whatever follows it. */
static void
test_a_damaged_record_is_refused(void **state)
{
	struct policy_files *files = some_files();
	void *record = NULL;
	uint8_t longer[512];
	size_t i, size = 0;

	(void)state;
	assert_int_equal(policy_files_put(files, &record, &size), 0);
	for (i = 0; i < size; i++)
		assert_int_equal(get_copy(record, i), -EBADMSG);
	assert_true(size < sizeof(longer));
	memcpy(longer, record, size);
	longer[size] = 0;
	assert_int_equal(get_copy(longer, size + 1), -EBADMSG);
	longer[0] = 2; /* another version */
	assert_int_equal(get_copy(longer, size), -EBADMSG);
	memcpy(longer, record, size);
	longer[1] = 0xff; /* more files than there may be */
	assert_int_equal(get_copy(longer, size), -EBADMSG);
	memcpy(longer, record, size);
	longer[5] |= 4; /* a flag that is none */
	assert_int_equal(get_copy(longer, size), -EBADMSG);
	memcpy(longer, record, size);
	longer[10] = 'z'; /* out of order */
	assert_int_equal(get_copy(longer, size), -EBADMSG);
	memcpy(longer, record, size);
	longer[12] = 0; /* a name that ends early */
	assert_int_equal(get_copy(longer, size), -EBADMSG);
	free(record);
	policy_files_free(files);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_own_files_hide_those_of_the_catalogue, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_reads_rule_files_alone, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_directories_and_units_may_be_missing, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_refuses_what_others_can_write, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_files_that_lie_nowhere_hide_those_of_the_catalogue, set_up,
		tear_down),
	    cmocka_unit_test_setup_teardown(
		test_refuses_too_many_files, set_up, tear_down),
	    cmocka_unit_test(test_add_keeps_order_and_limits),
	    cmocka_unit_test(test_a_record_comes_back_whole),
	    cmocka_unit_test(test_a_damaged_record_is_refused),
	};

	return cmocka_run_group_tests_name("policy_files", tests, NULL, NULL);
}
