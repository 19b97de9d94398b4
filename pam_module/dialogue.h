/*
 * One PAM call as a conversation between the broker and the person: the module
 * shows and asks what the broker says and brings back its verdict.
 */
#pragma once

#include "lib/login_protocol.h"

#include <security/pam_modules.h>
#include <stdbool.h>

struct dialogue_call {
	enum login_phase phase;
	const char *user;
	const char *handle; /* or "" */
	const char *token; /* NULL: the person is asked */
};

/*
 * Every way in which the broker cannot be asked, or answers what cannot be
 * used, is a verdict too (pam_module/failure.h): logged, and said to the person
 * where it stops them. *ret_handle is "" unless the verdict is LOGIN_ALLOW.
 */
enum login_verdict dialogue_run(pam_handle_t *pamh,
    const struct dialogue_call *call,
    char ret_handle[static LOGIN_HANDLE_SIZE]);

/* Says one thing to the person; false when nobody can be told. */
bool dialogue_say(pam_handle_t *pamh, enum login_style style, const char *text);
