#include "broker/fetch/listener.h"
#include "lib/socket_file.h"

#include <errno.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

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

int
listener_open(const char *path, int *ret_fd, bool *ret_own)
{
	int passed = sd_listen_fds(1), error;

	if (passed != 0) {
		*ret_own = false;
		return passed < 0 ? passed : take_passed(passed, ret_fd);
	}
	error = socket_file_listen(path, 0666, BACKLOG, ret_fd);
	if (error)
		return error;
	*ret_own = true;
	return 0;
}
