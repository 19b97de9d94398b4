#include "broker/fetch/listener.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum {
	BACKLOG = 8,
};

static int
take_passed(int count, int *ret_fd)
{
	if (count != 1 ||
	    sd_is_socket(SD_LISTEN_FDS_START, AF_UNIX, SOCK_STREAM, 1) <= 0)
		return -EINVAL;
	*ret_fd = SD_LISTEN_FDS_START;
	return 0;
}

/* A socket that nobody listens on was left by one that was killed. */
static int
unlink_dead(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error;

	if (fd < 0)
		return -errno;
	error =
	    connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0
		? EADDRINUSE
		: errno;
	(void)close(fd);
	if (error == ENOENT)
		return 0;
	if (error != ECONNREFUSED)
		return -error;
	return unlink(address->sun_path) < 0 ? -errno : 0;
}

static int
bind_and_listen(int fd, const struct sockaddr_un *address)
{
	mode_t old = umask(0111);
	int error = 0;

	if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
		error = -errno;
	(void)umask(old);
	if (!error && listen(fd, BACKLOG) < 0)
		error = -errno;
	return error;
}

int
listener_open(const char *path, int *ret_fd, bool *ret_own)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int passed = sd_listen_fds(1), fd, error;

	if (passed != 0) {
		*ret_own = false;
		return passed < 0 ? passed : take_passed(passed, ret_fd);
	}
	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path));
	error = unlink_dead(&address);
	if (error)
		return error;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	error = bind_and_listen(fd, &address);
	if (error) {
		(void)close(fd);
		return error;
	}
	*ret_fd = fd;
	*ret_own = true;
	return 0;
}
