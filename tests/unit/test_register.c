#include "broker/register/register.h"
#include "lib/id.h"
#include "tests/unit/unit.h"

#include <endian.h>
#include <limits.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char issuer[] = "https://idp.example";

struct machine {
	char dir[64];
	char path[128];
	struct register_db *db;
};

static void
put_file(const struct machine *machine, const char *name, const char *text)
{
	char path[PATH_MAX];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", machine->dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void
reopen(struct machine *machine)
{
	machine->db = register_close(machine->db);
	assert_int_equal(
	    register_open(machine->path, machine->dir, &machine->db),
	    REGISTER_OK);
}

static int
set_up(void **state)
{
	struct machine *machine = calloc(1, sizeof(*machine));

	(void)snprintf(machine->dir, sizeof(machine->dir),
	    "/tmp/portvakt-register-XXXXXX");
	if (!mkdtemp(machine->dir))
		return -1;
	(void)snprintf(
	    machine->path, sizeof(machine->path), "%s/register", machine->dir);
	put_file(machine, "passwd",
	    "root:x:0:0::/root:/bin/bash\nper:x:2000000001:1000::/:/bin/sh\n");
	put_file(machine, "group", "root:x:0:\nkantine:x:2000000002:per\n");
	reopen(machine);
	*state = machine;
	return 0;
}

static int
tear_down(void **state)
{
	struct machine *machine = *state;
	char command[128];

	register_close(machine->db);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", machine->dir);
	free(machine);
	return system(command);
}

static struct account_request
request_for(const char *name, const char *subject)
{
	return (struct account_request){.name = name,
	    .issuer = issuer,
	    .subject = subject,
	    .home = "/home/x",
	    .shell = "/bin/bash"};
}

static enum register_result
add(struct machine *machine, const char *name, const char *subject,
    uint32_t uid, struct account *ret_account)
{
	struct account_request request = request_for(name, subject);

	request.uid = uid;
	return register_account_add(machine->db, &request, 1000, ret_account);
}

static void
assert_added(struct machine *machine, const char *name, const char *subject,
    uint32_t uid, uint32_t expected_uid)
{
	struct account account;

	assert_int_equal(
	    add(machine, name, subject, uid, &account), REGISTER_OK);
	assert_int_equal(account.uid, expected_uid);
	assert_string_equal(account.name, name);
	assert_string_equal(account.subject, subject);
}

static void
test_keeps_an_account(void **state)
{
	struct machine *machine = *state;
	struct account account;
	struct account_request request = request_for("kari", "sub-1");
	struct stat st;

	request.gecos = "Kari Nordmann, K\xc3\xa5"
			"fjord";
	request.uid = 70000;
	assert_int_equal(
	    register_account_add(machine->db, &request, 1234, &account),
	    REGISTER_OK);
	reopen(machine);
	memset(&account, 0xff, sizeof(account));
	assert_int_equal(
	    register_account_by_name(machine->db, "kari", &account),
	    REGISTER_OK);
	assert_string_equal(account.name, "kari");
	assert_int_equal(account.uid, 70000);
	assert_string_equal(account.gecos, request.gecos);
	assert_string_equal(account.home, "/home/x");
	assert_string_equal(account.shell, "/bin/bash");
	assert_string_equal(account.issuer, issuer);
	assert_string_equal(account.subject, "sub-1");
	assert_false(account.locked);
	assert_string_equal(account.lock_reason, "");
	assert_int_equal(account.created_at_s, 1234);
	assert_int_equal(account.last_login_at_s, 0);
	assert_int_equal(register_account_by_name(machine->db, "ola", &account),
	    REGISTER_NOT_FOUND);
	assert_int_equal(
	    register_account_by_name(machine->db, "Kari'--", &account),
	    REGISTER_NOT_FOUND);
	assert_int_equal(stat(machine->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* 2000000001 and 2000000002 are the machine's own: see set_up. */
static void
test_gives_ids_once_and_for_ever(void **state)
{
	struct machine *machine = *state;
	struct account account;
	bool in_use = false;

	assert_added(machine, "kari", "1", 0, 2000000000);
	assert_added(machine, "ola", "2", 0, 2000000003);
	assert_added(machine, "chosen", "3", 2000000004, 2000000004);
	assert_added(machine, "next", "4", 0, 2000000005);
	assert_int_equal(
	    register_account_remove(machine->db, "next", 2000, NULL),
	    REGISTER_OK);
	assert_int_equal(
	    register_account_remove(machine->db, "next", 2000, NULL),
	    REGISTER_NOT_FOUND);
	assert_int_equal(
	    register_account_by_name(machine->db, "next", &account),
	    REGISTER_NOT_FOUND);
	reopen(machine);
	assert_int_equal(
	    add(machine, "a", "5", 2000000005, &account), REGISTER_ID_TAKEN);
	assert_int_equal(
	    register_id_in_use(machine->db, 2000000005, &in_use), REGISTER_OK);
	assert_true(in_use);
	assert_int_equal(
	    register_id_in_use(machine->db, 2000000006, &in_use), REGISTER_OK);
	assert_false(in_use);
	/* The name and the identity come again, with a new uid. */
	assert_added(machine, "next", "4", 0, 2000000006);
	assert_int_equal(
	    add(machine, "a", "5", 2000000006, &account), REGISTER_ID_TAKEN);
}

static void
test_gives_no_id_of_a_group(void **state)
{
	static const uint32_t gids[] = {2000000000, 2000000004, 66000};
	static const uint32_t with_taken[] = {2000000010, 2000000003};
	static const uint32_t with_foreign[] = {2000000010, 1000};
	struct machine *machine = *state;
	struct account account;
	size_t failed_at = 9;

	assert_int_equal(register_reserve_ids(machine->db, gids, 3, &failed_at),
	    REGISTER_OK);
	assert_int_equal(register_reserve_ids(machine->db, gids, 3, &failed_at),
	    REGISTER_OK);
	reopen(machine);
	assert_added(machine, "kari", "1", 0, 2000000003);
	assert_added(machine, "ola", "2", 0, 2000000005);
	assert_int_equal(
	    add(machine, "eva", "3", 66000, &account), REGISTER_ID_TAKEN);
	assert_int_equal(
	    register_reserve_ids(machine->db, with_taken, 2, &failed_at),
	    REGISTER_ID_TAKEN);
	assert_int_equal(failed_at, 1);
	assert_int_equal(
	    register_reserve_ids(machine->db, with_foreign, 2, &failed_at),
	    REGISTER_ID_REFUSED);
	assert_added(machine, "eva", "3", 2000000010, 2000000010);
}

static void
test_ends_where_its_range_ends(void **state)
{
	struct machine *machine = *state;
	struct account account;
	sqlite3 *raw;

	assert_int_equal(sqlite3_open(machine->path, &raw), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(raw, "UPDATE allocation SET next_uid = 2099999999",
		NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_close(raw), SQLITE_OK);
	assert_added(machine, "last", "1", 0, ID_ALLOCATE_END);
	assert_int_equal(
	    add(machine, "none", "2", 0, &account), REGISTER_IDS_EXHAUSTED);
	assert_int_equal(
	    register_account_by_name(machine->db, "none", &account),
	    REGISTER_NOT_FOUND);
	assert_added(machine, "chosen", "2", 65536, 65536);
}

static void
test_refuses_ids_that_are_not_ours(void **state)
{
	static const uint32_t refused[] = {1, 1000, 65534, 65535, 100000,
	    524288, 1879048191, 2000000001, 2000000002, 2147352576, 2147483648,
	    4294967294, 4294967295};
	struct machine *machine = *state;
	struct account account;
	size_t i;

	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_int_equal(
		    add(machine, "kari", "1", refused[i], &account),
		    REGISTER_ID_REFUSED);
}

static void
test_refuses_names_and_identities_that_are_taken(void **state)
{
	struct machine *machine = *state;
	struct account account;

	assert_added(machine, "kari", "1", 0, 2000000000);
	assert_int_equal(
	    add(machine, "kari", "2", 0, &account), REGISTER_NAME_TAKEN);
	assert_int_equal(
	    add(machine, "ola", "1", 0, &account), REGISTER_SUBJECT_TAKEN);
	assert_int_equal(
	    add(machine, "per", "2", 0, &account), REGISTER_NAME_LOCAL);
	assert_int_equal(
	    add(machine, "kantine", "2", 0, &account), REGISTER_NAME_LOCAL);
	assert_int_equal(
	    add(machine, "docker", "2", 0, &account), REGISTER_NAME_LOCAL);
	assert_int_equal(
	    add(machine, "Ola", "2", 0, &account), REGISTER_NAME_INVALID);
	assert_int_equal(
	    add(machine, "", "2", 0, &account), REGISTER_NAME_INVALID);
	/* Subjects differ by case; none of the refused took an id. */
	assert_added(machine, "upper", "SUB", 0, 2000000003);
	assert_added(machine, "lower", "sub", 0, 2000000004);
	put_file(machine, "group", "late:x:2000000005:\n");
	assert_int_equal(
	    add(machine, "late", "9", 0, &account), REGISTER_NAME_LOCAL);
	assert_added(machine, "later", "9", 0, 2000000006);
}

struct field_case {
	const char *gecos;
	const char *home;
	const char *shell;
};

static void
test_refuses_fields_that_passwd_cannot_hold(void **state)
{
	static const struct field_case refused[] = {{"a:b", "/h", "/s"},
	    {"a\nb", "/h", "/s"}, {"a\x1b[0m", "/h", "/s"},
	    {"\xff", "/h", "/s"}, {"\xe2\x80\xae", "/h", "/s"},
	    {"\xc2\x85", "/h", "/s"}, {"\xc0\xaf", "/h", "/s"},
	    {NULL, "h", "/s"}, {NULL, "/a:b", "/s"}, {NULL, "/a\n", "/s"},
	    {NULL, "/a/../b", "/s"}, {NULL, "/..", "/s"}, {NULL, "", "/s"},
	    {NULL, NULL, "/s"}, {NULL, "/h", NULL}, {NULL, "/h", "s"},
	    {NULL, "/h", "/s:x"}};
	struct machine *machine = *state;
	char long_text[REGISTER_PATH_SIZE + 1];
	struct account account;
	size_t i;

	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct account_request request = request_for("kari", "1");

		request.gecos = refused[i].gecos;
		request.home = refused[i].home;
		request.shell = refused[i].shell;
		assert_int_equal(
		    register_account_add(machine->db, &request, 1, &account),
		    REGISTER_FIELD_INVALID);
	}
	memset(long_text, 'a', sizeof(long_text));
	long_text[0] = '/';
	long_text[REGISTER_PATH_SIZE] = '\0';
	for (i = 0; i < 2; i++) {
		struct account_request request = request_for("kari", "1");

		request.home = long_text + i;
		request.gecos = i ? long_text : NULL;
		assert_int_equal(
		    register_account_add(machine->db, &request, 1, &account),
		    REGISTER_FIELD_INVALID);
	}
}

static void
test_refuses_what_is_no_identity(void **state)
{
	static const char *const subjects[] = {"", "a\nb", "a\xc3\xa5", "\x7f"};
	static const char *const issuers[] = {
	    "", "http://a", "https://a b", "https://u@a"};
	struct machine *machine = *state;
	char subject[IDENTITY_SUBJECT_SIZE + 1];
	struct account account;
	size_t i;

	for (i = 0; i < 4; i++) {
		struct account_request request = request_for("kari", "1");

		assert_int_equal(add(machine, "kari", subjects[i], 0, &account),
		    REGISTER_SUBJECT_INVALID);
		request.issuer = issuers[i];
		assert_int_equal(
		    register_account_add(machine->db, &request, 1, &account),
		    REGISTER_SUBJECT_INVALID);
	}
	assert_int_equal(add(machine, "kari", "01815010260", 0, &account),
	    REGISTER_SUBJECT_IS_PID);
	memset(subject, 's', sizeof(subject));
	subject[IDENTITY_SUBJECT_SIZE] = '\0';
	assert_int_equal(add(machine, "kari", subject, 0, &account),
	    REGISTER_SUBJECT_INVALID);
	assert_added(machine, "kari", subject + 1, 0, 2000000000);
}

static void
test_imports_all_or_none(void **state)
{
	struct machine *machine = *state;
	struct account_request requests[3];
	struct account account;
	size_t failed_at = 99;

	requests[0] = request_for("a", "1");
	requests[1] = request_for("b", "2");
	requests[2] = request_for("c", "2");
	assert_int_equal(
	    register_account_import(machine->db, requests, 3, 1, &failed_at),
	    REGISTER_SUBJECT_TAKEN);
	assert_int_equal(failed_at, 2);
	assert_int_equal(register_account_by_name(machine->db, "a", &account),
	    REGISTER_NOT_FOUND);
	requests[2].subject = "3";
	failed_at = 99;
	assert_int_equal(
	    register_account_import(machine->db, requests, 3, 1, &failed_at),
	    REGISTER_OK);
	assert_int_equal(failed_at, 99);
	assert_int_equal(
	    register_account_by_name(machine->db, "c", &account), REGISTER_OK);
	assert_int_equal(account.uid, 2000000004);
	assert_int_equal(
	    register_account_import(machine->db, requests, 0, 1, &failed_at),
	    REGISTER_OK);
}

static void
test_locks_and_unlocks(void **state)
{
	struct machine *machine = *state;
	char reason[REGISTER_REASON_SIZE + 1];
	struct account account;

	memset(reason, 'r', sizeof(reason));
	reason[REGISTER_REASON_SIZE] = '\0';
	assert_added(machine, "kari", "1", 0, 2000000000);
	assert_int_equal(
	    register_account_lock(machine->db, "kari", "sluttet", 7),
	    REGISTER_OK);
	reopen(machine);
	assert_int_equal(
	    register_account_by_name(machine->db, "kari", &account),
	    REGISTER_OK);
	assert_true(account.locked);
	assert_string_equal(account.lock_reason, "sluttet");
	assert_int_equal(register_account_lock(machine->db, "ola", "x", 7),
	    REGISTER_NOT_FOUND);
	assert_int_equal(register_account_lock(machine->db, "kari", "", 7),
	    REGISTER_FIELD_INVALID);
	assert_int_equal(register_account_lock(machine->db, "kari", "a\nb", 7),
	    REGISTER_FIELD_INVALID);
	assert_int_equal(register_account_lock(machine->db, "kari", reason, 7),
	    REGISTER_FIELD_INVALID);
	assert_int_equal(
	    register_account_unlock(machine->db, "kari", 8), REGISTER_OK);
	assert_int_equal(
	    register_account_unlock(machine->db, "ola", 8), REGISTER_NOT_FOUND);
	assert_int_equal(
	    register_account_by_name(machine->db, "kari", &account),
	    REGISTER_OK);
	assert_false(account.locked);
	assert_string_equal(account.lock_reason, "");
}

struct walk {
	char text[512];
	int stop_after;
};

static int
note_account(const struct account *account, void *userdata)
{
	struct walk *walk = userdata;
	size_t length = strlen(walk->text);

	(void)snprintf(walk->text + length, sizeof(walk->text) - length, "%s ",
	    account->name);
	return walk->stop_after-- == 0;
}

static int
note_membership(
    int64_t account_id, const uint32_t *gids, size_t count, void *userdata)
{
	struct walk *walk = userdata;
	size_t length, i;

	for (i = 0; i < count; i++) {
		length = strlen(walk->text);
		(void)snprintf(walk->text + length, sizeof(walk->text) - length,
		    "%d:%u ", (int)account_id, gids[i]);
	}
	return walk->stop_after-- == 0;
}

static int
note_group(const struct account_group *group, void *userdata)
{
	struct walk *walk = userdata;
	size_t length = strlen(walk->text);

	(void)snprintf(walk->text + length, sizeof(walk->text) - length,
	    "%u:%s ", group->gid, group->name);
	return 0;
}

static int
refuse_account(const struct account *account, void *userdata)
{
	(void)account;
	(void)userdata;
	return -1;
}

static void
assert_memberships(struct machine *machine, const char *expected)
{
	struct walk walk = {.stop_after = -1};

	assert_int_equal(
	    register_each_membership(machine->db, note_membership, &walk),
	    REGISTER_OK);
	assert_string_equal(walk.text, expected);
}

static void
test_walks_live_accounts_by_name(void **state)
{
	struct machine *machine = *state;
	size_t count;
	struct walk walk = {.stop_after = -1}, short_walk = {.stop_after = 1};
	struct walk rest = {.stop_after = -1};

	assert_added(machine, "ola", "1", 0, 2000000000);
	assert_added(machine, "eva", "2", 0, 2000000003);
	assert_added(machine, "kari", "3", 0, 2000000004);
	assert_added(machine, "arne", "4", 0, 2000000005);
	assert_int_equal(
	    register_account_remove(machine->db, "eva", 5, NULL), REGISTER_OK);
	assert_int_equal(
	    register_each_account(machine->db, "", note_account, &walk),
	    REGISTER_OK);
	assert_string_equal(walk.text, "arne kari ola ");
	assert_int_equal(
	    register_account_count(machine->db, &count), REGISTER_OK);
	assert_int_equal(count, 3);
	assert_int_equal(
	    register_each_account(machine->db, "", note_account, &short_walk),
	    REGISTER_OK);
	assert_string_equal(short_walk.text, "arne kari ");
	assert_int_equal(
	    register_each_account(machine->db, "kari", note_account, &rest),
	    REGISTER_OK);
	assert_string_equal(rest.text, "ola ");
	assert_int_equal(
	    register_each_account(machine->db, "", refuse_account, NULL),
	    REGISTER_FAILED);
}

static void
test_replaces_memberships(void **state)
{
	static const struct account_group first[] = {
	    {"ko-b", 1900100002, false}, {"ko-a", 1900100001, false}};
	static const struct account_group twice[] = {
	    {"ko-a", 1900100001, false}, {"ko-b", 1900100001, false}};
	static const struct account_group foreign[] = {{"ko-a", 27, false}};
	static const struct account_group renamed[] = {
	    {"ko-c", 1900100002, false}};
	struct machine *machine = *state;
	struct account_group groups[REGISTER_GROUPS_MAX];
	struct walk names = {.stop_after = -1};
	struct account account;
	bool changed = false;
	size_t count;

	assert_int_equal(add(machine, "kari", "1", 0, &account), REGISTER_OK);
	assert_int_equal(register_memberships_set(machine->db, account.id,
			     first, 2, INT64_MAX, &changed),
	    REGISTER_OK);
	assert_true(changed);
	assert_int_equal(
	    register_account_groups(machine->db, account.id, groups, &count),
	    REGISTER_OK);
	assert_int_equal(count, 2);
	assert_string_equal(groups[0].name, "ko-a");
	assert_int_equal(groups[1].gid, 1900100002);
	assert_int_equal(register_memberships_set(machine->db, account.id,
			     first, 2, INT64_MAX, &changed),
	    REGISTER_OK);
	assert_false(changed);
	assert_memberships(machine, "1:1900100001 1:1900100002 ");
	assert_int_equal(
	    register_account_by_name(machine->db, "kari", &account),
	    REGISTER_OK);
	assert_int_equal(register_memberships_set(machine->db, account.id,
			     foreign, 1, INT64_MAX, &changed),
	    REGISTER_ID_REFUSED);
	assert_int_equal(
	    register_each_group(machine->db, note_group, &names), REGISTER_OK);
	assert_string_equal(names.text, "1900100001:ko-a 1900100002:ko-b ");
	assert_int_equal(register_memberships_set(machine->db, account.id,
			     twice, 2, INT64_MAX, &changed),
	    REGISTER_ID_TAKEN);
	assert_memberships(machine, "1:1900100001 1:1900100002 ");
	assert_int_equal(register_memberships_set(machine->db, account.id,
			     first, 1, INT64_MAX, &changed),
	    REGISTER_OK);
	assert_true(changed);
	assert_memberships(machine, "1:1900100002 ");
	assert_int_equal(register_memberships_set(machine->db, account.id,
			     renamed, 1, INT64_MAX, &changed),
	    REGISTER_OK);
	assert_true(changed);
	assert_int_equal(
	    register_account_groups(machine->db, account.id, groups, &count),
	    REGISTER_OK);
	assert_string_equal(groups[0].name, "ko-c");
	assert_int_equal(register_memberships_set(
			     machine->db, 77, first, 1, INT64_MAX, &changed),
	    REGISTER_NOT_FOUND);
	assert_int_equal(
	    register_account_remove(machine->db, "kari", 8000, NULL),
	    REGISTER_OK);
	assert_memberships(machine, "");
	assert_int_equal(register_memberships_set(machine->db, account.id,
			     first, 1, INT64_MAX, &changed),
	    REGISTER_NOT_FOUND);
	assert_memberships(machine, "");
}

static void
assert_not_opened(struct machine *machine, const char *said)
{
	struct register_db *db = NULL;

	assert_int_equal(
	    register_open(machine->path, machine->dir, &db), REGISTER_FAILED);
	if (!strstr(register_error(db), said))
		fail_msg(
		    "\"%s\" does not say \"%s\"", register_error(db), said);
	register_close(db);
}

static void
run_sql(struct machine *machine, const char *sql)
{
	sqlite3 *raw;

	assert_int_equal(sqlite3_open(machine->path, &raw), SQLITE_OK);
	assert_int_equal(sqlite3_exec(raw, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(raw), SQLITE_OK);
}

static void
test_refuses_files_that_are_not_its_own(void **state)
{
	struct machine *machine = *state;

	machine->db = register_close(machine->db);
	assert_int_equal(chmod(machine->path, 0644), 0);
	assert_not_opened(machine, "chmod 0600");
	assert_int_equal(chmod(machine->path, 0600), 0);
	run_sql(machine, "PRAGMA user_version = 99");
	assert_not_opened(machine, "a newer version wrote the file");
	run_sql(machine, "PRAGMA application_id = 7; PRAGMA user_version = 1");
	assert_not_opened(machine, "belongs to another program");
	assert_int_equal(unlink(machine->path), 0);
	put_file(machine, "register",
	    "this is no database, whatever its name "
	    "is, and it is long enough to be seen");
	assert_int_equal(chmod(machine->path, 0600), 0);
	assert_not_opened(machine, "not a database");
	assert_int_equal(unlink(machine->path), 0);
	assert_int_equal(symlink("/dev/null", machine->path), 0);
	assert_not_opened(machine, "no regular file");
	assert_int_equal(unlink(machine->path), 0);
	(void)snprintf(machine->path, sizeof(machine->path), "%s/no/register",
	    machine->dir);
	assert_not_opened(machine, "No such file");
}

/* What somebody else wrote into the file is checked like any other input. */
static void
test_refuses_rows_that_it_would_not_have_written(void **state)
{
	static const char *const damage[] = {"UPDATE account SET name = 'Kari'",
	    "UPDATE account SET name = 'kari' || char(0)",
	    "UPDATE account SET uid = 100000",
	    "UPDATE account SET home = printf('/%0300d', 1)"};
	struct machine *machine = *state;
	struct walk walk = {.stop_after = -1};
	size_t i;

	assert_added(machine, "kari", "1", 0, 2000000000);
	for (i = 0; i < 4; i++) {
		run_sql(machine, damage[i]);
		assert_int_equal(
		    register_each_account(machine->db, "", note_account, &walk),
		    REGISTER_FAILED);
		assert_string_equal(walk.text, "");
		run_sql(machine, "UPDATE account SET name = 'kari', "
				 "uid = 2000000000, home = '/h'");
	}
	assert_int_equal(
	    register_each_account(machine->db, "", note_account, &walk),
	    REGISTER_OK);
	assert_string_equal(walk.text, "kari ");
}

static const struct account_group kitchen[] = {
    {"ko-a", 1900100001, false}, {"ko-b", 1900100002, false}};

static void
add_with_memberships(struct machine *machine, struct account *ret_account)
{
	bool changed;

	assert_int_equal(
	    add(machine, "kari", "1", 0, ret_account), REGISTER_OK);
	assert_int_equal(register_memberships_set(machine->db, ret_account->id,
			     kitchen, 2, INT64_MAX, &changed),
	    REGISTER_OK);
}

static void
put_memberships(struct machine *machine, const void *bytes, size_t size)
{
	sqlite3_stmt *statement;
	sqlite3 *raw;

	assert_int_equal(sqlite3_open(machine->path, &raw), SQLITE_OK);
	assert_int_equal(
	    sqlite3_prepare_v2(
		raw, "UPDATE membership SET gids = ?1", -1, &statement, NULL),
	    SQLITE_OK);
	assert_int_equal(
	    sqlite3_bind_blob(statement, 1, bytes, (int)size, SQLITE_STATIC),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
	assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
	assert_int_equal(sqlite3_close(raw), SQLITE_OK);
}

/* Every way to an account's memberships refuses them as they are. */
static void
assert_memberships_damaged(struct machine *machine, int64_t account_id)
{
	static const char said[] = "a row of membership is damaged";
	struct account_group groups[REGISTER_GROUPS_MAX];
	struct walk walk = {.stop_after = -1};
	struct account account;
	bool changed = false;
	size_t count = 7;

	assert_int_equal(
	    register_each_membership(machine->db, note_membership, &walk),
	    REGISTER_FAILED);
	assert_string_equal(register_error(machine->db), said);
	assert_string_equal(walk.text, "");
	assert_int_equal(
	    register_account_groups(machine->db, account_id, groups, &count),
	    REGISTER_FAILED);
	assert_string_equal(register_error(machine->db), said);
	assert_int_equal(count, 7);
	assert_int_equal(register_memberships_set(machine->db, account_id,
			     kitchen, 2, INT64_MAX, &changed),
	    REGISTER_FAILED);
	assert_string_equal(register_error(machine->db), said);
	assert_false(changed);
	assert_int_equal(
	    register_account_by_name(machine->db, "kari", &account),
	    REGISTER_OK);
}

static void
test_refuses_memberships_that_it_would_not_have_written(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
	} damage[] = {
	    {"\x71", 1}, /* odd */
	    {"\x71\x41\x39\xa1\x71\x41", 6},
	    {"\x71\x41\x39\xa1\x71\x41\x39\xa2\0", 9},
	    {"\x71\x41\x39\xa2\x71\x41\x39\xa1", 8}, /* not ascending */
	    {"\x71\x41\x39\xa1\x71\x41\x39\xa1", 8},
	    {"\0\0\0\0", 4}, /* foreign */
	    {"\0\0\0\x1b\x71\x41\x39\xa1", 8},
	    {"\x71\x41\x39\xa1\xff\xff\xff\xff", 8},
	};
	struct machine *machine = *state;
	struct account account;
	size_t i;

	add_with_memberships(machine, &account);
	for (i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		put_memberships(machine, damage[i].bytes, damage[i].size);
		assert_memberships_damaged(machine, account.id);
	}
	put_memberships(machine, "\x71\x41\x39\xa1\x71\x41\x39\xa2", 8);
	assert_memberships(machine, "1:1900100001 1:1900100002 ");
	put_memberships(machine, "", 0);
	assert_memberships(machine, "");
}

static int
note_count(
    int64_t account_id, const uint32_t *gids, size_t count, void *userdata)
{
	(void)account_id;
	(void)gids;
	*(size_t *)userdata = count;
	return 0;
}

static void
test_refuses_more_memberships_than_an_account_can_have(void **state)
{
	struct machine *machine = *state;
	uint32_t gids[REGISTER_GROUPS_MAX + 1];
	struct account account;
	size_t count = 0;
	uint32_t i;

	for (i = 0; i < REGISTER_GROUPS_MAX + 1; i++)
		gids[i] = htobe32(1900100001 + i);
	add_with_memberships(machine, &account);
	put_memberships(machine, gids, sizeof(gids));
	assert_memberships_damaged(machine, account.id);
	put_memberships(machine, gids, sizeof(gids) - 1);
	assert_memberships_damaged(machine, account.id);
	put_memberships(machine, gids, sizeof(gids) - sizeof(gids[0]));
	assert_int_equal(
	    register_each_membership(machine->db, note_count, &count),
	    REGISTER_OK);
	assert_int_equal(count, REGISTER_GROUPS_MAX);
}

static void
test_refuses_groups_that_it_would_not_have_written(void **state)
{
	static const char *const damage[] = {
	    "UPDATE access_group SET name = 'Ko-A' WHERE gid = 1900100001",
	    "UPDATE access_group SET name = '' WHERE gid = 1900100001",
	    "UPDATE access_group SET name = 'ko-a' || char(0)"
	    " WHERE gid = 1900100001",
	    "UPDATE access_group SET name = printf('a%0300d', 1)"
	    " WHERE gid = 1900100001",
	    "UPDATE access_group SET gid = 100000 WHERE gid = 1900100001"};
	static const char said[] = "a row of access_group is damaged";
	struct machine *machine = *state;
	struct account_group groups[REGISTER_GROUPS_MAX];
	struct walk walk = {.stop_after = -1};
	struct account account;
	size_t count = 7, i;

	add_with_memberships(machine, &account);
	for (i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		run_sql(machine, damage[i]);
		assert_int_equal(
		    register_each_group(machine->db, note_group, &walk),
		    REGISTER_FAILED);
		assert_string_equal(register_error(machine->db), said);
		assert_string_equal(walk.text, "");
		assert_int_equal(register_account_groups(
				     machine->db, account.id, groups, &count),
		    REGISTER_FAILED);
		assert_string_equal(register_error(machine->db), said);
		assert_int_equal(count, 7);
		run_sql(machine, "UPDATE access_group SET name = 'ko-a', "
				 "gid = 1900100001 WHERE name <> 'ko-b'");
	}
	assert_int_equal(
	    register_each_group(machine->db, note_group, &walk), REGISTER_OK);
	assert_string_equal(walk.text, "1900100001:ko-a 1900100002:ko-b ");
	run_sql(machine, "DELETE FROM access_group WHERE gid = 1900100002");
	assert_int_equal(
	    register_account_groups(machine->db, account.id, groups, &count),
	    REGISTER_FAILED);
	assert_string_equal(register_error(machine->db), said);
}

static void
test_knows_nothing_to_be_free_without_the_local_files(void **state)
{
	struct machine *machine = *state;
	struct account account;
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/group", machine->dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(
	    add(machine, "kari", "1", 0, &account), REGISTER_FAILED);
	assert_non_null(strstr(register_error(machine->db), "No such file"));
}

/* Adds accounts until it is killed, and tells of each one that is in. */
static void
add_until_killed(struct machine *machine, unsigned int start, int told)
{
	struct register_db *db = NULL;
	struct account account;
	unsigned int i;
	char name[32];

	if (register_open(machine->path, machine->dir, &db) != REGISTER_OK)
		_exit(1);
	for (i = start;; i++) {
		struct account_request request = request_for(name, name);

		(void)snprintf(name, sizeof(name), "u%u", i);
		if (register_account_add(db, &request, i, &account) !=
			REGISTER_OK ||
		    write(told, &i, sizeof(i)) != sizeof(i))
			_exit(1);
	}
}

static unsigned int
last_told(int fd, unsigned int none)
{
	unsigned int number = none;

	while (read(fd, &number, sizeof(number)) == sizeof(number))
		continue;
	return number;
}

static void
test_survives_sigkill(void **state)
{
	struct machine *machine = *state;
	unsigned int round, told = 0;
	struct account account;
	char name[32];
	int pipes[2], status;
	pid_t child;

	machine->db = register_close(machine->db);
	for (round = 0; round < 8; round++) {
		assert_int_equal(pipe(pipes), 0);
		child = fork();
		assert_true(child >= 0);
		if (child == 0)
			add_until_killed(machine, told + 2, pipes[1]);
		close(pipes[1]);
		/* After the first one: the schema is there, work is on. */
		assert_int_equal(
		    read(pipes[0], &told, sizeof(told)), sizeof(told));
		usleep(1000 + 1700 * round);
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		told = last_told(pipes[0], told);
		close(pipes[0]);
		reopen(machine);
		(void)snprintf(name, sizeof(name), "u%u", told);
		assert_int_equal(
		    register_account_by_name(machine->db, name, &account),
		    REGISTER_OK);
		assert_int_equal(account.created_at_s, told);
		machine->db = register_close(machine->db);
	}
	run_sql(machine, "CREATE TEMP TABLE sound (text CHECK (text = 'ok'));"
			 "INSERT INTO sound SELECT integrity_check FROM "
			 "pragma_integrity_check");
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    CASE(test_keeps_an_account),
	    CASE(test_gives_ids_once_and_for_ever),
	    CASE(test_gives_no_id_of_a_group),
	    CASE(test_ends_where_its_range_ends),
	    CASE(test_refuses_ids_that_are_not_ours),
	    CASE(test_refuses_names_and_identities_that_are_taken),
	    CASE(test_refuses_fields_that_passwd_cannot_hold),
	    CASE(test_refuses_what_is_no_identity),
	    CASE(test_imports_all_or_none),
	    CASE(test_locks_and_unlocks),
	    CASE(test_walks_live_accounts_by_name),
	    CASE(test_replaces_memberships),
	    CASE(test_refuses_files_that_are_not_its_own),
	    CASE(test_refuses_rows_that_it_would_not_have_written),
	    CASE(test_refuses_memberships_that_it_would_not_have_written),
	    CASE(test_refuses_more_memberships_than_an_account_can_have),
	    CASE(test_refuses_groups_that_it_would_not_have_written),
	    CASE(test_knows_nothing_to_be_free_without_the_local_files),
	    CASE(test_survives_sigkill),
	};

	return cmocka_run_group_tests_name("register", tests, NULL, NULL);
}
