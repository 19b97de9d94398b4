#include "broker/trust/trust_image.h"

#include "broker/directory/atomic_file.h"
#include "broker/directory/predecessor.h"
#include "broker/random.h"
#include "lib/trust_image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where an account stands, and what finds it. */
struct place {
	uint32_t record_at; /* in records, by 8 bytes */
	uint32_t key_at; /* in keys: issuer, subject \0 name \0 */
};

struct trust_writer {
	uint8_t *records;
	size_t records_size;
	size_t records_room;
	char *keys;
	size_t keys_size;
	size_t keys_room;
	struct place *places;
	size_t places_count;
	size_t places_room; /* bytes */
	struct record_writer record;
	struct record_writer content;
};

int
trust_writer_new(struct trust_writer **ret_writer)
{
	struct trust_writer *writer = calloc(1, sizeof(*writer));

	if (!writer)
		return -ENOMEM;
	writer->record.size_max = TRUST_RECORD_SIZE_MAX;
	writer->content.size_max = TRUST_CONTENT_SIZE_MAX;
	*ret_writer = writer;
	return 0;
}

struct trust_writer *
trust_writer_free(struct trust_writer *writer)
{
	if (!writer)
		return NULL;
	record_writer_done(&writer->record);
	record_writer_done(&writer->content);
	free(writer->records);
	free(writer->keys);
	free(writer->places);
	free(writer);
	return NULL;
}

/* The storage with room for size more bytes, or NULL and it stands. */
static void *
grow(void *storage, size_t used, size_t size, size_t *room)
{
	size_t wanted = *room ? *room : 4096;
	void *larger;

	if (size > IMAGE_SIZE_MAX || used > IMAGE_SIZE_MAX - size)
		return NULL;
	if (used + size <= *room)
		return storage;
	while (wanted < used + size)
		wanted *= 2;
	larger = realloc(storage, wanted);
	if (larger)
		*room = wanted;
	return larger;
}

static size_t
aligned(size_t size)
{
	return (size + 7) & ~(size_t)7;
}

static int
make_room(struct trust_writer *writer, size_t record_size, size_t key_size)
{
	void *records, *keys, *places;

	records = grow(writer->records, writer->records_size, record_size,
	    &writer->records_room);
	if (records)
		writer->records = records;
	keys =
	    grow(writer->keys, writer->keys_size, key_size, &writer->keys_room);
	if (keys)
		writer->keys = keys;
	places =
	    grow(writer->places, writer->places_count * sizeof(struct place),
		sizeof(struct place), &writer->places_room);
	if (places)
		writer->places = places;
	return records && keys && places ? 0 : -ENOMEM;
}

static void
append(struct trust_writer *writer, size_t issuer, const char *subject,
    const char *name)
{
	size_t size = buf_writer_size(&writer->record.buf);
	const struct trust_record record = {.size_bytes = (uint32_t)size};
	uint8_t *at = writer->records + writer->records_size;
	char *key = writer->keys + writer->keys_size;

	writer->places[writer->places_count++] = (struct place){
	    .record_at = (uint32_t)(writer->records_size / 8),
	    .key_at = (uint32_t)writer->keys_size,
	};
	memset(at, 0, sizeof(record) + aligned(size));
	memcpy(at, &record, sizeof(record));
	memcpy(at + sizeof(record), writer->record.buf.start, size);
	writer->records_size += sizeof(record) + aligned(size);
	*key++ = (char)issuer;
	key = stpcpy(key, subject) + 1;
	key = stpcpy(key, name) + 1;
	writer->keys_size = (size_t)(key - writer->keys);
}

int
trust_writer_account(struct trust_writer *writer, size_t issuer,
    const char *subject, const struct trust_account *account)
{
	struct record_writer *record = &writer->record;
	int error;

	if (issuer > TRUST_NO_ISSUER || !name_is_valid(account->name))
		return -EINVAL;
	if (strlen(subject) >= IDENTITY_SUBJECT_SIZE ||
	    writer->places_count == TRUST_ACCOUNTS_MAX)
		return -EMSGSIZE;
	record->buf.at = record->buf.start;
	trust_account_put(record, issuer, subject, account);
	if (record->error)
		return record->error;
	error = make_room(writer,
	    sizeof(struct trust_record) + TRUST_RECORD_SIZE_MAX,
	    1 + IDENTITY_SUBJECT_SIZE + NAME_MAX_SIZE);
	if (!error)
		append(writer, issuer, subject, account->name);
	return error;
}

int
trust_writer_content(
    struct trust_writer *writer, const struct trust_content *content)
{
	trust_content_put(&writer->content, content);
	return writer->content.error;
}

/* Bytes of any number, with zeros up to a stripe. */
static void
add(struct image_checksum *checksum, const void *bytes, size_t size)
{
	size_t whole = size - size % IMAGE_STRIPE;
	uint8_t rest[IMAGE_STRIPE] = {0};

	if (whole > 0)
		image_checksum_add(checksum, bytes, whole);
	if (size > whole)
		memcpy(rest, (const uint8_t *)bytes + whole, size - whole);
	image_checksum_add(checksum, rest, sizeof(rest));
}

uint64_t
trust_writer_digest(const struct trust_writer *writer)
{
	struct image_checksum checksum;

	image_checksum_init(&checksum);
	add(&checksum, writer->records, writer->records_size);
	add(&checksum, writer->content.buf.start,
	    buf_writer_size(&writer->content.buf));
	return image_checksum_end(&checksum);
}

