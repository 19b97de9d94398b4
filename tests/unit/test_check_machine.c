/* The checks that read a file or two: nsswitch, local login, sshd, broker. */
#include "broker/directory/directory_builder.h"
#include "ctl/check_broker.h"
#include "ctl/check_directory.h"
#include "ctl/check_local_login.h"
#include "ctl/check_local_names.h"
#include "ctl/check_nsswitch.h"
#include "ctl/check_sshd.h"
#include "tests/unit/findings.h"
#include "tests/unit/root.h"
#include "tests/unit/unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct machine {
	char root[ROOT_SIZE];
	struct check_report report;
};

static void
setup(struct machine *m)
{
	root_make(m->root);
	assert_int_equal(check_report_init(&m->report), 0);
}

static void
teardown(struct machine *m)
{
	check_report_done(&m->report);
	root_remove(m->root);
}

static void
test_nsswitch(void **state)
{
	struct machine m;

	(void)state;
	setup(&m);
	root_file(m.root, PORTVAKT_NSSDIR "/libnss_portvakt.so.2", 0644, "");
	root_file(m.root, "/etc/nsswitch.conf", 0644,
	    "passwd: files portvakt\ngroup: files portvakt\n");
	check_nsswitch(m.root, &m.report);
	findings_expect_counts(&m.report, 0, 0);
	findings_expect(&m.report, CHECK_OK, "nsswitch.conf:2: group");
	teardown(&m);

	setup(&m);
	root_file(m.root, "/etc/nsswitch.conf", 0644,
	    "passwd: files\n\ngroup: portvakt files\ninitgroups: files\n");
	check_nsswitch(m.root, &m.report);
	findings_expect_counts(&m.report, 4, 0);
	findings_expect(&m.report, CHECK_FAULT,
	    "/etc/nsswitch.conf:1: passwd does not ask portvakt");
	findings_expect(
	    &m.report, CHECK_FAULT, "Write: passwd: files portvakt");
	findings_expect(&m.report, CHECK_FAULT,
	    "/etc/nsswitch.conf:3: group asks portvakt before");
	findings_expect(&m.report, CHECK_FAULT, "initgroups does not ask");
	findings_expect(
	    &m.report, CHECK_FAULT, "libnss_portvakt.so.2: No such");
	teardown(&m);

	setup(&m);
	root_file(m.root, PORTVAKT_NSSDIR "/libnss_portvakt.so.2", 0644, "");
	root_file(m.root, "/etc/nsswitch.conf", 0644,
	    "passwd: files portvakt\ngroup: files portvakt\n"
	    "initgroups: files portvakt\n");
	check_nsswitch(m.root, &m.report);
	findings_expect_counts(&m.report, 1, 0);
	findings_expect(&m.report, CHECK_FAULT, ":3: initgroups does not ask");
	findings_expect(&m.report, CHECK_FAULT, "Delete the line");
	teardown(&m);

	setup(&m);
	root_file(m.root, PORTVAKT_NSSDIR "/libnss_portvakt.so.2", 0644, "");
	root_file(m.root, "/etc/nsswitch.conf", 0644,
	    "passwd: files portvakt\ngroup: files portvakt\n");
	root_file(m.root, "/run/nscd/socket", 0666, "");
	check_nsswitch(m.root, &m.report);
	findings_expect_counts(&m.report, 1, 0);
	findings_expect(&m.report, CHECK_FAULT, "nscd answers in place of");
	teardown(&m);

	setup(&m);
	check_nsswitch(m.root, &m.report);
	findings_expect_counts(&m.report, 1, 0);
	findings_expect(&m.report, CHECK_FAULT, "No such file");
	teardown(&m);
}

/* Generation 42, with kari. */
static void
publish(const struct machine *m, char ret_path[static ROOT_SIZE + 16])
{
	struct directory_builder *builder;
	uint32_t user;

	(void)snprintf(ret_path, ROOT_SIZE + 16, "%s/directory", m->root);
	assert_int_equal(directory_builder_new(42, false, &builder), 0);
	assert_int_equal(directory_builder_user(builder, "kari", 1900000001,
			     "Kari", "/home/kari", "/bin/sh", true, &user),
	    0);
	assert_int_equal(directory_builder_publish(builder, ret_path), 0);
	(void)directory_builder_free(builder);
}

