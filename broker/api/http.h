/*
 * HTTP/1.1 around api.h, by libmicrohttpd: one thread, one worker, any number
 * of listening sockets that it shares with the other workers.
 */
#pragma once

#include "broker/api/api.h"

#include <stdbool.h>

struct http;

/*
 * Takes the listening socket over, which does not block. local: of AF_UNIX,
 * whose callers are known by their uid. 0, -ENOMEM, -EIO.
 */
int http_new(struct api *api, int listener, bool local, struct http **ret_http);
struct http *http_free(struct http *http);

/* Requests that are suspended: their errands are not done. */
unsigned int http_waiting(const struct http *http);

/* Answers these, for which the broker is as good as gone; how many they were. */
unsigned int http_abandon(struct http *http);

/* A descriptor that is readable when http_run() has something to do. */
int http_fd(const struct http *http);

/* How long it can wait for that; 0: there is more to do already. */
int http_timeout_ms(const struct http *http, int longest_ms);

/*
 * Does what there is to do, and closes what has been silent for too long. How
 * many requests it has answered.
 */
unsigned int http_run(struct http *http);

/*
 * Accepts nobody any more: each answer from now on ends its connection, and
 * those that wait for another request are closed. True: there are none left.
 */
bool http_leave(struct http *http);
