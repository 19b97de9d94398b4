/*
 * A file that is sent to the broker as one request: all of its rows are taken,
 * or none.
 */
#pragma once

#include "ctl/command.h"
#include "ctl/csv_records.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct import_file {
	int (*parse)(const char *bytes, size_t size, json_t **ret_rows,
	    char ret_error[static CSV_RECORDS_ERROR_SIZE]);
	/* Rows that are read and not sent; NULL: there are none. */
	bool (*is_past)(const json_t *row, int64_t now_s);
	const char *command; /* of the protocol */
	const char *member; /* that takes the rows */
	const char *noun; /* of one row */
	const char *unseen; /* what a dry run does not see */
};

/* The file is the first word, "-" for standard input; an enum exit_code. */
int import_file(
    const struct invocation *invocation, const struct import_file *kind);
