/*
 * The text of a configuration file before libconfuse sees it. libconfuse
 * would put environment variables into values, take an unclosed text or
 * section at the end of a file for its end, cut values at "\x00", take an
 * empty list for none, and lose count of the lines at comments: what leads
 * there is refused, and comments are blanked.
 */
#pragma once

#include "broker/config/config_error.h"

#include <stddef.h>

enum {
	SETTINGS_SOURCE_SIZE_MAX = 1024 * 1024, /* one file */
};

/* 0, or -EINVAL with *ret_error. Blanks comments in text. */
int settings_source_prepare(
    const char *file, char *text, size_t size, struct config_error *ret_error);

/* Walks a prepared, terminated text from section to section. */
struct settings_cursor {
	const char *at;
	unsigned int line;
};

/* The line of the next section's '{'; 0 when there is none. */
unsigned int settings_cursor_next(struct settings_cursor *cursor);
