/*
 * Frames over a local stream socket: u32 length, then that many bytes. The
 * blocking calls here serve the modules and tools; the broker's event loop
 * reads into a struct frame_reader instead. Each protocol names its own maximum.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct ucred;

enum {
	FRAME_HEADER_SIZE = 4,
};

/*
 * Connects to the stream socket at path, close-on-exec. The socket's directory
 * must be no link and writable by its owner alone, and the peer (SO_PEERCRED)
 * must be that owner or root: whoever could rebind the path is the one that is
 * trusted. That means something only where nobody else can make such a
 * directory, so the one above it must be root's and writable by root alone, as
 * /run is and /tmp, in spite of its sticky bit, is not. What is above that one
 * is for the caller to choose well. A socket that systemd listens on has root
 * as its peer.
 *
 * 0, or -ECONNREFUSED, -ENOENT, -ETIMEDOUT..., -EPERM when one of these
 * does not hold. A deadline of 0 asks once: -ETIMEDOUT when the peer's backlog is full.
 */
int frame_connect(const char *path, int deadline_ms, int *ret_fd);

/* Who is at the other end (SO_PEERCRED): 0 or a negative errno. */
int frame_peer(int fd, struct ucred *ret_peer);

/*
 * Send or receive one whole frame before deadline_ms (from now) has passed, on
 * a blocking or a non-blocking socket.
 * 0, or -ETIMEDOUT, -ECONNRESET at the end of the stream, -EMSGSIZE for a
 * frame over size_max. Signals do not end the wait. Never raises SIGPIPE.
 */
int frame_send(int fd, const void *body, size_t size, int deadline_ms);
int frame_receive(
    int fd, void *body, size_t size_max, int deadline_ms, size_t *ret_size);

/*
 * Collects one frame after another from a non-blocking socket. The body stays
 * valid until the next call. A reader grows up to its size_max and no further.
 */
struct frame_reader {
	uint8_t *bytes;
	size_t filled;
	size_t allocated;
	size_t taken; /* bytes of the frame handed out last */
	size_t size_max;
};

void frame_reader_init(struct frame_reader *reader, size_t size_max);
void frame_reader_done(struct frame_reader *reader); /* wipes */

/*
 * 1 and the next body, 0 when more must come first, or a negative errno:
 * -ECONNRESET at the end of the stream, -EMSGSIZE over size_max. Call it until
 * it says 0: frames that came together are in the buffer, not in the socket.
 */
int frame_reader_next(struct frame_reader *reader, int fd,
    const uint8_t **ret_body, size_t *ret_size);

/*
 * Queues frames for a non-blocking socket. The queue grows up to size_max
 * bytes and no further; what was sent is wiped.
 */
struct frame_writer {
	uint8_t *bytes;
	size_t filled;
	size_t allocated;
	size_t sent;
	size_t size_max;
};

void frame_writer_init(struct frame_writer *writer, size_t size_max);
void frame_writer_done(struct frame_writer *writer); /* wipes */

/* 0, -ENOBUFS when the queue has no place for it, -ENOMEM. */
int frame_writer_put(
    struct frame_writer *writer, const void *body, size_t size);

/* Bytes that wait: poll for writing while there are any, then flush. */
size_t frame_writer_waiting(const struct frame_writer *writer);

/* 0, also when the socket takes no more now, or a negative errno. */
int frame_writer_flush(struct frame_writer *writer, int fd);
