#include "ctl/authorisation_file.h"

#include "ctl/moment.h"
#include "ctl/number.h"

#include <errno.h>
#include <string.h>

static json_t *
read_order(const char *cell, const char **ret_wrong)
{
	uint32_t order;

	if (number_parse(cell, &order) == 0 && order > 0)
		return json_integer(order);
	*ret_wrong = "not a place in the order of contact";
	return NULL;
}

static json_t *
read_kind(const char *cell, const char **ret_wrong)
{
	if (strcmp(cell, "case") == 0 || strcmp(cell, "clerical") == 0)
		return json_string(cell);
	*ret_wrong = "neither case nor clerical";
	return NULL;
}

static json_t *
read_moment(const char *cell, const char **ret_wrong)
{
	int64_t at_s;

	if (moment_parse(cell, &at_s) == 0)
		return json_integer(at_s);
	*ret_wrong = "neither a date nor RFC 3339";
	return NULL;
}

static const struct csv_column columns[] = {
    {"person", true, NULL},
    {"group", true, NULL},
    {"unit", true, NULL},
    {"order", true, read_order},
    {"kind", true, read_kind},
    {"basis", true, NULL},
    {"reason", true, NULL},
    {"exception", false, NULL},
    {"from", false, read_moment},
    {"until", false, read_moment},
    {"withdrawn", false, read_moment}, /* the protocol's withdrawn_at */
    {"withdrawn_by", false, NULL},
    {"withdrawn_reason", false, NULL},
};

enum {
	COLUMNS_COUNT = sizeof(columns) / sizeof(columns[0]),
};

int
authorisation_file_parse(const char *bytes, size_t size, json_t **ret_rows,
    char ret_error[static AUTHORISATION_FILE_ERROR_SIZE])
{
	json_auto_t *rows = json_array();
	int error;

	if (!rows)
		return -ENOMEM;
	error = csv_records_parse(bytes, size, "authorisations", columns,
	    COLUMNS_COUNT, rows, ret_error);
	if (!error)
		*ret_rows = json_incref(rows);
	return error;
}

/* Quoted only where RFC 4180 demands it. */
static void
print_text(const char *text, FILE *file)
{
	if (!strpbrk(text, ",\"")) {
		fputs(text, file);
		return;
	}
	fputc('"', file);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', file);
		fputc(*text, file);
	}
	fputc('"', file);
}

bool
authorisation_file_is_past(const json_t *row, int64_t now_s)
{
	const json_t *until = json_object_get(row, "until");

	return json_object_get(row, "withdrawn") ||
	       (until && json_integer_value(until) <= now_s);
}

static const char *
member_of(const struct csv_column *column)
{
	return strcmp(column->name, "withdrawn") == 0 ? "withdrawn_at"
						      : column->name;
}

static void
print_cell(
    const struct csv_column *column, const json_t *authorisation, FILE *file)
{
	const json_t *value = json_object_get(authorisation, member_of(column));
	char moment[MOMENT_SIZE];

	if (json_is_string(value)) {
		print_text(json_string_value(value), file);
	} else if (json_is_integer(value) && column->read == read_moment) {
		moment_print(json_integer_value(value), moment);
		fputs(moment, file);
	} else if (json_is_integer(value)) {
		fprintf(file, "%lld", (long long)json_integer_value(value));
	}
}

void
authorisation_file_print(const json_t *authorisations, FILE *file)
{
	const json_t *authorisation;
	size_t row, i;

	for (i = 0; i < COLUMNS_COUNT; i++)
		fprintf(file, "%s%s", i ? "," : "", columns[i].name);
	fputc('\n', file);
	json_array_foreach (authorisations, row, authorisation) {
		for (i = 0; i < COLUMNS_COUNT; i++) {
			if (i)
				fputc(',', file);
			print_cell(&columns[i], authorisation, file);
		}
		fputc('\n', file);
	}
}
