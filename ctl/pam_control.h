/* The control field of a PAM line: what follows from what a module returns. */
#pragma once

#include <security/_pam_types.h>

/* A positive action jumps over that many modules. */
enum pam_action {
	PAM_ACTION_IGNORE = 0,
	PAM_ACTION_OK = -1,
	PAM_ACTION_DONE = -2,
	PAM_ACTION_BAD = -3,
	PAM_ACTION_DIE = -4,
	PAM_ACTION_RESET = -5,
};

enum {
	PAM_CONTROL_JUMP_MAX = 1000,
};

struct pam_control {
	int actions[_PAM_RETURN_VALUES];
};

/*
 * Reads "required" and its like, or "[value=action ...]" with its brackets.
 * What cannot be read is bad whatever the module returns, as in libpam.
 */
struct pam_control pam_control_parse(const char *text);
