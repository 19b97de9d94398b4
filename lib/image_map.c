/* Where images come from: files that only their owner can change. */
#include "lib/image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE_MAX = 1024 };

int
image_check_current(dev_t device, ino_t inode, const char *path)
{
	struct stat st;

	if (fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return st.st_dev == device && st.st_ino == inode ? 0 : -ESTALE;
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
	       (folder->st_mode & IMAGE_REFUSE_WRITERS) == 0;
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

int
image_map(const char *path, mode_t refused, struct image *ret_image)
{
	struct stat st = {0};
	__attribute__((cleanup(close_fd))) int fd =
	    open_trusted(path, refused, &st);
	void *base;
	size_t size;

	if (fd < 0)
		return fd;
	if (st.st_size <= 0 || st.st_size > IMAGE_SIZE_MAX)
		return -EBADMSG;
	size = (size_t)st.st_size;
	base = mmap(NULL, size, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
	if (base == MAP_FAILED)
		return -errno;
	*ret_image = (struct image){
	    .base = base,
	    .size_bytes = size,
	    .device = st.st_dev,
	    .inode = st.st_ino,
	};
	return 0;
}

void
image_unmap(const void *base, size_t size_bytes)
{
	union {
		const void *mapped;
		void *address;
	} mapping = {.mapped = base};

	if (base)
		(void)munmap(mapping.address, size_bytes);
}
