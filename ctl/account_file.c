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

/* seen has each key with the line where it stood first. */
static int
check_new(json_t *seen, const char *key, const char *what, size_t row,
    char *ret_error)
{
	const json_t *line = json_object_get(seen, key);
	char text[64];

	if (line) {
		(void)snprintf(text, sizeof(text),
		    "%s stands on line %lld already", what,
		    (long long)json_integer_value(line));
		return refuse(ret_error, row, text, NULL);
	}
	return json_object_set_new(seen, key, json_integer((json_int_t)row + 1))
		   ? -ENOMEM
		   : 0;
}

/* A subject is one of its issuer; no cell has a newline in it. */
static int
check_subject(json_t *seen, const json_t *account, size_t row, char *ret_error)
{
	const char *issuer =
	    json_string_value(json_object_get(account, "issuer"));
	json_auto_t *key = json_sprintf("%s\n%s", issuer ? issuer : "",
	    json_string_value(json_object_get(account, "subject")));

	return key ? check_new(seen, json_string_value(key), "this subject",
			 row, ret_error)
		   : -ENOMEM;
}

static int
check_duplicates(const json_t *accounts, char *ret_error)
{
	json_auto_t *names = json_object();
	json_auto_t *subjects = json_object();
	const json_t *account;
	size_t i;
	int error;

	json_array_foreach (accounts, i, account) {
		error = check_new(names,
		    json_string_value(json_object_get(account, "name")),
		    "this name", i + 1, ret_error);
		if (!error)
			error =
			    check_subject(subjects, account, i + 1, ret_error);
		if (error)
			return error;
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
	return error ? error : check_duplicates(accounts, ret_error);
}

/* What spreadsheets write where the comma is the decimal sign. */
static bool
has_semicolons(const char *bytes, size_t size)
{
	const char *end = memchr(bytes, '\n', size);
	size_t length = end ? (size_t)(end - bytes) : size;

	return memchr(bytes, ';', length) && !memchr(bytes, ',', length);
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
	if (has_semicolons(bytes, size))
		return refuse(ret_error, 0,
		    "columns are separated by commas, not semicolons", NULL);
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
