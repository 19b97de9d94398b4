#include "ctl/check_files.h"
#include "tests/unit/findings.h"
#include "tests/unit/root.h"
#include "tests/unit/unit.h"

#include <limits.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct machine {
	char root[ROOT_SIZE];
	struct check_report report;
};

static void
make_socket(const char *root, const char *path, mode_t mode)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	(void)snprintf(
	    address.sun_path, sizeof(address.sun_path), "%s%s", root, path);
	assert_int_equal(
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	(void)close(fd);
	assert_int_equal(chmod(address.sun_path, mode), 0);
}

static void
setup(struct machine *m)
{
	root_make(m->root);
	root_file(m->root, PORTVAKT_SYSCONFDIR "/portvakt.conf", 0644, "");
	root_directory(m->root, PORTVAKT_RUNDIR, 0755);
	make_socket(m->root, PORTVAKT_RUNDIR "/login.sock", 0666);
	make_socket(m->root, PORTVAKT_RUNDIR "/admin.sock", 0666);
	root_file(m->root, PORTVAKT_STATEDIR "/register.db", 0600, "");
	root_file(m->root, PORTVAKT_STATEDIR "/person.keys", 0600, "");
	root_file(m->root, PORTVAKT_STATEDIR "/directory", 0644, "");
	root_file(m->root, PORTVAKT_STATEDIR "/directory.restricted", 0600, "");
	assert_int_equal(check_report_init(&m->report), 0);
}

static void
teardown(struct machine *m)
{
	check_report_done(&m->report);
	root_remove(m->root);
}

static void
check_as_myself(struct machine *m)
{
	check_files(m->root, geteuid(), geteuid(), &m->report);
}

static void
test_a_good_machine(void **state)
{
	struct machine m;

	(void)state;
	setup(&m);
	check_as_myself(&m);
	findings_expect_counts(&m.report, 0, 0);
	findings_expect(&m.report, CHECK_OK, "owners and modes are right");
	teardown(&m);
}

static void
expect_bad_mode(const char *path, mode_t mode, const char *part)
{
	struct machine m;
	char full[PATH_MAX];

	setup(&m);
	(void)snprintf(full, sizeof(full), "%s%s", m.root, path);
	assert_int_equal(chmod(full, mode), 0);
	check_as_myself(&m);
	findings_expect_counts(&m.report, 1, 0);
	findings_expect(&m.report, CHECK_FAULT, part);
	teardown(&m);
}

static void
test_modes_that_let_others_in(void **state)
{
	(void)state;
	expect_bad_mode(PORTVAKT_STATEDIR "/register.db", 0640,
	    "register.db has mode 0640: too open");
	expect_bad_mode(PORTVAKT_STATEDIR "/register.db", 0604, "too open");
	expect_bad_mode(PORTVAKT_STATEDIR "/person.keys", 0640,
	    "person.keys has mode 0640: too open");
	expect_bad_mode(PORTVAKT_STATEDIR, 0777, "too open");
	expect_bad_mode(PORTVAKT_RUNDIR, 0775, "too open");
	expect_bad_mode(PORTVAKT_SYSCONFDIR, 0757, "too open");
	expect_bad_mode(PORTVAKT_SYSCONFDIR "/portvakt.conf", 0666, "too open");
	expect_bad_mode(PORTVAKT_STATEDIR "/directory", 0664, "too open");
	expect_bad_mode(PORTVAKT_STATEDIR "/directory.restricted", 0640,
	    "directory.restricted has mode 0640: too open");
	expect_bad_mode(
	    PORTVAKT_STATEDIR "/directory.restricted", 0604, "too open");
}

static void
test_modes_that_keep_readers_out(void **state)
{
	(void)state;
	expect_bad_mode(PORTVAKT_STATEDIR "/directory", 0600, "not open to");
	expect_bad_mode(PORTVAKT_STATEDIR, 0700, "not open to");
	expect_bad_mode(PORTVAKT_RUNDIR "/login.sock", 0600, "not open to");
	expect_bad_mode(PORTVAKT_RUNDIR "/admin.sock", 0600, "not open to");
	expect_bad_mode(PORTVAKT_RUNDIR, 0700, "not open to");
}

static void
test_owners(void **state)
{
	struct machine m;

	(void)state;
	setup(&m);
	check_files(m.root, geteuid() + 1, geteuid() + 2, &m.report);
	findings_expect_counts(&m.report, 10, 0);
	findings_expect(&m.report, CHECK_FAULT, "not to root");
	findings_expect(&m.report, CHECK_FAULT, "not to the user portvakt");
	teardown(&m);
}

/* Whose it is its unit says; without portvakt-api there is none. */
static void
test_the_socket_of_services(void **state)
{
	static const char name[] = PORTVAKT_RUNDIR "/service.sock";
	struct machine m;
	char path[PATH_MAX];

	(void)state;
	setup(&m);
	make_socket(m.root, name, 0600);
	check_as_myself(&m);
	findings_expect_counts(&m.report, 0, 0);
	(void)snprintf(path, sizeof(path), "%s%s", m.root, name);
	assert_int_equal(chmod(path, 0660), 0);
	check_as_myself(&m);
	findings_expect_counts(&m.report, 1, 0);
	findings_expect(
	    &m.report, CHECK_FAULT, "service.sock has mode 0660: too open");
	teardown(&m);
}

static void
test_absent_and_of_another_kind(void **state)
{
	struct machine m;
	char path[PATH_MAX];

	(void)state;
	setup(&m);
	(void)snprintf(
	    path, sizeof(path), "%s" PORTVAKT_RUNDIR "/login.sock", m.root);
	assert_int_equal(unlink(path), 0);
	root_file(m.root, PORTVAKT_RUNDIR "/login.sock", 0644, "");
	(void)snprintf(
	    path, sizeof(path), "%s" PORTVAKT_STATEDIR "/directory", m.root);
	assert_int_equal(unlink(path), 0);
	check_as_myself(&m);
	findings_expect_counts(&m.report, 2, 0);
	findings_expect(
	    &m.report, CHECK_FAULT, "login.sock is not what it should be");
	findings_expect(&m.report, CHECK_FAULT,
	    PORTVAKT_STATEDIR "/directory: No such file");
	teardown(&m);
}

static void
test_what_is_absent_can_be_made(void **state)
{
	struct machine m;

	(void)state;
	root_make(m.root);
	assert_int_equal(check_report_init(&m.report), 0);
	check_as_myself(&m);
	findings_expect_counts(&m.report, 10, 0);
	findings_expect(
	    &m.report, CHECK_FAULT, "install -d -m 0755 " PORTVAKT_SYSCONFDIR);
	findings_expect(
	    &m.report, CHECK_FAULT, "systemctl start portvaktd makes it");
	findings_refuse(&m.report, "chown");
	teardown(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_good_machine),
	    cmocka_unit_test(test_modes_that_let_others_in),
	    cmocka_unit_test(test_modes_that_keep_readers_out),
	    cmocka_unit_test(test_owners),
	    cmocka_unit_test(test_the_socket_of_services),
	    cmocka_unit_test(test_absent_and_of_another_kind),
	    cmocka_unit_test(test_what_is_absent_can_be_made),
	};

	return cmocka_run_group_tests_name("check_files", tests, NULL, NULL);
}
