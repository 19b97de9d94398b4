/* Values of the broker's results in the words that people read. */
#pragma once

#include "ctl/table.h"

#include <jansson.h>

enum {
	SHOW_SIZE = 1024,
};

/* What a caller says when there is no memory left; returns its exit code. */
int show_no_memory(void);

/* Prints and frees the table, unless error says that it could not be filled. */
int show_table(struct table *table, int error);

/* Seconds since the epoch as local date and time, "never" for null. */
void show_time(const json_t *seconds, char *ret_text, size_t size);

/* Strings joined by spaces, "-" for none. */
void show_list(const json_t *strings, char *ret_text, size_t size);

/* The string member, or "-". */
const char *show_text(const json_t *object, const char *member);

/* One line of a two-column table; value NULL or "" is shown as "-". */
int show_field(struct table *table, const char *name, const char *value);
int show_field_number(
    struct table *table, const char *name, const json_t *number);
