#include "ctl/table.h"

#include "ctl/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	GAP = 2,
	LAST_WIDTH_MIN = 24, /* of the column that is folded */
};

struct table {
	char **cells; /* rows * columns, headings first */
	size_t columns;
	size_t rows;
	size_t allocated; /* rows */
	int has_headings;
};

int
table_new(size_t columns, const char *const *headings, struct table **ret_table)
{
	struct table *table;
	int error;

	if (columns == 0 || columns > TABLE_COLUMNS_MAX)
		return -EINVAL;
	table = calloc(1, sizeof(*table));
	if (!table)
		return -ENOMEM;
	table->columns = columns;
	table->has_headings = headings != NULL;
	error = headings ? table_add(table, headings) : 0;
	if (error)
		table = table_free(table);
	else
		*ret_table = table;
	return error;
}

struct table *
table_free(struct table *table)
{
	size_t i;

	if (!table)
		return NULL;
	for (i = 0; i < table->rows * table->columns; i++)
		free(table->cells[i]);
	free(table->cells);
	free(table);
	return NULL;
}

static int
table_grow(struct table *table)
{
	size_t allocated = table->allocated ? table->allocated * 2 : 16;
	char **cells;

	if (table->rows < table->allocated)
		return 0;
	cells = reallocarray(
	    table->cells, allocated, table->columns * sizeof(*cells));
	if (!cells)
		return -ENOMEM;
	table->cells = cells;
	table->allocated = allocated;
	return 0;
}

int
table_add(struct table *table, const char *const *cells)
{
	char **row;
	size_t i;

	if (table_grow(table))
		return -ENOMEM;
	row = table->cells + table->rows * table->columns;
	for (i = 0; i < table->columns; i++) {
		row[i] = strdup(cells[i] ? cells[i] : "-");
		if (!row[i])
			break;
	}
	if (i == table->columns) {
		table->rows++;
		return 0;
	}
	while (i > 0)
		free(row[--i]);
	return -ENOMEM;
}

static void
measure(const struct table *table, size_t *ret_widths)
{
	size_t i, width;

	memset(ret_widths, 0, table->columns * sizeof(*ret_widths));
	for (i = 0; i < table->rows * table->columns; i++) {
		width = text_width(table->cells[i]);
		if (width > ret_widths[i % table->columns])
			ret_widths[i % table->columns] = width;
	}
}

static void
print_row(
    const struct table *table, size_t row, const size_t *widths, FILE *file)
{
	char *const *cells = table->cells + row * table->columns;
	size_t last = table->columns - 1, indent = 0, i, used;
	size_t width = TABLE_WIDTH;

	for (i = 0; i < last; i++) {
		used = text_put(file, cells[i], widths[i]);
		fprintf(file, "%*s", (int)(widths[i] - used + GAP), "");
		indent += widths[i] + GAP;
	}
	/* A program that reads a list takes it by lines. */
	if (table->has_headings && !isatty(fileno(file))) {
		(void)text_put(file, cells[last], widths[last]);
		fputc('\n', file);
		return;
	}
	if (width < indent + LAST_WIDTH_MIN)
		width = indent + LAST_WIDTH_MIN;
	text_fold(file, cells[last], indent, width);
}

void
table_print(const struct table *table, FILE *file)
{
	size_t widths[TABLE_COLUMNS_MAX], row = 0;
	int bold = table->has_headings && text_colour(file);

	if (table->has_headings && table->rows == 1) {
		fputs("none\n", file);
		return;
	}
	measure(table, widths);
	if (bold) {
		fputs("\033[1m", file);
		print_row(table, row++, widths, file);
		fputs("\033[0m", file);
	}
	for (; row < table->rows; row++)
		print_row(table, row, widths, file);
}
