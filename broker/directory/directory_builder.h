/*
 * Builds a directory image (lib/directory.h) in memory and publishes it as one
 * file: written beside the old one, synced, the old file's header told that it
 * has a successor, the new one renamed into place, the directory synced.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct directory_builder;

int directory_builder_new(uint64_t generation, bool enumerate,
    struct directory_builder **ret_builder);

/*
 * For the image of restricted memberships: its groups are not written, they
 * only give the gids.
 */
int directory_builder_new_restricted(
    uint64_t generation, struct directory_builder **ret_builder);
struct directory_builder *directory_builder_free(
    struct directory_builder *builder);

/*
 * Every user also gets the private group of its name and uid: users and groups
 * share one space of names and one of ids. Indices count from 0 in the order
 * of the calls, users and groups each for themselves. -EINVAL for a name, text
 * or id that must not be published, -EEXIST for one that is there already. A
 * membership that is given twice counts once.
 */
int directory_builder_user(struct directory_builder *builder, const char *name,
    uint32_t uid, const char *gecos, const char *home, const char *shell,
    bool may_log_in, uint32_t *ret_index);

/* Another builder's user with this index there: its name and uid alone. */
int directory_builder_user_of(struct directory_builder *builder,
    const struct directory_builder *other, uint32_t other_index,
    uint32_t *ret_index);
int directory_builder_group(struct directory_builder *builder, const char *name,
    uint32_t gid, uint32_t *ret_index);
int directory_builder_member(struct directory_builder *builder,
    uint32_t group_index, uint32_t user_index);

/*
 * Uses the builder up, so that the memory for a large directory is not needed
 * twice: -EINVAL for another try. 0, or a negative errno of the file system;
 * the old image then stands.
 */
int directory_builder_publish(
    struct directory_builder *builder, const char *path);

/*
 * The same for a public image and the restricted one of the same generation,
 * which only its owner can read. Both are written before one of them gets its
 * name. Readers take no restricted image whose generation is not the public
 * one's: a crash or a failure between the two names leaves them without any
 * restricted membership, never with one too many.
 */
int directory_builder_publish_both(struct directory_builder *builder,
    const char *path, struct directory_builder *restricted,
    const char *restricted_path);
