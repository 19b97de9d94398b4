/*
 * A token of an issuer of ours with a key that nobody knows: the broker is told
 * to fetch the issuer's keys, which may have changed. However many bad tokens
 * come, a worker says so once in a while (and the broker thinks for itself);
 * those that come in the meantime wait for the same answer.
 */
#pragma once

#include "broker/api/errand.h"
#include "lib/name.h"

#include <stdint.h>

enum {
	KEYS_ISSUERS_MAX = 16, /* as many as a configuration has */
	KEYS_INTERVAL_S = 30, /* for an issuer, between two questions */
};

struct keys_issuer {
	char name[NAME_MAX_SIZE];
	int64_t asked_us;
	bool under_way;
	struct errand_share share;
};

/* Zeroed, it is ready; for as long as its upstream. */
struct keys {
	struct keys_issuer issuers[KEYS_ISSUERS_MAX];
	size_t count;
};

/* False: it waits. True: there is nothing (more) to wait for. */
bool keys_ask(struct keys *keys, struct errand *errand, const char *issuer);
