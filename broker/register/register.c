#include "broker/register/register.h"

#include "broker/register/account_request.h"
#include "broker/register/database.h"
#include "broker/register/local_accounts.h"
#include "lib/id.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	APPLICATION_ID = 0x50767464, /* "Pvtd", for file(1) */
};

enum statement {
	ADD,
	BY_NAME,
	SUBJECT_TAKEN,
	ID_IN_USE,
	UID_IN_USE,
	NEXT_UID,
	SET_NEXT_UID,
	LOCK,
	UNLOCK,
	REMOVE,
	LOGIN,
	DROP_MEMBERSHIPS,
	SET_MEMBERSHIPS,
	NAME_GROUP,
	RESERVE,
	EACH_ACCOUNT,
	EACH_MEMBERSHIP,
	MEMBERSHIPS,
	EACH_GROUP,
	GROUP_NAME,
	ACCOUNTS_COUNT,
	STATEMENTS_COUNT,
};

struct register_db {
	struct database database;
	char *local_dir;
	sqlite3_stmt *statements[STATEMENTS_COUNT];
};

/*
 * Version n is reached by migrations[n - 1]. Never edit one that was released:
 * add the next.
 *
 * An account's memberships are one value: its gids, ascending, as big-endian
 * 32-bit numbers. A fleet has millions of them, and a row for each costs more
 * than all the rest of publishing it.
 *
 * A row of account is never deleted. What only serves a living account (gecos,
 * home, shell, memberships) goes when the account is removed; name, uid and
 * identity stay, so that an old file's owner can still be told.
 */
static const char *const migrations[] = {
    "CREATE TABLE account ("
    "id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "name TEXT NOT NULL,"
    "uid INTEGER NOT NULL UNIQUE CHECK (uid BETWEEN 65536 AND 2147352575),"
    "gecos TEXT NOT NULL,"
    "home TEXT NOT NULL,"
    "shell TEXT NOT NULL,"
    "issuer TEXT NOT NULL,"
    "subject TEXT NOT NULL,"
    "locked_at_s INTEGER,"
    "lock_reason TEXT NOT NULL DEFAULT '',"
    "created_at_s INTEGER NOT NULL,"
    "last_login_at_s INTEGER NOT NULL DEFAULT 0,"
    "removed_at_s INTEGER"
    ") STRICT;"
    "CREATE UNIQUE INDEX account_name ON account (name)"
    " WHERE removed_at_s IS NULL;"
    "CREATE UNIQUE INDEX account_identity ON account (issuer, subject)"
    " WHERE removed_at_s IS NULL;"
    "CREATE TABLE access_group ("
    "gid INTEGER PRIMARY KEY CHECK (gid BETWEEN 65536 AND 2147352575),"
    "name TEXT NOT NULL"
    ") STRICT;"
    "CREATE TABLE membership ("
    "account_id INTEGER PRIMARY KEY REFERENCES account (id),"
    "gids BLOB NOT NULL"
    ") STRICT;"
    "CREATE TABLE reserved_id (id INTEGER PRIMARY KEY) STRICT;"
    "CREATE TABLE allocation ("
    "only INTEGER PRIMARY KEY CHECK (only = 1),"
    "next_uid INTEGER NOT NULL"
    ") STRICT;"
    "INSERT INTO allocation VALUES (1, 2000000000);",
    NULL,
};

_Static_assert(ID_ALLOCATE_START == 2000000000, "the first migration says so");

#define ACCOUNT_COLUMNS                                        \
	"id, name, uid, gecos, home, shell, issuer, subject, " \
	"locked_at_s IS NOT NULL, lock_reason, created_at_s, last_login_at_s"
#define LIVE " AND removed_at_s IS NULL"

