#include "broker/directory/directory_builder_private.h"

#include "broker/random.h"
#include "lib/directory_image.h"
#include "lib/id.h"
#include "lib/name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	ROOM_FIRST = 64,
	ENTRIES_MAX = IMAGE_SLOTS_MAX / 2,
	MEMBERSHIPS_MAX = 1 << 27, /* half of the image's largest size */
};

int
directory_builder_new(
    uint64_t generation, bool enumerate, struct directory_builder **ret_builder)
{
	struct directory_builder *builder;

	builder = calloc(1, sizeof(*builder));
	if (!builder)
		return -ENOMEM;
	builder->generation = generation;
	builder->enumerate = enumerate;
	random_bytes(builder->seed, sizeof(builder->seed));
	builder->seed[0] |= 1;
	*ret_builder = builder;
	return 0;
}

int
directory_builder_new_restricted(
    uint64_t generation, struct directory_builder **ret_builder)
{
	struct directory_builder *builder;
	int error;

	error = directory_builder_new(generation, false, &builder);
	if (error)
		return error;
	builder->restricted = true;
	*ret_builder = builder;
	return 0;
}

struct directory_builder *
directory_builder_free(struct directory_builder *builder)
{
	if (!builder)
		return NULL;
	free(builder->entries);
	free(builder->names.slots);
	free(builder->ids.slots);
	free(builder->users.entries);
	free(builder->groups.entries);
	free(builder->text);
	free(builder->memberships);
	free(builder);
	return NULL;
}

/* Room for more items behind count; *array is a pointer to items. */
static int
reserve(void *array, size_t item_size, size_t count, size_t more, size_t *room)
{
	size_t wanted = *room > 0 ? *room : ROOM_FIRST;
	void *old, *grown;

	if (more <= *room - count)
		return 0;
	while (wanted - count < more)
		wanted *= 2;
	memcpy(&old, array, sizeof(old));
	grown = reallocarray(old, wanted, item_size);
	if (!grown)
		return -ENOMEM;
	memcpy(array, &grown, sizeof(grown));
	*room = wanted;
	return 0;
}

static void
set_put(struct builder_set *set, uint64_t hash, uint32_t entry)
{
	size_t at = hash & (set->size - 1);

	while (set->slots[at])
		at = (at + 1) & (set->size - 1);
	set->slots[at] = entry + 1;
}

static uint64_t
hash_name_of(
    const struct directory_builder *builder, const struct builder_entry *entry)
{
	return image_hash(builder->seed, builder_entry_text(builder, entry),
	    builder_name_length(entry));
}

static int
grow_sets(struct directory_builder *builder, size_t size)
{
	struct builder_set names = {calloc(size, sizeof(uint32_t)), size};
	struct builder_set ids = {calloc(size, sizeof(uint32_t)), size};
	const struct builder_entry *entry;
	uint32_t i;

	if (!names.slots || !ids.slots) {
		free(names.slots);
		free(ids.slots);
		return -ENOMEM;
	}
	for (i = 0; i < builder->entry_count; i++) {
		entry = &builder->entries[i];
		set_put(&names, hash_name_of(builder, entry), i);
		set_put(&ids, directory_hash_id(builder->seed, entry->id), i);
	}
	free(builder->names.slots);
	free(builder->ids.slots);
	builder->names = names;
	builder->ids = ids;
	return 0;
}

static bool
has_name(const struct directory_builder *builder, const char *name)
{
	const struct builder_set *set = &builder->names;
	const struct builder_entry *entry;
	size_t at;

	if (set->size == 0)
		return false;
	at = image_hash(builder->seed, name, strlen(name));
	for (at &= set->size - 1; set->slots[at];
	     at = (at + 1) & (set->size - 1)) {
		entry = &builder->entries[set->slots[at] - 1];
		if (strcmp(builder_entry_text(builder, entry), name) == 0)
			return true;
	}
	return false;
}

static bool
has_id(const struct directory_builder *builder, uint32_t id)
{
	const struct builder_set *set = &builder->ids;
	size_t at;

	if (set->size == 0)
		return false;
	for (at = directory_hash_id(builder->seed, id) & (set->size - 1);
	     set->slots[at]; at = (at + 1) & (set->size - 1)) {
		if (builder->entries[set->slots[at] - 1].id == id)
			return true;
	}
	return false;
}

static int
check_new(
    const struct directory_builder *builder, const char *name, uint32_t id)
{
	if (!name_is_valid(name) || !id_is_ours(id))
		return -EINVAL;
	return has_name(builder, name) || has_id(builder, id) ? -EEXIST : 0;
}

