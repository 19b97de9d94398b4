/* Where images come from: files that only their owner can change. */
#include "lib/directory.h"

#include "lib/directory_image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PATH_SIZE_MAX = 1024,
	NO_GROUP_OR_OTHER_WRITE = 022,
	NO_GROUP_OR_OTHER = 077,
};

bool
directory_is_superseded(const struct directory *directory)
{
	const struct directory_header *header = (const void *)directory->base;

	return __atomic_load_n(&header->successor, __ATOMIC_ACQUIRE) != 0;
}

int
directory_check_current(const struct directory *directory, const char *path)
{
	struct stat st;

	if (fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return st.st_dev == directory->device && st.st_ino == directory->inode
		   ? 0
		   : -ESTALE;
}

static void
close_fd(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

/* What the file system says of a path that holds no image. */
static int
open_error(int error)
{
	switch (error) {
	case ENOTDIR:
		return -ENOENT;
	case ELOOP: /* a symlink */
	case ENXIO: /* a socket, or no device behind a node */
	case ENODEV:
		return -EBADMSG;
	default:
		return -error;
	}
}

static int
open_folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_SIZE_MAX];
	size_t length;
	int fd;

	if (!slash)
		return -EINVAL;
	length = slash == path ? 1 : (size_t)(slash - path);
	if (length >= sizeof(folder))
		return -ENAMETOOLONG;
	memcpy(folder, path, length);
	folder[length] = '\0';
	fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? open_error(errno) : fd;
}

/* refused: permission bits that the file must not have. */
static bool
is_trusted(const struct stat *folder, const struct stat *file, mode_t refused)
{
	return S_ISREG(file->st_mode) &&
	       (file->st_uid == 0 || file->st_uid == folder->st_uid) &&
	       (file->st_mode & refused) == 0 &&
	       (folder->st_mode & NO_GROUP_OR_OTHER_WRITE) == 0;
}

/* Non-blocking, so that a fifo cannot hold the caller up. */
static int
open_trusted(const char *path, mode_t refused, struct stat *ret_stat)
{
	__attribute__((cleanup(close_fd))) int folder = open_folder_of(path);
	struct stat folder_stat, file_stat;
	int fd;

	if (folder < 0)
		return folder;
	fd = openat(folder, strrchr(path, '/') + 1,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return open_error(errno);
	if (fstat(folder, &folder_stat) < 0 || fstat(fd, &file_stat) < 0 ||
	    !is_trusted(&folder_stat, &file_stat, refused)) {
		(void)close(fd);
		return -EBADMSG;
	}
	*ret_stat = file_stat;
	return fd;
}

static int
map(const char *path, mode_t refused, struct directory *ret_directory)
{
	struct stat st = {0};
	__attribute__((cleanup(close_fd))) int fd =
	    open_trusted(path, refused, &st);
	struct directory directory;
	void *base;
	size_t size;
	int error;

	if (fd < 0)
		return fd;
	if (st.st_size <= 0 || st.st_size > DIRECTORY_SIZE_MAX)
		return -EBADMSG;
	size = (size_t)st.st_size;
	base = mmap(NULL, size, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
	if (base == MAP_FAILED)
		return -errno;
	error = directory_check(base, size, &directory);
	if (error) {
		(void)munmap(base, size);
		return error;
	}
	directory.device = st.st_dev;
	directory.inode = st.st_ino;
	*ret_directory = directory;
	return 0;
}

static int
map_kind(const char *path, mode_t refused, bool restricted,
    struct directory *ret_directory)
{
	struct directory directory;
	int error;

	error = map(path, refused, &directory);
	if (error)
		return error;
	if (directory.restricted != restricted) {
		directory_unmap(&directory);
		return -EBADMSG;
	}
	*ret_directory = directory;
	return 0;
}

int
directory_map(const char *path, struct directory *ret_directory)
{
	return map_kind(path, NO_GROUP_OR_OTHER_WRITE, false, ret_directory);
}

int
directory_map_restricted(const char *path, struct directory *ret_directory)
{
	return map_kind(path, NO_GROUP_OR_OTHER, true, ret_directory);
}

void
directory_unmap(struct directory *directory)
{
	union {
		const uint8_t *mapped;
		void *address;
	} base = {.mapped = directory->base};
	size_t size = directory->size_bytes;

	*directory = (struct directory){0};
	if (base.address)
		(void)munmap(base.address, size);
}
