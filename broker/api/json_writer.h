/*
 * JSON into one growing text: objects and arrays are opened and closed, and
 * the commas come by themselves. Texts are UTF-8, as whoever read them saw to;
 * what must be escaped is. Without memory the writer writes nothing any more,
 * and says so at the end, once.
 */
#pragma once

#include "verify/json.h"
#include "verify/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_writer {
	char *text; /* all of it zero at the beginning */
	size_t size;
	size_t room;
	bool follows; /* a comma comes before what is next */
	bool failed;
};

void json_writer_open(struct json_writer *writer, char bracket); /* { or [ */
void json_writer_close(struct json_writer *writer, char bracket); /* } or ] */

/* Of the member whose value is written next. */
void json_writer_name(struct json_writer *writer, struct slice name);

void json_writer_text(struct json_writer *writer, struct slice text);
void json_writer_number(struct json_writer *writer, int64_t number);
void json_writer_bool(struct json_writer *writer, bool value);

/* A value that was read, with all that is in it; numbers as they stood. */
void json_writer_value(struct json_writer *writer, const struct json *json,
    const struct json_node *node);

/* The text, terminated, for the caller to free; NULL: out of memory. */
char *json_writer_take(struct json_writer *writer);
