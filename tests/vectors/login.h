/*
 * A login as ID-porten does it: the id_token of its documentation (the public
 * sample of its test environment, with roles added), the key set, and what
 * the broker expects. Tests take it and change one thing.
 */
#pragma once

#include "verify/evidence.h"

/* Header members as the provider sends them, and the claims. */
extern const char login_header_rs256[];
extern const char login_header_ps256[];
extern const char login_header_es256[];
extern const char login_payload[];

enum {
	LOGIN_NOW_S = 1678375500,
};

struct login {
	struct issuer_profile profile;
	struct evidence_expectation expectation;
};

/*
 * Keys: "rsa" for RS256 alone, "rsa-any" which says no alg, "ec" for ES256.
 * The algorithms of the profile are these three.
 */
void login_init(struct login *login);
void login_done(struct login *login);

/*
 * evidence_check() at LOGIN_NOW_S of a token that lies where a sanitizer sees
 * each byte beyond it. Ends the program when a refusal touches the identity.
 */
enum evidence_result login_check(const struct login *login, const char *token,
    size_t size, const char **ret_detail);
