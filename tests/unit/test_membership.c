#include "broker/register/register.h"
#include "tests/unit/register_machine.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { GID_A = 1900100001, GID_B = 1900100002, GID_C = 1900100003 };

static const struct account_group both[] = {
    {"ko-b", GID_B, true}, {"ko-a", GID_A, false}};

static bool
set(struct register_machine *machine, int64_t account_id,
    const struct account_group *groups, size_t count, int64_t changes_at_s)
{
	bool changed = false;

	assert_int_equal(register_memberships_set(machine->db, account_id,
			     groups, count, changes_at_s, &changed),
	    REGISTER_OK);
	return changed;
}

static int64_t
next_change(struct register_machine *machine)
{
	int64_t at_s = -1;

	assert_int_equal(register_next_change(machine->db, &at_s), REGISTER_OK);
	return at_s;
}

struct text {
	char text[1024];
};

static void
add_word(struct text *text, const char *word, const char *mark)
{
	size_t length = strlen(text->text);

	(void)snprintf(text->text + length, sizeof(text->text) - length,
	    "%.64s%s ", word, mark);
}

/* Notes who is asked for, and leaves everything as it is. */
static int
keep(const struct register_standing *standing,
    uint32_t ret_gids[static REGISTER_GROUPS_MAX], size_t *ret_count,
    int64_t *ret_changes_at_s, void *userdata)
{
	add_word(userdata, standing->account, "");
	memcpy(
	    ret_gids, standing->gids, standing->gids_count * sizeof(*ret_gids));
	*ret_count = standing->gids_count;
	*ret_changes_at_s = standing->changes_at_s;
	return 0;
}

static void
assert_due(
    struct register_machine *machine, int64_t now_s, const char *expected)
{
	struct text text = {.text = ""};
	bool changed = true;

	assert_int_equal(register_memberships_redecide(
			     machine->db, now_s, true, keep, &text, &changed),
	    REGISTER_OK);
	assert_string_equal(text.text, expected);
	assert_false(changed);
}

static void
assert_groups(
    struct register_machine *machine, int64_t account_id, const char *expected)
{
	struct account_group groups[REGISTER_GROUPS_MAX];
	struct text text = {.text = ""};
	size_t count = 0, i;

	assert_int_equal(
	    register_account_groups(machine->db, account_id, groups, &count),
	    REGISTER_OK);
	for (i = 0; i < count; i++)
		add_word(
		    &text, groups[i].name, groups[i].restricted ? "!" : "");
	assert_string_equal(text.text, expected);
}

static void
test_sets_them_without_a_login(void **state)
{
	struct register_machine *machine = *state;
	int64_t kari = register_machine_add(machine, "kari", 1);
	struct account_group open = both[0];
	struct account account;
	bool changed = true;

	assert_true(set(machine, kari, both, 2, 500));
	register_machine_reopen(machine);
	assert_groups(machine, kari, "ko-a ko-b! ");
	assert_false(set(machine, kari, both, 2, 500));
	/* The time alone is no change of the image. */
	assert_false(set(machine, kari, both, 2, 600));
	assert_int_equal(next_change(machine), 600);
	open.restricted = false;
	assert_true(set(machine, kari, &open, 1, 600));
	assert_groups(machine, kari, "ko-b ");
	assert_true(set(machine, kari, both, 1, 600));
	assert_groups(machine, kari, "ko-b! ");
	assert_true(set(machine, kari, NULL, 0, INT64_MAX));
	assert_groups(machine, kari, "");
	assert_int_equal(
	    register_account_by_name(machine->db, "kari", &account),
	    REGISTER_OK);
	assert_int_equal(account.last_login_at_s, 0);
	assert_int_equal(
	    register_memberships_set(machine->db, 77, both, 2, 1, &changed),
	    REGISTER_NOT_FOUND);
	assert_int_equal(
	    register_account_remove(machine->db, "kari", 8, NULL), REGISTER_OK);
	assert_int_equal(
	    register_memberships_set(machine->db, kari, both, 2, 1, &changed),
	    REGISTER_NOT_FOUND);
	assert_true(changed);
}