static const char *const statements[STATEMENTS_COUNT] = {
    [ADD] = "INSERT INTO account (name, uid, gecos, home, shell, issuer,"
	    " subject, created_at_s) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [BY_NAME] = "SELECT " ACCOUNT_COLUMNS " FROM account WHERE name = ?1" LIVE,
    [SUBJECT_TAKEN] = "SELECT 1 FROM account WHERE issuer = ?1"
		      " AND subject = ?2" LIVE,
    [ID_IN_USE] = "SELECT 1 FROM account WHERE uid = ?1"
		  " UNION ALL SELECT 1 FROM reserved_id WHERE id = ?1",
    [UID_IN_USE] = "SELECT 1 FROM account WHERE uid = ?1",
    [NEXT_UID] = "SELECT next_uid FROM allocation",
    [SET_NEXT_UID] = "UPDATE allocation SET next_uid = ?1",
    [LOCK] = "UPDATE account SET lock_reason = ?2, locked_at_s = ?3"
	     " WHERE name = ?1" LIVE,
    [UNLOCK] = "UPDATE account SET lock_reason = '', locked_at_s = NULL"
	       " WHERE name = ?1" LIVE,
    [REMOVE] = "UPDATE account SET removed_at_s = ?2, gecos = '', home = '',"
	       " shell = '' WHERE id = ?1" LIVE,
    [LOGIN] = "UPDATE account SET last_login_at_s = ?2 WHERE id = ?1" LIVE,
    [DROP_MEMBERSHIPS] = "DELETE FROM membership WHERE account_id = ?1",
    [SET_MEMBERSHIPS] = "INSERT INTO membership (account_id, gids)"
			" VALUES (?1, ?2) ON CONFLICT (account_id)"
			" DO UPDATE SET gids = excluded.gids",
    [NAME_GROUP] = "INSERT INTO access_group (gid, name) VALUES (?1, ?2)"
		   " ON CONFLICT (gid) DO UPDATE SET name = excluded.name"
		   " WHERE name <> excluded.name",
    [RESERVE] = "INSERT OR IGNORE INTO reserved_id (id) VALUES (?1)",
    [EACH_ACCOUNT] = "SELECT " ACCOUNT_COLUMNS " FROM account"
		     " WHERE removed_at_s IS NULL AND name > ?1 ORDER BY name",
    [EACH_MEMBERSHIP] = "SELECT gids, account_id FROM membership"
			" ORDER BY account_id",
    [MEMBERSHIPS] = "SELECT gids FROM membership WHERE account_id = ?1",
    [EACH_GROUP] = "SELECT gid, name FROM access_group ORDER BY gid",
    [GROUP_NAME] = "SELECT gid, name FROM access_group WHERE gid = ?1",
    [ACCOUNTS_COUNT] = "SELECT count(*) FROM account"
		       " WHERE removed_at_s IS NULL",
};

static void
end_statement(sqlite3_stmt **statement)
{
	(void)sqlite3_reset(*statement);
	(void)sqlite3_clear_bindings(*statement);
}

#define STATEMENT __attribute__((cleanup(end_statement))) sqlite3_stmt *

static enum register_result
fail(struct register_db *db)
{
	(void)database_fail(&db->database, "register");
	return REGISTER_FAILED;
}

static enum register_result
fail_text(struct register_db *db, const char *text)
{
	(void)snprintf(
	    db->database.error, sizeof(db->database.error), "%s", text);
	return REGISTER_FAILED;
}

/* Texts outlive the statement's one execution. */
static void
bind_text(sqlite3_stmt *statement, int index, const char *text)
{
	(void)sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC);
}

/* A statement that returns no rows. *ret_changes may be NULL. */
static enum register_result
run(struct register_db *db, sqlite3_stmt *statement, int *ret_changes)
{
	if (sqlite3_step(statement) != SQLITE_DONE)
		return fail(db);
	if (ret_changes)
		*ret_changes = sqlite3_changes(db->database.sqlite);
	return REGISTER_OK;
}

