/* Text borrowed from somebody's storage: not terminated, no NUL inside. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct slice {
	const char *at;
	size_t size;
};

/* The whole string. */
struct slice slice_of(const char *string);

/* Whole and byte for byte; the length decides first. */
bool slice_equal(struct slice slice, const char *string);

/* The same, in a time that tells nothing of where the two differ. */
bool slice_equal_secret(struct slice slice, const char *string);

/* As strcmp would, were the slice terminated. */
int slice_compare(struct slice slice, const char *string);

/* ASCII letters without regard to case. */
bool slice_equal_nocase(struct slice slice, const char *string);

/* Printable ASCII, the space included, and at least one of it. */
bool slice_is_printable(struct slice slice);

/* No control characters; anything else UTF-8 holds may be there. */
bool slice_has_no_control(struct slice slice);
