/*
 * What each command of the admin protocol does. A command reads its arguments
 * from the request and makes the whole answer, at once; each change is an
 * audit record.
 */
#pragma once

#include "broker/broker.h"

#include <jansson.h>

/*
 * actor: who asks, for the record. request NULL: it was not a JSON object. A
 * new object, or NULL when out of memory.
 */
json_t *admin_command_run(
    struct broker *broker, const char *actor, const json_t *request);

/* {"ok": false, "error": word, "text": text} */
json_t *admin_command_error(const char *word, const char *text);
