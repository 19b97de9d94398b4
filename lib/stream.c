#include "lib/stream.h"

#include "lib/deadline.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

int
stream_wait(int fd, short events, int64_t end_ms)
{
	struct pollfd ready = {.fd = fd, .events = events};
	int count;

	do {
		count = poll(&ready, 1, deadline_left_ms(end_ms));
		if (count > 0)
			return 0;
		if (count == 0)
			return -ETIMEDOUT;
	} while (errno == EINTR);
	return -errno;
}

int
stream_error(void)
{
	return errno == EPIPE ? -ECONNRESET : -errno;
}

int
stream_send(int fd, const void *bytes, size_t size, int flags, int64_t end_ms)
{
	const uint8_t *at = bytes;
	ssize_t sent;
	int error;

	while (size > 0) {
		sent = send(fd, at, size, MSG_NOSIGNAL | MSG_DONTWAIT | flags);
		if (sent < 0 && errno != EINTR && errno != EAGAIN)
			return stream_error();
		if (sent > 0) {
			at += sent;
			size -= (size_t)sent;
			continue;
		}
		error = stream_wait(fd, POLLOUT, end_ms);
		if (error)
			return error;
	}
	return 0;
}
