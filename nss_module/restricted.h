/*
 * Memberships that are for root's eyes alone: login, sshd, su and cron put them
 * into a session; whoever else looks, a colleague or the person, is not told.
 *
 * Their image is opened for one initgroups of a root process and let go of
 * before that answers. Nothing of it stays in a process that may become
 * somebody else's, in its children or in its core; and each answer is of the
 * file that is there now. That costs some microseconds a login.
 *
 * A program that answers for others what it has learned as root must not learn
 * this: nscd is none that initgroups tells.
 */
#pragma once

#include "nss_module/source.h"

enum {
	/*
	 * A publisher gives both images their names one right after the other.
	 * So often a reader in between looks again, a millisecond apart, then
	 * it does without: the publisher died there.
	 */
	RESTRICTED_TRIES = 10,
};

/*
 * As source_enter(). To root, and if the image knows the user, it also gives
 * the source's restricted image, when there is a good one of the same
 * generation. In all other cases ret_restricted->base is NULL, and that is no
 * error. After 0, both are to be left.
 */
int restricted_enter(struct source *source, const char *user,
    struct reading *ret_reading, struct directory *ret_restricted);
void restricted_leave(struct reading *reading, struct directory *restricted);
