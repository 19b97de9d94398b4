/*
 * One connection of the login protocol (lib/login_protocol.h): a PAM call in
 * one of its phases, from BEGIN to DONE.
 */
#pragma once

#include "broker/broker.h"

enum {
	LOGINS_MAX = 256, /* of root's programs, under way on this machine */
	/* Screen lockers and the like cannot crowd root's programs out. */
	LOGINS_OF_OTHERS_MAX = 32,
	/* What they begin: each may cost a code, and leaves a record. */
	LOGINS_OF_OTHERS_BURST = 40,
	LOGINS_OF_OTHERS_PER_S = 1,
	/* After Enter without an approval: say again what to do. */
	LOGIN_REMIND_MS = 10000,
};

/*
 * Serves fd (taken in any case) until the dialogue is over, then frees itself.
 * 0 or a negative errno.
 */
int login_serve(struct broker *broker, int fd);
