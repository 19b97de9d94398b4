/*
 * What one request asks the broker before it can be answered. The endpoint is
 * written from top to bottom as if it never waited; where a reply is not there
 * yet it returns, and is called again from its top when it has come, to find
 * answered what it asked before. One question of each kind, and one judgement.
 */
#pragma once

#include "broker/api/upstream.h"
#include "verify/portvakt.h"

#include <stdbool.h>

enum errand_kind {
	ERRAND_KEYS = 0,
	ERRAND_INTROSPECT,
	ERRAND_LINK,
	ERRAND_TOKEN, /* or an exchange */
	ERRAND_RECORD,
};

enum { ERRAND_KINDS = ERRAND_RECORD + 1 };

enum errand_state {
	ERRAND_UNASKED = 0,
	ERRAND_WAITS,
	ERRAND_SETTLED,
};

struct errand;

struct errand_reply {
	enum errand_state state;
	struct errand *errand;
	uint64_t id; /* of upstream; 0: it is another's question */
	json_t *answer; /* NULL: an outage */
};

/* Zeroed, and with its first three members, it is ready. */
struct errand {
	struct upstream *upstream; /* NULL: there is none, an outage */
	/* Nothing waits any more: call the endpoint again. */
	void (*wake)(void *userdata);
	void *userdata;
	struct errand_reply replies[ERRAND_KINDS];
	unsigned int waiting;
	bool abandoned;
	/* The judgement, made once: proofs are good for one. */
	struct portvakt_result *result;
	const char *audience;
};

/* Drops what waits. Not for one whose portvakt handle is gone. */
void errand_done(struct errand *errand);

/*
 * The reply, or NULL: it waits. Takes the question over, and drops it when it
 * was asked before. Without an errand, or without a broker: an outage.
 */
const struct errand_reply *errand_ask(struct errand *errand,
    enum errand_kind kind, json_t *question, int deadline_ms);

/* Something was asked that has no reply yet. Accepts NULL. */
bool errand_waits(const struct errand *errand);

/* Whoever would have been answered is gone: all that waits is an outage. */
void errand_abandon(struct errand *errand);
