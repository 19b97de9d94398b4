#include "tests/unit/root.h"

#include "tests/unit/unit.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
root_make(char ret_root[static ROOT_SIZE])
{
	(void)snprintf(ret_root, ROOT_SIZE, "/tmp/portvakt-root-XXXXXX");
	assert_non_null(mkdtemp(ret_root));
}

static int
remove_entry(
    const char *path, const struct stat *status, int flag, struct FTW *ftw)
{
	(void)status;
	(void)flag;
	(void)ftw;
	return remove(path);
}

void
root_remove(const char *root)
{
	assert_int_equal(nftw(root, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static void
make_parents(char *full, size_t root_length)
{
	char *slash = full + root_length;

	while ((slash = strchr(slash + 1, '/'))) {
		*slash = '\0';
		(void)mkdir(full, 0755);
		*slash = '/';
	}
}

void
root_directory(const char *root, const char *path, mode_t mode)
{
	char full[PATH_MAX];

	(void)snprintf(full, sizeof(full), "%s%s", root, path);
	make_parents(full, strlen(root));
	(void)mkdir(full, 0755);
	assert_int_equal(chmod(full, mode), 0);
}

void
root_file(const char *root, const char *path, mode_t mode, const char *text)
{
	char full[PATH_MAX];
	int fd;

	(void)snprintf(full, sizeof(full), "%s%s", root, path);
	make_parents(full, strlen(root));
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
}

void
root_link(const char *root, const char *path, const char *target)
{
	char full[PATH_MAX];

	(void)snprintf(full, sizeof(full), "%s%s", root, path);
	make_parents(full, strlen(root));
	assert_int_equal(symlink(target, full), 0);
}
