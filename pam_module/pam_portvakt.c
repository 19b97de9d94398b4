/*
 * pam_portvakt.so: auth, account and session for the accounts in the directory
 * image. For everybody else it says "unknown" at once and asks nobody. There
 * is no pam_sm_chauthtok: the accounts have no password on this machine, and
 * a password stack that names this module is a mistake that should show.
 */
#include "lib/paths.h"
#include "lib/strict_services.h"
#include "pam_module/dialogue.h"
#include "pam_module/failure.h"
#include "pam_module/person.h"
#include "pam_module/token.h"
#include "pam_module/verdict.h"

#include <errno.h>
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

/* Names of what stays with the handle. */
#define LOGIN_DATA "portvakt_login" /* NULL: this handle's login was ours */
#define SESSION_DATA "portvakt_session" /* a struct session */

enum { TOKEN_FAIL_DELAY_US = 1000000 };

/* From open_session to close_session, in one process. */
struct session {
	char user[NAME_MAX_SIZE];
	char handle[LOGIN_HANDLE_SIZE];
};

/* A session that cannot be recorded begins all the same: nothing to say. */
static int
give_up(pam_handle_t *pamh, enum login_phase phase)
{
	int code = verdict_pam_code(pamh, LOGIN_OUTAGE, phase);

	if (code != PAM_IGNORE)
		(void)dialogue_say(
		    pamh, LOGIN_STYLE_ERROR, failure_unavailable_text);
	return code;
}

/* "token", and on an auth line alone. */
static bool
takes_token(enum login_phase phase, int argc, const char **argv)
{
	return phase == LOGIN_PHASE_AUTHENTICATE && argc > 0 &&
	       strcmp(argv[0], "token") == 0;
}

/*
 * There are no other options: where the broker is and what it answers is not
 * for a service file to decide. Local accounts come before the complaint, so
 * that a slip of the pen locks out nobody who could correct it.
 */
static int
enter(pam_handle_t *pamh, enum login_phase phase, int argc, const char **argv,
    struct person *ret_person)
{
	int code, known = takes_token(phase, argc, argv) ? 1 : 0;

	if (argc > known)
		pam_syslog(pamh, LOG_ERR,
		    "unknown option %s: there is none but token, on an auth "
		    "line; remove it from the service's file in /etc/pam.d",
		    argv[known]);
	code = person_identify(pamh, ret_person);
	if (code == PAM_AUTHINFO_UNAVAIL)
		return give_up(pamh, phase);
	if (code == PAM_SUCCESS && argc > known)
		return PAM_SERVICE_ERR;
	return code;
}

static void
drop_handle(pam_handle_t *pamh)
{
	/* Without the question PAM logs an error for what is not there. */
	if (pam_getenv(pamh, LOGIN_HANDLE_ENV))
		(void)pam_putenv(pamh, LOGIN_HANDLE_ENV);
}

static int
keep_login(pam_handle_t *pamh, const char *handle)
{
	char variable[sizeof(LOGIN_HANDLE_ENV "=") + LOGIN_HANDLE_SIZE] =
	    LOGIN_HANDLE_ENV "=";
	int code;

	code = pam_set_data(pamh, LOGIN_DATA, NULL, NULL);
	if (code != PAM_SUCCESS || !handle[0])
		return code;
	memcpy(variable + strlen(variable), handle, strlen(handle) + 1);
	return pam_putenv(pamh, variable);
}

/* "" when there is none, or when it is none of ours: the broker decides. */
static void
read_handle(pam_handle_t *pamh, char ret_handle[static LOGIN_HANDLE_SIZE])
{
	const char *handle = pam_getenv(pamh, LOGIN_HANDLE_ENV);

	ret_handle[0] = '\0';
	if (handle && login_handle_is_valid(handle))
		memcpy(ret_handle, handle, strlen(handle) + 1);
}

/* token NULL: the broker has the person log in at the provider. */
static int
log_in(pam_handle_t *pamh, const struct person *person, const char *token)
{
	const struct dialogue_call call = {
	    LOGIN_PHASE_AUTHENTICATE, person->name, "", token};
	char handle[LOGIN_HANDLE_SIZE];
	enum login_verdict verdict;
	int code;

	verdict = dialogue_run(pamh, &call, handle);
	if (verdict == LOGIN_ALLOW) {
		code = keep_login(pamh, handle);
		if (code != PAM_SUCCESS)
			return code;
	}
	return verdict_pam_code(pamh, verdict, LOGIN_PHASE_AUTHENTICATE);
}

/* Who guesses waits after each of them, as PAM has it. */
static int
log_in_with_token(pam_handle_t *pamh, const struct person *person)
{
	__attribute__((cleanup(token_done))) struct token token = {NULL};
	int code;

	code = token_take(pamh, &token);
	if (code != PAM_SUCCESS)
		return code;
	(void)pam_fail_delay(pamh, TOKEN_FAIL_DELAY_US);
	return log_in(pamh, person, token.text);
}

int
pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct person person;
	int code;

	(void)flags;
	drop_handle(pamh);
	code = enter(pamh, LOGIN_PHASE_AUTHENTICATE, argc, argv, &person);
	if (code != PAM_SUCCESS)
		return code;
	return takes_token(LOGIN_PHASE_AUTHENTICATE, argc, argv)
		   ? log_in_with_token(pamh, &person)
		   : log_in(pamh, &person, NULL);
}