static void
test_directory_that_is_whole(void **state)
{
	char path[ROOT_SIZE + 16];
	struct machine m;

	(void)state;
	setup(&m);
	publish(&m, path);
	check_directory(path, &m.report);
	findings_expect(&m.report, CHECK_OK, "generation 42, 1 accounts");
	teardown(&m);
}

struct images {
	char public[ROOT_SIZE + 16];
	char restricted[ROOT_SIZE + 24];
};

/* Both, of generation 42, with nobody; afterwards the public one of another. */
static void
publish_both(
    const struct machine *m, uint64_t generation, struct images *ret_images)
{
	struct directory_builder *builder, *restricted;

	(void)snprintf(ret_images->public, sizeof(ret_images->public),
	    "%s/directory", m->root);
	(void)snprintf(ret_images->restricted, sizeof(ret_images->restricted),
	    "%s/directory.restricted", m->root);
	assert_int_equal(directory_builder_new(42, false, &builder), 0);
	assert_int_equal(directory_builder_new_restricted(42, &restricted), 0);
	assert_int_equal(
	    directory_builder_publish_both(builder, ret_images->public,
		restricted, ret_images->restricted),
	    0);
	(void)directory_builder_free(builder);
	(void)directory_builder_free(restricted);
	if (generation == 42)
		return;
	assert_int_equal(directory_builder_new(generation, false, &builder), 0);
	assert_int_equal(
	    directory_builder_publish(builder, ret_images->public), 0);
	(void)directory_builder_free(builder);
}

static void
expect_restricted(struct machine *m, const struct images *images,
    enum check_level level, const char *part)
{
	check_directory_restricted(
	    images->restricted, images->public, &m->report);
	findings_expect(&m->report, level, part);
	findings_expect_counts(&m->report, level == CHECK_FAULT, 0);
	teardown(m);
}

static void
test_directory_restricted(void **state)
{
	struct images images;
	struct machine m;

	(void)state;
	setup(&m);
	publish_both(&m, 42, &images);
	expect_restricted(&m, &images, CHECK_OK, "0 people in restricted");

	setup(&m);
	publish_both(&m, 43, &images);
	expect_restricted(
	    &m, &images, CHECK_FAULT, "generation 42, the public image of 43");

	setup(&m);
	publish_both(&m, 42, &images);
	assert_int_equal(chmod(images.restricted, 0640), 0);
	expect_restricted(&m, &images, CHECK_FAULT, "has mode 0600");

	setup(&m);
	publish_both(&m, 42, &images);
	assert_int_equal(unlink(images.restricted), 0);
	expect_restricted(&m, &images, CHECK_FAULT,
	    "No such file or directory: nobody is in a restricted group");

	/* One is not the other. */
	setup(&m);
	publish_both(&m, 42, &images);
	assert_int_equal(chmod(images.public, 0600), 0);
	assert_int_equal(rename(images.public, images.restricted), 0);
	expect_restricted(&m, &images, CHECK_FAULT, "not an image");
}

static void
test_directory_that_is_none(void **state)
{
	struct machine m;
	char path[ROOT_SIZE + 16];

	(void)state;
	setup(&m);
	(void)snprintf(path, sizeof(path), "%s/directory", m.root);
	check_directory(path, &m.report);
	findings_expect(&m.report, CHECK_FAULT, "directory: No such file");
	root_file(m.root, "/directory", 0644, "rubbish");
	check_directory(path, &m.report);
	findings_expect(&m.report, CHECK_FAULT, "not an image");
	findings_expect_counts(&m.report, 2, 0);
	teardown(&m);
}

static void
judge_names(
    const char *passwd, const char *group, size_t faults, const char *part)
{
	char path[ROOT_SIZE + 16];
	struct machine m;

	setup(&m);
	publish(&m, path);
	root_file(m.root, "/etc/passwd", 0644, passwd);
	root_file(m.root, "/etc/group", 0644, group);
	check_local_names(m.root, path, &m.report);
	findings_expect_counts(&m.report, faults, 0);
	findings_expect(&m.report, faults ? CHECK_FAULT : CHECK_OK, part);
	teardown(&m);
}

