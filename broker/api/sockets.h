/* The sockets that portvakt-api listens at. */
#pragma once

#include "broker/api/worker.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Those that the service manager passed: streams of AF_UNIX, or of TCP on a
 * loopback address. When it passed none, one of our own at path, which
 * replaces a dead one; *ret_own: path must be unlinked at the end.
 *
 * 0, -EINVAL when something else was passed, -EADDRNOTAVAIL for an address
 * that others can reach, -EADDRINUSE when somebody serves path, or another
 * negative errno.
 */
int sockets_open(const char *path, struct listener ret_listeners[LISTENERS_MAX],
    size_t *ret_count, bool *ret_own);
