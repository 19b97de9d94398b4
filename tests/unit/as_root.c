#include "tests/unit/as_root.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool
write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool written =
	    fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		(void)close(fd);
	return written;
}

static bool
map_to_root(const char *path, unsigned int id)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "0 %u 1", id);
	return write_text(path, text);
}

bool
as_root(void)
{
	unsigned int uid = geteuid(), gid = getegid();

	return uid == 0 || (unshare(CLONE_NEWUSER) == 0 &&
			       write_text("/proc/self/setgroups", "deny") &&
			       map_to_root("/proc/self/uid_map", uid) &&
			       map_to_root("/proc/self/gid_map", gid));
}
