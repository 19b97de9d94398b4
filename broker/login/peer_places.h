/*
 * How much the services that pam sections name (token_peers) may ask at a
 * time: so many places and so many connections a second for each of their
 * accounts, so that none of them crowds out the others or fills the records.
 */
#pragma once

#include "broker/rate.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	PEER_PLACES_UIDS = 32, /* that ask at the same time */
	PEER_PLACES_OF_UID = 32,
	/* A login takes two connections. */
	PEER_PLACES_BURST = 100,
	PEER_PLACES_PER_S = 20,
};

/* Zeroed: everything is free. */
struct peer_places {
	struct {
		uid_t uid;
		unsigned int taken;
		struct rate rate;
	} of[PEER_PLACES_UIDS];
};

/* False: there is none for it now. now_us of CLOCK_BOOTTIME. */
bool peer_places_take(struct peer_places *places, uid_t uid, int64_t now_us);

/* The place that uid took before. */
void peer_places_leave(struct peer_places *places, uid_t uid);
