/*
 * What one request asks the broker before it can be answered. The endpoint is
 * written from top to bottom as if it never waited; where a reply is not there
 * yet it returns, and is called again from its top when it has come, to find
 * answered what it asked before. One question of each kind, and one judgement.
 */
#pragma once

#include "broker/api/upstream.h"
#include "lib/name.h"
#include "verify/link.h"
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
	/* Among those that wait for the same; prior is NULL for others. */
	struct errand_reply *next;
	struct errand_reply **prior;
	struct errand_share *share; /* of those; NULL for others */
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
	/* The judgement, made once: a proof is good for one. judge.h */
	struct portvakt_result *result;
	const char *audience; /* that it was good for, of the configuration */
	bool fresh; /* nobody had judged it before */
	/* Who presents the token was asked, and has used its proof up. */
	bool confirmed;
	struct link_holder linked; /* whom the broker named; account "": none */
	/* Of an opaque token: its issuer, and what that says about it. */
	char issuer[NAME_MAX_SIZE];
	char *claims;
	bool asked_issuer; /* these claims were not kept from before */
};

/* Drops what waits. Not for one whose portvakt handle is gone. */
void errand_done(struct errand *errand);

/*
 * The reply, or NULL: it waits. Takes the question over, and drops it when it
 * was asked before. Without an errand, or without a broker: an outage.
 */
const struct errand_reply *errand_ask(struct errand *errand,
    enum errand_kind kind, json_t *question, int deadline_ms);

/* A question that is not one errand's own. */
struct errand_share {
	struct errand_reply *first;
	/* Whoever waited is gone. It may free the share. */
	void (*deserted)(struct errand_share *share);
};

/* As errand_ask(), of a question that somebody else has asked. */
const struct errand_reply *errand_join(
    struct errand *errand, enum errand_kind kind, struct errand_share *share);
void errand_share_tell(struct errand_share *share, json_t *answer);

/* Something was asked that has no reply yet. Accepts NULL. */
bool errand_waits(const struct errand *errand);

/* Whoever would have been answered is gone: all that waits is an outage. */
void errand_abandon(struct errand *errand);
