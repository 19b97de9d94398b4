/*
 * Lists that do not fit one answer: the broker says with "next" where to go on,
 * and is asked again with that as "after".
 */
#pragma once

#include "ctl/command.h"

#include <jansson.h>

/*
 * Asks until all is there; *ret_result has the whole list alone, by its name.
 * request is changed. An enum exit_code, and a failure is said.
 */
int pages_ask(const struct invocation *invocation, json_t *request,
    const char *list, json_t **ret_result);
