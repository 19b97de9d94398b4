/*
 * An identity number, read for a request: from a terminal without echo, or as
 * one line of standard input. It stands in no argument and in no error.
 */
#pragma once

#include "ctl/command.h"

#include <jansson.h>

/* Adds the member "pid"; an enum exit_code, and what is wrong is said. */
int pid_read(const struct invocation *invocation, json_t *request);
