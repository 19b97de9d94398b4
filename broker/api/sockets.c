#include "broker/api/sockets.h"

#include "lib/socket_file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

enum {
	/* Who waits while those before are accepted, or closed. The kernel's
	   most: a burst of strangers must not fill it. */
	BACKLOG = 4096,
};

static bool
is_loopback(const struct sockaddr_storage *address)
{
	const struct sockaddr_in *four = (const void *)address;
	const struct sockaddr_in6 *six = (const void *)address;

	if (address->ss_family == AF_INET)
		return ntohl(four->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return address->ss_family == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

static int
check_address(int fd)
{
	struct sockaddr_storage address = {0};
	socklen_t size = sizeof(address);

	if (getsockname(fd, (struct sockaddr *)&address, &size) < 0)
		return -errno;
	return is_loopback(&address) ? 0 : -EADDRNOTAVAIL;
}

static int
take_passed(int fd, struct listener *ret_listener)
{
	int error = 0, flags;
	bool local;

	local = sd_is_socket(fd, AF_UNIX, SOCK_STREAM, 1) > 0;
	if (!local && sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0)
		return -EINVAL;
	if (!local)
		error = check_address(fd);
	if (error)
		return error;
	/* Several workers accept: who comes late must not wait. */
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	*ret_listener = (struct listener){fd, local};
	return 0;
}

static int
take_all_passed(int passed, struct listener *ret_listeners, size_t *ret_count)
{
	int error = 0, i;

	if (passed > LISTENERS_MAX)
		return -EINVAL;
	for (i = 0; !error && i < passed; i++)
		error = take_passed(SD_LISTEN_FDS_START + i, &ret_listeners[i]);
	if (!error)
		*ret_count = (size_t)passed;
	return error;
}

int
sockets_open(const char *path, struct listener ret_listeners[LISTENERS_MAX],
    size_t *ret_count, bool *ret_own)
{
	int error, fd, passed = sd_listen_fds(1);

	if (passed < 0)
		return passed;
	if (passed > 0) {
		*ret_own = false;
		return take_all_passed(passed, ret_listeners, ret_count);
	}
	error = socket_file_listen(path, 0666, BACKLOG, &fd);
	if (error)
		return error;
	ret_listeners[0] = (struct listener){fd, true};
	*ret_count = 1;
	*ret_own = true;
	return 0;
}
