/*
 * Personal authorisations as CSV (ctl/csv_records.h): person, group, unit,
 * order, kind, basis and reason, and in any order from, until, exception,
 * withdrawn, withdrawn_by and withdrawn_reason. Times are dates or RFC 3339 (ctl/moment.h). What is written is read again.
 */
#pragma once

#include "ctl/csv_records.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
	AUTHORISATION_FILE_ERROR_SIZE = CSV_RECORDS_ERROR_SIZE,
};

/*
 * The "rows" of an authorise-import: row n, from 1, stands on line n + 1. 0,
 * -ENOMEM, or -EBADMSG with the fault in ret_error.
 */
int authorisation_file_parse(const char *bytes, size_t size, json_t **ret_rows,
    char ret_error[static AUTHORISATION_FILE_ERROR_SIZE]);

/* Whether a row of a list of a period is over, or was withdrawn. */
bool authorisation_file_is_past(const json_t *row, int64_t now_s);

/* The header, and a line for each of the broker's authorisations. */
void authorisation_file_print(const json_t *authorisations, FILE *file);
