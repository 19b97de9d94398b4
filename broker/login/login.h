/*
 * One connection of the login protocol (lib/login_protocol.h): a PAM call in
 * one of its phases, from BEGIN to DONE.
 */
#pragma once

#include "broker/broker.h"

enum {
	LOGINS_MAX = 256, /* under way, on this machine */
	/* After Enter without an approval: say again what to do. */
	LOGIN_REMIND_MS = 10000,
	/* From the connection to a BEGIN: a module sends it at once. */
	LOGIN_BEGIN_DEADLINE_MS = 5000,
	/* A decision waits this long for an Enter that does not come. */
	LOGIN_UNREAD_MS = 120000,
};

/*
 * Serves fd (taken in any case) until the dialogue is over, then frees itself.
 * 0 or a negative errno.
 */
int login_serve(struct broker *broker, int fd);
