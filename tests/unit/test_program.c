#include "ctl/program.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int
run(const char *script, int deadline_ms, struct program_result *ret_result)
{
	const char *const argv[] = {"/bin/sh", "-c", script, NULL};

	return program_run(argv, deadline_ms, ret_result);
}

static void
test_brings_code_and_output(void **state)
{
	struct program_result result;

	(void)state;
	assert_int_equal(
	    run("echo out; echo err >&2; exit 3", 5000, &result), 0);
	assert_int_equal(result.exit_code, 3);
	assert_string_equal(result.output, "out\nerr\n");
	free(result.output);
}

static void
test_gives_nothing_of_ours(void **state)
{
	struct program_result result;

	(void)state;
	assert_int_equal(setenv("PORTVAKT_CANARY", "here", 1), 0);
	assert_int_equal(
	    run("cat; echo $PORTVAKT_CANARY$LC_ALL", 5000, &result), 0);
	assert_string_equal(result.output, "C.UTF-8\n");
	free(result.output);
}

static void
test_bounds_time_and_output(void **state)
{
	struct program_result result = {.exit_code = 77};

	(void)state;
	assert_int_equal(run("exec sleep 60", 100, &result), -ETIMEDOUT);
	assert_int_equal(result.exit_code, 77);
	assert_int_equal(run("head -c 1000000 /dev/zero | tr '\\0' x; exit 0",
			     5000, &result),
	    0);
	assert_int_equal(strlen(result.output), PROGRAM_OUTPUT_SIZE_MAX);
	free(result.output);
}

static void
test_says_what_cannot_be_started(void **state)
{
	static const char *const argv[] = {"/nonexistent", NULL};
	struct program_result result;

	(void)state;
	assert_int_equal(program_run(argv, 5000, &result), -ENOENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_brings_code_and_output),
	    cmocka_unit_test(test_gives_nothing_of_ours),
	    cmocka_unit_test(test_bounds_time_and_output),
	    cmocka_unit_test(test_says_what_cannot_be_started),
	};

	return cmocka_run_group_tests_name("program", tests, NULL, NULL);
}
