/*
 * Links of accounts to people: one for each account, gone when the account is
 * removed. No two accounts have the same one.
 */
#include "broker/register/person_link.h"
#include "broker/register/register_private.h"

#include <string.h>

enum {
	SET,
	DROP,
	OF_ACCOUNT,
	ACCOUNT_OF,
	COUNT,
	EPOCH,
	RAISE_EPOCH,
	STATEMENTS,
};

static const char *const texts[STATEMENTS] = {
    [SET] = "INSERT INTO person_link (account_id, key, hash)"
	    " VALUES (?1, ?2, ?3) ON CONFLICT (account_id)"
	    " DO UPDATE SET key = excluded.key, hash = excluded.hash",
    [DROP] = "DELETE FROM person_link WHERE account_id = ?1",
    [OF_ACCOUNT] = "SELECT key, hash FROM person_link WHERE account_id = ?1",
    [ACCOUNT_OF] = "SELECT account_id FROM person_link"
		   " WHERE key = ?1 AND hash = ?2",
    [COUNT] = "SELECT count(*) FROM person_link WHERE ?1 = 0 OR key = ?1",
    [EPOCH] = "SELECT links_epoch FROM allocation",
    [RAISE_EPOCH] = "UPDATE allocation SET links_epoch = links_epoch + 1",
};

const struct register_sql person_link_sql = {texts, STATEMENTS};

/* *ret_account_id is 0 when nobody has the link. */
static enum register_result
account_of(struct register_db *db, const struct person_link *link,
    int64_t *ret_account_id)
{
	STATEMENT statement = db->statements[PERSON_LINK][ACCOUNT_OF];
	enum register_result result;
	bool found = false;

	(void)sqlite3_bind_int64(statement, 1, link->key);
	(void)sqlite3_bind_blob(
	    statement, 2, link->hash, sizeof(link->hash), SQLITE_STATIC);
	result = register_finds(db, statement, &found);
	if (result == REGISTER_OK)
		*ret_account_id =
		    found ? sqlite3_column_int64(statement, 0) : 0;
	return result;
}

static enum register_result
check_free(
    struct register_db *db, int64_t account_id, const struct person_link *link)
{
	enum register_result result;
	int64_t holder = 0;

	result = account_of(db, link, &holder);
	if (result != REGISTER_OK)
		return result;
	return holder != 0 && holder != account_id ? REGISTER_SUBJECT_TAKEN
						   : REGISTER_OK;
}

static enum register_result
set(struct register_db *db, int64_t account_id, const struct person_link *link)
{
	STATEMENT statement = db->statements[PERSON_LINK][SET];

	(void)sqlite3_bind_int64(statement, 1, account_id);
	(void)sqlite3_bind_int64(statement, 2, link->key);
	(void)sqlite3_bind_blob(
	    statement, 3, link->hash, sizeof(link->hash), SQLITE_STATIC);
	return register_run(db, statement, NULL);
}

enum register_result
person_links_epoch(struct register_db *db, int64_t *ret_epoch)
{
	STATEMENT statement = db->statements[PERSON_LINK][EPOCH];

	if (sqlite3_step(statement) != SQLITE_ROW)
		return register_fail(db);
	*ret_epoch = sqlite3_column_int64(statement, 0);
	return REGISTER_OK;
}

enum register_result
person_links_changed(struct register_db *db)
{
	STATEMENT statement = db->statements[PERSON_LINK][RAISE_EPOCH];

	return register_run(db, statement, NULL);
}

enum register_result
person_link_renew(
    struct register_db *db, int64_t account_id, const struct person_link *link)
{
	enum register_result result;

	if (link->key == 0)
		return REGISTER_FIELD_INVALID;
	result = register_begin(db);
	if (result != REGISTER_OK)
		return result;
	result = register_account_is_live(db, account_id);
	if (result == REGISTER_OK)
		result = check_free(db, account_id, link);
	if (result == REGISTER_OK)
		result = set(db, account_id, link);
	return register_end(db, result);
}

enum register_result
person_link_set(
    struct register_db *db, int64_t account_id, const struct person_link *link)
{
	enum register_result result;

	result = register_begin(db);
	if (result != REGISTER_OK)
		return result;
	result = person_link_renew(db, account_id, link);
	if (result == REGISTER_OK)
		result = person_links_changed(db);
	return register_end(db, result);
}

enum register_result
person_link_drop(struct register_db *db, int64_t account_id)
{
	STATEMENT statement = db->statements[PERSON_LINK][DROP];
	enum register_result result;
	int dropped = 0;

	(void)sqlite3_bind_int64(statement, 1, account_id);
	result = register_run(db, statement, &dropped);
	return result == REGISTER_OK && dropped > 0 ? person_links_changed(db)
						    : result;
}

enum register_result
person_link_get(
    struct register_db *db, int64_t account_id, struct person_link *ret_link)
{
	STATEMENT statement = db->statements[PERSON_LINK][OF_ACCOUNT];
	enum register_result result;
	bool found = false;
	int64_t key;

	(void)sqlite3_bind_int64(statement, 1, account_id);
	result = register_finds(db, statement, &found);
	if (result != REGISTER_OK)
		return result;
	if (!found)
		return REGISTER_NOT_FOUND;
	key = sqlite3_column_int64(statement, 0);
	if (key < 1 || key > UINT32_MAX ||
	    sqlite3_column_bytes(statement, 1) != PERSON_LINK_SIZE)
		return register_fail_text(
		    db, "a row of person_link is damaged");
	ret_link->key = (unsigned int)key;
	memcpy(ret_link->hash, sqlite3_column_blob(statement, 1),
	    PERSON_LINK_SIZE);
	return REGISTER_OK;
}

enum register_result
person_link_find(struct register_db *db, const struct person_link *link,
    struct account *ret_account)
{
	enum register_result result;
	int64_t holder = 0;

	result = account_of(db, link, &holder);
	if (result != REGISTER_OK)
		return result;
	return holder ? register_account_by_id(db, holder, ret_account)
		      : REGISTER_NOT_FOUND;
}

enum register_result
person_link_count(struct register_db *db, unsigned int key, size_t *ret_count)
{
	STATEMENT statement = db->statements[PERSON_LINK][COUNT];

	(void)sqlite3_bind_int64(statement, 1, key);
	if (sqlite3_step(statement) != SQLITE_ROW)
		return register_fail(db);
	*ret_count = (size_t)sqlite3_column_int64(statement, 0);
	return REGISTER_OK;
}
