/*
 * Text for terminals: UTF-8 from outside, shown by its width in columns and
 * with nothing in it that a terminal would obey.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* In columns, as text_put shows it; needs a UTF-8 LC_CTYPE. */
size_t text_width(const char *text);

/*
 * Writes at most width_max columns of text; a longer one ends in an ellipsis.
 * Control characters and what is not UTF-8 become '?'. Returns the columns.
 */
size_t text_put(FILE *file, const char *text, size_t width_max);

/* Writes text folded at spaces to width, later lines indented. */
void text_fold(FILE *file, const char *text, size_t indent, size_t width);

/* Whether file is a terminal that wants colour (https://no-color.org). */
bool text_colour(FILE *file);
