/* Which files may decide who gets in, and what is said of the others. */
#include "broker/config/trusted_file.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIZE_MAX_HERE = 16, STRANGER = 12345 };

struct fixture {
	char folder[64];
	char path[128];
};

static int
set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	(void)strcpy(fixture->folder, "/tmp/test-trusted-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	(void)snprintf(
	    fixture->path, sizeof(fixture->path), "%s/file", fixture->folder);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;
	char command[128];

	(void)snprintf(
	    command, sizeof(command), "rm -rf '%s'", fixture->folder);
	free(fixture);
	return system(command);
}

static void
put(const struct fixture *fixture, const char *text, mode_t mode)
{
	FILE *file = fopen(fixture->path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(fixture->path, mode), 0);
}

static void
assert_refused(const char *path, int error, const char *words)
{
	const char *problem = NULL;
	char *text;
	size_t size;

	assert_int_equal(
	    trusted_file_read(path, SIZE_MAX_HERE, &text, &size, &problem),
	    error);
	assert_non_null(strstr(problem, words));
}

static void
assert_secret_refused(const char *path, int error, const char *words)
{
	struct secret *secret;
	const char *problem = NULL;

	assert_int_equal(
	    trusted_file_read_secret(path, SIZE_MAX_HERE, &secret, &problem),
	    error);
	assert_non_null(strstr(problem, words));
}

static void
test_reads(void **state)
{
	static const char *const texts[] = {"", "a", "sixteen bytes .."};
	const struct fixture *fixture = *state;
	const char *problem;
	char *text;
	size_t size, i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		put(fixture, texts[i], 0644);
		assert_int_equal(trusted_file_read(fixture->path, SIZE_MAX_HERE,
				     &text, &size, &problem),
		    0);
		assert_int_equal(size, strlen(texts[i]));
		assert_string_equal(text, texts[i]);
		free(text);
	}
}

static void
test_refuses_by_content(void **state)
{
	const struct fixture *fixture = *state;

	assert_refused(fixture->path, -ENOENT, "create it");
	put(fixture, "seventeen bytes .", 0600);
	assert_refused(fixture->path, -EFBIG, "too large");
	assert_secret_refused(fixture->path, -EFBIG, "too large");
	assert_refused(fixture->folder, -EINVAL, "not a regular file");
	assert_int_equal(unlink(fixture->path), 0);
	/* Nobody writes to it: it must not be waited for. */
	assert_int_equal(mkfifo(fixture->path, 0600), 0);
	assert_refused(fixture->path, -EINVAL, "not a regular file");
	assert_secret_refused(fixture->path, -EINVAL, "not a regular file");
}

static void
test_refuses_other_writers(void **state)
{
	static const mode_t modes[] = {0620, 0602, 0666};
	const struct fixture *fixture = *state;
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		put(fixture, "x", modes[i]);
		assert_refused(fixture->path, -EPERM, "chmod go-w");
		assert_secret_refused(fixture->path, -EPERM, "chmod go-w");
	}
}

static void
test_refuses_other_owners(void **state)
{
	const struct fixture *fixture = *state;

	if (geteuid() != 0)
		skip();
	put(fixture, "x", 0600);
	assert_int_equal(chown(fixture->path, STRANGER, 0), 0);
	assert_refused(fixture->path, -EPERM, "chown root");
	assert_secret_refused(fixture->path, -EPERM, "chown root");
	/* The group of a stranger may read a configuration, not a secret. */
	assert_int_equal(chown(fixture->path, 0, STRANGER), 0);
	assert_int_equal(chmod(fixture->path, 0640), 0);
	assert_secret_refused(fixture->path, -EPERM, "others can read");
}

static void
test_reads_a_secret(void **state)
{
	static const mode_t modes[] = {0400, 0600, 0440, 0640};
	const struct fixture *fixture = *state;
	struct secret *secret;
	const char *problem;
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		(void)unlink(fixture->path);
		put(fixture, "hemmelig\n", modes[i]);
		assert_int_equal(chown(fixture->path, geteuid(), getegid()), 0);
		assert_int_equal(trusted_file_read_secret(fixture->path,
				     SIZE_MAX_HERE, &secret, &problem),
		    0);
		assert_int_equal(secret_size(secret), 9);
		assert_string_equal(secret_reveal(secret), "hemmelig\n");
		secret_free(secret);
	}
}

static void
test_refuses_a_secret_that_others_read(void **state)
{
	static const mode_t modes[] = {0604, 0644, 0601, 0610};
	const struct fixture *fixture = *state;
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		put(fixture, "x", modes[i]);
		assert_secret_refused(fixture->path, -EPERM, "chmod 0640");
	}
}

static void
test_links(void **state)
{
	const struct fixture *fixture = *state;
	const char *problem;
	char link_path[128], *text;
	size_t size;

	put(fixture, "x", 0600);
	(void)snprintf(
	    link_path, sizeof(link_path), "%s/link", fixture->folder);
	assert_int_equal(symlink(fixture->path, link_path), 0);
	assert_int_equal(
	    trusted_file_read(link_path, SIZE_MAX_HERE, &text, &size, &problem),
	    0);
	free(text);
	assert_secret_refused(link_path, -ELOOP, "name the file itself");
}

static void
test_directories(void **state)
{
	const struct fixture *fixture = *state;
	const char *problem = NULL;

	assert_int_equal(
	    trusted_file_check_directory(fixture->folder, &problem), 0);
	assert_int_equal(chmod(fixture->folder, 0770), 0);
	assert_int_equal(
	    trusted_file_check_directory(fixture->folder, &problem), -EPERM);
	assert_non_null(strstr(problem, "chmod go-w"));
	/* The sticky bit keeps others from replacing files, not from adding. */
	assert_int_equal(chmod(fixture->folder, 01777), 0);
	assert_int_equal(
	    trusted_file_check_directory(fixture->folder, &problem), -EPERM);
	put(fixture, "x", 0600);
	assert_int_equal(
	    trusted_file_check_directory(fixture->path, &problem), -ENOTDIR);
}

#define WITH_FOLDER(test) \
	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_FOLDER(test_reads),
	    WITH_FOLDER(test_refuses_by_content),
	    WITH_FOLDER(test_refuses_other_writers),
	    WITH_FOLDER(test_refuses_other_owners),
	    WITH_FOLDER(test_reads_a_secret),
	    WITH_FOLDER(test_refuses_a_secret_that_others_read),
	    WITH_FOLDER(test_links),
	    WITH_FOLDER(test_directories),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
