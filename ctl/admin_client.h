/* One question to the broker and its answer (lib/admin_protocol.h). */
#pragma once

#include <jansson.h>

/*
 * Sends request and receives the answer, within ADMIN_DEADLINE_MS in all. On a
 * terminal says what it waits for when that takes long. The answer is of the
 * protocol's form: "ok" true with an object "result", or "ok" false with the
 * texts "error" and "text".
 *
 * 0 or a negative errno: -EMSGSIZE for a request that is too large, -EBADMSG
 * for an answer of another form, those of lib/frame.h otherwise.
 */
int admin_client_ask(const json_t *request, json_t **ret_answer);
