/*
 * The file of the register: its schema, its transactions and what it says when
 * something fails. What the rows mean is in the file of each table.
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

    /* Memberships that end, and what was known when. */
    "ALTER TABLE access_group ADD COLUMN restricted INTEGER NOT NULL"
    " DEFAULT 0 CHECK (restricted IN (0, 1));"
    "ALTER TABLE membership ADD COLUMN changes_at_s INTEGER NOT NULL"
    " DEFAULT " NEVER ";"
    "CREATE INDEX membership_change ON membership (changes_at_s)"
    " WHERE changes_at_s < " NEVER ";"
    "CREATE TABLE login ("
    "id INTEGER PRIMARY KEY,"
    "account_id INTEGER NOT NULL REFERENCES account (id),"
    "at_s INTEGER NOT NULL,"
    "evidence BLOB NOT NULL"
    ") STRICT;"
    "CREATE INDEX login_account ON login (account_id, id, at_s);"
    "CREATE TABLE account_lock ("
    "id INTEGER PRIMARY KEY,"
    "account_id INTEGER NOT NULL REFERENCES account (id),"
    "from_s INTEGER NOT NULL,"
    "until_s INTEGER CHECK (until_s >= from_s)," /* NULL: it stands */
    "reason TEXT NOT NULL"
    ") STRICT;"
    "CREATE INDEX account_lock_account ON account_lock (account_id, from_s);"
    "CREATE UNIQUE INDEX account_lock_standing ON account_lock (account_id)"
    " WHERE until_s IS NULL;"
    "INSERT INTO account_lock (account_id, from_s, until_s, reason)"
    " SELECT id, locked_at_s, max(locked_at_s, removed_at_s), lock_reason"
    " FROM account WHERE locked_at_s IS NOT NULL;"
    "CREATE TABLE rules ("
    "id INTEGER PRIMARY KEY,"
    "from_s INTEGER NOT NULL,"
    "record BLOB NOT NULL"
    ") STRICT;"
    "CREATE TABLE authorisation ("
    "id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "account_id INTEGER NOT NULL REFERENCES account (id),"
    "gid INTEGER NOT NULL CHECK (gid BETWEEN 65536 AND 2147352575),"
    "group_name TEXT NOT NULL,"
    "unit TEXT NOT NULL CHECK (length(unit) BETWEEN 1 AND 16),"
    "contact_order INTEGER NOT NULL CHECK (contact_order BETWEEN 1 AND 999),"
    "kind INTEGER NOT NULL CHECK (kind IN (1, 2)),"
    "basis TEXT NOT NULL CHECK (basis <> ''),"
    "reason TEXT NOT NULL CHECK (reason <> ''),"
    "exception TEXT NOT NULL,"
    "given_by TEXT NOT NULL,"
    "given_at_s INTEGER NOT NULL,"
    "from_s INTEGER NOT NULL,"
    "until_s INTEGER NOT NULL CHECK (until_s > from_s),"
    "withdrawn_at_s INTEGER,"
    "withdrawn_by TEXT NOT NULL DEFAULT '',"
    "withdrawn_reason TEXT NOT NULL DEFAULT '',"
    "ends_at_s INTEGER NOT NULL GENERATED ALWAYS AS"
    " (min(until_s, coalesce(withdrawn_at_s, until_s))) VIRTUAL,"
    "CHECK ((withdrawn_at_s IS NULL) = (withdrawn_by = ''))"
    ") STRICT;"
    "CREATE INDEX authorisation_group ON authorisation (gid, unit);"
    "CREATE INDEX authorisation_account ON authorisation (account_id);"
    "CREATE TABLE notice ("
    "id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "at_s INTEGER NOT NULL,"
    "kind TEXT NOT NULL,"
    "text TEXT NOT NULL,"
    "taken_at_s INTEGER,"
    "taken_by TEXT NOT NULL DEFAULT '',"
    "CHECK ((taken_at_s IS NULL) = (taken_by = ''))"
    ") STRICT;"
    "CREATE INDEX notice_waiting ON notice (id) WHERE taken_at_s IS NULL;"
    "CREATE TABLE person_link ("
    "account_id INTEGER PRIMARY KEY REFERENCES account (id),"
    "key INTEGER NOT NULL CHECK (key BETWEEN 1 AND 4294967295),"
    "hash BLOB NOT NULL CHECK (length(hash) = 32)"
    ") STRICT;"
    "CREATE UNIQUE INDEX person_link_hash ON person_link (key, hash);"
    "DROP INDEX account_identity;"
    "CREATE UNIQUE INDEX account_identity ON account (issuer, subject)"
    " WHERE removed_at_s IS NULL AND subject <> '';",

    /* Tokens that are refused before their time. */
    "CREATE TABLE revocation ("
    "id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "kind INTEGER NOT NULL CHECK (kind IN (1, 2, 3)),"
    "session TEXT NOT NULL,"
    "account_id INTEGER REFERENCES account (id),"
    "issuer TEXT NOT NULL," /* '': of all */
    "before_s INTEGER NOT NULL,"
    "at_s INTEGER NOT NULL,"
    "until_s INTEGER NOT NULL,"
    "by TEXT NOT NULL,"
    "reason TEXT NOT NULL CHECK (reason <> ''),"
    "CHECK ((kind = 1) = (session <> '')),"
    "CHECK ((kind = 2) = (account_id IS NOT NULL))"
    ") STRICT;"
    "CREATE INDEX revocation_end ON revocation (until_s);",

    /* Whoever keeps links of people has to know when they are others. */
    "ALTER TABLE allocation ADD COLUMN links_epoch INTEGER NOT NULL"
    " DEFAULT 1;",

    NULL,
};

