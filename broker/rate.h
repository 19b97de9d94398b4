/*
 * A bound on how often something may happen: a bucket of so many, refilled at
 * so many a second.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct rate {
	int64_t at_us; /* when the bucket was looked at last; 0: never */
	int64_t spent_us; /* of the time that refilling all of it takes */
};

/* Takes one, if there is one. burst and per_s are positive. */
static inline bool
rate_take(struct rate *rate, int burst, int per_s, int64_t now_us)
{
	int64_t cost_us = 1000000 / per_s, spent_us;

	spent_us = rate->spent_us - (now_us - rate->at_us);
	rate->at_us = now_us;
	rate->spent_us = spent_us > 0 ? spent_us : 0;
	if (rate->spent_us + cost_us > cost_us * burst)
		return false;
	rate->spent_us += cost_us;
	return true;
}
