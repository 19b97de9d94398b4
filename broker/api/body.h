/*
 * The body of a request, while it comes: bounded, wiped when it is over, and
 * its memory used again for the next one of the same connection.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum {
	/* More than a body may have is read, so that the answer is heard. */
	BODY_DISCARDED_MAX = 1 << 20,
};

struct body {
	char *bytes; /* NULL: none yet */
	size_t size;
	size_t room;
	size_t discarded; /* of one that is too large */
};

/* False: no memory for it, or no end to it. */
bool body_append(struct body *body, const char *bytes, size_t size);

/* Ready for another; a large one's memory is given back. */
void body_reset(struct body *body);
void body_done(struct body *body);