static void
test_local_names(void **state)
{
	(void)state;
	judge_names("root:x:0:0::/root:/bin/sh\nkari2:x:1000:1000::/:/bin/sh\n",
	    "root:x:0:\nadm:x:4:kari\n", 0, "no local account");
	judge_names("kari:x:1000:1000::/:/bin/sh\n", "kari2:x:1000:\n", 1,
	    "/etc/passwd: the user kari has a name of ours");
	judge_names("kari:x:1900000001:1000::/:/bin/sh\n", "", 1,
	    "portvaktctl account remove");
	judge_names("", "kari:x:1000:\n", 1,
	    "/etc/group: the group kari has a name of ours");
	judge_names("per:x:1900000001:1000::/:/bin/sh\n", "", 1,
	    "the user per has the number 1900000001 of our kari");
	judge_names("", "per:x:1900000001:\n", 1, "groupmod -g");
}

static void
test_local_names_that_cannot_be_compared(void **state)
{
	char path[ROOT_SIZE + 16];
	struct machine m;

	(void)state;
	setup(&m);
	check_local_names(m.root, "/nonexistent/directory", &m.report);
	assert_int_equal(json_array_size(m.report.findings), 0);
	publish(&m, path);
	check_local_names(m.root, path, &m.report);
	findings_expect_counts(&m.report, 0, 2);
	teardown(&m);
}

static void
judge_login(const char *passwd, const char *shadow, const char *group,
    enum check_level level, const char *part)
{
	struct machine m;

	setup(&m);
	root_file(m.root, "/etc/passwd", 0644, passwd);
	root_file(m.root, "/etc/shadow", 0600, shadow);
	root_file(m.root, "/etc/group", 0644, group);
	check_local_login(m.root, &m.report);
	findings_expect(&m.report, level, part);
	teardown(&m);
}

static void
test_local_login(void **state)
{
	static const char passwd[] = "root:x:0:0::/root:/bin/bash\n"
				     "daemon:x:1:1::/:/usr/sbin/nologin\n"
				     "vakt:x:1000:1000::/home/vakt:/bin/bash\n";

	(void)state;
	judge_login(
	    passwd, "root:$y$j9T$x:1::::::\n", "", CHECK_OK, "root can log in");
	judge_login(passwd, "root:!:1::::::\nvakt:$6$x:1::::::\n",
	    "sudo:x:27:ola,vakt\n", CHECK_OK, "vakt can log in");
	judge_login(passwd, "root:*:1::::::\nvakt:$6$x:1::::::\n",
	    "wheel:x:1000:\n", CHECK_OK, "vakt can log in");
	judge_login(passwd, "root:!:1::::::\nvakt:$6$x:1::::::\n",
	    "sudo:x:27:ola\nusers:x:100:vakt\n", CHECK_FAULT, "nobody local");
	judge_login(passwd, "root:!$6$x:1::::::\nvakt:!:1::::::\n",
	    "sudo:x:27:vakt\n", CHECK_FAULT, "nobody local");
	judge_login(passwd, "root::1::::::\n", "", CHECK_FAULT, "nobody local");
	judge_login("root:x:0:0::/root:/usr/sbin/nologin\n",
	    "root:$6$x:1::::::\n", "", CHECK_FAULT, "nobody local");
	judge_login(
	    "rubbish\n\n:::\n", ":\n", ":::\n", CHECK_FAULT, "nobody local");
}

static void
test_local_login_that_cannot_be_seen(void **state)
{
	struct machine m;

	(void)state;
	setup(&m);
	check_local_login(m.root, &m.report);
	findings_expect_counts(&m.report, 0, 1);
	teardown(&m);
}

static void
judge_sshd(
    const char *settings, int64_t timeout_s, size_t warnings, const char *part)
{
	struct check_report report;

	assert_int_equal(check_report_init(&report), 0);
	check_sshd_settings(settings, timeout_s, &report);
	findings_expect_counts(&report, 0, warnings);
	findings_expect(&report, warnings ? CHECK_WARNING : CHECK_OK, part);
	check_report_done(&report);
}

#define SSHD "port 22\nusepam yes\nkbdinteractiveauthentication yes\n"

