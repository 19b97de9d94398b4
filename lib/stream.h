/* Bytes over a stream socket, by a moment (lib/deadline.h), without SIGPIPE. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * 0 when fd is ready for events, or for an error that the next call names;
 * -ETIMEDOUT. Signals do not end the wait.
 */
int stream_wait(int fd, short events, int64_t end_ms);

/*
 * All of them, on a blocking or a non-blocking socket; flags as send() has
 * them. 0, -ETIMEDOUT, -ECONNRESET...
 */
int stream_send(
    int fd, const void *bytes, size_t size, int flags, int64_t end_ms);

/* What became of a send or receive: a connection's end has one name. */
int stream_error(void);
