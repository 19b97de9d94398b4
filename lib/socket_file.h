/* A listening stream socket at a path of the file system. */
#pragma once

#include <sys/types.h>

/*
 * Listens at path, non-blocking and close-on-exec. The file has exactly mode
 * from its first moment. What a killed process left at path is replaced; a
 * socket that somebody serves, and a file that is no socket, stay.
 *
 * 0, -EADDRINUSE when somebody serves path, -ENOTSOCK, -ENAMETOOLONG or another
 * negative errno. Changes the umask for a moment: not for a library's use.
 */
int socket_file_listen(const char *path, mode_t mode, int backlog, int *ret_fd);
