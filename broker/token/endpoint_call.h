/*
 * One POST to an endpoint of an issuer: the issuer is made ready, the endpoint
 * found in what it publishes, the form filled in and sent. Only hosts of this
 * issuer's section are called, also where the fetcher would reach others.
 */
#pragma once

#include "broker/issuer/issuer.h"
#include "broker/token/post_form.h"

#include <stddef.h>
#include <stdint.h>

struct endpoint_call;

/* Of one issuer at a time: an ill one leaves the others theirs. */
enum { ENDPOINT_CALLS_PER_ISSUER = 12 };

enum endpoint {
	ENDPOINT_TOKEN = 1,
	ENDPOINT_INTROSPECTION,
};

enum endpoint_outcome {
	ENDPOINT_OUTAGE = 0,
	ENDPOINT_ANSWERED, /* over HTTP, with whatever status */
	ENDPOINT_MISCONFIGURED,
	ENDPOINT_BUSY, /* here; the issuer was not asked */
};

/* Valid during the call. */
struct endpoint_reply {
	enum endpoint_outcome outcome;
	unsigned int status; /* 0 unless answered */
	const char *body;
	size_t body_size;
	const char *detail; /* unless answered: for people, no secrets */
};

/*
 * Fills the form at the moment it is sent, for assertions are short-lived. An
 * error but -ENOMEM means that the issuer's section is not good for this, with
 * the remedy in *ret_problem.
 */
typedef int (*endpoint_fill_fn)(const struct config_issuer *issuer,
    int64_t now_s, struct post_form *form, const char **ret_problem,
    void *userdata);

/* May free the call, and the issuer. */
typedef void (*endpoint_done_fn)(
    const struct endpoint_reply *reply, void *userdata);

/*
 * Done is called once, from the event loop and never before this returns. The
 * issuer is borrowed. 0 or a negative errno; -EBUSY: so many calls of this
 * issuer are under way.
 */
int endpoint_call_new(struct issuer *issuer, enum endpoint endpoint,
    endpoint_fill_fn fill, endpoint_done_fn done, void *userdata,
    struct endpoint_call **ret_call);

/* Accepts NULL. Done is not called any more. */
struct endpoint_call *endpoint_call_free(struct endpoint_call *call);
