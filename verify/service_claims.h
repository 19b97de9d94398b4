/*
 * The claims of an access token, judged for a service: by service_token.c of a
 * token whose signature is good, and by introspection.c of what an issuer says
 * about a token of its own. The same rules, so that neither is a way around
 * the other.
 */
#pragma once

#include "verify/service_token.h"

/* All but the keys. */
bool service_expectation_is_usable(
    const struct service_expectation *expectation);

/*
 * Of claims that have been read (signed_token_read()), and a token that was
 * presented so. *ret_token is filled where nothing stands against it.
 */
struct objection service_claims_judge(struct signed_token *token,
    struct slice presented, const struct service_expectation *expectation,
    int64_t now_s, struct service_token *ret_token);
