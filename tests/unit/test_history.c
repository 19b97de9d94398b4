#include "broker/register/history.h"
#include "tests/unit/register_machine.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

static void
assert_locked(struct register_machine *machine, int64_t account_id,
    int64_t as_of_s, bool expected)
{
	bool locked = !expected;

	assert_int_equal(
	    history_locked(machine->db, account_id, as_of_s, &locked),
	    REGISTER_OK);
	if (locked != expected)
		fail_msg("at %d: %s", (int)as_of_s,
		    locked ? "locked" : "not locked");
}

static void
test_knows_when_an_account_was_locked(void **state)
{
	struct register_machine *machine = *state;
	int64_t kari = register_machine_add(machine, "kari", 10);
	int64_t ola = register_machine_add(machine, "ola", 10);

	assert_int_equal(
	    register_account_lock(machine->db, "kari", "permisjon", 20),
	    REGISTER_OK);
	assert_int_equal(
	    register_account_lock(machine->db, "kari", "sluttet", 25),
	    REGISTER_OK);
	assert_int_equal(
	    register_account_unlock(machine->db, "kari", 30), REGISTER_OK);
	assert_int_equal(
	    register_account_lock(machine->db, "kari", "igjen", 40),
	    REGISTER_OK);
	register_machine_reopen(machine);
	assert_locked(machine, kari, 9, true); /* it was not there */
	assert_locked(machine, kari, 10, false);
	assert_locked(machine, kari, 19, false);
	assert_locked(machine, kari, 20, true);
	assert_locked(machine, kari, 25, true);
	assert_locked(machine, kari, 29, true);
	assert_locked(machine, kari, 30, false);
	assert_locked(machine, kari, 39, false);
	assert_locked(machine, kari, 40, true);
	assert_locked(machine, kari, INT64_MAX, true);
	assert_locked(machine, ola, 25, false);
	assert_locked(machine, 77, 25, true);
	assert_int_equal(
	    register_machine_number(machine,
		"SELECT count(*) FROM account_lock"
		" WHERE reason = 'permisjon' AND from_s = 20 AND until_s = 25"),
	    1);
}

static void
test_counts_a_removed_account_as_locked(void **state)
{
	struct register_machine *machine = *state;
	int64_t kari = register_machine_add(machine, "kari", 10);

	assert_int_equal(
	    register_account_lock(machine->db, "kari", "sluttet", 20),
	    REGISTER_OK);
	assert_int_equal(
	    register_account_remove(machine->db, "kari", 30), REGISTER_OK);
	assert_locked(machine, kari, 19, false);
	assert_locked(machine, kari, 20, true);
	assert_locked(machine, kari, 30, true);
	assert_locked(machine, kari, 99, true);
	assert_int_equal(register_machine_number(
			     machine, "SELECT until_s FROM account_lock"),
	    30);
}

/* A clock that was set back neither locks anybody out nor undoes a lock. */
static void
test_bears_a_clock_that_was_set_back(void **state)
{
	struct register_machine *machine = *state;
	int64_t kari = register_machine_add(machine, "kari", 10);
	struct account account;

	assert_int_equal(
	    register_account_lock(machine->db, "kari", "permisjon", 500),
	    REGISTER_OK);
	assert_int_equal(
	    register_account_unlock(machine->db, "kari", 20), REGISTER_OK);
	assert_int_equal(
	    register_account_by_name(machine->db, "kari", &account),
	    REGISTER_OK);
	assert_false(account.locked);
	assert_locked(machine, kari, 500, false);
	assert_int_equal(
	    register_account_lock(machine->db, "kari", "sluttet", 21),
	    REGISTER_OK);
	assert_locked(machine, kari, 21, true);
	assert_locked(machine, kari, 501, true);
}

static void
assert_rules(
    struct register_machine *machine, int64_t as_of_s, const char *expected)
{
	void *record = NULL;
	size_t size = 0;

	assert_int_equal(history_rules_at(machine->db, as_of_s, &record, &size),
	    expected ? REGISTER_OK : REGISTER_NOT_FOUND);
	if (expected) {
		assert_int_equal(size, strlen(expected));
		assert_memory_equal(record, expected, size);
	}
	free(record);
}

static void
keep_rules(struct register_machine *machine, const char *text, int64_t now_s)
{
	assert_int_equal(
	    history_rules(machine->db, text, strlen(text), now_s), REGISTER_OK);
}

static void
test_keeps_rules_that_changed(void **state)
{
	struct register_machine *machine = *state;

	assert_rules(machine, 99, NULL);
	keep_rules(machine, "one", 10);
	keep_rules(machine, "one", 20);
	keep_rules(machine, "two", 30);
	keep_rules(machine, "one", 40);
	assert_int_equal(
	    history_rules(machine->db, "", 0, 50), REGISTER_FIELD_INVALID);
	register_machine_reopen(machine);
	assert_rules(machine, 9, NULL);
	assert_rules(machine, 10, "one");
	assert_rules(machine, 29, "one");
	assert_rules(machine, 30, "two");
	assert_rules(machine, 40, "one");
	assert_rules(machine, INT64_MAX, "one");
	assert_int_equal(
	    register_machine_number(machine, "SELECT count(*) FROM rules"), 3);
}

static void
test_keeps_a_large_set_of_rules(void **state)
{
	struct register_machine *machine = *state;
	size_t size = 6 * 1024 * 1024;
	char *rules = calloc(1, size), *record = NULL;
	size_t read = 0;

	assert_non_null(rules);
	rules[size - 1] = 'x';
	assert_int_equal(
	    history_rules(machine->db, rules, size, 10), REGISTER_OK);
	assert_int_equal(
	    history_rules_at(machine->db, 10, (void **)&record, &read),
	    REGISTER_OK);
	assert_int_equal(read, size);
	assert_memory_equal(record, rules, size);
	free(record);
	free(rules);
}

static void
test_forgets_rules_that_ended(void **state)
{
	struct register_machine *machine = *state;

	keep_rules(machine, "one", 10);
	keep_rules(machine, "two", 20);
	keep_rules(machine, "three", 30);
	assert_int_equal(history_forget(machine->db, 19), REGISTER_OK);
	assert_rules(machine, 19, "one");
	assert_int_equal(history_forget(machine->db, 29), REGISTER_OK);
	assert_rules(machine, 19, NULL);
	assert_rules(machine, 20, "two");
	assert_int_equal(history_forget(machine->db, INT64_MAX), REGISTER_OK);
	assert_rules(machine, 29, NULL);
	assert_rules(machine, 30, "three");
}

int
main(void)
{
#define CASE(name)                       \
	cmocka_unit_test_setup_teardown( \
	    name, register_machine_set_up, register_machine_tear_down)
	const struct CMUnitTest tests[] = {
	    CASE(test_knows_when_an_account_was_locked),
	    CASE(test_counts_a_removed_account_as_locked),
	    CASE(test_bears_a_clock_that_was_set_back),
	    CASE(test_keeps_rules_that_changed),
	    CASE(test_keeps_a_large_set_of_rules),
	    CASE(test_forgets_rules_that_ended),
	};

	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
