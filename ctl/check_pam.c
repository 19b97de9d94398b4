#include "ctl/check_pam.h"

#include "ctl/pam_dispatch.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <security/_pam_types.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAM_DIR "/etc/pam.d"
#define OUR_MODULE "pam_portvakt.so"
#define REMEDY \
	"Write the line as pam_portvakt(8) has it, or run pam-auth-update."
#define OUR_MODULE_PATH PORTVAKT_PAMDIR "/" OUR_MODULE

static const char check[] = "pam";

/* What the modules that judge a person say; see also module_answers. */
struct scenario {
	int portvakt;
	int others; /* pam_unix and its like */
};

/* Modules whose answer does not hang on who the person is. */
static const struct {
	const char *module;
	int answer;
} module_answers[] = {
    {"pam_deny.so", PAM_AUTH_ERR},
    {"pam_permit.so", PAM_SUCCESS},
    {"pam_access.so", PAM_SUCCESS},
    {"pam_cap.so", PAM_SUCCESS},
    {"pam_env.so", PAM_SUCCESS},
    {"pam_faildelay.so", PAM_SUCCESS},
    {"pam_group.so", PAM_SUCCESS},
    {"pam_keyinit.so", PAM_SUCCESS},
    {"pam_limits.so", PAM_SUCCESS},
    {"pam_mail.so", PAM_SUCCESS},
    {"pam_motd.so", PAM_SUCCESS},
    {"pam_nologin.so", PAM_SUCCESS},
    {"pam_securetty.so", PAM_SUCCESS},
    {"pam_shells.so", PAM_SUCCESS},
    {"pam_time.so", PAM_SUCCESS},
    {"pam_umask.so", PAM_SUCCESS},
    /* These hang on a condition that is not met here. */
    {"pam_debug.so", PAM_IGNORE},
    {"pam_echo.so", PAM_IGNORE},
    {"pam_exec.so", PAM_IGNORE},
    {"pam_faillock.so", PAM_IGNORE},
    {"pam_gnome_keyring.so", PAM_IGNORE},
    {"pam_listfile.so", PAM_IGNORE},
    {"pam_rhosts.so", PAM_IGNORE},
    {"pam_rootok.so", PAM_IGNORE},
    {"pam_selinux.so", PAM_IGNORE},
    {"pam_sepermit.so", PAM_IGNORE},
    {"pam_succeed_if.so", PAM_IGNORE},
    {"pam_timestamp.so", PAM_IGNORE},
    {"pam_usertype.so", PAM_IGNORE},
    {"pam_warn.so", PAM_IGNORE},
    {"pam_wheel.so", PAM_IGNORE},
};

static int
answer(const char *module, const void *userdata)
{
	const struct scenario *scenario = userdata;
	size_t i;

	if (strcmp(module, OUR_MODULE) == 0)
		return scenario->portvakt;
	for (i = 0; i < sizeof(module_answers) / sizeof(module_answers[0]);
	     i++) {
		if (strcmp(module_answers[i].module, module) == 0)
			return module_answers[i].answer;
	}
	return scenario->others;
}

static bool
lets_in(const struct pam_stack *stack, int portvakt, int others)
{
	const struct scenario scenario = {portvakt, others};

	return pam_dispatch(stack, answer, &scenario) == PAM_SUCCESS;
}

/* The codes with which a person of ours is kept out. */
static bool
is_refusal(enum pam_stack_phase phase, int code)
{
	switch (code) {
	case PAM_SUCCESS:
	case PAM_NEW_AUTHTOK_REQD: /* the module never says this */
		return false;
	case PAM_IGNORE:
	case PAM_USER_UNKNOWN:
	case PAM_MODULE_UNKNOWN:
		/* Not about ours; but in auth nobody vouches for them either. */
		return phase == PAM_STACK_AUTH;
	default:
		return true;
	}
}

/*
 * In auth all the others refuse, for a person of ours has no other proof; in
 * account they have nothing against anybody.
 */
