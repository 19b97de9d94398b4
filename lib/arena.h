/*
 * Memory that is freed all at once: the strings and tables of one
 * configuration. Zeroed when handed out, stays where it is.
 */
#pragma once

#include <stddef.h>

struct arena_chunk;

struct arena {
	struct arena_chunk *newest;
};

void *arena_alloc(struct arena *arena, size_t size); /* NULL: no memory */
char *arena_copy(struct arena *arena, const char *string);
void arena_done(struct arena *arena);
