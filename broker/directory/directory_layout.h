/*
 * Where everything of a new directory image stands, before a byte of it is
 * written: so that it can be written from front to back with little memory.
 */
#pragma once

#include "broker/directory/directory_builder_private.h"
#include "lib/directory_image.h"

/* For each entry a run of other entries: its groups, or its members. */
struct layout_lists {
	uint32_t *start; /* entry_count + 1: where each run starts */
	uint32_t *items;
};

struct directory_layout {
	uint32_t *order; /* the entries by ascending id */
	struct layout_lists groups;
	struct layout_lists members;
	uint64_t *names; /* the tables of the image */
	uint64_t *ids;
	uint32_t slots;
	uint32_t records;
	uint64_t size_bytes;
};

/* Frees the builder's memberships. -ENOMEM, -EFBIG. */
int directory_layout_init(
    struct directory_layout *layout, struct directory_builder *builder);

/* Accepts what init has failed on. */
void directory_layout_done(struct directory_layout *layout);

uint32_t layout_lists_count(const struct layout_lists *lists, uint32_t entry);

/* The record of one entry, but for its list. */
struct directory_record directory_layout_record(
    const struct directory_layout *layout,
    const struct directory_builder *builder, uint32_t entry);
