/* Small files, read whole and no larger than the caller says. */
#pragma once

#include <stddef.h>
#include <stdio.h>

enum {
	TEXT_FILE_SIZE_MAX = 1024 * 1024, /* of a configuration file */
};

/*
 * Everything up to the end of the file, terminated; the caller frees it.
 * 0, -EFBIG for more than size_max, or the error of reading.
 */
int text_file_read_stream(
    FILE *file, size_t size_max, char **ret_bytes, size_t *ret_size);

/*
 * The text of root/path. As above, -EBADMSG when it holds a NUL, and the
 * errors of opening: -ENOENT, -EACCES, -EINVAL when it is not a regular file.
 */
int text_file_read(const char *root, const char *path, char **ret_text);
