#include "ctl/check_pam.h"
#include "tests/unit/findings.h"
#include "tests/unit/root.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct machine {
	char root[ROOT_SIZE];
	struct check_report report;
};

static void
setup(struct machine *machine)
{
	root_make(machine->root);
	root_file(machine->root, PORTVAKT_PAMDIR "/pam_portvakt.so", 0644, "");
	assert_int_equal(check_report_init(&machine->report), 0);
}

static void
teardown(struct machine *machine)
{
	check_report_done(&machine->report);
	root_remove(machine->root);
}

static void
write_service(struct machine *machine, const char *name, const char *text)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "/etc/pam.d/%s", name);
	root_file(machine->root, path, 0644, text);
}

/* What pam-auth-update makes of packaging/pam-configs/portvakt. */
static void
write_debian(struct machine *machine)
{
	write_service(machine, "common-auth",
	    "auth [success=2 user_unknown=ignore module_unknown=ignore "
	    "default=die]\tpam_portvakt.so\n"
	    "auth [success=1 default=ignore] pam_unix.so nullok\n"
	    "auth requisite pam_deny.so\n"
	    "auth required pam_permit.so\n"
	    "auth optional pam_cap.so\n");
	write_service(machine, "common-account",
	    "account [success=2 user_unknown=ignore module_unknown=ignore "
	    "default=die]\tpam_portvakt.so\n"
	    "account [success=1 new_authtok_reqd=done default=ignore] "
	    "pam_unix.so\n"
	    "account requisite pam_deny.so\n"
	    "account required pam_permit.so\n");
	write_service(machine, "common-session",
	    "session [default=1] pam_permit.so\n"
	    "session requisite pam_deny.so\n"
	    "session required pam_permit.so\n"
	    "session [success=ok ignore=ignore module_unknown=ignore "
	    "default=die]\tpam_portvakt.so\n");
	write_service(machine, "sshd",
	    "@include common-auth\n"
	    "account required pam_nologin.so\n"
	    "@include common-account\n@include common-session\n");
	write_service(machine, "su",
	    "auth sufficient pam_rootok.so\n@include common-auth\n"
	    "@include common-account\n@include common-session\n");
	write_service(machine, "sshd.dpkg-old", "auth required nonsense\n");
}

static void
test_a_good_debian_has_no_findings(void **state)
{
	struct machine m;

	(void)state;
	setup(&m);
	write_debian(&m);
	check_pam(m.root, &m.report);
	findings_expect_counts(&m.report, 0, 0);
	findings_expect(&m.report, CHECK_OK,
	    "ask portvakt: common-account common-auth sshd su");
	teardown(&m);
}

static void
test_nobody_asks(void **state)
{
	struct machine m;

	(void)state;
	setup(&m);
	write_service(&m, "sshd", "auth required pam_unix.so\n");
	check_pam(m.root, &m.report);
	findings_expect_counts(&m.report, 0, 1);
	findings_expect(&m.report, CHECK_WARNING, "no service");
	teardown(&m);
}

static void
test_the_module_or_the_directory_is_missing(void **state)
{
	struct machine m;
	char empty[ROOT_SIZE];

	(void)state;
	setup(&m);
	root_make(empty);
	check_pam(empty, &m.report);
	findings_expect_counts(&m.report, 2, 0);
	findings_expect(&m.report, CHECK_FAULT, "pam_portvakt.so: No such");
	findings_expect(&m.report, CHECK_FAULT, "/etc/pam.d: No such");
	root_remove(empty);
	teardown(&m);
}

/* Each lets in whom portvakt refuses in auth. */
static void
test_finds_a_lost_refusal_in_auth(void **state)
{
	static const char *const stacks[] = {
	    "auth sufficient pam_portvakt.so\nauth required pam_permit.so\n",
	    "auth optional pam_portvakt.so\nauth required pam_env.so\n",
	    "auth [default=ignore] pam_portvakt.so\n"
	    "auth optional pam_permit.so\n",
	    "auth [success=1 default=ignore] pam_portvakt.so\n"
	    "auth required pam_permit.so\nauth required pam_permit.so\n",
	    "auth [success=done perm_denied=ignore default=die] "
	    "pam_portvakt.so\nauth required pam_permit.so\n",
	    "auth [success=done authinfo_unavail=1 default=die] "
	    "pam_portvakt.so\nauth required pam_deny.so\n"
	    "auth required pam_permit.so\n",
	};
	struct machine m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(stacks) / sizeof(stacks[0]); i++) {
		setup(&m);
		write_service(&m, "common-x", stacks[i]);
		check_pam(m.root, &m.report);
		findings_expect(&m.report, CHECK_FAULT,
		    "/etc/pam.d/common-x:1: whom portvakt refuses in auth");
		teardown(&m);
	}
}

