#include "pam_module/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/*
 * Applications read these codes differently, and the columns are chosen by
 * what they then do (sudo 1.9, OpenSSH 9, shadow's and util-linux' login, su):
 *
 * - sudo asks again, three times in all, after PAM_AUTH_ERR, PERM_DENIED,
 *   AUTHINFO_UNAVAIL and MAXTRIES; any other code ends it. util-linux' login
 *   asks for a new name after AUTH_ERR, USER_UNKNOWN, CRED_INSUFFICIENT and
 *   AUTHINFO_UNAVAIL and leaves otherwise; shadow's leaves after MAXTRIES and
 *   ABORT. Then getty clears the screen, and the reason with it. su never asks
 *   twice.
 * - So a denial is CRED_INSUFFICIENT: final in sudo, and login keeps the
 *   reason on the screen. Where nobody approved in time another try may help:
 *   AUTH_ERR. An outage keeps the code that PAM has for it, but to sudo, which
 *   would say "Sorry, try again", as of a wrong password, and ask again: there
 *   it is CRED_UNAVAIL, which ends it.
 * - An ssh client comes back twice, and only MAXTRIES makes sshd stop: "do not
 *   try again" is what it means.
 * - The account phase has no second try: PERM_DENIED.
 * - The broker's record of a session must not stop a person whom the account
 *   phase let in: where it cannot be taken, the session column ignores.
 */
static const struct codes {
	enum login_verdict verdict;
	int authenticate;
	int authenticate_sshd;
	int account;
	int session;
} table[] = {
    {LOGIN_ALLOW, PAM_SUCCESS, PAM_SUCCESS, PAM_SUCCESS, PAM_SUCCESS},
    {LOGIN_DENY, PAM_CRED_INSUFFICIENT, PAM_MAXTRIES, PAM_PERM_DENIED,
	PAM_SESSION_ERR},
    {LOGIN_UNKNOWN_USER, PAM_USER_UNKNOWN, PAM_USER_UNKNOWN, PAM_USER_UNKNOWN,
	PAM_SESSION_ERR},
    {LOGIN_OUTAGE, PAM_AUTHINFO_UNAVAIL, PAM_MAXTRIES, PAM_AUTHINFO_UNAVAIL,
	PAM_IGNORE},
    {LOGIN_MISCONFIGURED, PAM_SERVICE_ERR, PAM_MAXTRIES, PAM_SERVICE_ERR,
	PAM_IGNORE},
    {LOGIN_NO_DIALOGUE, PAM_CONV_ERR, PAM_MAXTRIES, PAM_PERM_DENIED,
	PAM_SESSION_ERR},
    {LOGIN_EXPIRED, PAM_AUTH_ERR, PAM_AUTH_ERR, PAM_PERM_DENIED,
	PAM_SESSION_ERR},
};

/* Whatever its service is called: sshd names its terminal so. */
static bool
is_sshd(pam_handle_t *pamh)
{
	const void *tty = NULL;

	return pam_get_item(pamh, PAM_TTY, &tty) == PAM_SUCCESS && tty &&
	       strcmp(tty, "ssh") == 0;
}

/* sudo, sudo -i and sudoedit: all go by these two names. */
static bool
is_sudo(pam_handle_t *pamh)
{
	const void *service = NULL;

	return pam_get_item(pamh, PAM_SERVICE, &service) == PAM_SUCCESS &&
	       service &&
	       (strcmp(service, "sudo") == 0 || strcmp(service, "sudo-i") == 0);
}

static int
authenticate_code(const struct codes *codes, pam_handle_t *pamh)
{
	if (is_sshd(pamh))
		return codes->authenticate_sshd;
	if (codes->verdict == LOGIN_OUTAGE && is_sudo(pamh))
		return PAM_CRED_UNAVAIL;
	return codes->authenticate;
}

static int
code_of(const struct codes *codes, pam_handle_t *pamh, enum login_phase phase)
{
	switch (phase) {
	case LOGIN_PHASE_AUTHENTICATE:
		return authenticate_code(codes, pamh);
	case LOGIN_PHASE_ACCOUNT:
		return codes->account;
	case LOGIN_PHASE_OPEN_SESSION:
	case LOGIN_PHASE_CLOSE_SESSION:
		return codes->session;
	}
	return PAM_PERM_DENIED;
}

int
verdict_pam_code(
    pam_handle_t *pamh, enum login_verdict verdict, enum login_phase phase)
{
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].verdict == verdict)
			return code_of(&table[i], pamh, phase);
	}
	return PAM_PERM_DENIED;
}
