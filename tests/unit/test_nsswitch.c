#include "ctl/nsswitch.h"
#include "tests/unit/unit.h"

static void
judges(const char *text, enum nsswitch_outcome outcome, size_t line,
    const char *remedy)
{
	char written[NSSWITCH_LINE_SIZE];
	size_t at = 99;

	assert_int_equal(nsswitch_judge(text, "passwd", &at, written), outcome);
	assert_int_equal(at, line);
	assert_string_equal(written, remedy);
}

static void
test_accepts_portvakt_after_the_files(void **state)
{
	static const char *const good[] = {"passwd: files portvakt\n",
	    "  passwd :\tfiles   portvakt", "passwd:files portvakt # comment",
	    "passwd: compat portvakt\n",
	    "passwd: files [NOTFOUND=continue] portvakt\n",
	    "passwd: files [SUCCESS=return] portvakt\n",
	    "passwd: files [ !NOTFOUND = return ] portvakt\n",
	    "passwd: files portvakt [NOTFOUND=return] systemd\n"};
	char remedy[NSSWITCH_LINE_SIZE];
	size_t i, line;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(
		    nsswitch_judge(good[i], "passwd", &line, remedy),
		    NSSWITCH_GOOD);
}

static void
test_names_the_fault_and_the_line(void **state)
{
	(void)state;
	judges("", NSSWITCH_MISSING, 0, "passwd: files portvakt");
	judges("#passwd: files portvakt\npasswdx: files\n", NSSWITCH_MISSING, 0,
	    "passwd: files portvakt");
	judges("\npasswd: files systemd\n", NSSWITCH_NOT_ASKED, 2,
	    "passwd: files portvakt systemd");
	judges("passwd: files # portvakt\n", NSSWITCH_NOT_ASKED, 1,
	    "passwd: files portvakt");
	judges("passwd: sss\n", NSSWITCH_NOT_ASKED, 1,
	    "passwd: files portvakt sss");
	judges("passwd: portvakt files\n", NSSWITCH_BEFORE_FILES, 1,
	    "passwd: files portvakt");
	judges("passwd: portvakt\n", NSSWITCH_BEFORE_FILES, 1,
	    "passwd: files portvakt");
	judges("passwd: files [NOTFOUND=return] portvakt\n", NSSWITCH_CUT_OFF,
	    1, "passwd: files portvakt [NOTFOUND=return]");
	judges("passwd: files [!SUCCESS=return] portvakt\n", NSSWITCH_CUT_OFF,
	    1, "passwd: files portvakt [!SUCCESS=return]");
	judges("passwd: files [UNAVAIL=continue notfound = RETURN] portvakt\n",
	    NSSWITCH_CUT_OFF, 1,
	    "passwd: files portvakt [UNAVAIL=continue notfound = RETURN]");
}

static void
test_a_remedy_is_good(void **state)
{
	(void)state;
	judges("passwd: sss [NOTFOUND=return] files portvakt\n",
	    NSSWITCH_CUT_OFF, 1, "passwd: sss files portvakt");
	judges("passwd: files compat files\n", NSSWITCH_NOT_ASKED, 1,
	    "passwd: files portvakt compat files");
}

static void
test_the_last_line_counts(void **state)
{
	(void)state;
	judges("passwd: files portvakt\npasswd: files\n", NSSWITCH_NOT_ASKED, 2,
	    "passwd: files portvakt");
}

/*
 * glibc asks on after a success only for group's line, which stands for
 * initgroups when that has none.
 */
static void
test_initgroups_must_go_on_after_a_hit(void **state)
{
	static const struct {
		const char *line;
		enum nsswitch_outcome outcome;
	} rows[] = {
	    {"initgroups: files portvakt", NSSWITCH_FIRST_ALONE},
	    {"initgroups: files [NOTFOUND=continue] portvakt",
		NSSWITCH_FIRST_ALONE},
	    {"initgroups: files [SUCCESS=continue] systemd portvakt",
		NSSWITCH_FIRST_ALONE},
	    {"initgroups: sss files [SUCCESS=continue] portvakt",
		NSSWITCH_FIRST_ALONE},
	    {"initgroups: files [!SUCCESS=continue] portvakt",
		NSSWITCH_FIRST_ALONE},
	    {"initgroups: files [SUCCESS=continue NOTFOUND=return] portvakt",
		NSSWITCH_CUT_OFF},
	    {"initgroups: files [SUCCESS=continue] portvakt", NSSWITCH_GOOD},
	    {"initgroups: files [success = merge] portvakt", NSSWITCH_GOOD},
	    {"group: files portvakt", NSSWITCH_MISSING},
	};
	char remedy[NSSWITCH_LINE_SIZE];
	size_t i, line;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (nsswitch_judge(rows[i].line, "initgroups", &line, remedy) !=
		    rows[i].outcome)
			fail_msg("%s", rows[i].line);
	}
}

static void
test_survives_rubbish(void **state)
{
	static const char *const rubbish[] = {"passwd:", "passwd: [",
	    "passwd: [=", "passwd: files [NOTFOUND", "passwd: files [] x",
	    "passwd: ]", "passwd", ":", "passwd: files [=return] portvakt"};
	char remedy[NSSWITCH_LINE_SIZE];
	size_t i, line;

	(void)state;
	for (i = 0; i < sizeof(rubbish) / sizeof(rubbish[0]) - 1; i++)
		assert_int_not_equal(
		    nsswitch_judge(rubbish[i], "passwd", &line, remedy),
		    NSSWITCH_GOOD);
	(void)nsswitch_judge(rubbish[i], "passwd", &line, remedy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_accepts_portvakt_after_the_files),
	    cmocka_unit_test(test_names_the_fault_and_the_line),
	    cmocka_unit_test(test_a_remedy_is_good),
	    cmocka_unit_test(test_the_last_line_counts),
	    cmocka_unit_test(test_initgroups_must_go_on_after_a_hit),
	    cmocka_unit_test(test_survives_rubbish),
	};

	return cmocka_run_group_tests_name("nsswitch", tests, NULL, NULL);
}
