/* The socket that the broker connects to. */
#pragma once

#include <stdbool.h>

/*
 * The socket that the service manager passed (sd_listen_fds), or, when it
 * passed none, one of our own at path, which replaces a dead one. Its mode
 * lets everybody connect: who may speak is decided by uid (server.h).
 *
 * 0, -EINVAL when what was passed is not one listening AF_UNIX stream socket,
 * -EADDRINUSE when somebody serves path, or a negative errno. *ret_own: path
 * must be unlinked at the end.
 */
int listener_open(const char *path, int *ret_fd, bool *ret_own);
