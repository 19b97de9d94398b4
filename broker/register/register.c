/*
 * The file of the register: its schema, its statements, its transactions and
 * what it says when something fails. What the rows mean is in account.c and
 * membership.c.
 */
#include "broker/register/register_private.h"
#include "lib/id.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	APPLICATION_ID = 0x50767464, /* "Pvtd", for file(1) */
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

void
register_end_statement(sqlite3_stmt **statement)
{
	(void)sqlite3_reset(*statement);
	(void)sqlite3_clear_bindings(*statement);
}

enum register_result
register_fail(struct register_db *db)
{
	(void)database_fail(&db->database, "register");
	return REGISTER_FAILED;
}

enum register_result
register_fail_text(struct register_db *db, const char *text)
{
	(void)snprintf(
	    db->database.error, sizeof(db->database.error), "%s", text);
	return REGISTER_FAILED;
}

void
register_bind_text(sqlite3_stmt *statement, int index, const char *text)
{
	(void)sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC);
}

enum register_result
register_run(struct register_db *db, sqlite3_stmt *statement, int *ret_changes)
{
	if (sqlite3_step(statement) != SQLITE_DONE)
		return register_fail(db);
	if (ret_changes)
		*ret_changes = sqlite3_changes(db->database.sqlite);
	return REGISTER_OK;
}

enum register_result
register_finds(struct register_db *db, sqlite3_stmt *statement, bool *ret_found)
{
	int step = sqlite3_step(statement);

	if (step != SQLITE_ROW && step != SQLITE_DONE)
		return register_fail(db);
	*ret_found = step == SQLITE_ROW;
	return REGISTER_OK;
}

enum register_result
register_begin(struct register_db *db)
{
	return database_begin(&db->database) < 0 ? REGISTER_FAILED
						 : REGISTER_OK;
}

enum register_result
register_end(struct register_db *db, enum register_result result)
{
	if (result == REGISTER_OK && database_commit(&db->database) < 0)
		result = REGISTER_FAILED;
	if (result != REGISTER_OK)
		database_rollback(&db->database);
	return result;
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

bool
register_read_id(sqlite3_stmt *row, int column, uint32_t *ret_id)
{
	int64_t id = sqlite3_column_int64(row, column);

	if (id < 0 || id > UINT32_MAX || !id_is_ours((uint32_t)id))
		return false;
	*ret_id = (uint32_t)id;
	return true;
}
