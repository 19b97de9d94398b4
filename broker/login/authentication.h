/*
 * One authentication: account -> user code -> token -> evidence -> groups ->
 * verdict -> groups in force. It knows nothing of PAM, sockets or sentences; the login
 * that owns it does.
 */
#pragma once

#include "broker/broker.h"
#include "broker/issuer/device_grant.h"
#include "broker/register/register.h"
#include "lib/login_protocol.h"

struct authentication;
struct token_origin;

/* Of the last report; borrowed for the length of the call. */
/*
 * Of an access token, for the record, once its issuer's signature held. NULL:
 * not known, or with an identity number in it.
 */
struct authentication_token {
	const char *audience; /* of the service's, that it is for */
	const char *client_id;
	const char *token_id; /* jti */
	/* person_key_subject(), of one that is refused: whose it is. */
	const char *subject;
};

struct authentication_outcome {
	enum login_verdict verdict;
	const char *reason; /* a stable word */
	const char *detail; /* for the administrator, or "" */
	const char *acr; /* of the token, when it was good */
	const char *groups; /* space separated, when the verdict is ALLOW */
	int64_t authenticated_at_s; /* 0: not known, or not ALLOW */
	const char *on_behalf_of; /* as session.h has it; NULL: not ALLOW */
	bool by_token; /* a token was given; else the person logged in */
	const struct token_origin *origin; /* of that token; NULL: not ALLOW */
	size_t token_size;
	struct authentication_token token;
};

struct authentication_owner {
	/* A code to show; at most once. */
	void (*invite)(const struct device_grant_report *code, void *userdata);
	/* The end; the owner may free the authentication in here. */
	void (*decide)(
	    const struct authentication_outcome *outcome, void *userdata);
	void *userdata;
};

/*
 * Begins one for an account of the register, at the account's own issuer and
 * with what the PAM service needs, under a realm that it holds. Nothing is reported before this returns. 0 or a negative errno.
 */
int authentication_new(struct broker *broker, struct realm *realm,
    const struct account *account, const char *service,
    const struct authentication_owner *owner,
    struct authentication **ret_authentication);
struct authentication *authentication_free(
    struct authentication *authentication);
