/*
 * The directory image: who exists and who is in which group, as one immutable
 * file that every process maps. The broker's publisher writes it whole, syncs
 * it and renames it into place (broker/directory_builder.h); this is the
 * reader. It allocates nothing, keeps no descriptor and takes no lock.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct directory {
	const uint8_t *base;
	size_t size_bytes;
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
 * Maps and validates the image at path. 0, or a negative errno: -ENOENT,
 * -EBADMSG for anything that is not a whole, well-formed image of ours owned
 * by a trusted user. Then no name and no id is ours.
 */
int directory_map(const char *path, struct directory *ret_directory);
void directory_unmap(struct directory *directory);

/* 0 or -ENOENT, which is final: there is nobody else to ask. */
int directory_user_by_name(const struct directory *directory, const char *name,
    struct directory_user *ret_user);
