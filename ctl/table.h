/*
 * A table for people: columns as wide as their widest cell. Nothing is cut: on
 * a terminal, and without headings everywhere, the last column is folded; put
 * what explains there. In a pipe each row of a list is one line.
 * A list without a row is "none".
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

enum {
	TABLE_WIDTH = 80,
	TABLE_COLUMNS_MAX = 8,
};

struct table;

/* headings[columns], or NULL for none; copied. 0 or -ENOMEM. */
int table_new(
    size_t columns, const char *const *headings, struct table **ret_table);
struct table *table_free(struct table *table); /* accepts NULL */

/* cells[columns], copied; NULL is shown as "-". 0 or -ENOMEM. */
int table_add(struct table *table, const char *const *cells);

void table_print(const struct table *table, FILE *file);
