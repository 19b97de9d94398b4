/*
 * What was known when: logins, locked times, sets of rules. Each table is read
 * as the last row written at or before a time, so that a clock that was set
 * back in between changes no order. Whoever was not there counts as locked.
 */
#include "broker/register/history.h"
#include "broker/register/register_private.h"

#include <stdlib.h>
#include <string.h>

enum {
	ADD_LOGIN,
	LOGIN_AT,
	LOCK,
	UNLOCK,
	FREE_AT,
	ADD_RULES,
	LAST_RULES,
	RULES_AT,
	FORGET_LOGINS,
	FORGET_REMOVED,
	FORGET_RULES,
	STATEMENTS,
};

static const char *const texts[STATEMENTS] = {
    [ADD_LOGIN] = "INSERT INTO login (account_id, at_s, evidence)"
		  " VALUES (?1, ?2, ?3)",
    [LOGIN_AT] = "SELECT evidence FROM login WHERE account_id = ?1"
		 " AND (?2 = 0 OR at_s <= ?2) ORDER BY id DESC LIMIT 1",
    [LOCK] = "INSERT INTO account_lock (account_id, from_s, reason)"
	     " VALUES (?1, ?2, ?3)",
    [UNLOCK] = "UPDATE account_lock SET until_s = max(from_s, ?2)"
	       " WHERE account_id = ?1 AND until_s IS NULL",
    [FREE_AT] = "SELECT 1 FROM account WHERE id = ?1 AND created_at_s <= ?2"
		" AND (removed_at_s IS NULL OR removed_at_s > ?2)"
		" AND NOT EXISTS (SELECT 1 FROM account_lock"
		" WHERE account_id = ?1 AND from_s <= ?2"
		" AND (until_s IS NULL OR until_s > ?2))",
    [ADD_RULES] = "INSERT INTO rules (from_s, record) VALUES (?1, ?2)",
    [LAST_RULES] = "SELECT record FROM rules ORDER BY id DESC LIMIT 1",
    [RULES_AT] = "SELECT record FROM rules WHERE from_s <= ?1"
		 " ORDER BY id DESC LIMIT 1",
    /* What ended is what another row took the place of. */
    [FORGET_LOGINS] = "WITH kept AS MATERIALIZED (SELECT account_id,"
		      " max(id) AS id FROM login WHERE at_s <= ?1"
		      " GROUP BY account_id)"
		      " DELETE FROM login WHERE id IN (SELECT login.id"
		      " FROM kept JOIN login"
		      " ON login.account_id = kept.account_id"
		      " AND login.id < kept.id)",
    [FORGET_REMOVED] = "DELETE FROM login WHERE account_id IN (SELECT id"
		       " FROM account WHERE removed_at_s <= ?1)",
    [FORGET_RULES] = "DELETE FROM rules WHERE id < (SELECT max(id) FROM rules"
		     " WHERE from_s <= ?1)",
};

const struct register_sql history_sql = {texts, STATEMENTS};

enum register_result
history_evidence_add(struct register_db *db, int64_t account_id,
    const void *record, size_t size, int64_t at_s)
{
	STATEMENT statement = db->statements[HISTORY][ADD_LOGIN];

	(void)sqlite3_bind_int64(statement, 1, account_id);
	(void)sqlite3_bind_int64(statement, 2, at_s);
	(void)sqlite3_bind_blob64(statement, 3, record, size, SQLITE_STATIC);
	return register_run(db, statement, NULL);
}

enum register_result
history_evidence_at(struct register_db *db, int64_t account_id, int64_t as_of_s,
    uint8_t ret_record[static IDENTITY_RECORD_SIZE_MAX], size_t *ret_size)
{
	STATEMENT statement = db->statements[HISTORY][LOGIN_AT];
	enum register_result result;
	bool found = false;
	size_t size;

	(void)sqlite3_bind_int64(statement, 1, account_id);
	(void)sqlite3_bind_int64(statement, 2, as_of_s);
	result = register_finds(db, statement, &found);
	if (result != REGISTER_OK)
		return result;
	if (!found)
		return REGISTER_NOT_FOUND;
	size = (size_t)sqlite3_column_bytes(statement, 0);
	if (size == 0 || size > IDENTITY_RECORD_SIZE_MAX)
		return register_fail_text(db, "a row of login is damaged");
	memcpy(ret_record, sqlite3_column_blob(statement, 0), size);
	*ret_size = size;
	return REGISTER_OK;
}

