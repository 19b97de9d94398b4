/*
 * The directory image: who exists and who is in which group, as one immutable
 * file that every process maps. The broker's publisher writes it whole, syncs
 * it and renames it into place (broker/directory/directory_builder.h); this is the
 * reader. It allocates nothing, keeps no descriptor and takes no lock.
 *
 * Mapping an image validates all of it, so that damage means "none of ours"
 * as a whole. Its owner is the broker, which is not root, and could still
 * write to the file under a reader that is: lookups therefore load each value
 * once, and check what they use of it, so that even then nothing is read or
 * written out of bounds, and no id is answered that is not ours.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A mapping, with what is used of its header; as a whole the reader's own. */
struct directory {
	const uint8_t *base; /* NULL: nothing is mapped */
	size_t size_bytes;
	const uint64_t *names;
	const uint64_t *ids;
	uint32_t slot_mask;
	uint32_t records;
	uint64_t records_at;
	uint64_t seed[2];
	uint64_t generation;
	bool enumerate;
	bool restricted;
	dev_t device;
	ino_t inode;
};

/* Borrows from the mapping. */
struct directory_user {
	const char *name;
	const char *gecos;
	const char *home;
	const char *shell;
	uint32_t uid;
	uint32_t gid;
	bool may_log_in; /* false: locked; the account phase without a broker */
};

/*
 * A record as it stands in the mapping (lib/directory_image.h), with bounds
 * checked: text[text_size] and the list lie within the mapping, and the
 * offsets within the text. That the text is terminated is for the caller to
 * check in its own copy.
 */
struct directory_entry {
	const char *text;
	size_t text_size;
	size_t head_size; /* name \0 x \0 */
	size_t home_at;
	size_t shell_at;
	const void *list; /* a user's gids, a group's member name sizes */
	uint32_t count;
	uint32_t id; /* ours */
	uint64_t next_at; /* where the next record starts */
	bool is_user; /* and the private group of that name and id */
	bool may_log_in;
};

/*
 * Maps and validates the image at path. 0, or a negative errno: -ENOENT,
 * -EBADMSG for anything that is not a whole, well-formed image of ours in a
 * directory that only its owner can write to, owned by that owner or root.
 * Then no name and no id is ours. Any other errno speaks of this process, not
 * of the image: -EMFILE, -ENOMEM, -EACCES.
 */
int directory_map(const char *path, struct directory *ret_directory);

/*
 * The same for the image of restricted memberships. -EBADMSG also when the file
 * grants group or others anything; and each refuses what is the other's.
 */
int directory_map_restricted(const char *path, struct directory *ret_directory);

/* Accepts what was never mapped; leaves it so. */
void directory_unmap(struct directory *directory);

/* The same for bytes that the caller holds, aligned to 8; unmap them not. */
int directory_check(
    const void *image, size_t size_bytes, struct directory *ret_directory);

/*
 * Has the publisher said that a newer image takes this one's place? One load;
 * directory_check_current() asks the file system instead, for a publisher
 * that died before it could say so: 0, -ESTALE, or a negative errno of stat.
 */
bool directory_is_superseded(const struct directory *directory);
int directory_check_current(
    const struct directory *directory, const char *path);

/* 0 or -ENOENT, which is final: there is nobody else to ask. */
int directory_user_by_name(const struct directory *directory, const char *name,
    struct directory_user *ret_user);

/* Users and groups alike; false is final. */
bool directory_find_name(const struct directory *directory, const char *name,
    struct directory_entry *ret_entry);
bool directory_find_id(const struct directory *directory, uint32_t id,
    struct directory_entry *ret_entry);

/*
 * The entry with the lowest id above this one: a walk by id neither repeats
 * nor misses what two generations share. Begins with id 0, ends with false.
 */
bool directory_find_next(const struct directory *directory, uint32_t id,
    struct directory_entry *ret_entry);

/* The record that starts at this offset from the base. */
bool directory_load(const struct directory *directory, uint64_t at,
    struct directory_entry *ret_entry);
