#include "pam_module/token.h"

#include <security/pam_ext.h>
#include <stdlib.h>
#include <string.h>

/* The item is PAM's, which wipes it in its time. */
static const char *
given(pam_handle_t *pamh)
{
	const void *item = NULL;

	return pam_get_item(pamh, PAM_AUTHTOK, &item) == PAM_SUCCESS ? item
								     : NULL;
}

/*
 * Not pam_get_authtok(), which would keep it for the modules after ours: a
 * token is nobody's password.
 */
static char *
ask(pam_handle_t *pamh)
{
	char *answer = NULL;

	if (pam_prompt(pamh, PAM_PROMPT_ECHO_OFF, &answer, "Token: ") ==
	    PAM_SUCCESS)
		return answer;
	if (answer)
		explicit_bzero(answer, strlen(answer));
	free(answer);
	return NULL;
}

int
token_take(pam_handle_t *pamh, struct token *ret_token)
{
	struct token token = {.text = given(pamh)};

	if (!token.text)
		token.text = token.typed = ask(pamh);
	if (!token.text)
		return PAM_AUTHTOK_ERR;
	if (!token.text[0]) {
		token_done(&token);
		return PAM_AUTH_ERR;
	}
	*ret_token = token;
	return PAM_SUCCESS;
}

void
token_done(struct token *token)
{
	if (token->typed)
		explicit_bzero(token->typed, strlen(token->typed));
	free(token->typed);
	*token = (struct token){NULL};
}
