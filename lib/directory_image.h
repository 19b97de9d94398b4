/*
 * The format of the directory image, for its reader (lib/directory.c) and its
 * builder (broker/directory/directory_builder.c). An image never leaves its machine:
 * integers are native, and the magic number refuses another byte order.
 *
 *   header        struct directory_header
 *   name table    uint64_t[slots]: who has this name
 *   id table      uint64_t[slots]: who has this uid or gid
 *   records       users and groups, by ascending id, each aligned to 8
 *   zeros         up to a multiple of DIRECTORY_STRIPE
 *
 * Every user is also the group of its name and uid, so users and groups share
 * one space of names and one of ids: one record, and one slot in each table,
 * answers for both. All that an answer needs stands in its record, ready to
 * be copied:
 *
 *   user    struct directory_record, text, padding to 4, uint32_t gids[count]
 *   group   struct directory_record, text, uint8_t lengths[count]
 *
 *   text of a user    name \0 x \0 gecos \0 home \0 shell \0
 *   text of a group   name \0 x \0 member \0 member \0 ...
 *
 * The password is "x" and there is no shadow entry: to pam_unix that is nobody
 * it could vouch for. With "*" its account phase lets everybody in, also a
 * locked account with an SSH key, wherever pam_portvakt.so is not asked.
 *
 * lengths[] are the sizes of the member names with their terminators. Members
 * stand as names, not as indices into the users: gathering a thousand names
 * from all over the image cost several times what copying them does.
 *
 * The restricted image (DIRECTORY_FLAG_RESTRICTED) has the same form, and holds
 * nothing but users, each with "" as gecos and "/" as home and shell, and their
 * gids of groups whose members are for root's eyes alone. The groups themselves
 * stand in the public image, without those members. The two belong together
 * when their generations are the same.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define DIRECTORY_MAGIC UINT64_C(0x3165676d49645650) /* "PVdImge1" */

enum {
	DIRECTORY_VERSION = 1,
	DIRECTORY_FLAG_ENUMERATE = 1,
	DIRECTORY_FLAG_RESTRICTED = 2,

	DIRECTORY_STRIPE = 32, /* what the checksum takes at a time */
	DIRECTORY_SLOTS_MIN = 4,
	DIRECTORY_SLOTS_MAX = 1 << 24,
	DIRECTORY_SIZE_MAX = 1 << 30,
	DIRECTORY_COUNT_MAX = 1 << 20, /* gids of a user, members of a group */
	DIRECTORY_TEXT_MAX = 512, /* gecos, home or shell */
};

enum directory_kind {
	DIRECTORY_GROUP = 1,
	DIRECTORY_USER,
	DIRECTORY_USER_LOCKED,
};

/*
 * The successor is the one word that is written after publication, when a
 * newer image is about to take this one's name; readers look at it before each
 * lookup, and at the path when it is set. It is read as one aligned word and
 * holds nothing but "not 0", so a reader can at worst see it late. The checksum
 * is taken with checksum and successor as 0.
 */
struct directory_header {
	uint64_t magic;
	uint32_t version;
	uint32_t flags;
	uint64_t generation;
	uint64_t size_bytes; /* of the whole file */
	uint64_t seed[2];
	uint32_t slots; /* of each table: a power of two */
	uint32_t records; /* fewer than slots */
	uint64_t checksum;
	uint32_t successor;
	uint32_t zero[7];
};

struct directory_record {
	uint32_t size_bytes; /* with padding: a multiple of 8 */
	uint32_t id;
	uint32_t count;
	uint32_t text_size;
	uint16_t head_size; /* of "name \0 x \0"; gecos starts here */
	uint16_t home_at;
	uint16_t shell_at;
	uint16_t kind;
};

_Static_assert(sizeof(struct directory_header) == 96 &&
		   sizeof(struct directory_header) % DIRECTORY_STRIPE == 0 &&
		   sizeof(struct directory_record) == 24,
    "the layout has no holes");

/*
 * A slot: the key in the low half (the high half of a name's hash, or an id),
 * in the high half where the record is, in units of 8 bytes. 0 is empty. A key
 * that finds its slot taken goes to the next one.
 */
static inline uint64_t
directory_slot(uint32_t key, uint32_t at_8)
{
	return (uint64_t)at_8 << 32 | key;
}

/*
 * Seeded anew for each image, after the names in it were chosen: who chooses
 * names cannot choose collisions. seed[0] is odd.
 */
uint64_t directory_hash_name(
    const uint64_t seed[2], const char *name, size_t length);

static inline uint64_t
directory_hash_id(const uint64_t seed[2], uint32_t id)
{
	return ((id ^ seed[0]) * UINT64_C(0x9e3779b97f4a7c15)) >> 32;
}

/*
 * Finds every change within one aligned word, and nearly every other one. It
 * is there for damage; against forgery stand the owner, the mode, and the
 * checks of directory.h.
 */
struct directory_checksum {
	uint64_t lane[4];
};

void directory_checksum_init(struct directory_checksum *checksum);

/* size: a multiple of DIRECTORY_STRIPE. */
void directory_checksum_add(
    struct directory_checksum *checksum, const void *bytes, size_t size);
uint64_t directory_checksum_end(const struct directory_checksum *checksum);
