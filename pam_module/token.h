/*
 * What was given in place of a password: an access token, or a handle that
 * stands for one. Of the module that asked before ours, or else of the person.
 */
#pragma once

#include <security/pam_modules.h>

struct token {
	const char *text;
	char *typed; /* the same, when it is ours to free; or NULL */
};

/*
 * PAM_SUCCESS. PAM_AUTH_ERR: the answer was empty, so that the next line of the
 * stack has its turn. PAM_AUTHTOK_ERR: nobody answered, as PostgreSQL does the
 * first time; not a failure that anybody needs to hear of. On a terminal the
 * person is then told of handles and asked once more; PAM_CONV_ERR when that
 * fails as well.
 */
int token_take(pam_handle_t *pamh, struct token *ret_token);
void token_done(struct token *token); /* wipes */
