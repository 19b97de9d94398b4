#include "pam_module/token.h"

#include "pam_module/dialogue.h"
#include "pam_module/failure.h"

#include <security/pam_ext.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

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

static const char *
item(pam_handle_t *pamh, int type)
{
	const void *text = NULL;

	return pam_get_item(pamh, type, &text) == PAM_SUCCESS && text ? text
								      : "";
}

/* Where somebody sits: PostgreSQL names no terminal, and sshd one of its own. */
static bool
is_on_terminal(pam_handle_t *pamh)
{
	const char *tty = item(pamh, PAM_TTY);

	return tty[0] && strcmp(tty, "ssh") != 0;
}

/*
 * sudo fails the conversation when the answer is longer than it takes, and
 * says nothing of it. Its person can type a handle instead, or nothing; who
 * interrupted the first question interrupts this one too.
 */
static char *
ask_again(pam_handle_t *pamh)
{
	const char *service = item(pamh, PAM_SERVICE);
	char text[LOGIN_TEXT_SIZE];

	pam_syslog(pamh, LOG_NOTICE,
	    "the application handed over no answer at the token's prompt; if "
	    "the token is longer than it takes: portvakt handle --service %s "
	    "< token",
	    service);
	(void)snprintf(text, sizeof(text), FAILURE_NO_TOKEN_FORMAT, service);
	return dialogue_say(pamh, LOGIN_STYLE_ERROR, text) ? ask(pamh) : NULL;
}

int
token_take(pam_handle_t *pamh, struct token *ret_token)
{
	struct token token = {.text = given(pamh)};

	if (!token.text)
		token.text = token.typed = ask(pamh);
	if (!token.text && is_on_terminal(pamh)) {
		token.text = token.typed = ask_again(pamh);
		if (!token.text)
			return PAM_CONV_ERR;
	}
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
