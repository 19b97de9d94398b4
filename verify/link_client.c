#include "verify/link_client.h"

#include "lib/deadline.h"
#include "lib/frame.h"
#include "lib/stream.h"
#include "verify/jws.h"
#include "verify/link_answer.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	HEAD_SIZE = 256,
	/* What is not unreserved takes three bytes. */
	REQUEST_SIZE = HEAD_SIZE + JWS_SIZE_MAX +
		       3 * (LINK_CLIENT_AUDIENCE_MAX + LINK_CLIENT_SCOPES_MAX),
};

struct request {
	char bytes[REQUEST_SIZE];
	size_t size;
};

static void
close_fd(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static bool
is_unreserved(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || (c && strchr("-._~", c));
}

/* One member of a form, or more of the last; -ENOTSUP: it is too long. */
static int
put(struct request *request, const char *name, struct slice value)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t name_size = strlen(name), i;
	char *at = request->bytes + request->size;
	const char *end = request->bytes + sizeof(request->bytes);

	if (name_size > (size_t)(end - at))
		return -ENOTSUP;
	at = mempcpy(at, name, name_size);
	for (i = 0; i < value.size; i++) {
		unsigned char c = (unsigned char)value.at[i];

		if (end - at < 3)
			return -ENOTSUP;
		if (is_unreserved(c)) {
			*at++ = (char)c;
			continue;
		}
		*at++ = '%';
		*at++ = digits[c >> 4];
		*at++ = digits[c & 15];
	}
	request->size = (size_t)(at - request->bytes);
	return 0;
}

static int
put_form(struct request *request, const struct link_query *query)
{
	int error = put(request, "token=", query->token);
	size_t i;

	if (!error && query->audience)
		error = put(request, "&audience=", slice_of(query->audience));
	for (i = 0; i < query->scopes_count && !error; i++)
		error = put(request, i == 0 ? "&scope=" : "+",
		    slice_of(query->scopes[i]));
	return error;
}

/* The form first, since the head names its size. */
static int
make_request(const struct link_query *query, struct request *request)
{
	struct request *r = request;
	char head[HEAD_SIZE];
	size_t form_size;
	int error, size;

	r->size = 0;
	error = put_form(r, query);
	if (error)
		return error;
	form_size = r->size;
	size = snprintf(head, sizeof(head),
	    "POST /link HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
	    "Content-Type: application/x-www-form-urlencoded\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    form_size);
	if (size < 0 || (size_t)size >= sizeof(head) ||
	    (size_t)size > sizeof(r->bytes) - form_size)
		return -ENOTSUP;
	memmove(r->bytes + size, r->bytes, form_size);
	memcpy(r->bytes, head, (size_t)size);
	r->size = form_size + (size_t)size;
	return 0;
}

/* Up to the end of the stream: the API was asked to close it. */
static int
receive_all(
    int fd, char *bytes, size_t size_max, int64_t end_ms, size_t *ret_size)
{
	size_t size = 0;
	int error = 0;

	while (!error) {
		ssize_t received =
		    recv(fd, bytes + size, size_max - size, MSG_DONTWAIT);

		if (received == 0)
			break;
		if (received < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (received > 0)
			size += (size_t)received;
		else
			error = stream_wait(fd, POLLIN, end_ms);
		if (size == size_max)
			return -EMSGSIZE;
	}
	*ret_size = size;
	return error;
}

static int
exchange(int fd, const struct request *request, int64_t end_ms,
    struct link_holder *ret_holder)
{
	char answer[LINK_ANSWER_SIZE_MAX];
	size_t size = 0;
	int error;

	error = stream_send(fd, request->bytes, request->size, 0, end_ms);
	if (!error)
		error = receive_all(fd, answer, sizeof(answer), end_ms, &size);
	return error ? error : link_answer_read(answer, size, ret_holder);
}

int
link_client_ask(const char *path, const struct link_query *query,
    struct link_holder *ret_holder)
{
	__attribute__((cleanup(close_fd))) int fd = -1;
	int64_t end_ms = deadline_after(LINK_CLIENT_DEADLINE_MS);
	struct request request;
	int error;

	error = make_request(query, &request);
	if (!error) {
		error = frame_connect(path, deadline_left_ms(end_ms), &fd);
		/* No socket there says nothing about whose a number is. */
		if (error == -ENOENT)
			error = -ECONNREFUSED;
	}
	if (!error)
		error = exchange(fd, &request, end_ms, ret_holder);
	explicit_bzero(&request, sizeof(request));
	return error;
}
