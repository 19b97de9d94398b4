/*
 * How portvaktctl says no: what, why and the remedy on stderr, and with --json
 * the same as one object {"error", "text", "remedy"} on stdout.
 */
#pragma once

#include "ctl/command.h"

#include <jansson.h>

struct failure {
	int code; /* of enum exit_code */
	const char *word; /* stable, for programs */
	const char *text;
	const char *remedy; /* NULL: none is known */
};

/* Prints it and returns its code. */
int failure_print(
    const struct invocation *invocation, const struct failure *failure);

/* For an error of admin_client_ask. */
int failure_print_errno(const struct invocation *invocation, int error);

/*
 * For an answer with "ok" false. place says where the fault stands ("line 7 of
 * staff.csv"), or is NULL.
 */
int failure_print_answer(const struct invocation *invocation,
    const json_t *answer, const char *place);

/* The words and the remedy for an error of admin_client_ask. */
struct failure failure_of_errno(int error);