/* Does a query with bound values find a row? */
static enum register_result
finds(struct register_db *db, sqlite3_stmt *statement, bool *ret_found)
{
	int step = sqlite3_step(statement);

	if (step != SQLITE_ROW && step != SQLITE_DONE)
		return fail(db);
	*ret_found = step == SQLITE_ROW;
	return REGISTER_OK;
}

/* begin and end bracket every change; an end without OK forgets it. */
static enum register_result
begin(struct register_db *db)
{
	return database_begin(&db->database) < 0 ? REGISTER_FAILED
						 : REGISTER_OK;
}

static enum register_result
end(struct register_db *db, enum register_result result)
{
	if (result == REGISTER_OK && database_commit(&db->database) < 0)
		result = REGISTER_FAILED;
	if (result != REGISTER_OK)
		database_rollback(&db->database);
	return result;
}

static enum register_result
read_local(struct register_db *db, struct local_accounts **ret_local)
{
	int error = local_accounts_read(db->local_dir, ret_local);

	if (!error)
		return REGISTER_OK;
	(void)snprintf(db->database.error, sizeof(db->database.error),
	    "%s: passwd and group cannot be read: %s", db->local_dir,
	    strerror(-error));
	return REGISTER_FAILED;
}

static void
free_local(struct local_accounts **local)
{
	local_accounts_free(*local);
}

static int
open_database(struct register_db *db, const char *path, const char *local_dir)
{
	size_t i;
	int error;

	db->local_dir = strdup(local_dir);
	if (!db->local_dir)
		return -1;
	error = database_open(&db->database, path, APPLICATION_ID, migrations);
	for (i = 0; i < STATEMENTS_COUNT && !error; i++)
		error = database_prepare(
		    &db->database, statements[i], &db->statements[i]);
	return error;
}

static void
close_database(struct register_db *db)
{
	size_t i;

	for (i = 0; i < STATEMENTS_COUNT; i++) {
		(void)sqlite3_finalize(db->statements[i]);
		db->statements[i] = NULL;
	}
	database_close(&db->database);
}

enum register_result
register_open(
    const char *path, const char *local_dir, struct register_db **ret_db)
{
	struct register_db *db;

	db = calloc(1, sizeof(*db));
	if (!db)
		return REGISTER_FAILED;
	*ret_db = db;
	if (open_database(db, path, local_dir) == 0)
		return REGISTER_OK;
	close_database(db);
	return REGISTER_FAILED;
}

struct register_db *
register_close(struct register_db *db)
{
	if (!db)
		return NULL;
	close_database(db);
	free(db->local_dir);
	free(db);
	return NULL;
}

const char *
register_error(const struct register_db *db)
{
	if (!db)
		return "out of memory";
	return db->database.error;
}

const char *
register_result_text(enum register_result result)
{
	switch (result) {
	case REGISTER_FAILED:
		return "the register failed";
	case REGISTER_OK:
		return "done";
	case REGISTER_NOT_FOUND:
		return "there is no such account";
	case REGISTER_NAME_INVALID:
		return "the name is not a valid one: a to z, 0 to 9, _ and -, "
		       "at most 32, not a digit or - first";
	case REGISTER_NAME_TAKEN:
		return "another account has this name";
	case REGISTER_NAME_LOCAL:
		return "the machine itself has a user or group of this name, "
		       "or software gives power to it";
	case REGISTER_ID_REFUSED:
		return "the uid belongs to the machine or to somebody else's "
		       "range";
	case REGISTER_ID_TAKEN:
		return "the uid or gid was given out before: ids are never "
		       "used twice";
	case REGISTER_SUBJECT_TAKEN:
		return "another account has this identity";
	case REGISTER_SUBJECT_INVALID:
		return "issuer or subject is not a valid one";
	case REGISTER_FIELD_INVALID:
		return "gecos, home, shell or reason is not a valid one";
	case REGISTER_IDS_EXHAUSTED:
		return "no uid is left to give out";
	}
	return "unknown result";
}

