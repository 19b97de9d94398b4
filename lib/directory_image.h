/*
 * The format of the directory image, for its reader (lib/directory.c) and its
 * builder (broker/directory/directory_builder.c). An image never leaves its machine:
 * integers are native, and the magic number refuses another byte order.
 *
 *   header        struct image_header
 *   name table    uint64_t[slots]: who has this name
 *   id table      uint64_t[slots]: who has this uid or gid
 *   records       users and groups, by ascending id, each aligned to 8
 *   zeros         up to a multiple of IMAGE_STRIPE
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

#include "lib/image.h"

#include <stdint.h>

#define DIRECTORY_MAGIC UINT64_C(0x3165676d49645650) /* "PVdImge1" */

enum {
	DIRECTORY_VERSION = 1,
	DIRECTORY_FLAG_ENUMERATE = 1,
	DIRECTORY_FLAG_RESTRICTED = 2,

	DIRECTORY_COUNT_MAX = 1 << 20, /* gids of a user, members of a group */
	DIRECTORY_TEXT_MAX = 512, /* gecos, home or shell */
};

enum directory_kind {
	DIRECTORY_GROUP = 1,
	DIRECTORY_USER,
	DIRECTORY_USER_LOCKED,
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

_Static_assert(
    sizeof(struct directory_record) == 24, "the layout has no holes");

static inline uint64_t
directory_hash_id(const uint64_t seed[2], uint32_t id)
{
	return ((id ^ seed[0]) * UINT64_C(0x9e3779b97f4a7c15)) >> 32;
}
