#include "lib/directory.h"

#include "lib/directory_image.h"
#include "lib/id.h"
#include "lib/name.h"

#include <errno.h>
#include <string.h>

static inline uint64_t
load_slot(const uint64_t *slot)
{
	return __atomic_load_n(slot, __ATOMIC_RELAXED);
}

/*
 * What comes after works on the copy: without the barrier the compiler may
 * load a value again after it was checked.
 */
static inline void
load_record(const uint8_t *at, struct directory_record *ret_record)
{
	memcpy(ret_record, at, sizeof(*ret_record));
	__asm__ volatile("" ::: "memory");
}

static inline uint64_t
list_at(const struct directory_record *record)
{
	uint64_t size = record->text_size;

	return record->kind == DIRECTORY_GROUP ? size : (size + 3) & ~3ULL;
}

static inline bool
text_is_ordered(const struct directory_record *record)
{
	if (record->head_size < sizeof("n\0x") ||
	    record->head_size > record->text_size)
		return false;
	switch ((enum directory_kind)record->kind) {
	case DIRECTORY_GROUP:
		return true;
	case DIRECTORY_USER:
	case DIRECTORY_USER_LOCKED:
		return record->head_size < record->home_at &&
		       record->home_at < record->shell_at &&
		       record->shell_at < record->text_size;
	}
	return false;
}

static inline bool
record_fits(const struct directory_record *record, uint64_t room)
{
	uint64_t item_size =
	    record->kind == DIRECTORY_GROUP ? 1 : sizeof(uint32_t);

	return record->size_bytes <= room && record->size_bytes % 8 == 0 &&
	       record->count <= DIRECTORY_COUNT_MAX &&
	       sizeof(*record) + list_at(record) + record->count * item_size <=
		   record->size_bytes;
}

static inline bool
load_entry(const struct directory *directory, uint64_t at,
    struct directory_entry *ret_entry)
{
	struct directory_record record;
	const uint8_t *text;

	if (at < directory->records_at ||
	    at > directory->size_bytes - sizeof(record))
		return false;
	load_record(directory->base + at, &record);
	if (!id_is_ours(record.id) || !text_is_ordered(&record) ||
	    !record_fits(&record, directory->size_bytes - at))
		return false;
	text = directory->base + at + sizeof(record);
	*ret_entry = (struct directory_entry){
	    .text = (const char *)text,
	    .text_size = record.text_size,
	    .head_size = record.head_size,
	    .home_at = record.home_at,
	    .shell_at = record.shell_at,
	    .list = text + list_at(&record),
	    .count = record.count,
	    .id = record.id,
	    .next_at = at + record.size_bytes,
	    .is_user = record.kind != DIRECTORY_GROUP,
	    .may_log_in = record.kind == DIRECTORY_USER,
	};
	return true;
}

bool
directory_load(const struct directory *directory, uint64_t at,
    struct directory_entry *ret_entry)
{
	return load_entry(directory, at, ret_entry);
}

static inline bool
has_name(const struct directory_entry *entry, const char *name, size_t length)
{
	return entry->head_size == length + sizeof("\0x") &&
	       memcmp(entry->text, name, length) == 0;
}

bool
directory_find_name(const struct directory *directory, const char *name,
    struct directory_entry *ret_entry)
{
	struct directory_entry entry;
	size_t length = strnlen(name, NAME_MAX_SIZE);
	uint64_t hash, i, slot;

	if (length == NAME_MAX_SIZE)
		return false;
	hash = image_hash(directory->seed, name, length);
	for (i = 0; i <= directory->slot_mask; i++) {
		slot = load_slot(
		    &directory->names[(hash + i) & directory->slot_mask]);
		if (slot == 0)
			return false;
		if ((uint32_t)slot == hash >> 32 &&
		    load_entry(directory, (slot >> 32) * 8, &entry) &&
		    has_name(&entry, name, length)) {
			*ret_entry = entry;
			return true;
		}
	}
	return false;
}

/* Where the record with this id is, or 0. */
static inline uint64_t
locate_id(const struct directory *directory, uint32_t id)
{
	uint64_t hash = directory_hash_id(directory->seed, id), i, slot;

	for (i = 0; i <= directory->slot_mask; i++) {
		slot = load_slot(
		    &directory->ids[(hash + i) & directory->slot_mask]);
		if (slot == 0)
			return 0;
		if ((uint32_t)slot == id)
			return (slot >> 32) * 8;
	}
	return 0;
}

bool
directory_find_id(const struct directory *directory, uint32_t id,
    struct directory_entry *ret_entry)
{
	struct directory_entry entry;
	uint64_t at = locate_id(directory, id);

	if (at == 0 || !load_entry(directory, at, &entry) || entry.id != id)
		return false;
	*ret_entry = entry;
	return true;
}

bool
directory_find_next(const struct directory *directory, uint32_t id,
    struct directory_entry *ret_entry)
{
	struct directory_entry entry;
	uint64_t at = locate_id(directory, id);

	if (at == 0)
		at = directory->records_at;
	for (; load_entry(directory, at, &entry); at = entry.next_at) {
		if (entry.id > id) {
			*ret_entry = entry;
			return true;
		}
	}
	return false;
}

int
directory_user_by_name(const struct directory *directory, const char *name,
    struct directory_user *ret_user)
{
	struct directory_entry entry;

	if (!directory_find_name(directory, name, &entry) || !entry.is_user)
		return -ENOENT;
	*ret_user = (struct directory_user){
	    .name = entry.text,
	    .gecos = entry.text + entry.head_size,
	    .home = entry.text + entry.home_at,
	    .shell = entry.text + entry.shell_at,
	    .uid = entry.id,
	    .gid = entry.id,
	    .may_log_in = entry.may_log_in,
	};
	return 0;
}