static void
test_finds_a_lost_refusal_in_account(void **state)
{
	static const char *const stacks[] = {
	    "account sufficient pam_portvakt.so\n"
	    "account required pam_unix.so\n",
	    "account required pam_unix.so\n"
	    "account optional pam_portvakt.so\n",
	    "account sufficient pam_unix.so\n"
	    "account required pam_portvakt.so\n",
	    "account [success=1 default=ignore] pam_portvakt.so\n"
	    "account requisite pam_permit.so\n"
	    "account required pam_permit.so\n",
	};
	struct machine m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(stacks) / sizeof(stacks[0]); i++) {
		setup(&m);
		write_service(&m, "x", stacks[i]);
		check_pam(m.root, &m.report);
		findings_expect(
		    &m.report, CHECK_FAULT, "whom portvakt refuses in account");
		teardown(&m);
	}
}

static void
test_one_line_is_one_finding(void **state)
{
	struct machine m;

	(void)state;
	setup(&m);
	write_debian(&m);
	write_service(&m, "common-account",
	    "account sufficient pam_portvakt.so\n"
	    "account required pam_permit.so\n");
	check_pam(m.root, &m.report);
	findings_expect_counts(&m.report, 1, 0);
	findings_expect(&m.report, CHECK_FAULT, "/etc/pam.d/common-account:1:");
	teardown(&m);
}

static void
test_local_people_must_get_past_it(void **state)
{
	struct machine m;

	(void)state;
	setup(&m);
	write_debian(&m);
	write_service(&m, "login",
	    "auth requisite pam_portvakt.so\nauth required pam_unix.so\n"
	    "account required pam_portvakt.so\naccount required pam_unix.so\n"
	    "@include common-session\n");
	check_pam(m.root, &m.report);
	findings_expect_counts(&m.report, 2, 0);
	findings_expect(&m.report, CHECK_FAULT,
	    "/etc/pam.d/login:1: local people, root too, cannot get past auth");
	findings_expect(&m.report, CHECK_FAULT,
	    "/etc/pam.d/login:3: local people, root too");
	teardown(&m);
}

static void
test_the_module_has_no_options(void **state)
{
	struct machine m;

	(void)state;
	setup(&m);
	write_debian(&m);
	write_service(&m, "common-auth",
	    "auth [success=2 user_unknown=ignore default=die] pam_portvakt.so "
	    "debug\n"
	    "auth [success=1 default=ignore] pam_unix.so\n"
	    "auth requisite pam_deny.so\nauth required pam_permit.so\n");
	check_pam(m.root, &m.report);
	findings_expect_counts(&m.report, 1, 0);
	findings_expect(&m.report, CHECK_FAULT,
	    "/etc/pam.d/common-auth:1: pam_portvakt.so has no such");
	teardown(&m);
}

static void
test_token_is_an_option_of_auth(void **state)
{
	struct machine m;

	(void)state;
	setup(&m);
	write_debian(&m);
	write_service(&m, "common-auth",
	    "auth [success=2 user_unknown=ignore default=die] pam_portvakt.so "
	    "token\n"
	    "auth [success=1 default=ignore] pam_unix.so\n"
	    "auth requisite pam_deny.so\nauth required pam_permit.so\n");
	check_pam(m.root, &m.report);
	findings_expect_counts(&m.report, 0, 0);
	teardown(&m);

	setup(&m);
	write_debian(&m);
	write_service(&m, "common-account",
	    "account [success=2 user_unknown=ignore default=die] "
	    "pam_portvakt.so token\n"
	    "account [success=1 default=ignore] pam_unix.so\n"
	    "account requisite pam_deny.so\naccount required pam_permit.so\n");
	check_pam(m.root, &m.report);
	findings_expect_counts(&m.report, 1, 0);
	findings_expect(&m.report, CHECK_FAULT,
	    "/etc/pam.d/common-account:1: token is an option of auth");
	teardown(&m);
}

static void
write_example(struct machine *machine, const char *name, const char *path)
{
	char text[1024], from[512];
	size_t size;
	FILE *file;

	(void)snprintf(from, sizeof(from), "%s/%s", getenv("top_srcdir"), path);
	file = fopen(from, "r");
	assert_non_null(file);
	size = fread(text, 1, sizeof(text) - 1, file);
	(void)fclose(file);
	text[size] = '\0';
	assert_non_null(strstr(text, "pam_portvakt.so token"));
	write_service(machine, name, text);
}

