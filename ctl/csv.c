#include "ctl/csv.h"

#include "lib/utf8.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	struct csv csv;
	size_t allocated; /* cells */
	const char *at;
	const char *end;
	char *out; /* in storage; each terminator has its separator's place */
	size_t column_index;
	struct csv_error error; /* line and column are those of at */
};

static int
refuse(struct parser *p, const char *text)
{
	p->error.text = text;
	return -EBADMSG;
}

static bool
is_line_end(const struct parser *p)
{
	return p->at == p->end || *p->at == '\n' ||
	       (*p->at == '\r' && p->end - p->at > 1 && p->at[1] == '\n');
}

static void
step(struct parser *p, size_t size)
{
	p->at += size;
	p->error.column++;
}

/* One character of a field, copied whole. */
static int
take_character(struct parser *p)
{
	uint32_t character;
	size_t size;

	size = utf8_decode(p->at, (size_t)(p->end - p->at), &character);
	if (size == 0)
		return refuse(p, "this is not UTF-8");
	if (character < 0x20 || (character >= 0x7f && character < 0xa0))
		return refuse(p, "a control character is not accepted");
	memcpy(p->out, p->at, size);
	p->out += size;
	step(p, size);
	return 0;
}

static int
take_quoted(struct parser *p)
{
	int error;

	step(p, 1);
	for (;;) {
		if (is_line_end(p))
			return refuse(p, "the quoted field does not end on "
					 "its line");
		if (*p->at == '"') {
			step(p, 1);
			if (is_line_end(p) || *p->at == ',')
				return 0;
			if (*p->at != '"')
				return refuse(p, "after the closing quote "
						 "comes a comma or the end");
		}
		error = take_character(p);
		if (error)
			return error;
	}
}

static int
take_plain(struct parser *p)
{
	int error;

	while (!is_line_end(p) && *p->at != ',') {
		if (*p->at == '"')
			return refuse(p, "a field with a quote in it must be "
					 "quoted whole, the quote doubled");
		error = take_character(p);
		if (error)
			return error;
	}
	return 0;
}

static int
add_cell(struct parser *p, const char *cell, size_t count)
{
	size_t allocated = p->allocated ? p->allocated * 2 : 64;
	const char **cells;

	if (count == p->allocated) {
		cells = reallocarray(p->csv.cells, allocated, sizeof(*cells));
		if (!cells)
			return -ENOMEM;
		p->csv.cells = cells;
		p->allocated = allocated;
	}
	p->csv.cells[count] = cell;
	return 0;
}

static int
take_field(struct parser *p)
{
	const char *cell = p->out;
	char stop;
	int error;

	if (p->csv.rows == 0 && p->column_index == CSV_COLUMNS_MAX)
		return refuse(p, "too many columns");
	if (p->csv.rows > 0 && p->column_index == p->csv.columns)
		return refuse(p, "more fields than the header has");
	error =
	    !is_line_end(p) && *p->at == '"' ? take_quoted(p) : take_plain(p);
	if (error)
		return error;
	error =
	    add_cell(p, cell, p->csv.rows * p->csv.columns + p->column_index);
	if (error)
		return error;
	stop = p->at < p->end ? *p->at : '\n';
	if (stop == ',')
		step(p, 1);
	else if (p->at < p->end)
		p->at += stop == '\r' ? 2 : 1;
	*p->out++ = '\0';
	p->column_index++;
	return stop == ',';
}

static int
take_row(struct parser *p)
{
	int more;

	p->error.line = p->csv.rows + 1;
	p->error.column = 1;
	p->column_index = 0;
	if (is_line_end(p))
		return refuse(p, "the line is empty");
	do
		more = take_field(p);
	while (more > 0);
	if (more < 0)
		return more;
	if (p->csv.rows == 0)
		p->csv.columns = p->column_index;
	if (p->column_index < p->csv.columns)
		return refuse(p, "fewer fields than the header has");
	p->csv.rows++;
	return 0;
}

static int
take_rows(struct parser *p)
{
	int error;

	do {
		error = take_row(p);
		if (error)
			return error;
	} while (p->at < p->end);
	return 0;
}

int
csv_parse(const char *bytes, size_t size, struct csv *ret_csv,
    struct csv_error *ret_error)
{
	static const char mark[] = {'\xef', '\xbb', '\xbf'};
	struct parser p = {.at = bytes, .end = bytes + size};
	int error;

	/* A last field without a newline needs room for its terminator. */
	p.csv.storage = malloc(size + 1);
	if (!p.csv.storage)
		return -ENOMEM;
	p.out = p.csv.storage;
	if (size >= sizeof(mark) && memcmp(bytes, mark, sizeof(mark)) == 0)
		p.at += sizeof(mark);
	error = take_rows(&p);
	if (error) {
		csv_done(&p.csv);
		*ret_error = p.error;
		return error;
	}
	*ret_csv = p.csv;
	return 0;
}

void
csv_done(struct csv *csv)
{
	free(csv->storage);
	free(csv->cells);
	memset(csv, 0, sizeof(*csv));
}