/* What a line of passwd can hold, and no terminal takes for a command. */
static bool
text_is_valid(const char *text)
{
	size_t i;

	for (i = 0; text[i]; i++) {
		if (i >= DIRECTORY_TEXT_MAX || text[i] == ':' ||
		    (unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return false;
	}
	return true;
}

static int
reserve_entry(struct directory_builder *builder, struct builder_index *index)
{
	size_t size = builder->names.size;
	int error;

	if (builder->entry_count >= ENTRIES_MAX)
		return -ENOSPC;
	if (builder->entry_count >= size / 2) {
		error = grow_sets(builder, size > 0 ? size * 2 : ROOM_FIRST);
		if (error)
			return error;
	}
	error = reserve(&index->entries, sizeof(*index->entries), index->count,
	    1, &index->room);
	if (error)
		return error;
	return reserve(&builder->entries, sizeof(*builder->entries),
	    builder->entry_count, 1, &builder->entry_room);
}

/* Returns the offset of text within the texts of its entry. */
static uint16_t
append_text(struct directory_builder *builder, struct builder_entry *entry,
    const char *text)
{
	size_t size = strlen(text) + 1;
	uint32_t at = entry->text_size;

	memcpy(builder->text + builder->text_size, text, size);
	builder->text_size += size;
	entry->text_size += (uint32_t)size;
	return (uint16_t)at;
}

static void
append_entry(struct directory_builder *builder, struct builder_index *index,
    const struct builder_entry *entry, uint32_t *ret_index)
{
	uint32_t number = (uint32_t)builder->entry_count;

	builder->entries[builder->entry_count++] = *entry;
	set_put(&builder->names, hash_name_of(builder, entry), number);
	set_put(
	    &builder->ids, directory_hash_id(builder->seed, entry->id), number);
	*ret_index = (uint32_t)index->count;
	index->entries[index->count++] = number;
}

int
directory_builder_user(struct directory_builder *builder, const char *name,
    uint32_t uid, const char *gecos, const char *home, const char *shell,
    bool may_log_in, uint32_t *ret_index)
{
	struct builder_entry entry = {
	    .id = uid,
	    .kind = may_log_in ? DIRECTORY_USER : DIRECTORY_USER_LOCKED,
	};
	int error;

	if (!text_is_valid(gecos) || !text_is_valid(home) ||
	    !text_is_valid(shell) || home[0] != '/' || shell[0] != '/')
		return -EINVAL;
	error = check_new(builder, name, uid);
	if (!error)
		error = reserve_entry(builder, &builder->users);
	if (!error)
		error = reserve(&builder->text, 1, builder->text_size,
		    NAME_MAX_SIZE + sizeof("x") + 3 * (DIRECTORY_TEXT_MAX + 1),
		    &builder->text_room);
	if (error)
		return error;
	entry.text_at = (uint32_t)builder->text_size;
	(void)append_text(builder, &entry, name);
	(void)append_text(builder, &entry, "x");
	entry.head_size = append_text(builder, &entry, gecos);
	entry.home_at = append_text(builder, &entry, home);
	entry.shell_at = append_text(builder, &entry, shell);
	append_entry(builder, &builder->users, &entry, ret_index);
	return 0;
}

int
directory_builder_user_of(struct directory_builder *builder,
    const struct directory_builder *other, uint32_t other_index,
    uint32_t *ret_index)
{
	const struct builder_entry *user;

	if (other_index >= other->users.count)
		return -EINVAL;
	user = &other->entries[other->users.entries[other_index]];
	return directory_builder_user(builder, builder_entry_text(other, user),
	    user->id, "", "/", "/", true, ret_index);
}

int
directory_builder_group(struct directory_builder *builder, const char *name,
    uint32_t gid, uint32_t *ret_index)
{
	struct builder_entry entry = {.id = gid, .kind = DIRECTORY_GROUP};
	int error;

	error = check_new(builder, name, gid);
	if (!error)
		error = reserve_entry(builder, &builder->groups);
	if (!error)
		error = reserve(&builder->text, 1, builder->text_size,
		    NAME_MAX_SIZE + sizeof("x"), &builder->text_room);
	if (error)
		return error;
	entry.text_at = (uint32_t)builder->text_size;
	(void)append_text(builder, &entry, name);
	(void)append_text(builder, &entry, "x");
	entry.head_size = (uint16_t)entry.text_size;
	append_entry(builder, &builder->groups, &entry, ret_index);
	return 0;
}

int
directory_builder_member(struct directory_builder *builder,
    uint32_t group_index, uint32_t user_index)
{
	int error;

	if (group_index >= builder->groups.count ||
	    user_index >= builder->users.count)
		return -EINVAL;
	if (builder->membership_count >= MEMBERSHIPS_MAX)
		return -ENOSPC;
	error = reserve(&builder->memberships, sizeof(*builder->memberships),
	    builder->membership_count, 1, &builder->membership_room);
	if (error)
		return error;
	builder->memberships[builder->membership_count++] =
	    (struct builder_membership){
		.group = builder->groups.entries[group_index],
		.user = builder->users.entries[user_index],
	    };
	return 0;
}
