/* Ask the broker, and show what it said: the frame of nearly every command. */
#pragma once

#include "ctl/command.h"

#include <jansson.h>

/* Shows a result to a person; returns an enum exit_code. */
typedef int (*exchange_show_fn)(const json_t *result);

/*
 * Steals request (NULL: an argument was not UTF-8). Prints a failure, or the
 * result: as it came with --json, by show otherwise. Returns an exit code.
 */
int exchange(const struct invocation *invocation, json_t *request,
    exchange_show_fn show);

/* Like exchange, but hands the result over instead of showing it. */
int exchange_ask(
    const struct invocation *invocation, json_t *request, json_t **ret_result);

/* One object and a newline on stdout. */
void exchange_print_json(const json_t *object);
