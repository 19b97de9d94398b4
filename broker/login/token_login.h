/*
 * An access token as a login's credential: may it log its person in at this
 * PAM service, now? Pure, and by the same judgement as a service's own
 * (verify/service_token.h), with what the service's pam section asks.
 *
 * Never: an id_token, a machine's token, or one that is bound to a key or a
 * certificate (nobody types a proof). Whose account it is, whether it is
 * revoked and which groups it brings is for the caller to find.
 */
#pragma once

#include "broker/login/need.h"
#include "broker/register/revocation.h"
#include "verify/service_token.h"

#include <stddef.h>

/* Zero is no. */
enum token_login_result {
	TOKEN_LOGIN_REFUSED = 0, /* finding.evidence says why */
	TOKEN_LOGIN_GOOD,
	TOKEN_LOGIN_NOT_A_TOKEN, /* a password, or what else people type */
	TOKEN_LOGIN_CUT, /* by a client that passes no more characters */
	TOKEN_LOGIN_MACHINE, /* good, and nobody's */
	TOKEN_LOGIN_NOT_CONFIGURED, /* the service takes no tokens */
};

struct token_login_finding {
	enum token_login_result result;
	enum evidence_result evidence;
	const char *detail; /* a constant of ours, or NULL */
	const char *audience; /* of the service's, that it is for; or NULL */
	struct service_bearer bearer; /* once the signature held */
};

/*
 * need: of the service, with the issuer that the token must be of. keys: of
 * that issuer. *ret_token is filled for TOKEN_LOGIN_GOOD alone.
 */
struct token_login_finding token_login_check(const char *token, size_t size,
    const struct need *need, struct key_set *keys, int64_t now_s,
    struct service_token *ret_token);

/* The stable word of a refusal: "token-cut", "expired", "machine-token". */
const char *token_login_word(const struct token_login_finding *finding);

/* What a revocation may call a token by. */
struct token_origin {
	char issuer[IDENTITY_ISSUER_SIZE];
	char session[SERVICE_TEXT_SIZE]; /* sid, or "" */
	int64_t issued_at_s;
};

struct token_origin token_origin_of(const struct service_token *token);

/* Whether this revocation is of a token of this origin, of that account. */
bool token_login_is_revoked(const struct revocation *revocation,
    const struct token_origin *origin, int64_t account_id);

/* Whether one of those in force is. REGISTER_OK or REGISTER_FAILED. */
enum register_result token_login_find_revocation(struct register_db *db,
    const struct token_origin *origin, int64_t account_id, int64_t now_s,
    bool *ret_revoked);