static bool
read_id(sqlite3_stmt *statement, int column, uint32_t *ret_id)
{
	int64_t id = sqlite3_column_int64(statement, column);

	if (id < 0 || id > UINT32_MAX || !id_is_ours((uint32_t)id))
		return false;
	*ret_id = (uint32_t)id;
	return true;
}

/* Another program may have written the row: what we would refuse is an error. */
static bool
read_account(sqlite3_stmt *row, struct account *ret_account)
{
	if (!database_text(row, 1, ret_account->name, NAME_MAX_SIZE) ||
	    !name_is_valid(ret_account->name) ||
	    !read_id(row, 2, &ret_account->uid) ||
	    !database_text(row, 3, ret_account->gecos, REGISTER_GECOS_SIZE) ||
	    !database_text(row, 4, ret_account->home, REGISTER_PATH_SIZE) ||
	    !database_text(row, 5, ret_account->shell, REGISTER_PATH_SIZE) ||
	    !database_text(row, 6, ret_account->issuer, REGISTER_ISSUER_SIZE) ||
	    !database_text(
		row, 7, ret_account->subject, IDENTITY_SUBJECT_SIZE) ||
	    !database_text(
		row, 9, ret_account->lock_reason, REGISTER_REASON_SIZE))
		return false;
	ret_account->id = sqlite3_column_int64(row, 0);
	ret_account->locked = sqlite3_column_int(row, 8) != 0;
	ret_account->created_at_s = sqlite3_column_int64(row, 10);
	ret_account->last_login_at_s = sqlite3_column_int64(row, 11);
	return true;
}

enum register_result
register_account_by_name(
    struct register_db *db, const char *name, struct account *ret_account)
{
	STATEMENT statement = db->statements[BY_NAME];
	struct account account;
	enum register_result result;
	bool found = false;

	if (!name_is_valid(name))
		return REGISTER_NOT_FOUND;
	bind_text(statement, 1, name);
	result = finds(db, statement, &found);
	if (result != REGISTER_OK)
		return result;
	if (!found)
		return REGISTER_NOT_FOUND;
	if (!read_account(statement, &account))
		return fail_text(db, "a row of account is damaged");
	*ret_account = account;
	return REGISTER_OK;
}

enum register_result
register_id_in_use(struct register_db *db, uint32_t id, bool *ret_in_use)
{
	STATEMENT statement = db->statements[ID_IN_USE];

	(void)sqlite3_bind_int64(statement, 1, id);
	return finds(db, statement, ret_in_use);
}

static enum register_result
check_name_free(struct register_db *db, const char *name)
{
	STATEMENT statement = db->statements[BY_NAME];
	enum register_result result;
	bool found = false;

	bind_text(statement, 1, name);
	result = finds(db, statement, &found);
	return result == REGISTER_OK && found ? REGISTER_NAME_TAKEN : result;
}

static enum register_result
check_subject_free(
    struct register_db *db, const struct account_request *request)
{
	STATEMENT statement = db->statements[SUBJECT_TAKEN];
	enum register_result result;
	bool found = false;

	bind_text(statement, 1, request->issuer);
	bind_text(statement, 2, request->subject);
	result = finds(db, statement, &found);
	return result == REGISTER_OK && found ? REGISTER_SUBJECT_TAKEN : result;
}

static enum register_result
read_next_uid(struct register_db *db, uint32_t *ret_uid)
{
	STATEMENT statement = db->statements[NEXT_UID];
	int64_t next;

	if (sqlite3_step(statement) != SQLITE_ROW)
		return fail(db);
	next = sqlite3_column_int64(statement, 0);
	if (next < ID_ALLOCATE_START || next > (int64_t)ID_ALLOCATE_END + 1)
		return fail_text(db, "the row of allocation is damaged");
	*ret_uid = (uint32_t)next;
	return REGISTER_OK;
}

/*
 * The next id that nobody ever had. The mark only rises: an id that was passed
 * over because a group or the machine had it is not looked at again.
 */
