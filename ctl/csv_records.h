/*
 * The rows of a CSV file (ctl/csv.h) as the objects of an import: the first row
 * names the columns, in any order, and an empty cell counts as not given.
 */
#pragma once

#include "ctl/csv.h"

#include <jansson.h>
#include <stdbool.h>

enum {
	CSV_RECORDS_ERROR_SIZE = 256,
};

struct csv_column {
	const char *name; /* of the column, and of the member */
	bool required;
	/* NULL: a text. A new value, or NULL with what is wrong with it. */
	json_t *(*read)(const char *cell, const char **ret_wrong);
};

/*
 * Appends an object for each row: row n, from 1, stands on line n + 1. what:
 * what the file holds, in the plural. 0, -ENOMEM, or -EBADMSG with the fault as
 * "line L, column C: what" in ret_error.
 */
int csv_records_parse(const char *bytes, size_t size, const char *what,
    const struct csv_column *columns, size_t columns_count, json_t *records,
    char ret_error[static CSV_RECORDS_ERROR_SIZE]);

/* The fault of a row, from 1; which may be NULL. Returns -EBADMSG. */
int csv_records_refuse(char ret_error[static CSV_RECORDS_ERROR_SIZE],
    size_t row, const char *what, const char *which);
