#include "broker/register/history.h"
#include "tests/unit/register_machine.h"
#include "tests/unit/unit.h"

#include <stdio.h>
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
	assert_int_equal(register_account_remove(machine->db, "kari", 30, NULL),
	    REGISTER_OK);
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

static struct identity
identity_with(const char *acr)
{
	struct identity identity = {.issuer = "https://idp.example",
	    .subject = "kari",
	    .person_number = "01017012345",
	    .expires_at_s = 1};

	(void)snprintf(identity.acr, sizeof(identity.acr), "%s", acr);
	return identity;
}

static void
log_in(struct register_machine *machine, int64_t account_id, const char *acr,
    int64_t at_s)
{
	struct identity identity = identity_with(acr);

	assert_int_equal(
	    register_login(machine->db, account_id, &identity, at_s),
	    REGISTER_OK);
}

static void
assert_evidence(struct register_machine *machine, int64_t account_id,
    int64_t as_of_s, const char *expected_acr)
{
	struct identity identity;

	assert_int_equal(
	    history_identity(machine->db, account_id, as_of_s, &identity),
	    expected_acr ? REGISTER_OK : REGISTER_NOT_FOUND);
	if (!expected_acr)
		return;
	assert_string_equal(identity.acr, expected_acr);
	assert_string_equal(identity.issuer, "https://idp.example");
	assert_string_equal(identity.person_number, "");
}

static void
test_keeps_the_evidence_of_each_login(void **state)
{
	struct register_machine *machine = *state;
	int64_t kari = register_machine_add(machine, "kari", 10);
	int64_t ola = register_machine_add(machine, "ola", 10);
	struct account account;

	assert_evidence(machine, kari, INT64_MAX, NULL);
	log_in(machine, kari, "low", 20);
	log_in(machine, ola, "other", 25);
	log_in(machine, kari, "high", 30);
	register_machine_reopen(machine);
	assert_evidence(machine, kari, 19, NULL);
	assert_evidence(machine, kari, 20, "low");
	assert_evidence(machine, kari, 29, "low");
	assert_evidence(machine, kari, 30, "high");
	assert_evidence(machine, ola, 30, "other");
	assert_int_equal(
	    register_account_by_name(machine->db, "kari", &account),
	    REGISTER_OK);
	assert_int_equal(account.last_login_at_s, 30);
	/* The clock was set back: the last one written is the last one. */
	log_in(machine, kari, "middle", 22);
	assert_evidence(machine, kari, 21, "low");
	assert_evidence(machine, kari, 22, "middle");
	assert_evidence(machine, kari, 99, "middle");
	assert_int_equal(register_machine_number(machine,
			     "SELECT count(*) FROM login"
			     " WHERE instr(evidence, '01017012345') > 0"),
	    0);
}

static void
test_keeps_no_login_of_nobody(void **state)
{
	struct register_machine *machine = *state;
	struct identity identity = identity_with("high");
	int64_t kari = register_machine_add(machine, "kari", 10);

	assert_int_equal(
	    register_login(machine->db, 77, &identity, 20), REGISTER_NOT_FOUND);
	assert_int_equal(
	    history_login(machine->db, 77, &identity, 20), REGISTER_NOT_FOUND);
	assert_int_equal(register_account_remove(machine->db, "kari", 20, NULL),
	    REGISTER_OK);
	assert_int_equal(history_login(machine->db, kari, &identity, 20),
	    REGISTER_NOT_FOUND);
	assert_evidence(machine, kari, 99, NULL);
}

/* Between the time of a login and its evidence: neither is there. */
static void
test_writes_all_of_a_login_or_nothing(void **state)
{
	struct register_machine *machine = *state;
	static char long_role[IDENTITY_RECORD_SIZE_MAX];
	struct identity identity = identity_with("high");
	int64_t kari = register_machine_add(machine, "kari", 10);
	struct account account;

	memset(long_role, 'r', sizeof(long_role));
	identity.roles[0] = (struct slice){long_role, sizeof(long_role)};
	identity.roles_count = 1;
	assert_int_equal(
	    register_login(machine->db, kari, &identity, 20), REGISTER_FAILED);
	assert_string_equal(register_error(machine->db),
	    "the evidence of a login is too large to keep");
	assert_int_equal(
	    register_account_by_name(machine->db, "kari", &account),
	    REGISTER_OK);
	assert_int_equal(account.last_login_at_s, 0);
	assert_evidence(machine, kari, 99, NULL);
}

static void
test_refuses_evidence_that_it_would_not_have_written(void **state)
{
	static const char *const damage[] = {"UPDATE login SET evidence = x''",
	    "UPDATE login SET evidence = x'ff'",
	    "UPDATE login SET evidence = zeroblob(24577)"};
	struct register_machine *machine = *state;
	int64_t kari = register_machine_add(machine, "kari", 10);
	struct identity identity;
	size_t i;

	log_in(machine, kari, "high", 20);
	for (i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		register_machine_sql(machine, damage[i]);
		assert_int_equal(
		    history_identity(machine->db, kari, 20, &identity),
		    REGISTER_FAILED);
		assert_string_equal(
		    register_error(machine->db), "a row of login is damaged");
	}
}

static void
test_forgets_logins_that_ended(void **state)
{
	struct register_machine *machine = *state;
	int64_t kari = register_machine_add(machine, "kari", 10);
	int64_t ola = register_machine_add(machine, "ola", 10);

	log_in(machine, kari, "one", 20);
	log_in(machine, kari, "two", 30);
	log_in(machine, ola, "ola", 20);
	assert_int_equal(history_forget(machine->db, 29), REGISTER_OK);
	assert_evidence(machine, kari, 29, "one");
	assert_int_equal(history_forget(machine->db, 30), REGISTER_OK);
	assert_evidence(machine, kari, 29, NULL);
	assert_evidence(machine, kari, 30, "two");
	/* What is in force stays, however old it is. */
	assert_int_equal(history_forget(machine->db, 99999), REGISTER_OK);
	assert_evidence(machine, kari, 99999, "two");
	assert_evidence(machine, ola, 99999, "ola");
	assert_int_equal(
	    register_account_remove(machine->db, "ola", 50, NULL), REGISTER_OK);
	assert_int_equal(history_forget(machine->db, 49), REGISTER_OK);
	assert_evidence(machine, ola, 49, "ola");
	assert_int_equal(history_forget(machine->db, 50), REGISTER_OK);
	assert_evidence(machine, ola, 49, NULL);
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
	    CASE(test_keeps_the_evidence_of_each_login),
	    CASE(test_keeps_no_login_of_nobody),
	    CASE(test_writes_all_of_a_login_or_nothing),
	    CASE(test_refuses_evidence_that_it_would_not_have_written),
	    CASE(test_forgets_logins_that_ended),
	    CASE(test_keeps_rules_that_changed),
	    CASE(test_keeps_a_large_set_of_rules),
	    CASE(test_forgets_rules_that_ended),
	};

	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