static enum register_result
allocate_uid(struct register_db *db, const struct local_accounts *local,
    uint32_t *ret_uid)
{
	STATEMENT statement = db->statements[SET_NEXT_UID];
	enum register_result result;
	uint32_t uid = 0;
	bool taken = true;

	result = read_next_uid(db, &uid);
	for (; result == REGISTER_OK && uid <= ID_ALLOCATE_END; uid++) {
		result = register_id_in_use(db, uid, &taken);
		taken = taken || local_accounts_has_id(local, uid);
		if (!taken)
			break;
	}
	if (result != REGISTER_OK)
		return result;
	if (uid > ID_ALLOCATE_END)
		return REGISTER_IDS_EXHAUSTED;
	(void)sqlite3_bind_int64(statement, 1, (int64_t)uid + 1);
	result = run(db, statement, NULL);
	if (result == REGISTER_OK)
		*ret_uid = uid;
	return result;
}

static enum register_result
choose_uid(struct register_db *db, const struct local_accounts *local,
    uint32_t wanted, uint32_t *ret_uid)
{
	enum register_result result;
	bool taken = true;

	if (wanted == 0)
		return allocate_uid(db, local, ret_uid);
	result = register_id_in_use(db, wanted, &taken);
	if (result != REGISTER_OK)
		return result;
	if (taken)
		return REGISTER_ID_TAKEN;
	*ret_uid = wanted;
	return REGISTER_OK;
}

static enum register_result
insert_account(struct register_db *db, const struct account_request *request,
    uint32_t uid, int64_t now_s)
{
	STATEMENT statement = db->statements[ADD];

	bind_text(statement, 1, request->name);
	(void)sqlite3_bind_int64(statement, 2, uid);
	bind_text(statement, 3, request->gecos ? request->gecos : "");
	bind_text(statement, 4, request->home);
	bind_text(statement, 5, request->shell);
	bind_text(statement, 6, request->issuer);
	bind_text(statement, 7, request->subject);
	(void)sqlite3_bind_int64(statement, 8, now_s);
	return run(db, statement, NULL);
}

/* Inside a transaction. */
static enum register_result
add_account(struct register_db *db, const struct local_accounts *local,
    const struct account_request *request, int64_t now_s)
{
	enum register_result result;
	uint32_t uid = 0;

	result = account_request_check(request, local);
	if (result == REGISTER_OK)
		result = check_name_free(db, request->name);
	if (result == REGISTER_OK)
		result = check_subject_free(db, request);
	if (result == REGISTER_OK)
		result = choose_uid(db, local, request->uid, &uid);
	if (result == REGISTER_OK)
		result = insert_account(db, request, uid, now_s);
	return result;
}

enum register_result
register_account_import(struct register_db *db,
    const struct account_request *requests, size_t count, int64_t now_s,
    size_t *ret_failed_at)
{
	__attribute__((cleanup(free_local))) struct local_accounts *local =
	    NULL;
	enum register_result result;
	size_t i;

	result = read_local(db, &local);
	if (result == REGISTER_OK)
		result = begin(db);
	if (result != REGISTER_OK)
		return result;
	for (i = 0; i < count && result == REGISTER_OK; i++) {
		result = add_account(db, local, &requests[i], now_s);
		if (result != REGISTER_OK)
			*ret_failed_at = i;
	}
	return end(db, result);
}

enum register_result
register_account_add(struct register_db *db,
    const struct account_request *request, int64_t now_s,
    struct account *ret_account)
{
	enum register_result result;
	size_t failed_at;

	result = register_account_import(db, request, 1, now_s, &failed_at);
	if (result != REGISTER_OK)
		return result;
	return register_account_by_name(db, request->name, ret_account);
}

enum register_result
register_account_lock(
    struct register_db *db, const char *name, const char *reason, int64_t now_s)
{
	STATEMENT statement = db->statements[LOCK];
	enum register_result result;
	int changes = 0;

