/*
 * What is known of an account while nobody logs in: its last evidence (history)
 * and the groups that are in force. For the phases that have no token: an SSH
 * key, cron, sudo's cached timestamp, a session that opens.
 */
#pragma once

#include "broker/login/need.h"
#include "broker/login/session.h"
#include "broker/register/register.h"

struct last_login {
	char acr[IDENTITY_ACR_SIZE]; /* "": no evidence yet, or none with it */
	int64_t authenticated_at_s; /* 0: the same */
	char on_behalf_of[SESSION_ON_BEHALF_OF_SIZE];
};

/* Of an account that never logged in: REGISTER_OK and nothing known. */
enum register_result last_login_read(struct register_db *db,
    const struct account *account, struct last_login *ret_last);

/* Whether what it showed, and the groups in force, will do. */
enum register_result last_login_check(struct register_db *db,
    const struct account *account, const struct need *need,
    const struct last_login *last, int64_t now_s, enum need_result *ret_result);
