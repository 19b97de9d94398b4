#include "ctl/csv_records.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct reading {
	const struct csv *csv;
	const struct csv_column *columns;
	size_t columns_count;
	const char *what;
	char *error;
};

int
csv_records_refuse(char ret_error[static CSV_RECORDS_ERROR_SIZE], size_t row,
    const char *what, const char *which)
{
	(void)snprintf(ret_error, CSV_RECORDS_ERROR_SIZE, "line %zu: %s%s%s",
	    row + 1, what, which ? ": " : "", which ? which : "");
	return -EBADMSG;
}

static const struct csv_column *
find_column(const struct reading *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->columns_count; i++) {
		if (strcmp(r->columns[i].name, name) == 0)
			return &r->columns[i];
	}
	return NULL;
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
check_known(const struct reading *r)
{
	const char *name;
	char text[64];
	size_t i;

	for (i = 0; i < r->csv->columns; i++) {
		name = csv_cell(r->csv, 0, i);
		(void)snprintf(
		    text, sizeof(text), "not a column of %s", r->what);
		if (!find_column(r, name))
			return csv_records_refuse(r->error, 0, text, name);
		if (count_in_header(r->csv, name) > 1)
			return csv_records_refuse(
			    r->error, 0, "a column twice", name);
	}
	return 0;
}

static int
check_header(const struct reading *r)
{
	const struct csv_column *column;
	size_t i;
	int error;

	error = check_known(r);
	if (error)
		return error;
	for (i = 0; i < r->columns_count; i++) {
		column = &r->columns[i];
		if (column->required && !count_in_header(r->csv, column->name))
			return csv_records_refuse(r->error, 0,
			    "this column is missing", column->name);
	}
	return 0;
}

static int
read_cell(const struct reading *r, size_t row, size_t index, json_t *record)
{
	const struct csv_column *column =
	    find_column(r, csv_cell(r->csv, 0, index));
	const char *cell = csv_cell(r->csv, row, index);
	const char *wrong = NULL;
	json_t *value;

	if (!*cell)
		return 0;
	value = column->read ? column->read(cell, &wrong) : json_string(cell);
	if (wrong)
		return csv_records_refuse(r->error, row, wrong, cell);
	return json_object_set_new(record, column->name, value) ? -ENOMEM : 0;
}

static int
read_row(const struct reading *r, size_t row, json_t *records)
{
	json_t *record = json_object();
	size_t i;
	int error;

	if (json_array_append_new(records, record))
		return -ENOMEM;
	for (i = 0; i < r->csv->columns; i++) {
		error = read_cell(r, row, i, record);
		if (error)
			return error;
	}
	for (i = 0; i < r->columns_count; i++) {
		if (r->columns[i].required &&
		    !json_object_get(record, r->columns[i].name))
			return csv_records_refuse(r->error, row,
			    "this cell is empty", r->columns[i].name);
	}
	return 0;
}

static int
read_rows(const struct reading *r, json_t *records)
{
	size_t row;
	int error;

	error = check_header(r);
	for (row = 1; !error && row < r->csv->rows; row++)
		error = read_row(r, row, records);
	if (error || r->csv->rows > 1)
		return error;
	return csv_records_refuse(r->error, 0, "no row follows", NULL);
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
csv_records_parse(const char *bytes, size_t size, const char *what,
    const struct csv_column *columns, size_t columns_count, json_t *records,
    char ret_error[static CSV_RECORDS_ERROR_SIZE])
{
	struct csv_error csv_error;
	struct csv csv;
	const struct reading reading = {
	    &csv, columns, columns_count, what, ret_error};
	int error;

	if (has_semicolons(bytes, size))
		return csv_records_refuse(ret_error, 0,
		    "columns are separated by commas, not semicolons", NULL);
	error = csv_parse(bytes, size, &csv, &csv_error);
	if (error == -EBADMSG)
		(void)snprintf(ret_error, CSV_RECORDS_ERROR_SIZE,
		    "line %zu, column %zu: %s", csv_error.line,
		    csv_error.column, csv_error.text);
	if (error)
		return error;
	error = read_rows(&reading, records);
	csv_done(&csv);
	return error;
}
