/*
 * The ways of asking an issuer for a token: what each puts into the form for
 * its token endpoint.
 */
#pragma once

#include "broker/token/post_form.h"
#include "broker/token/token_question.h"

#include <stdint.h>

/*
 * 0, -ENOMEM, or another negative errno with the remedy in *ret_problem: the
 * issuer's section is not good for this grant.
 */
typedef int (*token_grant_fn)(const struct token_question *question,
    const struct config_issuer *issuer, int64_t now_s, struct post_form *form,
    const char **ret_problem);

/* RFC 7523 section 2.1, as Maskinporten takes it: the assertion is all. */
int jwt_grant_fill(const struct token_question *question,
    const struct config_issuer *issuer, int64_t now_s, struct post_form *form,
    const char **ret_problem);

/* RFC 6749 section 4.4: machine tokens of everybody else. */
int client_credentials_fill(const struct token_question *question,
    const struct config_issuer *issuer, int64_t now_s, struct post_form *form,
    const char **ret_problem);

/* RFC 8693, as TokenX takes it. */
int token_exchange_fill(const struct token_question *question,
    const struct config_issuer *issuer, int64_t now_s, struct post_form *form,
    const char **ret_problem);

/*
 * Until when the token that is exchanged is good (seconds since 1970): its exp,
 * read as data, for who asks has verified it. 0, or -ENODATA when it does not
 * say.
 */
int token_exchange_ends(const char *user_token, int64_t *ret_ends_s);

/* The one for this question; NULL: this kind of issuer gives none. */
token_grant_fn token_grant_find(
    const struct token_question *question, const struct config_issuer *issuer);