	if (!account_reason_is_valid(reason))
		return REGISTER_FIELD_INVALID;
	bind_text(statement, 1, name);
	bind_text(statement, 2, reason);
	(void)sqlite3_bind_int64(statement, 3, now_s);
	result = run(db, statement, &changes);
	return result == REGISTER_OK && changes == 0 ? REGISTER_NOT_FOUND
						     : result;
}

enum register_result
register_account_unlock(struct register_db *db, const char *name)
{
	STATEMENT statement = db->statements[UNLOCK];
	enum register_result result;
	int changes = 0;

	bind_text(statement, 1, name);
	result = run(db, statement, &changes);
	return result == REGISTER_OK && changes == 0 ? REGISTER_NOT_FOUND
						     : result;
}

/* Binds the account's id and a time, and expects to change its one row. */
static enum register_result
change_account(struct register_db *db, enum statement which, int64_t account_id,
    int64_t now_s)
{
	STATEMENT statement = db->statements[which];
	enum register_result result;
	int changes = 0;

	(void)sqlite3_bind_int64(statement, 1, account_id);
	(void)sqlite3_bind_int64(statement, 2, now_s);
	result = run(db, statement, &changes);
	return result == REGISTER_OK && changes == 0 ? REGISTER_NOT_FOUND
						     : result;
}

static enum register_result
drop_memberships(struct register_db *db, int64_t account_id)
{
	STATEMENT statement = db->statements[DROP_MEMBERSHIPS];

	(void)sqlite3_bind_int64(statement, 1, account_id);
	return run(db, statement, NULL);
}

enum register_result
register_account_remove(struct register_db *db, const char *name, int64_t now_s)
{
	struct account account;
	enum register_result result;

	result = begin(db);
	if (result != REGISTER_OK)
		return result;
	result = register_account_by_name(db, name, &account);
	if (result == REGISTER_OK)
		result = drop_memberships(db, account.id);
	if (result == REGISTER_OK)
		result = change_account(db, REMOVE, account.id, now_s);
	return end(db, result);
}

/* The gids of a row of membership, which another program may have written. */
static bool
read_gids(sqlite3_stmt *row, uint32_t ret_gids[static REGISTER_GROUPS_MAX],
    size_t *ret_count)
{
	const uint8_t *bytes = sqlite3_column_blob(row, 0);
	size_t size = (size_t)sqlite3_column_bytes(row, 0);
	size_t count = size / sizeof(*ret_gids), i;

	if (size % sizeof(*ret_gids) || count > REGISTER_GROUPS_MAX)
		return false;
	if (count > 0)
		memcpy(ret_gids, bytes, size);
	for (i = 0; i < count; i++) {
		ret_gids[i] = be32toh(ret_gids[i]);
		if (!id_is_ours(ret_gids[i]) ||
		    (i > 0 && ret_gids[i] <= ret_gids[i - 1]))
			return false;
	}
	*ret_count = count;
	return true;
}

/* None when there is no row. */
static enum register_result
account_gids(struct register_db *db, int64_t account_id,
    uint32_t ret_gids[static REGISTER_GROUPS_MAX], size_t *ret_count)
{
	STATEMENT statement = db->statements[MEMBERSHIPS];
	int step;

	(void)sqlite3_bind_int64(statement, 1, account_id);
	step = sqlite3_step(statement);
	if (step == SQLITE_DONE)
		*ret_count = 0;
	else if (step != SQLITE_ROW)
		return fail(db);
	else if (!read_gids(statement, ret_gids, ret_count))
		return fail_text(db, "a row of membership is damaged");
	return REGISTER_OK;
}

static bool
read_group(sqlite3_stmt *row, struct account_group *ret_group)
{
	return read_id(row, 0, &ret_group->gid) &&
	       database_text(row, 1, ret_group->name, NAME_MAX_SIZE) &&
	       name_is_valid(ret_group->name);
}

