#include "broker/directory/predecessor.h"

#include "lib/image.h"

#include <fcntl.h>
#include <unistd.h>

int
predecessor_open(const char *path, uint64_t magic)
{
	struct image_header header;
	int fd;

	fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 &&
	    (pread(fd, &header, sizeof(header), 0) != sizeof(header) ||
		header.magic != magic)) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static void
set_successor(int predecessor, uint32_t successor)
{
	if (predecessor >= 0)
		(void)!pwrite(predecessor, &successor, sizeof(successor),
		    offsetof(struct image_header, successor));
}

void
predecessor_supersede(int predecessor)
{
	set_successor(predecessor, 1);
}

void
predecessor_restore(int predecessor)
{
	set_successor(predecessor, 0);
}

void
predecessor_close(int predecessor)
{
	if (predecessor >= 0)
		(void)close(predecessor);
}
