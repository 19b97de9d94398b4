#include "lib/socket_file.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int
open_stream(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	return fd < 0 ? -errno : fd;
}

/* 0 when nobody listens there, -EADDRINUSE, or another negative errno. */
static int
check_dead(const struct sockaddr_un *address)
{
	int fd = open_stream(), error = EADDRINUSE;

	if (fd < 0)
		return fd;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
		error = errno;
	(void)close(fd);
	/* A full backlog has a listener too. */
	if (error == EAGAIN)
		error = EADDRINUSE;
	return error == ECONNREFUSED ? 0 : -error;
}

/* connect() names a dead socket and a file that is none alike: look first. */
static int
unlink_dead(const struct sockaddr_un *address)
{
	struct stat file;
	int error;

	if (lstat(address->sun_path, &file) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(file.st_mode))
		return -ENOTSOCK;
	error = check_dead(address);
	if (error)
		return error;
	return unlink(address->sun_path) < 0 ? -errno : 0;
}

static int
bind_and_listen(
    int fd, const struct sockaddr_un *address, mode_t mode, int backlog)
{
	mode_t old = umask(0777 & ~mode);
	int error = 0;

	if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
		error = -errno;
	(void)umask(old);
	if (!error && listen(fd, backlog) < 0)
		error = -errno;
	return error;
}

int
socket_file_listen(const char *path, mode_t mode, int backlog, int *ret_fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd, error;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path));
	error = unlink_dead(&address);
	if (error)
		return error;
	fd = open_stream();
	if (fd < 0)
		return fd;
	error = bind_and_listen(fd, &address, mode, backlog);
	if (error) {
		(void)close(fd);
		return error;
	}
	*ret_fd = fd;
	return 0;
}