static enum register_result
group_by_gid(
    struct register_db *db, uint32_t gid, struct account_group *ret_group)
{
	STATEMENT statement = db->statements[GROUP_NAME];
	int step;

	(void)sqlite3_bind_int64(statement, 1, gid);
	step = sqlite3_step(statement);
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		return fail(db);
	if (step == SQLITE_DONE || !read_group(statement, ret_group))
		return fail_text(db, "a row of access_group is damaged");
	return REGISTER_OK;
}

enum register_result
register_account_groups(struct register_db *db, int64_t account_id,
    struct account_group ret_groups[static REGISTER_GROUPS_MAX],
    size_t *ret_count)
{
	uint32_t gids[REGISTER_GROUPS_MAX];
	enum register_result result;
	size_t count, i;

	result = account_gids(db, account_id, gids, &count);
	for (i = 0; result == REGISTER_OK && i < count; i++)
		result = group_by_gid(db, gids[i], &ret_groups[i]);
	if (result == REGISTER_OK)
		*ret_count = count;
	return result;
}

static int
compare_gids(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* The gids of valid groups, ascending, none twice. */
static enum register_result
sort_gids(const struct account_group *groups, size_t count,
    uint32_t ret_gids[static REGISTER_GROUPS_MAX])
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (!name_is_valid(groups[i].name))
			return REGISTER_NAME_INVALID;
		if (!id_is_ours(groups[i].gid))
			return REGISTER_ID_REFUSED;
		ret_gids[i] = groups[i].gid;
	}
	qsort(ret_gids, count, sizeof(*ret_gids), compare_gids);
	for (i = 1; i < count; i++) {
		if (ret_gids[i] == ret_gids[i - 1])
			return REGISTER_ID_TAKEN;
	}
	return REGISTER_OK;
}

static enum register_result
set_gids(struct register_db *db, int64_t account_id, const uint32_t *gids,
    size_t count)
{
	STATEMENT statement = db->statements[SET_MEMBERSHIPS];
	uint32_t stored[REGISTER_GROUPS_MAX];
	size_t i;

	for (i = 0; i < count; i++)
		stored[i] = htobe32(gids[i]);
	(void)sqlite3_bind_int64(statement, 1, account_id);
	(void)sqlite3_bind_blob(statement, 2, stored,
	    (int)(count * sizeof(*stored)), SQLITE_TRANSIENT);
	return run(db, statement, NULL);
}

static enum register_result
name_group(struct register_db *db, const struct account_group *group,
    bool *ret_changed)
{
	STATEMENT statement = db->statements[NAME_GROUP];
	enum register_result result;
	int changes = 0;

	(void)sqlite3_bind_int64(statement, 1, group->gid);
	bind_text(statement, 2, group->name);
	result = run(db, statement, &changes);
	if (changes > 0)
		*ret_changed = true;
	return result;
}

static enum register_result
replace_memberships(struct register_db *db, int64_t account_id,
    const struct account_group *groups, size_t count, bool *ret_changed)
{
	uint32_t before[REGISTER_GROUPS_MAX], after[REGISTER_GROUPS_MAX];
	enum register_result result;
	size_t before_count, i;
	bool changed;

	result = sort_gids(groups, count, after);
	if (result == REGISTER_OK)
		result = account_gids(db, account_id, before, &before_count);
	if (result != REGISTER_OK)
		return result;
	changed = before_count != count ||
		  memcmp(before, after, count * sizeof(*after)) != 0;
	if (changed)
		result = set_gids(db, account_id, after, count);
	for (i = 0; i < count && result == REGISTER_OK; i++)
		result = name_group(db, &groups[i], &changed);
	if (result == REGISTER_OK)
		*ret_changed = changed;
	return result;
}

