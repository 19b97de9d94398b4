/*
 * A question that an issuer must answer: "introspect", "token", "exchange",
 * "keys". It has a limit of time, and holds the configuration that it was asked
 * under.
 */
#pragma once

#include "broker/broker.h"
#include "broker/service/service_question.h"

struct service_pending;

/* Takes the answer; NULL when out of memory. */
typedef void (*service_told_fn)(json_t *answer, void *userdata);

/*
 * Takes what the question holds, in any case. Told once, from the event loop
 * and never before this returns; or the answer is there at once, in
 * *ret_answer, and NULL is returned.
 */
struct service_pending *service_pending_new(struct broker *broker,
    struct service_question *question, service_told_fn told, void *userdata,
    json_t **ret_answer);

int64_t service_pending_id(const struct service_pending *pending);

/* Cancels what is not told yet. Not to be called from told. Accepts NULL. */
struct service_pending *service_pending_free(struct service_pending *pending);
