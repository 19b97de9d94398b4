/*
 * "handle": a short one-time stand-in (broker/login/ticket.h) for an access
 * token that is good for a service of this machine, for whoever has to type
 * what a client would cut. Root, or the account itself, in its own name.
 */
#pragma once

#include "broker/admin/admin_actor.h"
#include "broker/broker.h"

#include <jansson.h>

struct admin_handle;

typedef void (*admin_handle_fn)(json_t *reply, void *userdata);

/*
 * Begins one. The reply is given later, from the event loop, and once; until
 * then *ret_handle is to be kept, and freed after it. A reply that is returned
 * is a refusal at once. NULL with *ret_handle untouched: out of memory.
 */
json_t *admin_handle_new(struct broker *broker, const struct admin_actor *actor,
    const json_t *request, admin_handle_fn reply, void *userdata,
    struct admin_handle **ret_handle);
struct admin_handle *admin_handle_free(
    struct admin_handle *handle); /* accepts NULL */
