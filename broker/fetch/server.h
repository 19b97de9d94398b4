/*
 * The fetcher's end of the fetch protocol (lib/fetch_protocol.h): one broker
 * at a time, known by its uid; the hosts of its first HOSTS message, for life.
 */
#pragma once

#include <sys/types.h>

struct server;

/* Takes over listener, a listening AF_UNIX socket. 0 or -ENOMEM. */
int server_new(int listener, uid_t broker_uid, struct server **ret_server);
struct server *server_free(struct server *server);

/*
 * Serves until stop, a descriptor, becomes readable (0), or a negative errno
 * when it cannot go on.
 */
int server_run(struct server *server, int stop);
