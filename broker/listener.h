/*
 * A listening Unix socket: systemd's, when it passed one by that name, or our
 * own. Running out of descriptors pauses it for a moment; it never stops.
 */
#pragma once

#include <sys/types.h>

#include <systemd/sd-event.h>

struct listener;

/* Takes fd, which is non-blocking and close-on-exec. */
typedef void (*listener_accept_fn)(int fd, void *userdata);

/*
 * 0 or a negative errno: -EADDRINUSE when another broker serves path. mode is
 * of the socket when we make it ourselves.
 */
int listener_new(sd_event *event, const char *name, const char *path,
    mode_t mode, listener_accept_fn accepted, void *userdata,
    struct listener **ret_listener);
struct listener *listener_free(struct listener *listener);
