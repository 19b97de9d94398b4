#include "broker/config/trusted_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static int
open_explained(
    const char *path, int flags, int *ret_fd, const char **ret_problem)
{
	int fd;

	/* O_NONBLOCK: a FIFO in the place of the file must not hang us. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags);
	if (fd >= 0) {
		*ret_fd = fd;
		return 0;
	}
	switch (errno) {
	case ENOENT:
		*ret_problem = "there is no such file: create it, or correct "
			       "the path";
		break;
	case ELOOP:
		*ret_problem = "it is a symbolic link: name the file itself";
		break;
	case EACCES:
		*ret_problem =
		    "the daemon may not read it: chmod 0640, and chown "
		    "root:portvakt, or root:portvakt-api for api.conf";
		break;
	default:
		*ret_problem = "it cannot be opened";
		break;
	}
	return -errno;
}

static int
check_writers(const struct stat *st, const char **ret_problem)
{
	if (st->st_uid != 0 && st->st_uid != geteuid()) {
		*ret_problem = "it belongs to another user: chown root";
		return -EPERM;
	}
	if (st->st_mode & (S_IWGRP | S_IWOTH)) {
		*ret_problem = "others can write it: chmod go-w";
		return -EPERM;
	}
	return 0;
}

static int
check_readers(const struct stat *st, const char **ret_problem)
{
	if ((st->st_mode & (S_IRWXO | S_IXGRP | S_IWGRP)) ||
	    ((st->st_mode & S_IRGRP) && st->st_gid != getegid())) {
		*ret_problem = "others can read this secret: chown "
			       "root:portvakt, chmod 0640, and replace the "
			       "secret if they may have";
		return -EPERM;
	}
	return 0;
}

static int
check_regular(const struct stat *st, size_t size_max, const char **ret_problem)
{
	if (!S_ISREG(st->st_mode)) {
		*ret_problem = "it is not a regular file";
		return -EINVAL;
	}
	if (st->st_size < 0 || (uintmax_t)st->st_size > size_max) {
		*ret_problem = "it is too large for what it should be";
		return -EFBIG;
	}
	return 0;
}

/* Reads to the end; one byte over size_max shows a file that has grown. */
static int
read_whole(int fd, size_t size_max, char *text, size_t *ret_size)
{
	size_t filled = 0;
	ssize_t got;

	for (;;) {
		got = read(fd, text + filled, size_max + 1 - filled);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		filled += (size_t)got;
		if (filled > size_max)
			return -EFBIG;
	}
	text[filled] = '\0';
	*ret_size = filled;
	return 0;
}

static int
read_text(int fd, size_t size_max, char **ret_text, size_t *ret_size,
    const char **ret_problem)
{
	char *text;
	int error;

	*ret_problem = "it cannot be read";
	text = malloc(size_max + 1);
	if (!text)
		return -ENOMEM;
	error = read_whole(fd, size_max, text, ret_size);
	if (error) {
		explicit_bzero(text, size_max + 1);
		free(text);
		return error;
	}
	*ret_text = text;
	return 0;
}

static int
open_checked(const char *path, int flags, size_t size_max, struct stat *ret_st,
    int *ret_fd, const char **ret_problem)
{
	__attribute__((cleanup(close_fd))) int fd = -1;
	int error;

	error = open_explained(path, flags, &fd, ret_problem);
	if (error)
		return error;
	if (fstat(fd, ret_st) < 0)
		return -errno;
	error = check_regular(ret_st, size_max, ret_problem);
	if (!error)
		error = check_writers(ret_st, ret_problem);
	if (error)
		return error;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

int
trusted_file_read(const char *path, size_t size_max, char **ret_text,
    size_t *ret_size, const char **ret_problem)
{
	__attribute__((cleanup(close_fd))) int fd = -1;
	struct stat st;
	int error;

	error = open_checked(path, 0, size_max, &st, &fd, ret_problem);
	if (error)
		return error;
	return read_text(fd, size_max, ret_text, ret_size, ret_problem);
}

int
trusted_file_read_secret(const char *path, size_t size_max,
    struct secret **ret_secret, const char **ret_problem)
{
	__attribute__((cleanup(close_fd))) int fd = -1;
	struct stat st;
	char *text;
	size_t size;
	int error;

	error = open_checked(path, O_NOFOLLOW, size_max, &st, &fd, ret_problem);
	if (!error)
		error = check_readers(&st, ret_problem);
	if (!error)
		error = read_text(fd, size_max, &text, &size, ret_problem);
	if (error)
		return error;
	error = secret_new(text, size, ret_secret);
	explicit_bzero(text, size_max + 1);
	free(text);
	return error;
}

int
trusted_file_check_directory(const char *path, const char **ret_problem)
{
	__attribute__((cleanup(close_fd))) int fd = -1;
	struct stat st;
	int error;

	error = open_explained(path, O_DIRECTORY, &fd, ret_problem);
	if (error)
		return error;
	if (fstat(fd, &st) < 0)
		return -errno;
	return check_writers(&st, ret_problem);
}
