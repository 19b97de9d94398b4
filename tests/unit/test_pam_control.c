#include "ctl/pam_control.h"
#include "tests/unit/unit.h"

static int
action(const char *text, int code)
{
	return pam_control_parse(text).actions[code];
}

static void
test_words_are_value_lists(void **state)
{
	(void)state;
	assert_int_equal(action("required", PAM_SUCCESS), PAM_ACTION_OK);
	assert_int_equal(action("required", PAM_AUTH_ERR), PAM_ACTION_BAD);
	assert_int_equal(action("required", PAM_IGNORE), PAM_ACTION_IGNORE);
	assert_int_equal(action("Requisite", PAM_AUTH_ERR), PAM_ACTION_DIE);
	assert_int_equal(action("sufficient", PAM_SUCCESS), PAM_ACTION_DONE);
	assert_int_equal(action("sufficient", PAM_AUTH_ERR), PAM_ACTION_IGNORE);
	assert_int_equal(action("optional", PAM_SUCCESS), PAM_ACTION_OK);
	assert_int_equal(action("optional", PAM_AUTH_ERR), PAM_ACTION_IGNORE);
}

static void
test_reads_lists(void **state)
{
	static const char list[] =
	    "[ success = 2 user_unknown=ignore  auth_err=die default=ok]";

	(void)state;
	assert_int_equal(action(list, PAM_SUCCESS), 2);
	assert_int_equal(action(list, PAM_USER_UNKNOWN), PAM_ACTION_IGNORE);
	assert_int_equal(action(list, PAM_AUTH_ERR), PAM_ACTION_DIE);
	assert_int_equal(action(list, PAM_ABORT), PAM_ACTION_OK);
	/* What nobody named is bad; a default does not overrule a name. */
	assert_int_equal(action("[success=ok]", PAM_ABORT), PAM_ACTION_BAD);
	assert_int_equal(
	    action("[default=die success=ok]", PAM_SUCCESS), PAM_ACTION_OK);
}

static void
test_what_is_unreadable_never_succeeds(void **state)
{
	static const char *const rubbish[] = {"", "requiredx", "[success=ok",
	    "[success]", "[success=]", "[success=0]", "[success=1001]",
	    "[success=99999999999999999999]", "[success=-1]", "[success=okay]",
	    "[succes=ok]", "[success ok]", "[=ok]", "success=ok"};
	size_t i;
	int code;

	(void)state;
	for (i = 0; i < sizeof(rubbish) / sizeof(rubbish[0]); i++) {
		for (code = 0; code < _PAM_RETURN_VALUES; code++)
			assert_int_equal(
			    action(rubbish[i], code), PAM_ACTION_BAD);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words_are_value_lists),
	    cmocka_unit_test(test_reads_lists),
	    cmocka_unit_test(test_what_is_unreadable_never_succeeds),
	};

	return cmocka_run_group_tests_name("pam_control", tests, NULL, NULL);
}
