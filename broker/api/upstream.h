/*
 * The broker, as one worker asks it over service.sock (lib/service_protocol.h)
 * what no image tells: one connection, made when it is first needed, many
 * questions under way on it, answers in any order. Nothing here ever waits: a
 * broker that is not there is an outage at once.
 */
#pragma once

#include "broker/api/metrics.h"

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

struct upstream;

/*
 * The whole answer, borrowed for the length of the call; NULL is an outage:
 * the broker went away, or its time is up. A broker that said "busy" or
 * "outage" did answer: upstream_is_good() tells.
 */
typedef void (*upstream_fn)(json_t *answer, void *userdata);

/* metrics: of this worker. */
int upstream_new(const char *path, struct metrics *metrics, unsigned int worker,
    struct upstream **ret_upstream);
/* Accepts NULL. Nobody is told any more. */
struct upstream *upstream_free(struct upstream *upstream);

/*
 * Takes the question over, and gives it an id. told is called once, from
 * upstream_run() and never before this returns. 0, or a negative errno, when
 * nobody will be told: -EBUSY (too many under way), -EMSGSIZE, -ENOMEM, and
 * those of a broker that is not there. Accepts NULL for the upstream.
 */
int upstream_ask(struct upstream *upstream, json_t *question, int deadline_ms,
    upstream_fn told, void *userdata, uint64_t *ret_id);

/*
 * Of one that was not told yet: the broker need not go on, and its answer, if
 * one comes, is nobody's.
 */
void upstream_drop(struct upstream *upstream, uint64_t id);

bool upstream_is_good(const json_t *answer); /* NULL is none */

/* For the loop around it; the descriptor is -1 while there is none. */
int upstream_fd(const struct upstream *upstream);
short upstream_events(const struct upstream *upstream); /* of poll(2) */
int upstream_timeout_ms(const struct upstream *upstream, int longest_ms);
void upstream_run(struct upstream *upstream);