static bool
refusal_is_lost(const struct pam_stack *stack, enum pam_stack_phase phase)
{
	int others = phase == PAM_STACK_AUTH ? PAM_AUTH_ERR : PAM_SUCCESS;
	int code;

	for (code = 0; code < _PAM_RETURN_VALUES; code++) {
		if (is_refusal(phase, code) && lets_in(stack, code, others))
			return true;
	}
	return false;
}

/* The module says "unknown" of them at once, and asks no broker. */
static bool
local_people_stay_out(const struct pam_stack *stack)
{
	return !lets_in(stack, PAM_USER_UNKNOWN, PAM_SUCCESS);
}

/* Once per place: a file that many services include is one finding. */
static bool
is_reported(const struct check_report *report, const char *text)
{
	const json_t *finding;
	size_t i;

	json_array_foreach (report->findings, i, finding) {
		if (strcmp(json_string_value(json_object_get(finding, "text")),
			text) == 0)
			return true;
	}
	return false;
}

static void
report_place(struct check_report *report, enum check_level level,
    const char *place, const char *what, const char *remedy)
{
	char text[PATH_MAX + 256];

	(void)snprintf(text, sizeof(text), "%s: %s", place, what);
	if (!is_reported(report, text))
		check_report_add(report, level, check, remedy, "%s", text);
}

static bool
has_our_lines_alone(const struct pam_stack *stack)
{
	size_t i;

	for (i = 0; i < stack->count; i++) {
		if (strcmp(stack->lines[i].module, OUR_MODULE) != 0)
			return false;
	}
	return true;
}

/*
 * A service of tokens and nothing else, like PostgreSQL's: nobody of the
 * machine has one, so nobody is locked out there who ever came in.
 */
static bool
is_for_tokens(const struct pam_stack *auth)
{
	size_t i;

	if (!auth || !has_our_lines_alone(auth))
		return false;
	for (i = 0; i < auth->count; i++) {
		if (!auth->lines[i].has_token)
			return false;
	}
	return true;
}

/* for_tokens: see is_for_tokens(). */
static void
check_stack(const struct pam_stack *stack, enum pam_stack_phase phase,
    bool for_tokens, struct check_report *report)
{
	const struct pam_line *line = pam_stack_find(stack, OUR_MODULE);
	char what[128];

	if (refusal_is_lost(stack, phase)) {
		(void)snprintf(what, sizeof(what),
		    "whom portvakt refuses in %s is let in all the same",
		    pam_stack_phase_word(phase));
		report_place(report, CHECK_FAULT, line->place, what, REMEDY);
	}
	if (local_people_stay_out(stack) &&
	    !(for_tokens && has_our_lines_alone(stack))) {
		(void)snprintf(what, sizeof(what),
		    "local people, root too, cannot get past %s",
		    pam_stack_phase_word(phase));
		report_place(report, CHECK_FAULT, line->place, what, REMEDY);
	}
	if (line->has_arguments)
		report_place(report, CHECK_FAULT, line->place,
		    OUR_MODULE " has no such option and lets nobody in with it",
		    "Remove what stands after " OUR_MODULE ", but token.");
	else if (line->has_token && phase != PAM_STACK_AUTH)
		report_place(report, CHECK_FAULT, line->place,
		    "token is an option of auth and lets nobody in here",
		    "Remove what stands after " OUR_MODULE ".");
}

/*
 * With it pam_unix lets in whom it finds no shadow entry for. Ours have none,
 * and that is what refuses them where our module does not answer: it is not in
 * the stack, it is not installed, or the directory image is damaged.
 */
static void
check_broken_shadow(const struct pam_stack *stack, struct check_report *report)
{
	size_t i;

	for (i = 0; i < stack->count; i++) {
		const struct pam_line *line = &stack->lines[i];

		if (line->broken_shadow &&
		    strcmp(line->module, "pam_unix.so") == 0)
			report_place(report, CHECK_WARNING, line->place,
			    "broken_shadow lets a locked account in where "
			    "portvakt does not answer for it",
			    "Remove broken_shadow from the line.");
	}
}

