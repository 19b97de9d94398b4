/*
 * Ends whatever runs as one uid of ours: logind is asked to terminate its
 * sessions, where it runs, and what is left then gets SIGTERM, and SIGKILL when
 * that did not help. Only processes whose real uid it is are touched, each by its
 * pidfd, and only when the uid is one that lib/id.h calls ours.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SESSION_END_TERM_MS = 5000, /* what SIGTERM is given */
	SESSION_END_KILL_MS = 10000, /* then SIGKILL goes round so long */
};

struct session_end {
	int error; /* negative errno: not ours, or /proc cannot be read */
	bool logind; /* it has ended sessions of this uid */
	size_t ended; /* by a signal of ours */
	size_t killed; /* of these, with SIGKILL */
	size_t left; /* still there */
};

/*
 * On a terminal says what it waits for. The account must be locked before, so
 * that nobody comes in again meanwhile.
 */
void session_end_all(int64_t uid, struct session_end *ret_ended);
