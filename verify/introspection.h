/*
 * What an issuer answers about an opaque token of its own (RFC 7662), judged
 * by the rules of its signed ones (service_claims.h). Pure. The caller asked
 * that issuer, over a connection that it believes.
 *
 * "active" must be true. iss may be absent, and must be the issuer's when it
 * is there; exp and iat must be there. RFC 7662 answers about refresh tokens
 * alike, which give access to nothing: a token_type of Bearer or DPoP, or a
 * typ of Keycloak's that says Bearer, is wanted. An answer with the marks of a
 * login is refused as an id_token is.
 */
#pragma once

#include "verify/service_token.h"

enum {
	INTROSPECTION_SIZE_MAX = 12288, /* as large as a payload can be */
};

/*
 * answer: the JSON object; presented: the opaque token. expectation->keys is
 * not looked at. As service_token_check(); EVIDENCE_INACTIVE: not any more, or
 * never.
 */
enum evidence_result introspection_check(struct slice answer,
    struct slice presented, const struct service_expectation *expectation,
    int64_t now_s, struct service_token *ret_token, const char **ret_detail);
