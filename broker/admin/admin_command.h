/*
 * What each command of the admin protocol does. A command reads its arguments
 * from the request and makes the whole answer, at once; each change, and each
 * refusal of one, is an audit record.
 */
#pragma once

#include "broker/admin/admin_actor.h"
#include "broker/broker.h"

#include <jansson.h>

/*
 * request NULL: it was not a JSON object. A new object, or NULL when out of
 * memory.
 */
json_t *admin_command_run(struct broker *broker,
    const struct admin_actor *actor, const json_t *request);
