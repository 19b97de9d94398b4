/*
 * The outbox: rows that wait until somebody has taken them. None is changed
 * afterwards, and none is deleted.
 */
#include "broker/register/notice.h"
#include "broker/register/register_private.h"
#include "broker/text.h"

#include <string.h>

enum {
	ADD,
	TAKE,
	EACH,
	EACH_WAITING,
	STATEMENTS,
};

#define NOTICE_COLUMNS \
	"id, at_s, kind, text, coalesce(taken_at_s, 0), taken_by FROM notice"

static const char *const texts[STATEMENTS] = {
    [ADD] = "INSERT INTO notice (at_s, kind, text) VALUES (?1, ?2, ?3)",
    [TAKE] = "UPDATE notice SET taken_at_s = ?2, taken_by = ?3"
	     " WHERE id = ?1 AND taken_at_s IS NULL",
    [EACH] = "SELECT " NOTICE_COLUMNS " WHERE id > ?1 ORDER BY id",
    [EACH_WAITING] = "SELECT " NOTICE_COLUMNS " WHERE id > ?1"
		     " AND taken_at_s IS NULL ORDER BY id",
};

const struct register_sql notice_sql = {texts, STATEMENTS};

static enum register_result
add(struct register_db *db, const char *kind, const char *text, int64_t now_s)
{
	STATEMENT statement = db->statements[NOTICE][ADD];

	(void)sqlite3_bind_int64(statement, 1, now_s);
	register_bind_text(statement, 2, kind);
	register_bind_text(statement, 3, text);
	return register_run(db, statement, NULL);
}

enum register_result
notice_add(
    struct register_db *db, const char *kind, const char *text, int64_t now_s)
{
	enum register_result result;

	if (kind[0] == '\0' ||
	    !text_is_ascii(kind, sizeof(((struct notice *)NULL)->kind)) ||
	    text[0] == '\0' || !text_is_clean(text, NOTICE_TEXT_SIZE))
		return REGISTER_FIELD_INVALID;
	result = register_begin(db);
	if (result != REGISTER_OK)
		return result;
	return register_end(db, add(db, kind, text, now_s));
}

enum register_result
notice_take(struct register_db *db, int64_t id, const char *by, int64_t now_s)
{
	STATEMENT statement = db->statements[NOTICE][TAKE];
	enum register_result result;
	int changes = 0;

	if (!name_is_valid(by))
		return REGISTER_FIELD_INVALID;
	(void)sqlite3_bind_int64(statement, 1, id);
	(void)sqlite3_bind_int64(statement, 2, now_s);
	register_bind_text(statement, 3, by);
	result = register_run(db, statement, &changes);
	return result == REGISTER_OK && changes == 0 ? REGISTER_NOT_FOUND
						     : result;
}

static bool
read_notice(sqlite3_stmt *row, struct notice *ret_notice)
{
	ret_notice->id = sqlite3_column_int64(row, 0);
	ret_notice->at_s = sqlite3_column_int64(row, 1);
	ret_notice->taken_at_s = sqlite3_column_int64(row, 4);
	return database_text(
		   row, 2, ret_notice->kind, sizeof(ret_notice->kind)) &&
	       database_text(
		   row, 3, ret_notice->text, sizeof(ret_notice->text)) &&
	       database_text(
		   row, 5, ret_notice->taken_by, sizeof(ret_notice->taken_by));
}

enum register_result
notice_each(struct register_db *db, int64_t after_id, bool waiting_only,
    notice_fn each, void *userdata)
{
	STATEMENT statement =
	    db->statements[NOTICE][waiting_only ? EACH_WAITING : EACH];
	int step = SQLITE_DONE, ended = 0;
	struct notice notice;

	(void)sqlite3_bind_int64(statement, 1, after_id);
	while (!ended && (step = sqlite3_step(statement)) == SQLITE_ROW) {
		if (!read_notice(statement, &notice))
			return register_fail_text(
			    db, "a row of notice is damaged");
		ended = each(&notice, userdata);
	}
	return register_end_walk(db, step, ended);
}
