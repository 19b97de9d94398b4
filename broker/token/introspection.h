/*
 * What an issuer says about an opaque access token of its own (RFC 7662). The
 * answer is nobody's decision: who asked judges its claims.
 */
#pragma once

#include "broker/realm.h"

#include <stddef.h>

struct introspection;

enum introspection_outcome {
	INTROSPECTION_OUTAGE = 0,
	INTROSPECTION_GOOD, /* there is an answer, of an active token or not */
	INTROSPECTION_MISCONFIGURED, /* it refuses us, or has no endpoint */
	INTROSPECTION_BUSY, /* here; the issuer was not asked */
};

/* Valid during the call. */
struct introspection_reply {
	enum introspection_outcome outcome;
	const char *claims; /* a JSON object with a boolean member active */
	size_t claims_size;
	const char *detail; /* of all but a good one: for people */
};

typedef void (*introspection_fn)(
    const struct introspection_reply *reply, void *userdata);

/*
 * Told once, from the event loop and never before this returns; told may free
 * it. 0, -ENOENT: no such issuer, -EPERM: its section does not say
 * introspection, -EINVAL: this is no token, -EAGAIN: it did not answer just now, and
 * is left alone for a moment, -EBUSY, -ENOMEM.
 */
int introspection_new(struct realm *realm, const char *issuer,
    const char *token, size_t size, introspection_fn told, void *userdata,
    struct introspection **ret_introspection);

/* Accepts NULL; what was not told is not told any more. */
struct introspection *introspection_free(struct introspection *introspection);
