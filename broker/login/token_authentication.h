/*
 * One authentication by an access token: account and token -> keys -> judgement
 * -> groups -> verdict. It is no login at the issuer: nothing of it is kept in
 * the register, and the groups in force stay as they are.
 */
#pragma once

#include "broker/login/authentication.h"

struct token_authentication;

typedef void (*token_decided_fn)(
    const struct authentication_outcome *outcome, void *userdata);

/*
 * Begins one for an account of the register and a PAM service, under a realm
 * that it holds. Copies the token. decide is called once, never before this
 * returns; it may free the authentication. 0 or a negative errno.
 */
int token_authentication_new(struct broker *broker, struct realm *realm,
    const struct account *account, const char *service, const char *token,
    size_t size, token_decided_fn decide, void *userdata,
    struct token_authentication **ret_authentication);
struct token_authentication *token_authentication_free(
    struct token_authentication *authentication); /* accepts NULL */