static void
test_sshd(void **state)
{
	(void)state;
	judge_sshd(SSHD "logingracetime 120\n", 120, 0, "sshd asks PAM");
	judge_sshd(SSHD "logingracetime 0\n", 300, 0, "sshd asks PAM");
	judge_sshd(SSHD "logingracetime 300\n", 0, 0, "sshd asks PAM");
	judge_sshd(SSHD "logingracetime 299\n", 0, 1, "for a person for 300");
	judge_sshd(SSHD "passwordauthentication no\n", 300, 0, "sshd asks PAM");
	judge_sshd(SSHD "passwordauthentication yes\n", 300, 1,
	    "wait blind at a password prompt");
	judge_sshd(SSHD "logingracetime 119\n", 120, 1, "after 119 seconds");
	judge_sshd("usepam no\nkbdinteractiveauthentication yes\n", 1, 1,
	    "usepam is no");
	judge_sshd("xusepam yes\nusepam yes\n"
		   "kbdinteractiveauthentication no\n",
	    1, 1, "kbdinteractiveauthentication is no");
	judge_sshd("", 1, 2, "usepam is not known");
}

static void
judge_sshd_refusal(const char *output, bool root, const char *part)
{
	struct check_report report;

	assert_int_equal(check_report_init(&report), 0);
	check_sshd_refusal(output, root, &report);
	findings_expect_counts(&report, 0, 1);
	findings_expect(&report, CHECK_WARNING, part);
	check_report_done(&report);
}

static void
test_sshd_refuses(void **state)
{
	static const char *const missing =
	    "Missing privilege separation directory: /run/sshd\nmore\n";

	(void)state;
	judge_sshd_refusal(
	    missing, true, "systemctl start ssh makes /run/sshd");
	judge_sshd_refusal(missing, true, "settings: Missing privilege");
	judge_sshd_refusal("sshd: no hostkeys available -- exiting.\n", false,
	    "Run portvaktctl check as root");
	judge_sshd_refusal(
	    "/etc/ssh/sshd_config: line 3: Bad\n", true, "line 3: Bad");
	judge_sshd_refusal("line 3: Bad\n", true, "sshd -t");
}

static void
judge_broker(const char *status, const char *issuer, size_t faults,
    size_t warnings, const char *part)
{
	json_t *result = json_loads(status ? status : issuer, 0, NULL);
	struct check_report report;

	assert_non_null(result);
	assert_int_equal(check_report_init(&report), 0);
	if (status)
		check_broker_status(result, &report);
	else
		check_broker_issuers(result, &report);
	findings_expect_counts(&report, faults, warnings);
	findings_expect(&report,
	    faults     ? CHECK_FAULT
	    : warnings ? CHECK_WARNING
		       : CHECK_OK,
	    part);
	json_decref(result);
	check_report_done(&report);
}

#define ISSUERS "\"issuers\":[{}],"

static void
test_broker(void **state)
{
	(void)state;
	judge_broker("{\"version\":\"7\"," ISSUERS
		     "\"config\":{\"error\":null}}",
	    NULL, 0, 0, "portvaktd 7 answers");
	judge_broker("{" ISSUERS
		     "\"config\":{\"error\":\"portvakt.conf:3: no\"}}",
	    NULL, 0, 1, "portvakt.conf:3: no");
	judge_broker("{\"issuers\":[],\"config\":{\"error\":\"no file\"}}",
	    NULL, 1, 0, "lets nobody in: no file");
	judge_broker("{\"issuers\":[{}],\"config\":{\"error\":\"\"}}", NULL, 0,
	    0, "answers");
	judge_broker(
	    "{" ISSUERS "\"fetcher\":false}", NULL, 1, 0, "portvakt-fetch");
	judge_broker("{" ISSUERS "\"fetcher\":true}", NULL, 0, 0, "answers");
	judge_broker(
	    "{" ISSUERS "\"left_out\":2}", NULL, 1, 0, "not published");
	judge_broker("{" ISSUERS "\"left_out\":0}", NULL, 0, 0, "answers");
	judge_broker("{" ISSUERS "\"person_keys\":false}", NULL, 1, 0,
	    "person.keys cannot be used");
	judge_broker(
	    "{" ISSUERS "\"person_keys\":true}", NULL, 0, 0, "answers");
	judge_broker(NULL,
	    "{\"issuers\":[{\"reachable\":true,\"clock_offset_s\":-5}]}", 0, 0,
	    "agree on the time");
	judge_broker(NULL,
	    "{\"issuers\":[{\"url\":\"idp\",\"reachable\":true,\"clock_offset_"
	    "s\":null}]}",
	    0, 0, "idp answers");
	judge_broker(NULL,
	    "{\"issuers\":[{\"reachable\":true,\"clock_offset_s\":-6}]}", 0, 1,
	    "6 seconds apart");
	judge_broker(NULL,
	    "{\"issuers\":[{\"reachable\":true,\"clock_offset_s\":61}]}", 1, 0,
	    "61 seconds apart");
	judge_broker(NULL,
	    "{\"issuers\":[{\"reachable\":false,\"detail\":\"TLS\"}]}", 1, 0,
	    "cannot be used: TLS");
	judge_broker(NULL, "{\"issuers\":[{}]}", 1, 0, "cannot be used");
	judge_broker(NULL,
	    "{\"issuers\":[{\"url\":\"idp\",\"reachable\":true,\"lacks\":"
	    "\"token_endpoint\"}]}",
	    1, 0, "idp tells of no token_endpoint");
	judge_broker(NULL,
	    "{\"issuers\":[{\"reachable\":true,\"lacks\":null}]}", 0, 0,
	    "answers");
}

