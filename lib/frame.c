#include "lib/frame.h"

#include "lib/deadline.h"
#include "lib/stream.h"

#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	QUEUE_START_SIZE = 4096,
};

/* The socket waits for a place in the peer's backlog, up to its SO_SNDTIMEO. */
static int
connect_until(int fd, const struct sockaddr_un *address, int64_t end_ms)
{
	int left;
	struct timeval timeout;

	do {
		left = deadline_left_ms(end_ms);
		timeout.tv_sec = left / 1000;
		/* A timeout of 0 would be none at all. */
		timeout.tv_usec = left % 1000 * 1000 + 1;
		if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout,
			sizeof(timeout)) < 0)
			return -errno;
		if (connect(fd, (const struct sockaddr *)address,
			sizeof(*address)) == 0)
			return 0;
	} while (errno == EINTR);
	return errno == EAGAIN ? -ETIMEDOUT : -errno;
}

int
frame_peer(int fd, struct ucred *ret_peer)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return -errno;
	*ret_peer = peer;
	return 0;
}

static bool
others_may_write(const struct stat *directory)
{
	return (directory->st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

/*
 * Nobody but root can put another directory in the place of this one. lstat:
 * a link could be turned to a directory that somebody else may have.
 */
static int
check_directory(const char *path, uid_t *ret_owner)
{
	char above[sizeof(((struct sockaddr_un *)NULL)->sun_path) + 3];
	struct stat directory, parent;

	(void)snprintf(above, sizeof(above), "%s/..", path);
	if (lstat(path, &directory) < 0 || stat(above, &parent) < 0)
		return -errno;
	if (!S_ISDIR(directory.st_mode) || others_may_write(&directory) ||
	    parent.st_uid != 0 || others_may_write(&parent))
		return -EPERM;
	*ret_owner = directory.st_uid;
	return 0;
}

/* address->sun_path loses its last part: only the directory counts from here. */
static int
check_peer(int fd, struct sockaddr_un *address)
{
	char *slash = strrchr(address->sun_path, '/');
	struct ucred peer;
	uid_t owner = 0;
	int error;

	if (!slash)
		return -EPERM;
	slash[slash == address->sun_path ? 1 : 0] = '\0';
	error = check_directory(address->sun_path, &owner);
	if (!error)
		error = frame_peer(fd, &peer);
	if (error)
		return error;
	return peer.uid == 0 || peer.uid == owner ? 0 : -EPERM;
}

int
frame_connect(const char *path, int deadline_ms, int *ret_fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int64_t end_ms = deadline_after(deadline_ms);
	int fd, error;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	error = connect_until(fd, &address, end_ms);
	if (!error)
		error = check_peer(fd, &address);
	if (error) {
		(void)close(fd);
		return error;
	}
	*ret_fd = fd;
	return 0;
}

static int
receive_all(int fd, uint8_t *bytes, size_t size, int64_t end_ms)
{
	ssize_t received;
	int error;

	while (size > 0) {
		received = recv(fd, bytes, size, MSG_DONTWAIT);
		if (received == 0)
			return -ECONNRESET;
		if (received < 0 && errno != EINTR && errno != EAGAIN)
			return stream_error();
		if (received > 0) {
			bytes += received;
			size -= (size_t)received;
			continue;
		}
		error = stream_wait(fd, POLLIN, end_ms);
		if (error)
			return error;
	}
	return 0;
}

int
frame_send(int fd, const void *body, size_t size, int deadline_ms)
{
	int64_t end_ms = deadline_after(deadline_ms);
	uint32_t header;
	int error;

	if (size > UINT32_MAX)
		return -EMSGSIZE;
	header = htobe32((uint32_t)size);
	error = stream_send(
	    fd, (const uint8_t *)&header, sizeof(header), MSG_MORE, end_ms);
	if (error)
		return error;
	return stream_send(fd, body, size, 0, end_ms);
}

int
frame_receive(
    int fd, void *body, size_t size_max, int deadline_ms, size_t *ret_size)
{
	int64_t end_ms = deadline_after(deadline_ms);
	uint32_t size;
	int error;

	error = receive_all(fd, (uint8_t *)&size, sizeof(size), end_ms);
	if (error)
		return error;
	size = be32toh(size);
	if (size > size_max)
		return -EMSGSIZE;
	error = receive_all(fd, body, size, end_ms);
	if (error)
		return error;
	*ret_size = size;
	return 0;
}

void
frame_reader_init(struct frame_reader *reader, size_t size_max)
{
	*reader = (struct frame_reader){.size_max = size_max};
}

void
frame_reader_done(struct frame_reader *reader)
{
	if (reader->bytes)
		explicit_bzero(reader->bytes, reader->filled);
	free(reader->bytes);
	frame_reader_init(reader, reader->size_max);
}

/* Forgets the frame that the last call handed out: it may hold a secret. */
static void
drop_taken(struct frame_reader *reader)
{
	if (reader->taken == 0)
		return;
	reader->filled -= reader->taken;
	memmove(reader->bytes, reader->bytes + reader->taken, reader->filled);
	explicit_bzero(reader->bytes + reader->filled, reader->taken);
	reader->taken = 0;
}

/* What the frame at the start needs, once its header is there. */
static int
frame_size(const struct frame_reader *reader, size_t *ret_size)
{
	uint32_t size;

	if (reader->filled < FRAME_HEADER_SIZE) {
		*ret_size = FRAME_HEADER_SIZE;
		return 0;
	}
	memcpy(&size, reader->bytes, sizeof(size));
	size = be32toh(size);
	if (size > reader->size_max)
		return -EMSGSIZE;
	*ret_size = FRAME_HEADER_SIZE + (size_t)size;
	return 0;
}

/* realloc would leave a copy behind, so this moves and wipes. */
static int
resize(uint8_t **bytes, size_t filled, size_t size)
{
	uint8_t *larger = malloc(size);

	if (!larger)
		return -ENOMEM;
	if (*bytes) {
		memcpy(larger, *bytes, filled);
		explicit_bzero(*bytes, filled);
		free(*bytes);
	}
	*bytes = larger;
	return 0;
}

/*
 * Doubles as the bytes arrive: a peer occupies memory by sending, not by
 * announcing.
 */
static int
make_room(struct frame_reader *reader)
{
	size_t limit = FRAME_HEADER_SIZE + reader->size_max;
	size_t size = reader->allocated * 2;
	int error;

	if (reader->filled < reader->allocated)
		return 0;
	if (size == 0)
		size = QUEUE_START_SIZE;
	if (size > limit)
		size = limit;
	error = resize(&reader->bytes, reader->filled, size);
	if (error)
		return error;
	reader->allocated = size;
	return 0;
}

/* The number of bytes that came; 0: none now, or a negative errno. */
static ssize_t
fill(struct frame_reader *reader, int fd)
{
	ssize_t received;
	int error;

	error = make_room(reader);
	if (error)
		return error;
	do
		received = recv(fd, reader->bytes + reader->filled,
		    reader->allocated - reader->filled, MSG_DONTWAIT);
	while (received < 0 && errno == EINTR);
	if (received == 0)
		return -ECONNRESET;
	if (received < 0)
		return errno == EAGAIN ? 0 : stream_error();
	reader->filled += (size_t)received;
	return received;
}

int
frame_reader_next(struct frame_reader *reader, int fd, const uint8_t **ret_body,
    size_t *ret_size)
{
	size_t size;
	ssize_t received;
	int error;

	drop_taken(reader);
	for (;;) {
		error = frame_size(reader, &size);
		if (error)
			return error;
		if (reader->filled >= size)
			break;
		received = fill(reader, fd);
		if (received <= 0)
			return (int)received;
	}
	reader->taken = size;
	*ret_body = reader->bytes + FRAME_HEADER_SIZE;
	*ret_size = size - FRAME_HEADER_SIZE;
	return 1;
}

void
frame_writer_init(struct frame_writer *writer, size_t size_max)
{
	*writer = (struct frame_writer){.size_max = size_max};
}

void
frame_writer_done(struct frame_writer *writer)
{
	if (writer->bytes)
		explicit_bzero(writer->bytes, writer->filled);
	free(writer->bytes);
	frame_writer_init(writer, writer->size_max);
}

size_t
frame_writer_waiting(const struct frame_writer *writer)
{
	return writer->filled - writer->sent;
}

/* Moves what waits to the start; the part behind it holds copies then. */
static void
compact(struct frame_writer *writer)
{
	size_t waiting = frame_writer_waiting(writer);

	if (writer->sent == 0)
		return;
	memmove(writer->bytes, writer->bytes + writer->sent, waiting);
	explicit_bzero(writer->bytes + waiting, writer->sent);
	writer->filled = waiting;
	writer->sent = 0;
}

static int
make_place(struct frame_writer *writer, size_t size)
{
	size_t allocated = writer->allocated;
	int error;

	if (frame_writer_waiting(writer) + size > writer->size_max)
		return -ENOBUFS;
	if (writer->filled + size <= allocated)
		return 0;
	compact(writer);
	if (allocated == 0)
		allocated = QUEUE_START_SIZE;
	while (allocated < writer->filled + size)
		allocated *= 2;
	if (allocated == writer->allocated)
		return 0;
	error = resize(&writer->bytes, writer->filled, allocated);
	if (error)
		return error;
	writer->allocated = allocated;
	return 0;
}

int
frame_writer_put(struct frame_writer *writer, const void *body, size_t size)
{
	uint32_t header = htobe32((uint32_t)size);
	int error;

	if (size > writer->size_max)
		return -ENOBUFS;
	error = make_place(writer, FRAME_HEADER_SIZE + size);
	if (error)
		return error;
	memcpy(writer->bytes + writer->filled, &header, sizeof(header));
	if (size > 0)
		memcpy(writer->bytes + writer->filled + FRAME_HEADER_SIZE, body,
		    size);
	writer->filled += FRAME_HEADER_SIZE + size;
	return 0;
}

int
frame_writer_flush(struct frame_writer *writer, int fd)
{
	uint8_t *at;
	ssize_t sent;

	while (frame_writer_waiting(writer) > 0) {
		at = writer->bytes + writer->sent;
		sent = send(fd, at, frame_writer_waiting(writer),
		    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno == EAGAIN)
			return 0;
		if (sent < 0 && errno != EINTR)
			return stream_error();
		if (sent > 0) {
			explicit_bzero(at, (size_t)sent);
			writer->sent += (size_t)sent;
		}
	}
	writer->filled = 0;
	writer->sent = 0;
	return 0;
}
