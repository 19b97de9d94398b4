/*
 * Comma-separated values as RFC 4180 has them, and no more: UTF-8 with or
 * without a byte order mark, lines ended by LF or CRLF, quotes doubled inside
 * quotes. Refused, with line and column: a newline or another control
 * character in a field, a quote in the middle of one, an empty line, a row of
 * another length than the first. So row n stands on line n + 1.
 */
#pragma once

#include <stddef.h>

enum {
	CSV_COLUMNS_MAX = 32,
};

struct csv {
	char *storage; /* what the cells point into */
	const char **cells;
	size_t columns;
	size_t rows; /* the header, row 0, included */
};

/* Counted from 1; the column in characters. */
struct csv_error {
	size_t line;
	size_t column;
	const char *text;
};

/* 0, -EBADMSG with *ret_error filled, or -ENOMEM. */
int csv_parse(const char *bytes, size_t size, struct csv *ret_csv,
    struct csv_error *ret_error);
void csv_done(struct csv *csv);

static inline const char *
csv_cell(const struct csv *csv, size_t row, size_t column)
{
	return csv->cells[row * csv->columns + column];
}