_Static_assert(ID_ALLOCATE_START == 2000000000, "the first migration says so");

static const struct register_sql *const files[REGISTER_FILES] = {
    [ACCOUNT] = &account_sql,
    [MEMBERSHIP] = &membership_sql,
    [HISTORY] = &history_sql,
    [NOTICE] = &notice_sql,
    [AUTHORISATION] = &authorisation_sql,
    [PERSON_LINK] = &person_link_sql,
    [REVOCATION] = &revocation_sql,
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
register_end_walk(struct register_db *db, int step, int ended)
{
	if (ended < 0)
		return register_fail_text(db, "the walk was ended");
	return ended || step == SQLITE_DONE ? REGISTER_OK : register_fail(db);
}

enum register_result
register_begin(struct register_db *db)
{
	if (db->depth == 0) {
		if (database_begin(&db->database) < 0)
			return REGISTER_FAILED;
		db->failed = false;
	}
	db->depth++;
	return REGISTER_OK;
}

enum register_result
register_end(struct register_db *db, enum register_result result)
{
	if (result != REGISTER_OK)
		db->failed = true;
	if (--db->depth > 0)
		return result;
	if (result == REGISTER_OK && db->failed)
		result = register_fail_text(db, "a part of the change failed");
	if (result == REGISTER_OK && database_commit(&db->database) < 0)
		result = REGISTER_FAILED;
	if (result != REGISTER_OK)
		database_rollback(&db->database);
	return result;
}

static int
prepare(struct register_db *db, const struct register_sql *sql,
    sqlite3_stmt ***ret_statements)
{
	sqlite3_stmt **statements = calloc(sql->count, sizeof(*statements));
	int error = 0;
	size_t i;

	if (!statements)
		return -1;
	*ret_statements = statements;
	for (i = 0; i < sql->count && !error; i++)
		error = database_prepare(
		    &db->database, sql->texts[i], &statements[i]);
	return error;
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
	for (i = 0; i < REGISTER_FILES && !error; i++)
		error = prepare(db, files[i], &db->statements[i]);
	return error;
}

static void
close_database(struct register_db *db)
{
	size_t i, j;

	for (i = 0; i < REGISTER_FILES; i++) {
		for (j = 0; db->statements[i] && j < files[i]->count; j++)
			(void)sqlite3_finalize(db->statements[i][j]);
		free(db->statements[i]);
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
	case REGISTER_SUBJECT_IS_PID:
		return "the subject is an identity number, which is never "
		       "kept: use --pid, which asks for it";
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
