/*
 * The shipped profile for pam-auth-update, in a stack as Debian writes it: who
 * is denied never reaches the next module, and local accounts reach it whatever
 * has become of the broker, or of the module itself.
 */
#include "tests/module/pam_stage.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What stands in pam_unix's place: it would let anybody in, or nobody. */
static const char next_says_yes[] = "pam_permit.so";
static const char next_says_no[] = "pam_deny.so";
static const char next_is_unix[] = "pam_unix.so nodelay";

/* The control of one section: "[success=end ...]". */
static void
read_control(const char *section, char *ret_control, size_t size)
{
	char path[4096], line[512], heading[64];
	const char *end;
	FILE *profile;

	(void)snprintf(path, sizeof(path), "%s/packaging/pam-configs/portvakt",
	    getenv("top_srcdir"));
	(void)snprintf(heading, sizeof(heading), "%s:\n", section);
	profile = fopen(path, "re");
	assert_non_null(profile);
	do
		assert_non_null(fgets(line, sizeof(line), profile));
	while (strcmp(line, heading) != 0);
	assert_non_null(fgets(line, sizeof(line), profile));
	(void)fclose(profile);
	assert_non_null(strstr(line, "]\tpam_portvakt.so\n"));
	end = strchr(line, ']') + 1;
	(void)snprintf(
	    ret_control, size, "%.*s", (int)(end - line - 1), line + 1);
}

/* pam-auth-update writes for "end" the way past pam_deny.so. */
static void
resolve_end(char *control)
{
	char *end = strstr(control, "success=end");

	assert_non_null(end);
	memcpy(end, "success=2  ", strlen("success=end"));
}

static void
add_primary(char *lines, size_t size, const char *type, const char *section,
    const char *module, const char *next)
{
	size_t used = strlen(lines);
	char control[256];

	read_control(section, control, sizeof(control));
	resolve_end(control);
	(void)snprintf(lines + used, size - used,
	    "%s %s %s\n"
	    "%s [success=1 default=ignore] %s\n"
	    "%s requisite pam_deny.so\n"
	    "%s required pam_permit.so\n",
	    type, control, module, type, next, type, type);
}

static void
use_profile(const char *module, const char *next)
{
	char lines[16384] = "", control[256];
	size_t used;

	add_primary(lines, sizeof(lines), "auth", "Auth", module, next);
	add_primary(lines, sizeof(lines), "account", "Account", module, next);
	read_control("Session", control, sizeof(control));
	used = strlen(lines);
	(void)snprintf(lines + used, sizeof(lines) - used,
	    "session required pam_permit.so\nsession %s %s\n", control, module);
	stage_service_lines(lines);
}

struct answer {
	enum login_phase phase;
	enum login_verdict verdict;
};

static void
answer_scene(int fd, const void *script)
{
	const struct answer *answer = script;

	scene_begin(fd, answer->phase);
	scene_done(fd, answer->verdict, "", "");
}

typedef int (*phase_fn)(pam_handle_t *pamh, int flags);

static int
call(const char *user, phase_fn phase)
{
	struct stage_person person = {.answers = {"guess", "guess"}};
	pam_handle_t *pamh = stage_start(user, &person);
	int code = phase(pamh, 0);

	stage_end(pamh);
	return code;
}

static int
call_answered(enum login_phase phase, enum login_verdict verdict, phase_fn fn)
{
	const struct answer answer = {.phase = phase, .verdict = verdict};
	int code;

	stage_broker(answer_scene, &answer);
	code = call("kari", fn);
	stage_broker_leave();
	return code;
}

static void
test_yes_needs_no_other_module(void **state)
{
	(void)state;
	use_profile(stage_module_path(), next_says_no);
	assert_int_equal(call_answered(LOGIN_PHASE_AUTHENTICATE, LOGIN_ALLOW,
			     pam_authenticate),
	    PAM_SUCCESS);
	assert_int_equal(
	    call_answered(LOGIN_PHASE_ACCOUNT, LOGIN_ALLOW, pam_acct_mgmt),
	    PAM_SUCCESS);
	assert_int_equal(call_answered(LOGIN_PHASE_OPEN_SESSION, LOGIN_ALLOW,
			     pam_open_session),
	    PAM_SUCCESS);
}

static void
test_no_never_reaches_the_next_module(void **state)
{
	static const enum login_verdict refusals[] = {LOGIN_DENY, LOGIN_OUTAGE,
	    LOGIN_MISCONFIGURED, LOGIN_NO_DIALOGUE, LOGIN_EXPIRED};
	size_t i;

	(void)state;
	use_profile(stage_module_path(), next_says_yes);
	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		assert_int_not_equal(call_answered(LOGIN_PHASE_AUTHENTICATE,
					 refusals[i], pam_authenticate),
		    PAM_SUCCESS);
		if (refusals[i] == LOGIN_OUTAGE)
			continue; /* the image decides */
		assert_int_not_equal(call_answered(LOGIN_PHASE_ACCOUNT,
					 refusals[i], pam_acct_mgmt),
		    PAM_SUCCESS);
	}
	assert_int_equal(call_answered(LOGIN_PHASE_OPEN_SESSION, LOGIN_DENY,
			     pam_open_session),
	    PAM_SESSION_ERR);
}

