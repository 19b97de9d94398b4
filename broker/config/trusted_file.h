/*
 * Reads a file that decides who gets in: configuration, which nobody but root
 * may have written, and secrets, which in addition nobody else may read. What
 * is wrong with a file comes back in words with the remedy.
 */
#pragma once

#include "broker/secret.h"

#include <stddef.h>

/*
 * A configuration file: regular, owned by root or this process' user, written
 * by nobody else. The text is terminated; free() it. 0, or -ENOENT, -EPERM
 * (owner or mode), -EINVAL (no regular file), -EFBIG, or what open() says;
 * then *ret_problem is a phrase such as "others can write it: chmod 0644".
 */
int trusted_file_read(const char *path, size_t size_max, char **ret_text,
    size_t *ret_size, const char **ret_problem);

/*
 * A secret: as above, no symbolic link, and readable by its owner and at most
 * this process' own group.
 */
int trusted_file_read_secret(const char *path, size_t size_max,
    struct secret **ret_secret, const char **ret_problem);

/* A directory of such files: who can write there can replace them. */
int trusted_file_check_directory(const char *path, const char **ret_problem);
