#include "lib/strict_services.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* As much as fits, terminated; more than fits is none of ours. */
static int
read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	size_t length = 0;
	ssize_t got = 1;

	if (fd < 0)
		return -errno;
	while (got > 0 && length < size) {
		got = read(fd, text + length, size - length);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0)
			length += (size_t)got;
	}
	if (got < 0)
		length = size;
	(void)close(fd);
	if (length == size)
		return -EBADMSG;
	text[length] = '\0';
	return strlen(text) == length ? 0 : -EBADMSG;
}

static bool
has_line(const char *lines, const char *service)
{
	size_t size = strlen(service), length;

	for (; *lines; lines += length + 1) {
		length = strcspn(lines, "\n");
		if (length == size && memcmp(lines, service, size) == 0)
			return true;
	}
	return false;
}

int
strict_services_has(const char *path, const char *service, bool *ret_has)
{
	char text[STRICT_SERVICES_SIZE_MAX];
	size_t head = strlen(STRICT_SERVICES_HEAD);
	int error;

	error = read_text(path, text, sizeof(text));
	if (error)
		return error;
	/* The last line is whole too: otherwise this is half a text. */
	if (strncmp(text, STRICT_SERVICES_HEAD, head) != 0 ||
	    text[strlen(text) - 1] != '\n')
		return -EBADMSG;
	*ret_has = has_line(text + head, service);
	return 0;
}
