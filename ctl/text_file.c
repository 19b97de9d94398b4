#include "ctl/text_file.h"

#include "ctl/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

static int
grow(char **bytes, size_t *allocated, size_t size_max)
{
	size_t next = *allocated ? *allocated * 2 : 8192;
	char *grown;

	/* One byte more than the most, so that too much is seen. */
	if (next > size_max + 1)
		next = size_max + 1;
	if (next == *allocated)
		return -EFBIG;
	grown = realloc(*bytes, next + 1);
	if (!grown)
		return -ENOMEM;
	*bytes = grown;
	*allocated = next;
	return 0;
}

int
text_file_read_stream(
    FILE *file, size_t size_max, char **ret_bytes, size_t *ret_size)
{
	CLEANUP_FREE char *bytes = NULL;
	size_t allocated = 0, size = 0;
	int error;

	do {
		if (size == allocated) {
			error = grow(&bytes, &allocated, size_max);
			if (error)
				return error;
		}
		size += fread(bytes + size, 1, allocated - size, file);
		if (ferror(file))
			return errno ? -errno : -EIO;
	} while (!feof(file));
	if (size > size_max)
		return -EFBIG;
	bytes[size] = '\0';
	*ret_bytes = bytes;
	*ret_size = size;
	bytes = NULL;
	return 0;
}

/* Never waits: a FIFO in the place of a file is refused. */
static int
open_regular(const char *path, FILE **ret_file)
{
	CLEANUP_CLOSE int fd = -1;
	struct stat status;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &status) < 0)
		return -errno;
	if (!S_ISREG(status.st_mode))
		return -EINVAL;
	*ret_file = fdopen(fd, "r");
	if (!*ret_file)
		return -errno;
	fd = -1;
	return 0;
}

int
text_file_read(const char *root, const char *path, char **ret_text)
{
	CLEANUP_FCLOSE FILE *file = NULL;
	char *text, full[PATH_MAX];
	size_t size;
	int error;

	error = snprintf(full, sizeof(full), "%s%s", root, path);
	if (error < 0 || (size_t)error >= sizeof(full))
		return -ENAMETOOLONG;
	error = open_regular(full, &file);
	if (error)
		return error;
	error = text_file_read_stream(file, TEXT_FILE_SIZE_MAX, &text, &size);
	if (error)
		return error;
	if (memchr(text, '\0', size)) {
		free(text);
		return -EBADMSG;
	}
	*ret_text = text;
	return 0;
}