static void
test_no_broker_refuses_ours_and_nobody_else(void **state)
{
	(void)state;
	use_profile(stage_module_path(), next_says_yes);
	assert_int_equal(call("kari", pam_authenticate), PAM_AUTHINFO_UNAVAIL);
	assert_int_equal(call("kari", pam_acct_mgmt), PAM_SUCCESS);
	assert_int_equal(call("ola", pam_acct_mgmt), PAM_PERM_DENIED);
	assert_int_equal(call("kari", pam_open_session), PAM_SUCCESS);
	assert_int_equal(call("root", pam_authenticate), PAM_SUCCESS);
	assert_int_equal(call("root", pam_acct_mgmt), PAM_SUCCESS);
	assert_int_equal(call("root", pam_open_session), PAM_SUCCESS);
}

/* What root does during an incident, asked of a broker that answers nobody. */
static void
test_local_root_asks_no_broker(void **state)
{
	struct stage_person person = {0};
	pam_handle_t *pamh;

	(void)state;
	use_profile(stage_module_path(), next_says_yes);
	stage_broker_deaf();
	pamh = stage_start("root", &person);
	assert_int_equal(pam_authenticate(pamh, 0), PAM_SUCCESS);
	assert_int_equal(pam_acct_mgmt(pamh, 0), PAM_SUCCESS);
	assert_int_equal(pam_setcred(pamh, PAM_ESTABLISH_CRED), PAM_SUCCESS);
	assert_int_equal(pam_open_session(pamh, 0), PAM_SUCCESS);
	assert_int_equal(pam_close_session(pamh, 0), PAM_SUCCESS);
	stage_end(pamh);
	/* sshd authenticates in a child: here the chain is not frozen. */
	assert_int_equal(call("root", pam_setcred), PAM_SUCCESS);
	assert_false(stage_broker_was_called());
}

static void
test_without_the_module_local_accounts_log_in(void **state)
{
	(void)state;
	use_profile("/nowhere/pam_portvakt.so", next_says_yes);
	assert_int_equal(call("root", pam_authenticate), PAM_SUCCESS);
	assert_int_equal(call("root", pam_acct_mgmt), PAM_SUCCESS);
	assert_int_equal(call("root", pam_setcred), PAM_SUCCESS);
	assert_int_equal(call("root", pam_open_session), PAM_SUCCESS);
}

/* pam_unix finds a shadowed password and no shadow entry, and refuses. */
static void
test_without_the_module_ours_do_not(void **state)
{
	(void)state;
	use_profile("/nowhere/pam_portvakt.so", next_is_unix);
	assert_int_not_equal(call("kari", pam_authenticate), PAM_SUCCESS);
	assert_int_not_equal(call("kari", pam_acct_mgmt), PAM_SUCCESS);
}

/* sudo: kari is asked, then PAM_USER becomes root. */
static void
test_sudo_passes(void **state)
{
	const struct answer answer = {
	    .phase = LOGIN_PHASE_AUTHENTICATE, .verdict = LOGIN_ALLOW};
	struct stage_person person = {0};
	pam_handle_t *pamh;

	(void)state;
	use_profile(stage_module_path(), next_says_no);
	stage_broker(answer_scene, &answer);
	pamh = stage_start("kari", &person);
	assert_int_equal(pam_authenticate(pamh, PAM_SILENT), PAM_SUCCESS);
	stage_broker_leave();
	assert_int_equal(pam_acct_mgmt(pamh, PAM_SILENT), PAM_SUCCESS);
	assert_int_equal(pam_set_item(pamh, PAM_USER, "root"), PAM_SUCCESS);
	assert_int_equal(pam_setcred(pamh, PAM_REINITIALIZE_CRED), PAM_SUCCESS);
	assert_int_equal(pam_open_session(pamh, PAM_SILENT), PAM_SUCCESS);
	assert_int_equal(pam_close_session(pamh, PAM_SILENT), PAM_SUCCESS);
	stage_end(pamh);
}

#define CASE(f) cmocka_unit_test_setup(f, stage_reset)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_yes_needs_no_other_module),
	    CASE(test_no_never_reaches_the_next_module),
	    CASE(test_no_broker_refuses_ours_and_nobody_else),
	    CASE(test_local_root_asks_no_broker),
	    CASE(test_without_the_module_local_accounts_log_in),
	    CASE(test_without_the_module_ours_do_not),
	    CASE(test_sudo_passes),
	};

	if (!stage_enter()) {
		(void)puts("1..0 # SKIP no mount namespace of our own");
		return 0;
	}
	return cmocka_run_group_tests_name("pam_profile", tests, NULL, NULL);
}
