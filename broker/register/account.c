/*
 * Accounts: who has which name, which identity and which uid. Refuses a name,
 * an identity or an id that somebody has, and an id that somebody ever had.
 */
#include "broker/register/account_request.h"
#include "broker/register/local_accounts.h"
#include "broker/register/register_private.h"
#include "lib/id.h"

#include <stdio.h>
#include <string.h>

enum {
	ADD,
	BY_NAME,
	BY_ID,
	BY_UID,
	SUBJECT_TAKEN,
	ID_IN_USE,
	UID_IN_USE,
	NEXT_UID,
	SET_NEXT_UID,
	LOCK,
	UNLOCK,
	REMOVE,
	LOGIN,
	IS_LIVE,
	BIND,
	RESERVE,
	EACH,
	COUNT,
	STATEMENTS,
};

#define ACCOUNT_COLUMNS                                        \
	"id, name, uid, gecos, home, shell, issuer, subject, " \
	"locked_at_s IS NOT NULL, lock_reason, created_at_s, last_login_at_s"

static const char *const texts[STATEMENTS] = {
    [ADD] = "INSERT INTO account (name, uid, gecos, home, shell, issuer,"
	    " subject, created_at_s) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [BY_NAME] = "SELECT " ACCOUNT_COLUMNS " FROM account WHERE name = ?1" LIVE,
    [BY_ID] = "SELECT " ACCOUNT_COLUMNS " FROM account WHERE id = ?1" LIVE,
    [BY_UID] = "SELECT " ACCOUNT_COLUMNS " FROM account WHERE uid = ?1" LIVE,
    [SUBJECT_TAKEN] = "SELECT 1 FROM account WHERE issuer = ?1"
		      " AND subject = ?2 AND subject <> ''" LIVE,
    [ID_IN_USE] = "SELECT 1 FROM account WHERE uid = ?1"
		  " UNION ALL SELECT 1 FROM reserved_id WHERE id = ?1",
    [UID_IN_USE] = "SELECT 1 FROM account WHERE uid = ?1",
    [NEXT_UID] = "SELECT next_uid FROM allocation",
    [SET_NEXT_UID] = "UPDATE allocation SET next_uid = ?1",
    [LOCK] = "UPDATE account SET lock_reason = ?2, locked_at_s = ?3"
	     " WHERE id = ?1" LIVE,
    [UNLOCK] = "UPDATE account SET lock_reason = '', locked_at_s = NULL"
	       " WHERE id = ?1" LIVE,
    [REMOVE] = "UPDATE account SET removed_at_s = ?2, gecos = '', home = '',"
	       " shell = '' WHERE id = ?1" LIVE,
    [LOGIN] = "UPDATE account SET last_login_at_s = ?2 WHERE id = ?1" LIVE,
    [IS_LIVE] = "SELECT 1 FROM account WHERE id = ?1" LIVE,
    [BIND] = "UPDATE account SET subject = ?2"
	     " WHERE id = ?1 AND subject = ''" LIVE,
    [RESERVE] = "INSERT OR IGNORE INTO reserved_id (id) VALUES (?1)",
    [EACH] = "SELECT " ACCOUNT_COLUMNS " FROM account"
	     " WHERE removed_at_s IS NULL AND name > ?1 ORDER BY name",
    [COUNT] = "SELECT count(*) FROM account"
	      " WHERE removed_at_s IS NULL",
};

const struct register_sql account_sql = {texts, STATEMENTS};

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

/*
 * Reads the columns of ACCOUNT_COLUMNS. Another program may have written the
 * row: what we would refuse is an error.
 */
