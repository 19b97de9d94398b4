#include "cli/token_input.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static int
read_all(int fd, char *text, size_t *ret_size)
{
	size_t size = 0;
	ssize_t got;

	for (;;) {
		got = read(fd, text + size, TOKEN_INPUT_SIZE - size);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		size += (size_t)got;
		if (size == TOKEN_INPUT_SIZE)
			return -EMSGSIZE;
	}
	*ret_size = size;
	return 0;
}

static int
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

int
token_input_read(int fd, char ret_token[TOKEN_INPUT_SIZE], size_t *ret_size)
{
	size_t size = 0, start = 0;
	int error;

	error = read_all(fd, ret_token, &size);
	if (error)
		return error;
	while (size > 0 && is_blank(ret_token[size - 1]))
		size--;
	while (start < size && is_blank(ret_token[start]))
		start++;
	memmove(ret_token, ret_token + start, size - start);
	ret_token[size - start] = '\0';
	*ret_size = size - start;
	return 0;
}