static void
test_knows_who_is_due(void **state)
{
	struct register_machine *machine = *state;
	int64_t ola = register_machine_add(machine, "ola", 1);
	int64_t kari = register_machine_add(machine, "kari", 1);
	int64_t eva = register_machine_add(machine, "eva", 1);
	int64_t liv = register_machine_add(machine, "liv", 1);

	assert_true(next_change(machine) == INT64_MAX);
	assert_due(machine, INT64_MAX, "");
	(void)set(machine, ola, both, 2, 100);
	(void)set(machine, kari, both, 1, 200);
	(void)set(machine, eva, NULL, 0, 150);
	(void)set(machine, liv, both, 2, INT64_MAX);
	assert_int_equal(next_change(machine), 100);
	assert_due(machine, 99, "");
	assert_due(machine, 100, "ola ");
	assert_due(machine, 200, "ola kari eva ");
	assert_due(machine, INT64_MAX, "ola kari eva ");
	(void)set(machine, ola, both, 2, INT64_MAX);
	assert_int_equal(next_change(machine), 150);
	assert_int_equal(
	    register_account_remove(machine->db, "eva", 8, NULL), REGISTER_OK);
	assert_int_equal(next_change(machine), 200);
	assert_due(machine, INT64_MAX, "kari ");
}

struct decision_script {
	char asked[128];
	int answer;
};

/* Whoever is locked has nothing; the others have group A until 900. */
static int
decide(const struct register_standing *standing,
    uint32_t ret_gids[static REGISTER_GROUPS_MAX], size_t *ret_count,
    int64_t *ret_changes_at_s, void *userdata)
{
	struct decision_script *script = userdata;
	size_t length = strlen(script->asked);

	(void)snprintf(script->asked + length, sizeof(script->asked) - length,
	    "%d%s ", (int)standing->account_id, standing->locked ? "!" : "");
	assert_null(standing->evidence);
	if (!standing->locked) {
		ret_gids[0] = GID_C;
		ret_gids[1] = GID_A;
		*ret_count = 2;
		*ret_changes_at_s = 900;
	}
	return script->answer;
}

static void
test_decides_for_all_at_one_go(void **state)
{
	static const struct account_group named[] = {
	    {"ko-a", GID_A, false}, {"ko-c", GID_C, true}};
	struct register_machine *machine = *state;
	struct decision_script script = {.asked = ""};
	int64_t ola = register_machine_add(machine, "ola", 1);
	int64_t kari = register_machine_add(machine, "kari", 1);
	int64_t eva = register_machine_add(machine, "eva", 1);
	bool changed = false;

	(void)set(machine, ola, both, 2, 100);
	(void)set(machine, eva, both, 2, 300);
	assert_int_equal(
	    register_account_lock(machine->db, "eva", "x", 5), REGISTER_OK);
	assert_int_equal(
	    register_account_remove(machine->db, "kari", 5, NULL), REGISTER_OK);
	kari = register_machine_add(machine, "kari", 6);
	assert_int_equal(register_memberships_redecide(
			     machine->db, 200, true, decide, &script, &changed),
	    REGISTER_OK);
	assert_string_equal(script.asked, "1 ");
	assert_true(changed);
	assert_int_equal(
	    register_groups_name(machine->db, named, 2, &changed), REGISTER_OK);
	assert_groups(machine, ola, "ko-a ko-c! ");
	assert_groups(machine, eva, "ko-a ko-b! ");
	script.asked[0] = '\0';
	assert_int_equal(register_memberships_redecide(machine->db, 200, false,
			     decide, &script, &changed),
	    REGISTER_OK);
	assert_string_equal(script.asked, "1 3! 4 ");
	assert_groups(machine, kari, "ko-a ko-c! ");
	assert_groups(machine, eva, "");
	assert_int_equal(next_change(machine), 900);
	assert_int_equal(register_memberships_redecide(machine->db, 200, false,
			     decide, &script, &changed),
	    REGISTER_OK);
	assert_false(changed);
	assert_int_equal(
	    register_groups_name(machine->db, named, 2, &changed), REGISTER_OK);
	assert_false(changed);
}

static void
test_writes_no_part_of_a_decision_that_fails(void **state)
{
	struct register_machine *machine = *state;
	struct decision_script script = {.asked = "", .answer = -ENOMEM};
	int64_t ola = register_machine_add(machine, "ola", 1);
	bool changed = false;

	(void)set(machine, ola, both, 2, 100);
	assert_int_equal(register_memberships_redecide(machine->db, 200, false,
			     decide, &script, &changed),
	    REGISTER_FAILED);
	assert_string_equal(register_error(machine->db), "a decision failed");
	assert_false(changed);
	assert_groups(machine, ola, "ko-a ko-b! ");
	assert_int_equal(next_change(machine), 100);
}

