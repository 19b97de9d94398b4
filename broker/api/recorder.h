/*
 * What is recorded of the use of tokens, on its way to the broker, which keeps
 * it: many records in one question, one question at a time. While the broker
 * is away they wait, so many and no more; of those that found no place, and of
 * those that it refuses, the number is recorded.
 */
#pragma once

#include "broker/api/metrics.h"
#include "broker/api/upstream.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	RECORDER_WAITING_MAX = 512,
	RECORDER_BATCH_MAX = 64, /* of at most 3 KB each, in one frame */
};

struct recorder;

int recorder_new(struct upstream *upstream, struct metrics *metrics,
    unsigned int worker, struct recorder **ret_recorder);
/* Accepts NULL. Before its upstream. */
struct recorder *recorder_free(struct recorder *recorder);

/*
 * Takes over a record without its time and number; NULL, which is out of
 * memory, is one that is lost. When it says what the last one said, that one
 * counts for both.
 */
void recorder_add(struct recorder *recorder, json_t *record);

/* There is no place for another one: it need not be made. */
bool recorder_is_full(const struct recorder *recorder);

/* How many records are not kept yet, that of lost ones among them. */
size_t recorder_left(const struct recorder *recorder);

/* For the loop around it. */
int recorder_timeout_ms(const struct recorder *recorder, int longest_ms);
void recorder_run(struct recorder *recorder);
/* The same at the end, when nobody waits for more to come. */
void recorder_finish(struct recorder *recorder);
