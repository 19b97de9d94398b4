/*
 * A set of slices that is asked often: the roles of one person, looked at by
 * every grant of the policy. Borrows the slices and their text.
 */
#pragma once

#include "verify/slice.h"

#include <stdint.h>

enum {
	SLICE_SET_MAX = 256,
	SLICE_SET_SLOTS = 1024, /* a power of two; a quarter full at most */
};

struct slice_set {
	const struct slice *slices;
	uint16_t slots[SLICE_SET_SLOTS]; /* index + 1; 0: free */
};

/* Of more than SLICE_SET_MAX slices only the first are in the set. */
void slice_set_init(
    struct slice_set *set, const struct slice *slices, size_t count);

/* Whole and byte for byte. The empty text is in no set. */
bool slice_set_has(const struct slice_set *set, const char *text);
