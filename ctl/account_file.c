#include "ctl/account_file.h"

#include "ctl/csv.h"
#include "ctl/number.h"
#include "lib/name.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *const columns[] = {
    "name", "subject", "issuer", "uid", "gecos", "home", "shell"};

enum {
	COLUMNS_COUNT = sizeof(columns) / sizeof(columns[0]),
	COLUMNS_REQUIRED = 2, /* the first ones */
};

static int
refuse(char *ret_error, size_t row, const char *what, const char *which)
{
	(void)snprintf(ret_error, ACCOUNT_FILE_ERROR_SIZE, "line %zu: %s%s%s",
	    row + 1, what, which ? ": " : "", which ? which : "");
	return -EBADMSG;
}

static bool
is_column(const char *name)
{
	size_t i;

	for (i = 0; i < COLUMNS_COUNT; i++) {
		if (strcmp(columns[i], name) == 0)
			return true;
	}
	return false;
}

static size_t
count_in_header(const struct csv *csv, const char *name)
{
	size_t i, count = 0;

	for (i = 0; i < csv->columns; i++)
		count += strcmp(csv_cell(csv, 0, i), name) == 0;
	return count;
}

static int
check_header(const struct csv *csv, char *ret_error)
{
	size_t i;

	for (i = 0; i < csv->columns; i++) {
		const char *name = csv_cell(csv, 0, i);

		if (!is_column(name))
			return refuse(
			    ret_error, 0, "not a column of accounts", name);
		if (count_in_header(csv, name) > 1)
			return refuse(ret_error, 0, "a column twice", name);
	}
	for (i = 0; i < COLUMNS_REQUIRED; i++) {
		if (count_in_header(csv, columns[i]) == 0)
			return refuse(
			    ret_error, 0, "this column is missing", columns[i]);
	}
	return csv->rows > 1 ? 0
			     : refuse(ret_error, 0, "no account follows", NULL);
}

/* *ret_value stays NULL for a cell that does not count. */
static int
read_cell(const struct csv *csv, size_t row, size_t column, char *ret_error,
    json_t **ret_value)
{
	const char *name = csv_cell(csv, 0, column);
	const char *cell = csv_cell(csv, row, column);
	uint32_t uid;

	if (!*cell)
		return 0;
	if (strcmp(name, "name") == 0 && !name_is_valid(cell))
		return refuse(ret_error, row, "not a user name", cell);
	if (strcmp(name, "uid") != 0) {
		*ret_value = json_string(cell);
		return *ret_value ? 0 : -ENOMEM;
	}
	if (number_parse(cell, &uid))
		return refuse(ret_error, row, "not a uid", cell);
	*ret_value = json_integer(uid);
	return *ret_value ? 0 : -ENOMEM;
}

static int
read_row(const struct csv *csv, size_t row, char *ret_error, json_t *accounts)
{
	json_t *account = json_object();
	size_t i;
	int error;

	if (json_array_append_new(accounts, account))
		return -ENOMEM;
	for (i = 0; i < csv->columns; i++) {
		json_t *value = NULL;

		error = read_cell(csv, row, i, ret_error, &value);
		if (error)
			return error;
		if (value &&
		    json_object_set_new(account, csv_cell(csv, 0, i), value))
			return -ENOMEM;
	}
	for (i = 0; i < COLUMNS_REQUIRED; i++) {
		if (!json_object_get(account, columns[i]))
			return refuse(
			    ret_error, row, "this cell is empty", columns[i]);
	}
	return 0;
}

static int
read_rows(const struct csv *csv, char *ret_error, json_t *accounts)
{
	size_t row;
	int error;

	error = check_header(csv, ret_error);
	for (row = 1; !error && row < csv->rows; row++)
		error = read_row(csv, row, ret_error, accounts);
	return error;
}

int
account_file_parse(const char *bytes, size_t size, json_t **ret_accounts,
    char ret_error[static ACCOUNT_FILE_ERROR_SIZE])
{
	json_auto_t *accounts = json_array();
	struct csv_error csv_error;
	struct csv csv;
	int error;

	if (!accounts)
		return -ENOMEM;
	error = csv_parse(bytes, size, &csv, &csv_error);
	if (error == -EBADMSG)
		(void)snprintf(ret_error, ACCOUNT_FILE_ERROR_SIZE,
		    "line %zu, column %zu: %s", csv_error.line,
		    csv_error.column, csv_error.text);
	if (error)
		return error;
	error = read_rows(&csv, ret_error, accounts);
	csv_done(&csv);
	if (!error)
		*ret_accounts = json_incref(accounts);
	return error;
}
