/*
 * One-time handles: what carries a login from the process that authenticated
 * to the one that opens the session (sshd authenticates in a child that dies).
 * A handle is 128 random bits, bound to the account and the service, taken
 * once, and gone after HANDLE_LIFETIME_S.
 */
#pragma once

#include "broker/audit/audit.h"
#include "broker/login/session.h"
#include "broker/login/token_login.h"
#include "lib/login_protocol.h"
#include "verify/identity.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	HANDLE_LIFETIME_S = 300,
	HANDLE_COUNT_MAX = 1024, /* the oldest goes first */
};

/* What the session will want to know of its login. */
struct handle_login {
	int64_t account_id; /* a name may be given to another person */
	char service[LOGIN_SERVICE_SIZE];
	char correlation[AUDIT_CORRELATION_SIZE];
	char acr[IDENTITY_ACR_SIZE];
	int64_t authenticated_at_s;
	char on_behalf_of[SESSION_ON_BEHALF_OF_SIZE];
	/*
	 * An access token was the credential: its groups were judged, and are
	 * not those in force.
	 */
	bool by_token;
	struct token_origin origin; /* of that token, for revocations */
};

struct handle_table;

int handle_table_new(struct handle_table **ret_table);
struct handle_table *handle_table_free(struct handle_table *table);

void handle_issue(struct handle_table *table, const struct handle_login *login,
    int64_t now_s, char ret_handle[static LOGIN_HANDLE_SIZE]);

/* True, and *ret_login, when the handle is one of account's and service's. */
bool handle_peek(const struct handle_table *table, const char *handle,
    int64_t account_id, const char *service, int64_t now_s,
    struct handle_login *ret_login);

/* The same, and the handle is spent. */
bool handle_take(struct handle_table *table, const char *handle,
    int64_t account_id, const char *service, int64_t now_s,
    struct handle_login *ret_login);
