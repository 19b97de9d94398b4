#include "nss_module/restricted.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	PAUSE_NS = 1000000,
};

static bool
has_user(const struct directory *directory, const char *name)
{
	struct directory_entry entry;

	return directory_find_name(directory, name, &entry) && entry.is_user;
}

/* Asked each time: a process that was root need not be it any more. */
static bool
may_know(void)
{
	return geteuid() == 0 &&
	       strcmp(program_invocation_short_name, "nscd") != 0;
}

/* False: there is one, of another generation. */
static bool
map_same(const struct source *source, const struct directory *directory,
    struct directory *ret_restricted)
{
	struct directory restricted;

	if (directory_map_restricted(source->restricted_path, &restricted))
		return true;
	if (restricted.generation == directory->generation) {
		*ret_restricted = restricted;
		return true;
	}
	directory_unmap(&restricted);
	return false;
}

/*
 * Each look begins with the public image, so that the one that is left at last
 * is the newest. A thread that were cancelled on the way would leave what it
 * has mapped.
 */
static int
enter_both(struct source *source, struct reading *ret_reading,
    struct directory *ret_restricted)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	int tries, error;

	for (tries = 1;; tries++) {
		error = source_enter(source, ret_reading);
		if (error ||
		    map_same(source, ret_reading->directory, ret_restricted) ||
		    tries == RESTRICTED_TRIES)
			return error;
		source_leave(ret_reading);
		(void)nanosleep(&pause, NULL);
	}
}

int
restricted_enter(struct source *source, const char *user,
    struct reading *ret_reading, struct directory *ret_restricted)
{
	int saved_errno = errno, cancel_state, error;

	*ret_restricted = (struct directory){0};
	error = source_enter(source, ret_reading);
	if (error || !may_know() || !has_user(ret_reading->directory, user))
		return error;
	source_leave(ret_reading);
	(void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
	error = enter_both(source, ret_reading, ret_restricted);
	(void)pthread_setcancelstate(cancel_state, NULL);
	errno = saved_errno;
	return error;
}

void
restricted_leave(struct reading *reading, struct directory *restricted)
{
	int saved_errno = errno;

	directory_unmap(restricted);
	source_leave(reading);
	errno = saved_errno;
}