enum register_result
history_lock(struct register_db *db, int64_t account_id, const char *reason,
    int64_t now_s)
{
	STATEMENT statement = db->statements[HISTORY][LOCK];
	enum register_result result;

	/* Locked again, for another reason. */
	result = history_unlock(db, account_id, now_s);
	if (result != REGISTER_OK)
		return result;
	(void)sqlite3_bind_int64(statement, 1, account_id);
	(void)sqlite3_bind_int64(statement, 2, now_s);
	register_bind_text(statement, 3, reason);
	return register_run(db, statement, NULL);
}

enum register_result
history_unlock(struct register_db *db, int64_t account_id, int64_t now_s)
{
	STATEMENT statement = db->statements[HISTORY][UNLOCK];

	(void)sqlite3_bind_int64(statement, 1, account_id);
	(void)sqlite3_bind_int64(statement, 2, now_s);
	return register_run(db, statement, NULL);
}

enum register_result
history_locked(struct register_db *db, int64_t account_id, int64_t as_of_s,
    bool *ret_locked)
{
	STATEMENT statement = db->statements[HISTORY][FREE_AT];
	enum register_result result;
	bool was_free = false;

	(void)sqlite3_bind_int64(statement, 1, account_id);
	(void)sqlite3_bind_int64(statement, 2, as_of_s);
	result = register_finds(db, statement, &was_free);
	if (result == REGISTER_OK)
		*ret_locked = !was_free;
	return result;
}

static enum register_result
rules_differ(
    struct register_db *db, const void *record, size_t size, bool *ret_differ)
{
	STATEMENT statement = db->statements[HISTORY][LAST_RULES];
	enum register_result result;
	bool found = false;

	result = register_finds(db, statement, &found);
	if (result != REGISTER_OK)
		return result;
	*ret_differ =
	    !found || (size_t)sqlite3_column_bytes(statement, 0) != size ||
	    memcmp(sqlite3_column_blob(statement, 0), record, size) != 0;
	return REGISTER_OK;
}

static enum register_result
add_rules(
    struct register_db *db, const void *record, size_t size, int64_t now_s)
{
	STATEMENT statement = db->statements[HISTORY][ADD_RULES];

	(void)sqlite3_bind_int64(statement, 1, now_s);
	(void)sqlite3_bind_blob64(statement, 2, record, size, SQLITE_STATIC);
	return register_run(db, statement, NULL);
}

enum register_result
history_rules(
    struct register_db *db, const void *record, size_t size, int64_t now_s)
{
	enum register_result result;
	bool differ = true;

	if (size == 0)
		return REGISTER_FIELD_INVALID;
	result = register_begin(db);
	if (result != REGISTER_OK)
		return result;
	result = rules_differ(db, record, size, &differ);
	if (result == REGISTER_OK && differ)
		result = add_rules(db, record, size, now_s);
	return register_end(db, result);
}

enum register_result
history_rules_at(struct register_db *db, int64_t as_of_s, void **ret_record,
    size_t *ret_size)
{
	STATEMENT statement = db->statements[HISTORY][RULES_AT];
	enum register_result result;
	bool found = false;
	void *record;
	size_t size;

	(void)sqlite3_bind_int64(statement, 1, as_of_s);
	result = register_finds(db, statement, &found);
	if (result != REGISTER_OK)
		return result;
	if (!found)
		return REGISTER_NOT_FOUND;
	size = (size_t)sqlite3_column_bytes(statement, 0);
	record = size > 0 ? malloc(size) : NULL;
	if (!record)
		return register_fail_text(
		    db, "a row of rules is damaged, or memory is short");
	memcpy(record, sqlite3_column_blob(statement, 0), size);
	*ret_record = record;
	*ret_size = size;
	return REGISTER_OK;
}

static enum register_result
forget(struct register_db *db, int which, int64_t before_s)
{
	STATEMENT statement = db->statements[HISTORY][which];

	(void)sqlite3_bind_int64(statement, 1, before_s);
	return register_run(db, statement, NULL);
}

enum register_result
history_forget(struct register_db *db, int64_t before_s)
{
	enum register_result result;

	result = register_begin(db);
	if (result != REGISTER_OK)
		return result;
	result = forget(db, FORGET_LOGINS, before_s);
	if (result == REGISTER_OK)
		result = forget(db, FORGET_REMOVED, before_s);
	if (result == REGISTER_OK)
		result = forget(db, FORGET_RULES, before_s);
	return register_end(db, result);
}
