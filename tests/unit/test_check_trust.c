#include "ctl/check_trust.h"
#include "tests/unit/findings.h"
#include "tests/unit/root.h"
#include "tests/unit/unit.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct machine {
	char root[ROOT_SIZE];
	char directory[PATH_MAX];
	char image[PATH_MAX];
	struct check_report report;
};

static void
set_up(struct machine *m)
{
	root_make(m->root);
	root_directory(m->root, "/trust", 02750);
	root_file(m->root, "/trust/image", 0640, "");
	(void)snprintf(m->directory, PATH_MAX, "%s/trust", m->root);
	(void)snprintf(m->image, PATH_MAX, "%s/trust/image", m->root);
	assert_int_equal(chmod(m->directory, 02750), 0);
	assert_int_equal(check_report_init(&m->report), 0);
}

static void
tear_down(struct machine *m)
{
	check_report_done(&m->report);
	root_remove(m->root);
}

static void
check_as_myself(struct machine *m)
{
	check_trust(m->directory, m->image, geteuid(), getegid(), &m->report);
}

static void
test_as_it_should_be(void **state)
{
	struct machine m;

	(void)state;
	set_up(&m);
	check_as_myself(&m);
	assert_int_equal(m.report.faults + m.report.warnings, 0);
	findings_expect(&m.report, CHECK_OK, "portvakt-verify");
	tear_down(&m);
}

static void
test_says_what_is_wrong(void **state)
{
	static const struct {
		mode_t directory, image;
		const char *said;
	} rows[] = {
	    {02755, 0640, "trust has mode 2755: too open"},
	    {02770, 0640, "trust has mode 2770: too open"},
	    {0750, 0640, "portvakt-verify needs 2050"},
	    {02700, 0640, "portvakt-verify needs 2050"},
	    {02750, 0644, "image has mode 0644: too open"},
	    {02750, 0600, "portvakt-verify needs 0040"},
	};
	struct machine m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		set_up(&m);
		assert_int_equal(chmod(m.directory, rows[i].directory), 0);
		assert_int_equal(chmod(m.image, rows[i].image), 0);
		check_as_myself(&m);
		assert_int_equal(m.report.faults, 1);
		findings_expect(&m.report, CHECK_FAULT, rows[i].said);
		tear_down(&m);
	}
}

static void
test_says_whose_it_is(void **state)
{
	struct machine m;

	(void)state;
	set_up(&m);
	check_trust(m.directory, m.image, geteuid() + 1, getegid(), &m.report);
	findings_expect(&m.report, CHECK_FAULT, "not to the user portvakt");
	check_trust(m.directory, m.image, geteuid(), getegid() + 1, &m.report);
	findings_expect(
	    &m.report, CHECK_FAULT, "not the group portvakt-verify");
	tear_down(&m);
}

static void
test_says_what_is_missing(void **state)
{
	struct machine m;

	(void)state;
	set_up(&m);
	assert_int_equal(unlink(m.image), 0);
	check_as_myself(&m);
	findings_expect(&m.report, CHECK_FAULT,
	    "No such file or directory: no service can verify");
	assert_int_equal(rmdir(m.directory), 0);
	check_as_myself(&m);
	findings_expect(&m.report, CHECK_FAULT, "/trust: No such file");
	assert_int_equal(m.report.faults, 2);
	tear_down(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_as_it_should_be),
	    cmocka_unit_test(test_says_what_is_wrong),
	    cmocka_unit_test(test_says_whose_it_is),
	    cmocka_unit_test(test_says_what_is_missing),
	};

	return cmocka_run_group_tests_name("check_trust", tests, NULL, NULL);
}