/*
 * There is nothing to set: the groups come from the name service. Where this
 * handle's login was ours the answer stays yes, whoever PAM_USER has become:
 * sudo makes it the target, and PAM counts each module of the frozen chain as
 * required. Where there was none (sshd logs in with a key, or in a child) the
 * answer about others is authenticate's, so that the chain takes its branch.
 */
int
pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct person person;
	const void *unused;

	(void)flags;
	if (pam_get_data(pamh, LOGIN_DATA, &unused) == PAM_SUCCESS)
		return PAM_SUCCESS;
	return enter(pamh, LOGIN_PHASE_AUTHENTICATE, argc, argv, &person);
}

/* Who cannot be told is taken for one that asks for something. */
static bool
is_strict(pam_handle_t *pamh)
{
	const void *service = NULL;
	bool found = true;
	int error = -EINVAL;

	if (pam_get_item(pamh, PAM_SERVICE, &service) == PAM_SUCCESS && service)
		error = strict_services_has(
		    PORTVAKT_STRICT_SERVICES, service, &found);
	if (error)
		pam_syslog(pamh, LOG_ERR,
		    "%s: %s; look at systemctl status portvaktd, which writes "
		    "it",
		    PORTVAKT_STRICT_SERVICES, strerrordesc_np(-error));
	return found;
}

/* The broker is silent, and the person may hold an SSH key: what is known? */
static int
decide_from_image(pam_handle_t *pamh, const struct person *person)
{
	if (is_strict(pamh)) {
		pam_syslog(pamh, LOG_WARNING,
		    "%s is refused: the service asks for what only the broker "
		    "can tell",
		    person->name);
		(void)dialogue_say(
		    pamh, LOGIN_STYLE_ERROR, failure_strict_text);
		return PAM_PERM_DENIED;
	}
	pam_syslog(pamh, LOG_WARNING,
	    "the directory image decides about %s: the account %s",
	    person->name, person->may_log_in ? "may log in" : "is locked");
	if (person->may_log_in)
		return PAM_SUCCESS;
	(void)dialogue_say(pamh, LOGIN_STYLE_ERROR, failure_locked_text);
	return PAM_PERM_DENIED;
}

int
pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	char handle[LOGIN_HANDLE_SIZE], unused[LOGIN_HANDLE_SIZE];
	struct dialogue_call call = {.phase = LOGIN_PHASE_ACCOUNT};
	enum login_verdict verdict;
	struct person person;
	int code;

	(void)flags;
	code = enter(pamh, LOGIN_PHASE_ACCOUNT, argc, argv, &person);
	if (code != PAM_SUCCESS)
		return code;
	read_handle(pamh, handle);
	call.user = person.name;
	call.handle = handle;
	verdict = dialogue_run(pamh, &call, unused);
	if (verdict == LOGIN_OUTAGE)
		return decide_from_image(pamh, &person);
	return verdict_pam_code(pamh, verdict, LOGIN_PHASE_ACCOUNT);
}

static void
session_free(pam_handle_t *pamh, void *data, int status)
{
	(void)pamh;
	(void)status;
	free(data);
}

static int
keep_session(pam_handle_t *pamh, const char *user, const char *handle)
{
	struct session *session = calloc(1, sizeof(*session));
	int code;

	if (!session)
		return PAM_BUF_ERR;
	memcpy(session->user, user, strlen(user) + 1);
	memcpy(session->handle, handle, strlen(handle) + 1);
	code = pam_set_data(pamh, SESSION_DATA, session, session_free);
	if (code != PAM_SUCCESS)
		free(session);
	return code;
}

/*
 * The handle leaves the environment first, whoever it is about: sudo opens
 * the session of another user than it authenticated, and what stays there
 * reaches the person's shell.
 */
int
pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	char handle[LOGIN_HANDLE_SIZE], opened[LOGIN_HANDLE_SIZE];
	struct dialogue_call call = {.phase = LOGIN_PHASE_OPEN_SESSION};
	enum login_verdict verdict;
	struct person person;
	int code;

	(void)flags;
	read_handle(pamh, handle);
	drop_handle(pamh);
	code = enter(pamh, LOGIN_PHASE_OPEN_SESSION, argc, argv, &person);
	if (code == PAM_USER_UNKNOWN)
		return PAM_IGNORE;
	if (code != PAM_SUCCESS)
		return code;
	call.user = person.name;
	call.handle = handle;
	verdict = dialogue_run(pamh, &call, opened);
	if (verdict == LOGIN_ALLOW) {
		code = keep_session(pamh, person.name, opened);
		if (code != PAM_SUCCESS)
			return code;
	}
	return verdict_pam_code(pamh, verdict, LOGIN_PHASE_OPEN_SESSION);
}

/* Nothing that the broker says can keep a session open. */
int
pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct dialogue_call call = {.phase = LOGIN_PHASE_CLOSE_SESSION};
	char unused[LOGIN_HANDLE_SIZE];
	const struct session *session;
	const void *data;

	(void)flags;
	(void)argc;
	(void)argv;
	if (pam_get_data(pamh, SESSION_DATA, &data) != PAM_SUCCESS)
		return PAM_IGNORE;
	session = data;
	call.user = session->user;
	call.handle = session->handle;
	(void)dialogue_run(pamh, &call, unused);
	return PAM_SUCCESS;
}
