/* What the builder has collected, for the two files that lay it out. */
#pragma once

#include "broker/directory/directory_builder.h"
#include "lib/directory_image.h"

/* A user or a group; the fields are those of struct directory_record. */
struct builder_entry {
	uint32_t id;
	uint32_t text_at; /* in the builder's text */
	uint32_t text_size;
	uint16_t head_size;
	uint16_t home_at;
	uint16_t shell_at;
	uint16_t kind;
};

struct builder_membership {
	uint32_t group; /* both: which entry */
	uint32_t user;
};

/* Open addressing; 0 is empty, else 1 + the number of an entry. */
struct builder_set {
	uint32_t *slots;
	size_t size; /* a power of two, or 0 */
};

/* Which entry the n-th user, or the n-th group, is. */
struct builder_index {
	uint32_t *entries;
	size_t count;
	size_t room;
};

struct directory_builder {
	uint64_t generation;
	uint64_t seed[2];
	bool enumerate;
	bool restricted;
	bool published;

	struct builder_entry *entries;
	size_t entry_count;
	size_t entry_room;
	struct builder_set names;
	struct builder_set ids;
	struct builder_index users;
	struct builder_index groups;

	char *text;
	size_t text_size;
	size_t text_room;

	struct builder_membership *memberships;
	size_t membership_count;
	size_t membership_room;
};

static inline const char *
builder_entry_text(
    const struct directory_builder *builder, const struct builder_entry *entry)
{
	return builder->text + entry->text_at;
}

/* Has this one a record? */
static inline bool
builder_entry_is_written(
    const struct directory_builder *builder, const struct builder_entry *entry)
{
	return !builder->restricted || entry->kind != DIRECTORY_GROUP;
}

/* name \0 x \0 */
static inline size_t
builder_name_length(const struct builder_entry *entry)
{
	return entry->head_size - sizeof("\0x");
}