enum register_result
register_login_record(struct register_db *db, int64_t account_id,
    const struct account_group *groups, size_t count, int64_t now_s,
    bool *ret_changed)
{
	enum register_result result;

	if (count > REGISTER_GROUPS_MAX)
		return REGISTER_FIELD_INVALID;
	result = begin(db);
	if (result != REGISTER_OK)
		return result;
	result = change_account(db, LOGIN, account_id, now_s);
	if (result == REGISTER_OK)
		result = replace_memberships(
		    db, account_id, groups, count, ret_changed);
	return end(db, result);
}

/* Inside a transaction. */
static enum register_result
reserve_id(struct register_db *db, uint32_t id)
{
	STATEMENT taken = db->statements[UID_IN_USE];
	STATEMENT statement = db->statements[RESERVE];
	enum register_result result;
	bool found = true;

	if (!id_is_ours(id))
		return REGISTER_ID_REFUSED;
	(void)sqlite3_bind_int64(taken, 1, id);
	result = finds(db, taken, &found);
	if (result != REGISTER_OK)
		return result;
	if (found)
		return REGISTER_ID_TAKEN;
	(void)sqlite3_bind_int64(statement, 1, id);
	return run(db, statement, NULL);
}

enum register_result
register_reserve_ids(struct register_db *db, const uint32_t *ids, size_t count,
    size_t *ret_failed_at)
{
	enum register_result result;
	size_t i;

	result = begin(db);
	if (result != REGISTER_OK)
		return result;
	for (i = 0; i < count && result == REGISTER_OK; i++) {
		result = reserve_id(db, ids[i]);
		if (result != REGISTER_OK)
			*ret_failed_at = i;
	}
	return end(db, result);
}

enum register_result
register_each_account(struct register_db *db, const char *after,
    register_account_fn each, void *userdata)
{
	STATEMENT statement = db->statements[EACH_ACCOUNT];
	struct account account;
	int step = SQLITE_DONE, ended = 0;

	bind_text(statement, 1, after);
	while (!ended && (step = sqlite3_step(statement)) == SQLITE_ROW) {
		if (!read_account(statement, &account))
			return fail_text(db, "a row of account is damaged");
		ended = each(&account, userdata);
	}
	if (ended < 0)
		return fail_text(db, "the walk was ended");
	return ended || step == SQLITE_DONE ? REGISTER_OK : fail(db);
}

enum register_result
register_each_membership(
    struct register_db *db, register_membership_fn each, void *userdata)
{
	STATEMENT statement = db->statements[EACH_MEMBERSHIP];
	uint32_t gids[REGISTER_GROUPS_MAX];
	int step = SQLITE_DONE, ended = 0;
	size_t count;

	while (!ended && (step = sqlite3_step(statement)) == SQLITE_ROW) {
		if (!read_gids(statement, gids, &count))
			return fail_text(db, "a row of membership is damaged");
		ended = each(
		    sqlite3_column_int64(statement, 1), gids, count, userdata);
	}
	if (ended < 0)
		return fail_text(db, "the walk was ended");
	return ended || step == SQLITE_DONE ? REGISTER_OK : fail(db);
}

enum register_result
register_each_group(
    struct register_db *db, register_group_fn each, void *userdata)
{
	STATEMENT statement = db->statements[EACH_GROUP];
	struct account_group group;
	int step = SQLITE_DONE, ended = 0;

	while (!ended && (step = sqlite3_step(statement)) == SQLITE_ROW) {
		if (!read_group(statement, &group))
			return fail_text(
			    db, "a row of access_group is damaged");
		ended = each(&group, userdata);
	}
	if (ended < 0)
		return fail_text(db, "the walk was ended");
	return ended || step == SQLITE_DONE ? REGISTER_OK : fail(db);
}

enum register_result
register_account_count(struct register_db *db, size_t *ret_count)
{
	STATEMENT statement = db->statements[ACCOUNTS_COUNT];

	if (sqlite3_step(statement) != SQLITE_ROW)
		return fail(db);
	*ret_count = (size_t)sqlite3_column_int64(statement, 0);
	return REGISTER_OK;
}
