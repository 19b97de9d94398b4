/*
 * Writes a laid-out directory from front to back through one small buffer,
 * which also feeds the checksum, and gives it its name.
 */
#include "broker/directory/atomic_file.h"
#include "broker/directory/directory_layout.h"
#include "broker/directory/predecessor.h"
#include "lib/directory_image.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum {
	SINK_SIZE = 65536, /* a multiple of IMAGE_STRIPE */
};

struct sink {
	struct atomic_file *file;
	struct image_checksum checksum;
	uint64_t total;
	size_t used;
	int error; /* the first; what follows is not written */
	uint8_t bytes[SINK_SIZE];
};

static void
sink_flush(struct sink *sink)
{
	image_checksum_add(&sink->checksum, sink->bytes, sink->used);
	if (!sink->error)
		sink->error =
		    atomic_file_write(sink->file, sink->bytes, sink->used);
	sink->used = 0;
}

static void
sink_put(struct sink *sink, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	size_t part;

	sink->total += size;
	while (size > 0) {
		part = sizeof(sink->bytes) - sink->used;
		if (part > size)
			part = size;
		memcpy(sink->bytes + sink->used, at, part);
		sink->used += part;
		at += part;
		size -= part;
		if (sink->used == sizeof(sink->bytes))
			sink_flush(sink);
	}
}

static void
sink_align(struct sink *sink, size_t alignment)
{
	static const uint8_t zeros[IMAGE_STRIPE];

	sink_put(
	    sink, zeros, (alignment - sink->total % alignment) % alignment);
}

static uint32_t
flags_of(const struct directory_builder *builder)
{
	return (builder->enumerate ? DIRECTORY_FLAG_ENUMERATE : 0U) |
	       (builder->restricted ? DIRECTORY_FLAG_RESTRICTED : 0U);
}

static void
put_header(struct sink *sink, const struct directory_layout *layout,
    const struct directory_builder *builder)
{
	struct image_header header = {
	    .magic = DIRECTORY_MAGIC,
	    .version = DIRECTORY_VERSION,
	    .flags = flags_of(builder),
	    .generation = builder->generation,
	    .size_bytes = layout->size_bytes,
	    .seed = {builder->seed[0], builder->seed[1]},
	    .slots = layout->slots,
	    .records = layout->records,
	};

	sink_put(sink, &header, sizeof(header));
}

static void
put_gids(struct sink *sink, const struct layout_lists *groups,
    const struct directory_builder *builder, uint32_t user)
{
	uint32_t i, gid;

	sink_align(sink, sizeof(gid));
	for (i = groups->start[user]; i < groups->start[user + 1]; i++) {
		gid = builder->entries[groups->items[i]].id;
		sink_put(sink, &gid, sizeof(gid));
	}
}

static void
put_members(struct sink *sink, const struct layout_lists *members,
    const struct directory_builder *builder, uint32_t group)
{
	const struct builder_entry *user;
	uint8_t size;
	uint32_t i;

	for (i = members->start[group]; i < members->start[group + 1]; i++) {
		user = &builder->entries[members->items[i]];
		sink_put(sink, builder_entry_text(builder, user),
		    builder_name_length(user) + 1);
	}
	for (i = members->start[group]; i < members->start[group + 1]; i++) {
		user = &builder->entries[members->items[i]];
		size = (uint8_t)(builder_name_length(user) + 1);
		sink_put(sink, &size, sizeof(size));
	}
}

static void
put_record(struct sink *sink, const struct directory_layout *layout,
    const struct directory_builder *builder, uint32_t number)
{
	const struct builder_entry *entry = &builder->entries[number];
	struct directory_record record;

	if (!builder_entry_is_written(builder, entry))
		return;
	record = directory_layout_record(layout, builder, number);
	sink_put(sink, &record, sizeof(record));
	sink_put(sink, builder_entry_text(builder, entry), entry->text_size);
	if (entry->kind == DIRECTORY_GROUP)
		put_members(sink, &layout->members, builder, number);
	else
		put_gids(sink, &layout->groups, builder, number);
	sink_align(sink, 8);
}

static int
write_image(struct atomic_file *file, const struct directory_layout *layout,
    const struct directory_builder *builder)
{
	struct sink sink = {.file = file};
	uint64_t checksum;
	uint32_t i;

	image_checksum_init(&sink.checksum);
	put_header(&sink, layout, builder);
	sink_put(&sink, layout->names, layout->slots * sizeof(uint64_t));
	sink_put(&sink, layout->ids, layout->slots * sizeof(uint64_t));
	for (i = 0; i < builder->entry_count; i++)
		put_record(&sink, layout, builder, layout->order[i]);
	sink_align(&sink, IMAGE_STRIPE);
	sink_flush(&sink);
	if (sink.error)
		return sink.error;
	checksum = image_checksum_end(&sink.checksum);
	return atomic_file_write_at(file,
	    offsetof(struct image_header, checksum), &checksum,
	    sizeof(checksum));
}

/* Whole and synced beside path; only the name is missing. */
static int
write_file(const struct directory_builder *builder,
    const struct directory_layout *layout, const char *path,
    struct atomic_file *ret_file)
{
	const mode_t mode = builder->restricted
				? S_IRUSR | S_IWUSR
				: S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH;
	struct atomic_file file;
	int error;

	error = atomic_file_begin(path, mode, &file);
	if (error)
		return error;
	error = write_image(&file, layout, builder);
	if (!error)
		error = atomic_file_sync(&file);
	if (error) {
		atomic_file_discard(&file);
		return error;
	}
	*ret_file = file;
	return 0;
}

static int
prepare(struct directory_builder *builder, const char *path,
    struct atomic_file *ret_file)
{
	struct directory_layout layout;
	int error;

	if (builder->published)
		return -EINVAL;
	builder->published = true;
	error = directory_layout_init(&layout, builder);
	if (error)
		return error;
	error = write_file(builder, &layout, path, ret_file);
	directory_layout_done(&layout);
	return error;
}

/* restricted: NULL without one. No reader keeps an image of that kind. */
static int
replace_predecessor(
    struct atomic_file *file, const char *path, struct atomic_file *restricted)
{
	int predecessor = predecessor_open(path, DIRECTORY_MAGIC);
	int error;

	predecessor_supersede(predecessor);
	error = restricted ? atomic_file_commit_pair(restricted, file)
			   : atomic_file_commit(file);
	if (error)
		predecessor_restore(predecessor);
	predecessor_close(predecessor);
	return error;
}

int
directory_builder_publish(struct directory_builder *builder, const char *path)
{
	struct atomic_file file;
	int error;

	error = prepare(builder, path, &file);
	return error ? error : replace_predecessor(&file, path, NULL);
}

int
directory_builder_publish_both(struct directory_builder *builder,
    const char *path, struct directory_builder *restricted,
    const char *restricted_path)
{
	struct atomic_file file, restricted_file;
	int error;

	if (builder->restricted || !restricted->restricted ||
	    builder->generation != restricted->generation)
		return -EINVAL;
	error = prepare(builder, path, &file);
	if (error)
		return error;
	error = prepare(restricted, restricted_path, &restricted_file);
	if (error) {
		atomic_file_discard(&file);
		return error;
	}
	return replace_predecessor(&file, path, &restricted_file);
}