/* Fills ret_stack only when the service asks our module in this phase. */
static void
read_stack(const char *root, const char *service, enum pam_stack_phase phase,
    struct check_report *report, struct pam_stack **ret_stack)
{
	struct pam_stack *stack;
	char place[PATH_MAX];
	int error;

	error = pam_stack_read(root, service, phase, &stack);
	if (error) {
		(void)snprintf(place, sizeof(place), PAM_DIR "/%s", service);
		report_place(report, CHECK_WARNING, place, strerror(-error),
		    "Repair the file or what it includes.");
		return;
	}
	if (phase == PAM_STACK_ACCOUNT)
		check_broken_shadow(stack, report);
	if (pam_stack_find(stack, OUR_MODULE))
		*ret_stack = stack;
	else
		(void)pam_stack_free(stack);
}

static void
check_companions(const char *service, bool account, bool session,
    struct check_report *report)
{
	if (!account)
		check_report_add(report, CHECK_WARNING, check,
		    "Add the account line of pam_portvakt(8).",
		    PAM_DIR "/%s: a lock is not seen where no password is "
			    "asked (SSH keys, cron)",
		    service);
	if (!session)
		check_report_add(report, CHECK_WARNING, check,
		    "Add the session line of pam_portvakt(8).",
		    PAM_DIR "/%s: the login's handle stays in the environment "
			    "and no session is recorded",
		    service);
}

static bool
check_service(
    const char *root, const char *service, struct check_report *report)
{
	struct pam_stack *auth = NULL, *account = NULL, *session = NULL;
	bool asks, for_tokens;

	read_stack(root, service, PAM_STACK_AUTH, report, &auth);
	read_stack(root, service, PAM_STACK_ACCOUNT, report, &account);
	read_stack(root, service, PAM_STACK_SESSION, report, &session);
	asks = auth || account;
	for_tokens = is_for_tokens(auth);
	if (auth)
		check_stack(auth, PAM_STACK_AUTH, for_tokens, report);
	if (account)
		check_stack(account, PAM_STACK_ACCOUNT, for_tokens, report);
	/* The files that Debian's services include are none themselves. */
	if (auth && strncmp(service, "common-", 7) != 0)
		check_companions(
		    service, account != NULL, session != NULL, report);
	(void)pam_stack_free(auth);
	(void)pam_stack_free(account);
	(void)pam_stack_free(session);
	return asks;
}

static int
is_service_file(const struct dirent *entry)
{
	return !strchr(entry->d_name, '.') && !strchr(entry->d_name, '~');
}

static void
check_services(const char *root, struct dirent *const *entries, int count,
    struct check_report *report)
{
	char asking[1024] = "";
	size_t used;
	int i;

	for (i = 0; i < count; i++) {
		const char *service = entries[i]->d_name;

		if (!check_service(root, service, report))
			continue;
		used = strlen(asking);
		(void)snprintf(
		    asking + used, sizeof(asking) - used, " %s", service);
	}
	if (*asking)
		check_report_add(report, CHECK_OK, check, NULL,
		    "these services ask portvakt:%s", asking);
	else
		check_report_add(report, CHECK_WARNING, check,
		    "Run pam-auth-update, or name " OUR_MODULE
		    " in the service's file; pam_portvakt(8) shows how.",
		    "no service in " PAM_DIR " asks portvakt");
}

static void
check_module(const char *root, struct check_report *report)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s%s", root, OUR_MODULE_PATH);
	if (access(path, R_OK) != 0)
		check_report_add(report, CHECK_FAULT, check,
		    "Install " OUR_MODULE " there.", "%s: %m", OUR_MODULE_PATH);
}

void
check_pam(const char *root, struct check_report *report)
{
	struct dirent **entries;
	char path[PATH_MAX];
	int count, i;

	check_module(root, report);
	(void)snprintf(path, sizeof(path), "%s" PAM_DIR, root);
	count = scandir(path, &entries, is_service_file, alphasort);
	if (count < 0) {
		check_report_add(
		    report, CHECK_FAULT, check, NULL, PAM_DIR ": %m");
		return;
	}
	check_services(root, entries, count, report);
	for (i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
}
