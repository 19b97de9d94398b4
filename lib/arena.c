#include "lib/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct arena_chunk {
	struct arena_chunk *older;
	max_align_t bytes[];
};

void *
arena_alloc(struct arena *arena, size_t size)
{
	struct arena_chunk *chunk;

	if (size > SIZE_MAX - sizeof(*chunk))
		return NULL;
	chunk = calloc(1, sizeof(*chunk) + size);
	if (!chunk)
		return NULL;
	chunk->older = arena->newest;
	arena->newest = chunk;
	return chunk->bytes;
}

char *
arena_copy(struct arena *arena, const char *string)
{
	size_t size = strlen(string) + 1;
	char *copy;

	copy = arena_alloc(arena, size);
	if (copy)
		memcpy(copy, string, size);
	return copy;
}

void
arena_done(struct arena *arena)
{
	while (arena->newest) {
		struct arena_chunk *chunk = arena->newest;

		arena->newest = chunk->older;
		free(chunk);
	}
}
