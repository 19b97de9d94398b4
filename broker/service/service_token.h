/*
 * "token" and "exchange": what an issuer gives this machine, handed to
 * portvakt-api for a client of its own. Each answer to such a request leaves a
 * record of the broker, before it is given: a token that cannot be recorded is
 * not handed out, so that an API that was taken over gets none in silence.
 */
#pragma once

#include "broker/broker.h"
#include "broker/service/service_question.h"
#include "broker/token/token_source.h"

/* As token_source_ask(). */
int service_token_ask(struct broker *broker, struct realm *realm,
    const struct service_question *question, token_fn told, void *userdata,
    struct token_wait **ret_wait);

/* Records what came of it. The whole answer; NULL when out of memory. */
json_t *service_token_answer(struct broker *broker,
    const struct service_question *question, const struct token_reply *reply);