/* A register of the first version, with a lock and somebody's memberships. */
static const char first_version[] =
    "CREATE TABLE account (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "name TEXT NOT NULL,"
    "uid INTEGER NOT NULL UNIQUE CHECK (uid BETWEEN 65536 AND 2147352575),"
    "gecos TEXT NOT NULL, home TEXT NOT NULL, shell TEXT NOT NULL,"
    "issuer TEXT NOT NULL, subject TEXT NOT NULL, locked_at_s INTEGER,"
    "lock_reason TEXT NOT NULL DEFAULT '', created_at_s INTEGER NOT NULL,"
    "last_login_at_s INTEGER NOT NULL DEFAULT 0, removed_at_s INTEGER) STRICT;"
    "CREATE UNIQUE INDEX account_name ON account (name)"
    " WHERE removed_at_s IS NULL;"
    "CREATE UNIQUE INDEX account_identity ON account (issuer, subject)"
    " WHERE removed_at_s IS NULL;"
    "CREATE TABLE access_group (gid INTEGER PRIMARY KEY"
    " CHECK (gid BETWEEN 65536 AND 2147352575), name TEXT NOT NULL) STRICT;"
    "CREATE TABLE membership (account_id INTEGER PRIMARY KEY"
    " REFERENCES account (id), gids BLOB NOT NULL) STRICT;"
    "CREATE TABLE reserved_id (id INTEGER PRIMARY KEY) STRICT;"
    "CREATE TABLE allocation (only INTEGER PRIMARY KEY CHECK (only = 1),"
    "next_uid INTEGER NOT NULL) STRICT;"
    "INSERT INTO allocation VALUES (1, 2000000003);"
    "INSERT INTO account (name, uid, gecos, home, shell, issuer, subject,"
    "locked_at_s, lock_reason, created_at_s, removed_at_s) VALUES"
    "('kari', 2000000000, '', '/h', '/s', 'https://a', '1', NULL, '', 1, NULL),"
    "('ola', 2000000001, '', '/h', '/s', 'https://a', '2', 20, 'x', 1, NULL),"
    "('eva', 2000000002, '', '', '', 'https://a', '3', 20, 'x', 1, 30);"
    "INSERT INTO access_group VALUES (1900100001, 'ko-a');"
    "INSERT INTO membership VALUES (1, x'714139a1');"
    "PRAGMA user_version = 1; PRAGMA application_id = 1349940324;";

static void
test_brings_an_older_register_up_to_date(void **state)
{
	struct register_machine *machine = *state;
	struct account account;

	machine->db = register_close(machine->db);
	assert_int_equal(truncate(machine->path, 0), 0);
	register_machine_sql(machine, first_version);
	register_machine_reopen(machine);
	assert_groups(machine, 1, "ko-a ");
	assert_true(next_change(machine) == INT64_MAX);
	assert_int_equal(register_account_by_name(machine->db, "ola", &account),
	    REGISTER_OK);
	assert_true(account.locked);
	assert_int_equal(
	    register_machine_number(machine,
		"SELECT group_concat(account_id || ':' || from_s || ':' ||"
		" coalesce(until_s, 'now'), ' ') = '2:20:now 3:20:30'"
		" FROM account_lock"),
	    1);
	assert_int_equal(
	    register_account_unlock(machine->db, "ola", 40), REGISTER_OK);
	assert_int_equal(
	    register_machine_number(machine, "PRAGMA user_version"), 4);
}

int
main(void)
{
#define CASE(name)                       \
	cmocka_unit_test_setup_teardown( \
	    name, register_machine_set_up, register_machine_tear_down)
	const struct CMUnitTest tests[] = {
	    CASE(test_sets_them_without_a_login),
	    CASE(test_knows_who_is_due),
	    CASE(test_decides_for_all_at_one_go),
	    CASE(test_writes_no_part_of_a_decision_that_fails),
	    CASE(test_brings_an_older_register_up_to_date),
	};

	return cmocka_run_group_tests_name("membership", tests, NULL, NULL);
}
