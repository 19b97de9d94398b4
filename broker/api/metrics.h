/*
 * What was verified, how it ended and how long it took, in OpenMetrics 1.0.
 * The counters lie in memory that all workers share: each writes into a block
 * of its own, whoever is asked adds them up, and a worker that takes over a
 * block goes on counting where the last one stopped.
 */
#pragma once

#include "verify/portvakt.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct metrics;

/* For so many workers; before they are forked. 0 or -ENOMEM. */
int metrics_new(unsigned int workers, struct metrics **ret_metrics);
struct metrics *metrics_free(struct metrics *metrics);

/* A verification by this worker; issuer: its name, NULL when it is none. */
void metrics_verified(struct metrics *metrics, unsigned int worker,
    const char *issuer, const struct portvakt_result *result, int64_t took_us);

/* A request that was turned away because there were too many. */
void metrics_turned_away(struct metrics *metrics, unsigned int worker);

/* What else is counted, as it comes. */
enum metrics_counter {
	METRICS_RECORDS_LOST = 0,
	METRICS_TOKENS, /* given to callers */
	METRICS_OPAQUE, /* issuers asked about tokens of theirs */
};

enum { METRICS_COUNTERS = METRICS_OPAQUE + 1 };

void metrics_add(struct metrics *metrics, unsigned int worker,
    enum metrics_counter counter, uint64_t number);

/* The broker answered after so long, or did not. */
void metrics_broker(struct metrics *metrics, unsigned int worker, bool answered,
    int64_t took_us);

/* The families that lie here; without the last line, "# EOF". */
void metrics_print(const struct metrics *metrics, FILE *file);
