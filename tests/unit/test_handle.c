#include "broker/login/handle.h"
#include "tests/unit/unit.h"

#include <string.h>

static const struct handle_login kari = {
    .account_id = 7,
    .service = "sshd",
    .correlation = "K7F3-9QXM",
    .acr = "high",
};

static int
make_table(void **state)
{
	struct handle_table *table;

	if (handle_table_new(&table))
		return -1;
	*state = table;
	return 0;
}

static int
free_table(void **state)
{
	handle_table_free(*state);
	return 0;
}

static void
test_is_taken_once(void **state)
{
	char handle[LOGIN_HANDLE_SIZE];
	struct handle_login login = {0};

	handle_issue(*state, &kari, 1000, handle);
	assert_int_equal(strlen(handle), LOGIN_HANDLE_SIZE - 1);
	assert_true(handle_peek(*state, handle, 7, "sshd", 1000, &login));
	assert_true(handle_take(*state, handle, 7, "sshd", 1000, &login));
	assert_string_equal(login.correlation, "K7F3-9QXM");
	assert_false(handle_take(*state, handle, 7, "sshd", 1000, &login));
}

static void
test_is_bound_to_account_and_service(void **state)
{
	char handle[LOGIN_HANDLE_SIZE];
	struct handle_login login;

	handle_issue(*state, &kari, 1000, handle);
	assert_false(handle_take(*state, handle, 8, "sshd", 1000, &login));
	assert_false(handle_take(*state, handle, 7, "sudo", 1000, &login));
	assert_true(handle_take(*state, handle, 7, "sshd", 1000, &login));
}

static void
test_ends_with_its_time(void **state)
{
	char handle[LOGIN_HANDLE_SIZE];
	struct handle_login login;

	handle_issue(*state, &kari, 1000, handle);
	assert_false(handle_take(
	    *state, handle, 7, "sshd", 1000 + HANDLE_LIFETIME_S + 1, &login));
	assert_true(handle_take(
	    *state, handle, 7, "sshd", 1000 + HANDLE_LIFETIME_S, &login));
}

static void
test_refuses_what_was_never_issued(void **state)
{
	struct handle_login login;
	char zeros[LOGIN_HANDLE_SIZE] = {0};

	assert_false(handle_take(*state, "", 0, "", 0, &login));
	assert_false(handle_take(*state, zeros, 0, "", 0, &login));
	assert_false(handle_take(
	    *state, "00000000000000000000000000000000", 7, "sshd", 0, &login));
}

static void
test_forgets_the_oldest_first(void **state)
{
	char first[LOGIN_HANDLE_SIZE], second[LOGIN_HANDLE_SIZE];
	char later[LOGIN_HANDLE_SIZE];
	struct handle_login login;
	int i;

	handle_issue(*state, &kari, 1000, first);
	handle_issue(*state, &kari, 1000, second);
	for (i = 0; i < HANDLE_COUNT_MAX - 1; i++)
		handle_issue(*state, &kari, 1000, later);
	assert_false(handle_take(*state, first, 7, "sshd", 1000, &login));
	assert_true(handle_take(*state, second, 7, "sshd", 1000, &login));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_is_taken_once, make_table, free_table),
	    cmocka_unit_test_setup_teardown(
		test_is_bound_to_account_and_service, make_table, free_table),
	    cmocka_unit_test_setup_teardown(
		test_ends_with_its_time, make_table, free_table),
	    cmocka_unit_test_setup_teardown(
		test_refuses_what_was_never_issued, make_table, free_table),
	    cmocka_unit_test_setup_teardown(
		test_forgets_the_oldest_first, make_table, free_table),
	};

	return cmocka_run_group_tests_name("handle", tests, NULL, NULL);
}
