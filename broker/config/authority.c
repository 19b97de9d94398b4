#include "broker/config/authority.h"

#include "broker/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
	HTTPS_PORT = 443,
};

static bool
is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c);
}

/* The size of the host at the start of text, or 0. */
static size_t
host_size(const char *text, size_t length)
{
	static const char address[] = "0123456789abcdefABCDEF:.";
	static const char name[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ-.";
	size_t i = 0;

	if (length > 0 && text[0] == '[') {
		for (i = 1; i < length && is_one_of(text[i], address); i++)
			continue;
		return i > 1 && i < length && text[i] == ']' ? i + 1 : 0;
	}
	while (i < length && is_one_of(text[i], name))
		i++;
	if (i == 0 || is_one_of(text[0], "-.") || is_one_of(text[i - 1], "-."))
		return 0;
	return i;
}

/* ":PORT" or nothing. */
static int
read_port(const char *text, size_t length, unsigned int *ret_port)
{
	unsigned int port = 0;
	size_t i;

	if (length == 0) {
		*ret_port = HTTPS_PORT;
		return 0;
	}
	if (text[0] != ':' || length < 2 || length > 6 || text[1] == '0')
		return -EINVAL;
	for (i = 1; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -EINVAL;
		port = port * 10 + (unsigned int)(text[i] - '0');
	}
	if (port > UINT16_MAX)
		return -EINVAL;
	*ret_port = port;
	return 0;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

int
authority_normalize(
    const char *text, size_t length, char ret_authority[static FETCH_HOST_SIZE])
{
	static const size_t port_size = sizeof(":65535");
	unsigned int port = 0;
	size_t i, size;

	size = host_size(text, length);
	if (size == 0 || size + port_size > FETCH_HOST_SIZE ||
	    read_port(text + size, length - size, &port) < 0)
		return -EINVAL;
	for (i = 0; i < size; i++)
		ret_authority[i] = lower(text[i]);
	ret_authority[size] = '\0';
	if (port != HTTPS_PORT)
		(void)snprintf(ret_authority + size, port_size, ":%u", port);
	return 0;
}

int
authority_of_https(const char *url, char ret_authority[static FETCH_HOST_SIZE])
{
	const char *start;

	if (!text_is_https(url, FETCH_URL_SIZE) || strpbrk(url, " ?#@\\\"<>"))
		return -EINVAL;
	start = url + strlen("https://");
	return authority_normalize(start, strcspn(start, "/"), ret_authority);
}