static bool
read_account(sqlite3_stmt *row, struct account *ret_account)
{
	if (!database_text(row, 1, ret_account->name, NAME_MAX_SIZE) ||
	    !name_is_valid(ret_account->name) ||
	    !register_read_id(row, 2, &ret_account->uid) ||
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

static enum register_result
find_account(struct register_db *db, sqlite3_stmt *statement,
    struct account *ret_account)
{
	struct account account;
	enum register_result result;
	bool found = false;

	result = register_finds(db, statement, &found);
	if (result != REGISTER_OK)
		return result;
	if (!found)
		return REGISTER_NOT_FOUND;
	if (!read_account(statement, &account))
		return register_fail_text(db, "a row of account is damaged");
	*ret_account = account;
	return REGISTER_OK;
}

enum register_result
register_account_by_name(
    struct register_db *db, const char *name, struct account *ret_account)
{
	STATEMENT statement = db->statements[ACCOUNT][BY_NAME];

	if (!name_is_valid(name))
		return REGISTER_NOT_FOUND;
	register_bind_text(statement, 1, name);
	return find_account(db, statement, ret_account);
}

enum register_result
register_account_by_id(
    struct register_db *db, int64_t account_id, struct account *ret_account)
{
	STATEMENT statement = db->statements[ACCOUNT][BY_ID];

	(void)sqlite3_bind_int64(statement, 1, account_id);
	return find_account(db, statement, ret_account);
}

enum register_result
register_account_by_uid(
    struct register_db *db, uint32_t uid, struct account *ret_account)
{
	STATEMENT statement = db->statements[ACCOUNT][BY_UID];

	(void)sqlite3_bind_int64(statement, 1, uid);
	return find_account(db, statement, ret_account);
}

enum register_result
register_id_in_use(struct register_db *db, uint32_t id, bool *ret_in_use)
{
	STATEMENT statement = db->statements[ACCOUNT][ID_IN_USE];

	(void)sqlite3_bind_int64(statement, 1, id);
	return register_finds(db, statement, ret_in_use);
}

static enum register_result
check_name_free(struct register_db *db, const char *name)
{
	STATEMENT statement = db->statements[ACCOUNT][BY_NAME];
	enum register_result result;
	bool found = false;

	register_bind_text(statement, 1, name);
	result = register_finds(db, statement, &found);
	return result == REGISTER_OK && found ? REGISTER_NAME_TAKEN : result;
}

static enum register_result
check_subject_free(
    struct register_db *db, const char *issuer, const char *subject)
{
	STATEMENT statement = db->statements[ACCOUNT][SUBJECT_TAKEN];
	enum register_result result;
	bool found = false;

	register_bind_text(statement, 1, issuer);
	register_bind_text(statement, 2, subject);
	result = register_finds(db, statement, &found);
	return result == REGISTER_OK && found ? REGISTER_SUBJECT_TAKEN : result;
}

static enum register_result
read_next_uid(struct register_db *db, uint32_t *ret_uid)
{
	STATEMENT statement = db->statements[ACCOUNT][NEXT_UID];
	int64_t next;

	if (sqlite3_step(statement) != SQLITE_ROW)
		return register_fail(db);
	next = sqlite3_column_int64(statement, 0);
	if (next < ID_ALLOCATE_START || next > (int64_t)ID_ALLOCATE_END + 1)
		return register_fail_text(
		    db, "the row of allocation is damaged");
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
	STATEMENT statement = db->statements[ACCOUNT][SET_NEXT_UID];
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
	result = register_run(db, statement, NULL);
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
	STATEMENT statement = db->statements[ACCOUNT][ADD];

	register_bind_text(statement, 1, request->name);
	(void)sqlite3_bind_int64(statement, 2, uid);
	register_bind_text(statement, 3, request->gecos ? request->gecos : "");
	register_bind_text(statement, 4, request->home);
	register_bind_text(statement, 5, request->shell);
	register_bind_text(statement, 6, request->issuer);
	register_bind_text(
	    statement, 7, request->subject ? request->subject : "");
	(void)sqlite3_bind_int64(statement, 8, now_s);
	return register_run(db, statement, NULL);
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
	if (result == REGISTER_OK && request->subject)
		result =
		    check_subject_free(db, request->issuer, request->subject);
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
		result = register_begin(db);
	if (result != REGISTER_OK)
		return result;
	for (i = 0; i < count && result == REGISTER_OK; i++) {
		result = add_account(db, local, &requests[i], now_s);
		if (result != REGISTER_OK)
			*ret_failed_at = i;
	}
	return register_end(db, result);
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

static enum register_result
set_locked(struct register_db *db, int64_t account_id, const char *reason,
    int64_t now_s)
{
	STATEMENT statement = db->statements[ACCOUNT][LOCK];
	enum register_result result;

	(void)sqlite3_bind_int64(statement, 1, account_id);
	register_bind_text(statement, 2, reason);
	(void)sqlite3_bind_int64(statement, 3, now_s);
	result = register_run(db, statement, NULL);
	if (result == REGISTER_OK)
		result = history_lock(db, account_id, reason, now_s);
	return result;
}

enum register_result
register_account_lock(
    struct register_db *db, const char *name, const char *reason, int64_t now_s)
{
	struct account account;
	enum register_result result;

	if (!account_reason_is_valid(reason))
		return REGISTER_FIELD_INVALID;
	result = register_begin(db);
	if (result != REGISTER_OK)
		return result;
	result = register_account_by_name(db, name, &account);
	if (result == REGISTER_OK)
		result = set_locked(db, account.id, reason, now_s);
	return register_end(db, result);
}

static enum register_result
set_unlocked(struct register_db *db, int64_t account_id, int64_t now_s)
{
	STATEMENT statement = db->statements[ACCOUNT][UNLOCK];
	enum register_result result;

	(void)sqlite3_bind_int64(statement, 1, account_id);
	result = register_run(db, statement, NULL);
	if (result == REGISTER_OK)
		result = history_unlock(db, account_id, now_s);
	return result;
}

enum register_result
register_account_unlock(struct register_db *db, const char *name, int64_t now_s)
{
	struct account account;
	enum register_result result;

	result = register_begin(db);
	if (result != REGISTER_OK)
		return result;
	result = register_account_by_name(db, name, &account);
	if (result == REGISTER_OK)
		result = set_unlocked(db, account.id, now_s);
	return register_end(db, result);
}

/* Inside a transaction. */
static enum register_result
bind_subject(struct register_db *db, int64_t account_id, const char *subject)
{
	STATEMENT statement = db->statements[ACCOUNT][BIND];
	enum register_result result;
	struct account account;
	int changes = 0;

	result = register_account_by_id(db, account_id, &account);
	if (result == REGISTER_OK)
		result = check_subject_free(db, account.issuer, subject);
	if (result != REGISTER_OK)
		return result;
	(void)sqlite3_bind_int64(statement, 1, account_id);
	register_bind_text(statement, 2, subject);
	result = register_run(db, statement, &changes);
	return result == REGISTER_OK && changes == 0 ? REGISTER_NOT_FOUND
						     : result;
}

enum register_result
register_account_bind_subject(
    struct register_db *db, int64_t account_id, const char *subject)
{
	enum register_result result;

	if (!account_subject_is_valid(subject))
		return REGISTER_SUBJECT_INVALID;
	result = register_begin(db);
	if (result != REGISTER_OK)
		return result;
	return register_end(db, bind_subject(db, account_id, subject));
}

enum register_result
register_account_is_live(struct register_db *db, int64_t account_id)
{
	STATEMENT statement = db->statements[ACCOUNT][IS_LIVE];
	enum register_result result;
	bool found = false;

	(void)sqlite3_bind_int64(statement, 1, account_id);
	result = register_finds(db, statement, &found);
	return result == REGISTER_OK && !found ? REGISTER_NOT_FOUND : result;
}

enum register_result
register_account_logged_in(
    struct register_db *db, int64_t account_id, int64_t now_s)
{
	STATEMENT statement = db->statements[ACCOUNT][LOGIN];
	enum register_result result;
	int changes = 0;

	(void)sqlite3_bind_int64(statement, 1, account_id);
	(void)sqlite3_bind_int64(statement, 2, now_s);
	result = register_run(db, statement, &changes);
	return result == REGISTER_OK && changes == 0 ? REGISTER_NOT_FOUND
						     : result;
}

static enum register_result
bury(struct register_db *db, int64_t account_id, int64_t now_s)
{
	STATEMENT statement = db->statements[ACCOUNT][REMOVE];

	(void)sqlite3_bind_int64(statement, 1, account_id);
	(void)sqlite3_bind_int64(statement, 2, now_s);
	return register_run(db, statement, NULL);
}

enum register_result
register_account_remove(struct register_db *db, const char *name, int64_t now_s,
    struct authorisation_minimums *minimums)
{
	struct account account;
	enum register_result result;

	result = register_begin(db);
	if (result != REGISTER_OK)
		return result;
	result = register_account_by_name(db, name, &account);
	if (result == REGISTER_OK)
		result = register_memberships_drop(db, account.id);
	if (result == REGISTER_OK)
		result = authorisation_end_all(db, account.id, "administrator",
		    "account removed", now_s, minimums);
	if (result == REGISTER_OK)
		result = person_link_drop(db, account.id);
	if (result == REGISTER_OK)
		result = history_unlock(db, account.id, now_s);
	if (result == REGISTER_OK)
		result = bury(db, account.id, now_s);
	return register_end(db, result);
}

/* Inside a transaction. */
static enum register_result
reserve_id(struct register_db *db, uint32_t id)
{
	STATEMENT taken = db->statements[ACCOUNT][UID_IN_USE];
	STATEMENT statement = db->statements[ACCOUNT][RESERVE];
	enum register_result result;
	bool found = true;

	if (!id_is_ours(id))
		return REGISTER_ID_REFUSED;
	(void)sqlite3_bind_int64(taken, 1, id);
	result = register_finds(db, taken, &found);
	if (result != REGISTER_OK)
		return result;
	if (found)
		return REGISTER_ID_TAKEN;
	(void)sqlite3_bind_int64(statement, 1, id);
	return register_run(db, statement, NULL);
}

enum register_result
register_reserve_ids(struct register_db *db, const uint32_t *ids, size_t count,
    size_t *ret_failed_at)
{
	enum register_result result;
	size_t i;

	result = register_begin(db);
	if (result != REGISTER_OK)
		return result;
	for (i = 0; i < count && result == REGISTER_OK; i++) {
		result = reserve_id(db, ids[i]);
		if (result != REGISTER_OK)
			*ret_failed_at = i;
	}
	return register_end(db, result);
}

enum register_result
register_each_account(struct register_db *db, const char *after,
    register_account_fn each, void *userdata)
{
	STATEMENT statement = db->statements[ACCOUNT][EACH];
	struct account account;
	int step = SQLITE_DONE, ended = 0;

	register_bind_text(statement, 1, after);
	while (!ended && (step = sqlite3_step(statement)) == SQLITE_ROW) {
		if (!read_account(statement, &account))
			return register_fail_text(
			    db, "a row of account is damaged");
		ended = each(&account, userdata);
	}
	return register_end_walk(db, step, ended);
}

enum register_result
register_account_count(struct register_db *db, size_t *ret_count)
{
	STATEMENT statement = db->statements[ACCOUNT][COUNT];

	if (sqlite3_step(statement) != SQLITE_ROW)
		return register_fail(db);
	*ret_count = (size_t)sqlite3_column_int64(statement, 0);
	return REGISTER_OK;
}
