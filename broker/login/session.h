/*
 * The open sessions of this machine: which account, since when, where, and how
 * strong the login behind it was. Filled when a PAM session opens and emptied
 * when it closes. Memory alone: a broker that starts anew knows of none that
 * were open before, and one whose program was killed stays until SESSIONS_MAX
 * younger ones have pushed it out. It is for people to read; no decision rests
 * on it.
 */
#pragma once

#include "broker/random.h"
#include "lib/login_protocol.h"
#include "verify/identity.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	SESSIONS_MAX = 4096, /* the oldest goes first */
	/* Every organisation of IDENTITY_MANDATES_MAX mandates, and spaces. */
	SESSION_ON_BEHALF_OF_SIZE = 512,
};

struct session {
	char id[RANDOM_HEX_SIZE]; /* as its audit records have it */
	char account[NAME_MAX_SIZE];
	char service[LOGIN_SERVICE_SIZE];
	char tty[LOGIN_TTY_SIZE];
	char rhost[LOGIN_RHOST_SIZE];
	int64_t since_s;
	/*
	 * Of the login that opened it; or, when it was opened with an SSH key
	 * or the like, of the account's last login. "" and 0 when not known.
	 */
	bool with_login;
	char acr[IDENTITY_ACR_SIZE];
	int64_t authenticated_at_s;
	/* "0192:911830868 0192:...", space separated; "": for nobody else */
	char on_behalf_of[SESSION_ON_BEHALF_OF_SIZE];
};

struct session_table;

int session_table_new(struct session_table **ret_table);
struct session_table *session_table_free(struct session_table *table);

/* Takes a copy. 0 or -ENOMEM. */
int session_open(struct session_table *table, const struct session *session);

/* False when there is no such session of that account. */
bool session_close(
    struct session_table *table, const char *id, const char *account);

/* The oldest first; account NULL: everybody's. Ends for a result not 0. */
typedef int (*session_fn)(const struct session *session, void *userdata);
int session_each(const struct session_table *table, const char *account,
    session_fn each, void *userdata);

/* The organisations of an identity's mandates, each once, as above. */
void session_on_behalf_of(const struct identity *identity,
    char ret_text[static SESSION_ON_BEHALF_OF_SIZE]);
