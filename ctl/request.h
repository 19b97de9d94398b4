/*
 * Options of the command line as members of a request. An option that was not
 * given adds nothing. Each returns an enum exit_code, and says what is wrong.
 */
#pragma once

#include "ctl/command.h"

#include <jansson.h>

int request_add_text(const struct invocation *invocation,
    enum command_option option, json_t *request, const char *member);

/* A date or RFC 3339 (ctl/moment.h), as seconds. */
int request_add_moment(const struct invocation *invocation,
    enum command_option option, json_t *request, const char *member);

/* "case" or "clerical", as they are written. */
int request_add_kind(const struct invocation *invocation,
    enum command_option option, json_t *request, const char *member);

/* A whole number from 1. */
int request_add_number(const struct invocation *invocation,
    enum command_option option, json_t *request, const char *member);
