#include "broker/register/revocation.h"

#include "broker/register/register_private.h"
#include "broker/text.h"

#include <string.h>

enum {
	ADD,
	COUNT_SESSIONS,
	EACH,
	FORGET,
	STATEMENTS,
};

static const char *const texts[STATEMENTS] = {
    [ADD] = "INSERT INTO revocation (kind, session, account_id, issuer,"
	    " before_s, at_s, until_s, by, reason)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [COUNT_SESSIONS] = "SELECT count(*) FROM revocation"
		       " WHERE kind = 1 AND until_s > ?1",
    [EACH] = "SELECT id, kind, session, account_id, issuer, before_s, at_s,"
	     " until_s FROM revocation WHERE until_s > ?1 ORDER BY id",
    [FORGET] = "DELETE FROM revocation WHERE until_s <= ?1",
};

const struct register_sql revocation_sql = {texts, STATEMENTS};

static bool
is_session(const char *text)
{
	return text[0] != '\0' && text_is_ascii(text, REVOCATION_TEXT_SIZE);
}

static bool
is_valid(const struct revocation_request *request, int64_t now_s)
{
	if (request->reason[0] == '\0' ||
	    !text_is_clean(request->reason, REVOCATION_TEXT_SIZE) ||
	    !text_is_clean(request->by, REVOCATION_TEXT_SIZE))
		return false;
	if (request->issuer && strlen(request->issuer) >= REGISTER_ISSUER_SIZE)
		return false;
	switch (request->kind) {
	case REVOCATION_SESSION:
		return is_session(request->session);
	case REVOCATION_ACCOUNT:
	case REVOCATION_ISSUER:
		return request->before_s > 0 && request->before_s <= now_s + 1;
	}
	return false;
}

static int64_t
end_of(const struct revocation_request *request, int64_t now_s)
{
	return request->kind == REVOCATION_SESSION
		   ? now_s + REVOCATION_SESSION_KEEP_S
		   : request->before_s + REVOCATION_KEEP_S;
}

static enum register_result
insert(struct register_db *db, const struct revocation_request *request,
    int64_t account_id, int64_t now_s)
{
	STATEMENT statement = db->statements[REVOCATION][ADD];
	bool session = request->kind == REVOCATION_SESSION;

	(void)sqlite3_bind_int64(statement, 1, request->kind);
	register_bind_text(statement, 2, session ? request->session : "");
	if (account_id)
		(void)sqlite3_bind_int64(statement, 3, account_id);
	else
		(void)sqlite3_bind_null(statement, 3);
	register_bind_text(
	    statement, 4, request->issuer ? request->issuer : "");
	(void)sqlite3_bind_int64(statement, 5, session ? 0 : request->before_s);
	(void)sqlite3_bind_int64(statement, 6, now_s);
	(void)sqlite3_bind_int64(statement, 7, end_of(request, now_s));
	register_bind_text(statement, 8, request->by);
	register_bind_text(statement, 9, request->reason);
	return register_run(db, statement, NULL);
}

static enum register_result
check_room(struct register_db *db, int64_t now_s)
{
	STATEMENT statement = db->statements[REVOCATION][COUNT_SESSIONS];
	enum register_result result;
	bool found = false;

	(void)sqlite3_bind_int64(statement, 1, now_s);
	result = register_finds(db, statement, &found);
	if (result != REGISTER_OK)
		return result;
	return sqlite3_column_int64(statement, 0) < REVOCATIONS_MAX
		   ? REGISTER_OK
		   : REGISTER_IDS_EXHAUSTED;
}

/* *ret_account_id: 0 of what is of no account. */
static enum register_result
find_subject(struct register_db *db, const struct revocation_request *request,
    int64_t now_s, int64_t *ret_account_id)
{
	enum register_result result;
	struct account account;

	*ret_account_id = 0;
	switch (request->kind) {
	case REVOCATION_SESSION:
		return check_room(db, now_s);
	case REVOCATION_ISSUER:
		return REGISTER_OK;
	case REVOCATION_ACCOUNT:
		break;
	}
	result = register_account_by_name(db, request->account, &account);
	if (result == REGISTER_OK)
		*ret_account_id = account.id;
	return result;
}

enum register_result
revocation_add(struct register_db *db, const struct revocation_request *request,
    int64_t now_s)
{
	enum register_result result;
	int64_t account_id;

	if (!is_valid(request, now_s))
		return REGISTER_FIELD_INVALID;
	result = register_begin(db);
	if (result != REGISTER_OK)
		return result;
	result = find_subject(db, request, now_s, &account_id);
	if (result == REGISTER_OK)
		result = insert(db, request, account_id, now_s);
	return register_end(db, result);
}

static bool
read_revocation(sqlite3_stmt *row, struct revocation *ret)
{
	int kind = sqlite3_column_int(row, 1);

	*ret = (struct revocation){
	    .id = sqlite3_column_int64(row, 0),
	    .kind = (enum revocation_kind)kind,
	    .account_id = sqlite3_column_int64(row, 3),
	    .before_s = sqlite3_column_int64(row, 5),
	    .at_s = sqlite3_column_int64(row, 6),
	    .until_s = sqlite3_column_int64(row, 7),
	};
	return kind >= REVOCATION_SESSION && kind <= REVOCATION_ISSUER &&
	       database_text(row, 2, ret->session, sizeof(ret->session)) &&
	       database_text(row, 4, ret->issuer, sizeof(ret->issuer)) &&
	       (kind != REVOCATION_SESSION || is_session(ret->session));
}

enum register_result
revocation_each(
    struct register_db *db, int64_t now_s, revocation_fn each, void *userdata)
{
	STATEMENT statement = db->statements[REVOCATION][EACH];
	struct revocation revocation;
	int step = SQLITE_DONE, ended = 0;

	(void)sqlite3_bind_int64(statement, 1, now_s);
	while (!ended && (step = sqlite3_step(statement)) == SQLITE_ROW) {
		if (!read_revocation(statement, &revocation))
			return register_fail_text(
			    db, "a row of revocation is damaged");
		ended = each(&revocation, userdata);
	}
	return register_end_walk(db, step, ended);
}

enum register_result
revocation_forget(struct register_db *db, int64_t now_s)
{
	STATEMENT statement = db->statements[REVOCATION][FORGET];

	(void)sqlite3_bind_int64(statement, 1, now_s);
	return register_run(db, statement, NULL);
}
