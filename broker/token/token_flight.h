/*
 * One question on its way to the issuer and back: the request is made, and
 * what came is told as a result. Who waits for it is the source's business.
 */
#pragma once

#include "broker/realm.h"
#include "broker/token/token_question.h"
#include "broker/token/token_result.h"

struct token_flight;

/* May free the flight. result is borrowed. */
typedef void (*token_landed_fn)(struct token_result *result, void *userdata);

/*
 * The question was checked, and is copied; a reference to the realm is held.
 * Landed is called once, from the event loop and never before this returns. 0,
 * or a negative errno.
 */
int token_flight_new(struct realm *realm, struct issuer *issuer,
    const struct token_question *question, token_landed_fn landed,
    void *userdata, struct token_flight **ret_flight);
struct token_flight *token_flight_free(
    struct token_flight *flight); /* accepts NULL */
