#include "broker/directory/directory_layout.h"

#include "lib/directory_image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int
compare_u64(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static int
sort_by_id(
    struct directory_layout *layout, const struct directory_builder *builder)
{
	size_t count = builder->entry_count;
	uint64_t *keys;
	size_t i;

	keys = calloc(count + 1, sizeof(*keys));
	layout->order = calloc(count + 1, sizeof(*layout->order));
	if (!keys || !layout->order) {
		free(keys);
		return -ENOMEM;
	}
	for (i = 0; i < count; i++)
		keys[i] = (uint64_t)builder->entries[i].id << 32 | i;
	qsort(keys, count, sizeof(*keys), compare_u64);
	for (i = 0; i < count; i++)
		layout->order[i] = (uint32_t)keys[i];
	free(keys);
	return 0;
}

static int
lists_init(struct layout_lists *lists, size_t entries, size_t items)
{
	lists->start = calloc(entries + 1, sizeof(*lists->start));
	lists->items = calloc(items + 1, sizeof(*lists->items));
	return lists->start && lists->items ? 0 : -ENOMEM;
}

static void
lists_done(struct layout_lists *lists)
{
	free(lists->start);
	free(lists->items);
}

uint32_t
layout_lists_count(const struct layout_lists *lists, uint32_t entry)
{
	return lists->start[entry + 1] - lists->start[entry];
}

/*
 * A counting sort in two halves: start[] holds counts, then where each run
 * ends; filled from the back, each end becomes the start.
 */
static void
lists_sum(struct layout_lists *lists, size_t entries)
{
	size_t i;

	for (i = 1; i <= entries; i++)
		lists->start[i] += lists->start[i - 1];
}

static void
group_by_user(
    struct layout_lists *groups, const struct directory_builder *builder)
{
	const struct builder_membership *membership;
	size_t i;

	for (i = 0; i < builder->membership_count; i++)
		groups->start[builder->memberships[i].user]++;
	lists_sum(groups, builder->entry_count);
	for (i = builder->membership_count; i > 0; i--) {
		membership = &builder->memberships[i - 1];
		groups->items[--groups->start[membership->user]] =
		    membership->group;
	}
}

/*
 * Turns lists around: the new runs are in the order of layout->order, so that
 * the same item twice in a run stands side by side, and is taken once.
 */
static void
lists_invert(const struct layout_lists *from, const uint32_t *order,
    size_t entries, struct layout_lists *to)
{
	uint32_t *end;
	uint32_t item;
	size_t i, j;

	for (j = 0; j < from->start[entries]; j++)
		to->start[from->items[j] + 1]++;
	lists_sum(to, entries);
	for (i = 0; i < entries; i++) {
		for (j = from->start[order[i]]; j < from->start[order[i] + 1];
		     j++) {
			item = from->items[j];
			end = &to->start[item];
			to->items[(*end)++] = order[i];
		}
	}
	for (i = entries; i > 0; i--)
		to->start[i] = to->start[i - 1];
	to->start[0] = 0;
}

/* Takes out what stands twice in a run, side by side. */
static void
lists_unique(struct layout_lists *lists, size_t entries)
{
	uint32_t from = 0, to = 0, start, end;
	size_t i;

	for (i = 0; i < entries; i++) {
		start = to;
		end = lists->start[i + 1];
		lists->start[i] = start;
		for (; from < end; from++) {
			if (to > start &&
			    lists->items[to - 1] == lists->items[from])
				continue;
			lists->items[to++] = lists->items[from];
		}
	}
	lists->start[entries] = to;
}

static int
sort_memberships(
    struct directory_layout *layout, struct directory_builder *builder)
{
	size_t entries = builder->entry_count;
	int error;

	error = lists_init(&layout->groups, entries, builder->membership_count);
	if (error)
		return error;
	group_by_user(&layout->groups, builder);
	error =
	    lists_init(&layout->members, entries, builder->membership_count);
	free(builder->memberships);
	builder->memberships = NULL;
	builder->membership_count = 0;
	builder->membership_room = 0;
	if (error)
		return error;
	lists_invert(&layout->groups, layout->order, entries, &layout->members);
	lists_unique(&layout->members, entries);
	memset(layout->groups.start, 0,
	    (entries + 1) * sizeof(*layout->groups.start));
	lists_invert(&layout->members, layout->order, entries, &layout->groups);
	return 0;
}

static uint32_t
member_text_size(const struct directory_layout *layout,
    const struct directory_builder *builder, uint32_t group)
{
	uint32_t i, size = 0;

	for (i = layout->members.start[group];
	     i < layout->members.start[group + 1]; i++)
		size += (uint32_t)builder_name_length(
			    &builder->entries[layout->members.items[i]]) +
			1;
	return size;
}

struct directory_record
directory_layout_record(const struct directory_layout *layout,
    const struct directory_builder *builder, uint32_t entry)
{
	const struct builder_entry *from = &builder->entries[entry];
	struct directory_record record = {
	    .id = from->id,
	    .text_size = from->text_size,
	    .head_size = from->head_size,
	    .home_at = from->home_at,
	    .shell_at = from->shell_at,
	    .kind = from->kind,
	};
	uint32_t size;

	if (from->kind == DIRECTORY_GROUP) {
		record.text_size += member_text_size(layout, builder, entry);
		record.count = layout_lists_count(&layout->members, entry);
		size = record.text_size + record.count;
	} else {
		record.count = layout_lists_count(&layout->groups, entry);
		size = ((record.text_size + 3) & ~3U) +
		       record.count * (uint32_t)sizeof(uint32_t);
	}
	record.size_bytes = ((uint32_t)sizeof(record) + size + 7) & ~7U;
	return record;
}

static void
table_put(uint64_t *table, uint32_t slots, uint64_t hash, uint64_t slot)
{
	while (table[hash & (slots - 1)])
		hash++;
	table[hash & (slots - 1)] = slot;
}

static int
tables_init(struct directory_layout *layout, size_t entries)
{
	layout->slots = IMAGE_SLOTS_MIN;
	while (layout->slots < entries + entries / 2 + 1)
		layout->slots *= 2;
	layout->names = calloc(layout->slots, sizeof(*layout->names));
	layout->ids = calloc(layout->slots, sizeof(*layout->ids));
	return layout->names && layout->ids ? 0 : -ENOMEM;
}

/* Sets records and size_bytes on the way. */
static int
place_records(
    struct directory_layout *layout, const struct directory_builder *builder)
{
	const struct builder_entry *entry;
	struct directory_record record;
	uint64_t hash, at;
	size_t i;

	at = sizeof(struct image_header) + 2 * sizeof(uint64_t) * layout->slots;
	for (i = 0; i < builder->entry_count; i++) {
		entry = &builder->entries[layout->order[i]];
		if (!builder_entry_is_written(builder, entry))
			continue;
		layout->records++;
		record =
		    directory_layout_record(layout, builder, layout->order[i]);
		if (record.count > DIRECTORY_COUNT_MAX ||
		    at + record.size_bytes > IMAGE_SIZE_MAX)
			return -EFBIG;
		hash = image_hash(builder->seed,
		    builder_entry_text(builder, entry),
		    builder_name_length(entry));
		table_put(layout->names, layout->slots, hash,
		    image_slot((uint32_t)(hash >> 32), (uint32_t)(at / 8)));
		table_put(layout->ids, layout->slots,
		    directory_hash_id(builder->seed, entry->id),
		    image_slot(entry->id, (uint32_t)(at / 8)));
		at += record.size_bytes;
	}
	layout->size_bytes =
	    (at + IMAGE_STRIPE - 1) / IMAGE_STRIPE * IMAGE_STRIPE;
	return 0;
}

int
directory_layout_init(
    struct directory_layout *layout, struct directory_builder *builder)
{
	int error;

	*layout = (struct directory_layout){0};
	error = sort_by_id(layout, builder);
	if (!error)
		error = sort_memberships(layout, builder);
	if (!error)
		error = tables_init(layout, builder->entry_count);
	if (!error)
		error = place_records(layout, builder);
	if (error)
		directory_layout_done(layout);
	return error;
}

void
directory_layout_done(struct directory_layout *layout)
{
	free(layout->order);
	lists_done(&layout->groups);
	lists_done(&layout->members);
	free(layout->names);
	free(layout->ids);
	*layout = (struct directory_layout){0};
}