struct layout {
	uint32_t slots;
	size_t tables_at;
	size_t parts_at;
	struct trust_parts parts;
	size_t size_bytes;
};

static void
lay_out(const struct trust_writer *writer, struct layout *layout)
{
	size_t content_size = buf_writer_size(&writer->content.buf), end;

	layout->slots = IMAGE_SLOTS_MIN;
	while (layout->slots < 2 * (writer->places_count + 1))
		layout->slots *= 2;
	layout->tables_at = sizeof(struct image_header);
	layout->parts_at =
	    layout->tables_at + 2 * sizeof(uint64_t) * layout->slots;
	layout->parts.records_at = layout->parts_at + sizeof(layout->parts);
	layout->parts.records_size = writer->records_size;
	layout->parts.content_at =
	    layout->parts.records_at + writer->records_size;
	layout->parts.content_size = content_size;
	end = layout->parts.content_at + content_size;
	layout->size_bytes =
	    (end + IMAGE_STRIPE - 1) / IMAGE_STRIPE * IMAGE_STRIPE;
}

static void
put_slot(uint64_t *table, uint32_t slots, uint64_t hash, size_t at)
{
	uint64_t i = hash & (slots - 1);

	while (table[i] != 0)
		i = (i + 1) & (slots - 1);
	table[i] = image_slot((uint32_t)(hash >> 32), (uint32_t)(at / 8));
}

static void
fill_tables(const struct trust_writer *writer, const struct layout *layout,
    const uint64_t seed[2], uint64_t *tables)
{
	size_t i, at;

	for (i = 0; i < writer->places_count; i++) {
		const char *key = writer->keys + writer->places[i].key_at;
		size_t subject_size = strlen(key + 1);
		const char *name = key + 1 + subject_size + 1;

		at = layout->parts.records_at +
		     (size_t)writer->places[i].record_at * 8;
		if (subject_size > 0 && key[0] != TRUST_NO_ISSUER)
			put_slot(tables, layout->slots,
			    image_hash(seed, key, 1 + subject_size), at);
		put_slot(tables + layout->slots, layout->slots,
		    image_hash(seed, name, strlen(name)), at);
	}
}

static void
put_checksum(uint8_t *bytes, size_t size)
{
	struct image_checksum checksum;
	uint64_t sum;

	image_checksum_init(&checksum);
	image_checksum_add(&checksum, bytes, size);
	sum = image_checksum_end(&checksum);
	memcpy(
	    bytes + offsetof(struct image_header, checksum), &sum, sizeof(sum));
}

/* bytes: zeros, aligned to 8. */
static void
fill(const struct trust_writer *writer, const struct layout *layout,
    uint64_t generation, uint8_t *bytes)
{
	struct image_header header = {
	    .magic = TRUST_MAGIC,
	    .version = TRUST_VERSION,
	    .generation = generation,
	    .size_bytes = layout->size_bytes,
	    .slots = layout->slots,
	    .records = (uint32_t)writer->places_count,
	};

	random_bytes(header.seed, sizeof(header.seed));
	header.seed[0] |= 1;
	memcpy(bytes, &header, sizeof(header));
	fill_tables(
	    writer, layout, header.seed, (void *)(bytes + layout->tables_at));
	memcpy(bytes + layout->parts_at, &layout->parts, sizeof(layout->parts));
	if (writer->records_size > 0)
		memcpy(bytes + layout->parts.records_at, writer->records,
		    writer->records_size);
	memcpy(bytes + layout->parts.content_at, writer->content.buf.start,
	    layout->parts.content_size);
	put_checksum(bytes, layout->size_bytes);
}

static int
commit(struct atomic_file *file, const char *path)
{
	int predecessor = predecessor_open(path, TRUST_MAGIC);
	int error;

	predecessor_supersede(predecessor);
	error = atomic_file_commit(file);
	if (error)
		predecessor_restore(predecessor);
	predecessor_close(predecessor);
	return error;
}

static int
write_file(const void *bytes, size_t size, const char *path)
{
	struct atomic_file file;
	int error;

	error = atomic_file_begin(path, S_IRUSR | S_IWUSR | S_IRGRP, &file);
	if (error)
		return error;
	error = atomic_file_write(&file, bytes, size);
	if (error) {
		atomic_file_discard(&file);
		return error;
	}
	return commit(&file, path);
}

int
trust_writer_publish(
    struct trust_writer *writer, uint64_t generation, const char *path)
{
	struct layout layout;
	uint8_t *bytes;
	int error;

	if (!writer->content.buf.start)
		return -EINVAL;
	lay_out(writer, &layout);
	if (layout.size_bytes > IMAGE_SIZE_MAX)
		return -EFBIG;
	bytes = calloc(1, layout.size_bytes);
	if (!bytes)
		return -ENOMEM;
	fill(writer, &layout, generation, bytes);
	error = write_file(bytes, layout.size_bytes, path);
	free(bytes);
	return error;
}

int
trust_withdraw(const char *path)
{
	int predecessor = predecessor_open(path, TRUST_MAGIC);
	int error = 0;

	predecessor_supersede(predecessor);
	if (unlink(path) < 0 && errno != ENOENT)
		error = -errno;
	predecessor_close(predecessor);
	return error;
}
