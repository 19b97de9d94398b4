/*
 * Access tokens that issuers give this machine, for services that call others:
 * machine tokens (JWT grant, RFC 7523 section 2.1, as Maskinporten takes it)
 * and tokens in exchange for a person's (RFC 8693, as TokenX takes it). The
 * key that proves who we are stays here, and signs one assertion for each
 * request; what came is kept until shortly before it expires, and those who
 * ask for the same at the same time share one request.
 */
#pragma once

#include "broker/realm.h"
#include "broker/token/token_question.h"

#include <stdint.h>

#include <systemd/sd-event.h>

enum {
	TOKEN_CACHE_MAX = 1024, /* tokens kept; the oldest goes first */
	TOKEN_REFUSALS_MAX = 64, /* refusals kept, each for ... */
	TOKEN_REFUSAL_S = 2,
	/*
	 * A question that failed is asked again after 2 s. So is an issuer
	 * that could not be reached; one that says that it is overloaded
	 * (429), or that failed with this many questions one after the other,
	 * after 2, 4 ... 32 s.
	 */
	TOKEN_FAILURES = 3,
	TOKEN_PAUSE_S = 2,
	TOKEN_PAUSE_MAX_S = 32,
	TOKEN_FLIGHTS_MAX = 32, /* requests at a time: logins need some too */
	TOKEN_WAITS_MAX = 4096,
};

struct token_source;
struct token_wait;

enum token_outcome {
	TOKEN_OUTAGE = 0,
	TOKEN_GOOD,
	TOKEN_REFUSED, /* by the issuer, or because the target is not allowed */
	TOKEN_MISCONFIGURED,
	TOKEN_BUSY, /* here; the issuer was not asked */
};

/* Valid during the call. */
struct token_reply {
	enum token_outcome outcome;
	const char *access_token;
	const char *token_type;
	int64_t expires_in_s; /* from now on */
	unsigned int status; /* of a refusal: of HTTP, 400 to 599 */
	const char *error; /* of a refusal: a word of RFC 6749 section 5.2 */
	const char *detail; /* of all but a good one: for people, no secrets */
};

typedef void (*token_fn)(const struct token_reply *reply, void *userdata);

int token_source_new(sd_event *event, struct token_source **ret_source);
struct token_source *token_source_free(struct token_source *source);

/* Another configuration: what came by the last one is forgotten. */
void token_source_clear(struct token_source *source);

/*
 * Told once, from the event loop and never before this returns, unless the
 * wait is cancelled. 0, -ENOENT: no such issuer, -ENOMEM, -EBUSY.
 */
int token_source_ask(struct token_source *source, struct realm *realm,
    const struct token_question *question, token_fn told, void *userdata,
    struct token_wait **ret_wait);
void token_wait_cancel(struct token_wait *wait); /* accepts NULL */
