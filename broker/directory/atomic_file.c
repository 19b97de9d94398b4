#include "broker/directory/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
open_folder_of(const char *path, const char *slash)
{
	char folder[ATOMIC_FILE_PATH_SIZE];
	size_t length = slash == path ? 1 : (size_t)(slash - path);
	int fd;

	if (length >= sizeof(folder))
		return -ENAMETOOLONG;
	memcpy(folder, path, length);
	folder[length] = '\0';
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int
open_new(struct atomic_file *file, mode_t mode)
{
	if (unlinkat(file->folder, file->new_name, 0) < 0 && errno != ENOENT)
		return -errno;
	file->fd = openat(file->folder, file->new_name,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (file->fd < 0)
		return -errno;
	return fchmod(file->fd, mode) < 0 ? -errno : 0; /* whatever the umask */
}

int
atomic_file_begin(const char *path, mode_t mode, struct atomic_file *ret_file)
{
	struct atomic_file file = {.folder = -1, .fd = -1};
	const char *slash = strrchr(path, '/');
	int error;

	if (!slash || !slash[1])
		return -EINVAL;
	file.name = slash + 1;
	if (snprintf(file.new_name, sizeof(file.new_name), "%s.new",
		file.name) >= (int)sizeof(file.new_name))
		return -ENAMETOOLONG;
	file.folder = open_folder_of(path, slash);
	if (file.folder < 0)
		return file.folder;
	error = open_new(&file, mode);
	if (error) {
		atomic_file_discard(&file);
		return error;
	}
	*ret_file = file;
	return 0;
}

int
atomic_file_write(struct atomic_file *file, const void *bytes, size_t size)
{
	const char *at = bytes;
	ssize_t written;

	while (size > 0) {
		written = write(file->fd, at, size);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return written < 0 ? -errno : -EIO;
		at += written;
		size -= (size_t)written;
	}
	return 0;
}

int
atomic_file_write_at(
    struct atomic_file *file, off_t at, const void *bytes, size_t size)
{
	ssize_t written;

	do
		written = pwrite(file->fd, bytes, size, at);
	while (written < 0 && errno == EINTR);
	if (written < 0)
		return -errno;
	return (size_t)written == size ? 0 : -EIO;
}

static void
close_both(struct atomic_file *file)
{
	if (file->fd >= 0)
		(void)close(file->fd);
	if (file->folder >= 0)
		(void)close(file->folder);
	file->fd = -1;
	file->folder = -1;
}

int
atomic_file_sync(struct atomic_file *file)
{
	return fsync(file->fd) < 0 ? -errno : 0;
}

static int
give_name(struct atomic_file *file)
{
	return renameat(
		   file->folder, file->new_name, file->folder, file->name) < 0
		   ? -errno
		   : 0;
}

static int
keep_name(struct atomic_file *file)
{
	int error = fsync(file->folder) < 0 ? -errno : 0;

	close_both(file);
	return error;
}

int
atomic_file_commit(struct atomic_file *file)
{
	int error = atomic_file_sync(file);

	if (!error)
		error = give_name(file);
	if (error) {
		atomic_file_discard(file);
		return error;
	}
	return keep_name(file);
}

int
atomic_file_commit_pair(struct atomic_file *first, struct atomic_file *second)
{
	int error = atomic_file_sync(first), first_error;

	if (!error)
		error = atomic_file_sync(second);
	if (!error)
		error = give_name(first);
	if (error) {
		atomic_file_discard(first);
		atomic_file_discard(second);
		return error;
	}
	error = give_name(second);
	if (error)
		atomic_file_discard(second);
	first_error = keep_name(first);
	if (!error)
		error = keep_name(second);
	return error ? error : first_error;
}

void
atomic_file_discard(struct atomic_file *file)
{
	if (file->fd >= 0)
		(void)unlinkat(file->folder, file->new_name, 0);
	close_both(file);
}