static void
test_a_service_of_tokens_alone_is_as_it_should_be(void **state)
{
	struct machine m;

	(void)state;
	setup(&m);
	write_example(&m, "postgresql", "doc/examples/postgresql/pam");
	check_pam(m.root, &m.report);
	findings_expect_counts(&m.report, 0, 0);
	teardown(&m);

	/* Whose account phase asks others, or none, lets in whom they do. */
	setup(&m);
	write_service(&m, "postgresql",
	    "auth required pam_portvakt.so token\n"
	    "account required pam_portvakt.so\naccount required pam_unix.so\n"
	    "session required pam_portvakt.so\n");
	check_pam(m.root, &m.report);
	findings_expect_counts(&m.report, 1, 0);
	findings_expect(&m.report, CHECK_FAULT,
	    "/etc/pam.d/postgresql:2: local people, root too");
	teardown(&m);

	/* One that offers the login at the provider as well is for people. */
	setup(&m);
	write_service(&m, "su",
	    "auth sufficient pam_portvakt.so token\n"
	    "auth required pam_portvakt.so\naccount required pam_portvakt.so\n"
	    "session required pam_portvakt.so\n");
	check_pam(m.root, &m.report);
	findings_expect(&m.report, CHECK_FAULT, "cannot get past auth");
	findings_expect(&m.report, CHECK_FAULT, "cannot get past account");
	teardown(&m);
}

static void
test_a_broken_shadow_must_not_let_anybody_in(void **state)
{
	struct machine m;

	(void)state;
	setup(&m);
	write_debian(&m);
	write_service(&m, "common-account",
	    "account [success=2 user_unknown=ignore module_unknown=ignore "
	    "default=die]\tpam_portvakt.so\n"
	    "account [success=1 new_authtok_reqd=done default=ignore] "
	    "pam_unix.so debug broken_shadow\n"
	    "account requisite pam_deny.so\n"
	    "account required pam_permit.so\n");
	check_pam(m.root, &m.report);
	findings_expect_counts(&m.report, 0, 1);
	findings_expect(&m.report, CHECK_WARNING,
	    "/etc/pam.d/common-account:2: broken_shadow lets");
	findings_expect(&m.report, CHECK_WARNING, "Remove broken_shadow");
	teardown(&m);

	/* Nor where our module is not asked at all. */
	setup(&m);
	write_debian(&m);
	write_service(
	    &m, "cron", "account required pam_unix.so broken_shadow\n");
	check_pam(m.root, &m.report);
	findings_expect_counts(&m.report, 0, 1);
	findings_expect(
	    &m.report, CHECK_WARNING, "/etc/pam.d/cron:1: broken_shadow");
	teardown(&m);

	/* Elsewhere it means nothing. */
	setup(&m);
	write_debian(&m);
	write_service(&m, "common-account",
	    "account [success=2 user_unknown=ignore module_unknown=ignore "
	    "default=die]\tpam_portvakt.so\n"
	    "account [success=1 default=ignore] pam_unix.so "
	    "# broken_shadow\n"
	    "account requisite pam_deny.so\n"
	    "account required pam_permit.so broken_shadow\n");
	check_pam(m.root, &m.report);
	findings_expect_counts(&m.report, 0, 0);
	teardown(&m);
}

static void
test_account_and_session_belong_to_it(void **state)
{
	struct machine m;

	(void)state;
	setup(&m);
	write_debian(&m);
	write_service(&m, "common-account", "account required pam_unix.so\n");
	check_pam(m.root, &m.report);
	findings_expect_counts(&m.report, 0, 2);
	findings_expect(&m.report, CHECK_WARNING, "/etc/pam.d/sshd: a lock");
	findings_expect(&m.report, CHECK_WARNING, "/etc/pam.d/su: a lock");
	teardown(&m);

	setup(&m);
	write_debian(&m);
	write_service(&m, "common-session", "session required pam_permit.so\n");
	check_pam(m.root, &m.report);
	findings_expect_counts(&m.report, 0, 2);
	findings_expect(&m.report, CHECK_WARNING, "/etc/pam.d/sshd: the login");
	findings_expect(&m.report, CHECK_WARNING, "/etc/pam.d/su: the login");
	teardown(&m);
}

static void
test_says_what_it_could_not_read(void **state)
{
	struct machine m;

	(void)state;
	setup(&m);
	write_service(&m, "a", "@include b\n");
	write_service(&m, "b", "@include a\n");
	check_pam(m.root, &m.report);
	findings_expect(&m.report, CHECK_WARNING, "/etc/pam.d/a: Too many");
	teardown(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_good_debian_has_no_findings),
	    cmocka_unit_test(test_nobody_asks),
	    cmocka_unit_test(test_the_module_or_the_directory_is_missing),
	    cmocka_unit_test(test_finds_a_lost_refusal_in_auth),
	    cmocka_unit_test(test_finds_a_lost_refusal_in_account),
	    cmocka_unit_test(test_one_line_is_one_finding),
	    cmocka_unit_test(test_local_people_must_get_past_it),
	    cmocka_unit_test(test_the_module_has_no_options),
	    cmocka_unit_test(test_token_is_an_option_of_auth),
	    cmocka_unit_test(test_a_service_of_tokens_alone_is_as_it_should_be),
	    cmocka_unit_test(test_a_broken_shadow_must_not_let_anybody_in),
	    cmocka_unit_test(test_account_and_session_belong_to_it),
	    cmocka_unit_test(test_says_what_it_could_not_read),
	};

	return cmocka_run_group_tests_name("check_pam", tests, NULL, NULL);
}
