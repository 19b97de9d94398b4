/*
 * The text of the rules: one file for each service, and units.conf. The
 * shipped catalogue comes first; a file of the same name in access.d of the
 * configuration takes its place whole, and one that holds nothing but comments
 * removes the service. Files that begin with a dot or do not end in .conf are
 * passed over. A set travels as one record too (put/get): the register keeps
 * every set that was in force, and a simulation is asked about one.
 */
#pragma once

#include "broker/config/config_error.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	POLICY_FILES_MAX = 256,
	POLICY_FILES_SIZE_MAX = 4 * 1024 * 1024, /* all of them */
};

struct policy_file {
	char *name; /* as errors name it: the path that it was read from */
	char *text; /* terminated, size bytes before the terminator */
	size_t size;
	bool shipped; /* of the catalogue */
	bool units; /* it is units.conf */
};

struct policy_files {
	struct policy_file files[POLICY_FILES_MAX]; /* by name */
	size_t count;
};

/*
 * Reads catalogue_dir/NAME.conf, config_dir/access.d/NAME.conf and
 * config_dir/units.conf; directories and units.conf may be missing. The files
 * must belong to root (or to whom trusted_file.h allows). 0, or a negative
 * errno with *ret_error.
 */
int policy_files_read(const char *catalogue_dir, const char *config_dir,
    struct policy_files **ret_files, struct config_error *ret_error);
/*
 * The same for files of the administrator that lie elsewhere or nowhere yet:
 * own is what would stand in access.d and units.conf, blank files included,
 * each with the file name that hides one of the catalogue at the end of its
 * name. So a simulation is read.
 */
int policy_files_over_catalogue(const char *catalogue_dir,
    const struct policy_files *own, struct policy_files **ret_files,
    struct config_error *ret_error);

struct policy_files *policy_files_free(struct policy_files *files);

/*
 * Adds a copy; name and text are of the caller. 0, -ENOMEM, -E2BIG, or -EEXIST
 * when there is a file of this name.
 */
int policy_files_add(struct policy_files *files, const char *name,
    const char *text, size_t size, bool shipped, bool units);

/*
 * One record; *ret_record is malloc'ed. get refuses what put does not write.
 * 0, -ENOMEM or -EBADMSG.
 */
int policy_files_put(
    const struct policy_files *files, void **ret_record, size_t *ret_size);
int policy_files_get(
    const void *record, size_t size, struct policy_files **ret_files);