static void
judge_configuration(const char *script, size_t faults, const char *part)
{
	struct machine m;
	char program[ROOT_SIZE + 16];

	setup(&m);
	(void)snprintf(program, sizeof(program), "%s/portvaktd", m.root);
	root_file(m.root, "/portvaktd", 0755, script);
	check_configuration(program, &m.report);
	findings_expect_counts(&m.report, faults, 0);
	findings_expect(&m.report, faults ? CHECK_FAULT : CHECK_OK, part);
	teardown(&m);
}

static void
test_configuration(void **state)
{
	struct machine m;

	(void)state;
	judge_configuration(
	    "#!/bin/sh\ntest \"$*\" = --check\n", 0, "are good");
	judge_configuration(
	    "#!/bin/sh\necho one >&2; echo two >&2; exit 1\n", 2, "two");
	judge_configuration("#!/bin/sh\nexit 1\n", 1, "ended with 1");
	judge_configuration("#!/bin/sh\nkill -9 $$\n", 1, "ended with 137");
	setup(&m);
	check_configuration("/nonexistent/portvaktd", &m.report);
	findings_expect(&m.report, CHECK_FAULT, "No such file");
	teardown(&m);
}

static void
test_findings_are_utf8(void **state)
{
	struct check_report report;

	(void)state;
	assert_int_equal(check_report_init(&report), 0);
	check_report_add(&report, CHECK_OK, "x", NULL,
	    "a\xff"
	    "bå\xc3");
	findings_expect(&report, CHECK_OK, "a?bå?");
	findings_expect_counts(&report, 0, 0);
	check_report_done(&report);
}

static void
test_softened_faults_are_warnings(void **state)
{
	struct check_report report;

	(void)state;
	assert_int_equal(check_report_init(&report), 0);
	check_report_add(&report, CHECK_FAULT, "x", NULL, "first");
	check_report_add(&report, CHECK_FAULT, "x", NULL, "second");
	check_report_add(&report, CHECK_OK, "x", NULL, "third");
	check_report_soften(&report, 1);
	findings_expect_counts(&report, 1, 1);
	findings_expect(&report, CHECK_FAULT, "first");
	findings_expect(&report, CHECK_WARNING, "second");
	findings_expect(&report, CHECK_OK, "third");
	check_report_done(&report);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_nsswitch),
	    cmocka_unit_test(test_directory_that_is_whole),
	    cmocka_unit_test(test_directory_restricted),
	    cmocka_unit_test(test_directory_that_is_none),
	    cmocka_unit_test(test_local_names),
	    cmocka_unit_test(test_local_names_that_cannot_be_compared),
	    cmocka_unit_test(test_local_login),
	    cmocka_unit_test(test_local_login_that_cannot_be_seen),
	    cmocka_unit_test(test_sshd),
	    cmocka_unit_test(test_sshd_refuses),
	    cmocka_unit_test(test_broker),
	    cmocka_unit_test(test_configuration),
	    cmocka_unit_test(test_findings_are_utf8),
	    cmocka_unit_test(test_softened_faults_are_warnings),
	};

	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
