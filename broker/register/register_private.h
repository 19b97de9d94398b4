/* What the files of the register share, and nobody else includes. */
#pragma once

#include "broker/register/database.h"
#include "broker/register/register.h"

/*
 * Each file has the SQL of its statements in a table of its own, under an enum
 * of its own, and finds them prepared: db->statements[HISTORY][ADD_LOGIN].
 */
enum register_file {
	ACCOUNT,
	MEMBERSHIP,
	HISTORY,
	NOTICE,
	AUTHORISATION,
	PERSON_LINK,
	REVOCATION,
	REGISTER_FILES,
};

struct register_sql {
	const char *const *texts;
	size_t count;
};

extern const struct register_sql account_sql;
extern const struct register_sql membership_sql;
extern const struct register_sql history_sql;
extern const struct register_sql notice_sql;
extern const struct register_sql authorisation_sql;
extern const struct register_sql person_link_sql;
extern const struct register_sql revocation_sql;

struct register_db {
	struct database database;
	char *local_dir;
	sqlite3_stmt **statements[REGISTER_FILES];
	unsigned int depth; /* of transactions inside of one another */
	bool failed; /* one of the inner ones did */
};

/* For a local: the statement is ready for its next use when the scope ends. */
void register_end_statement(sqlite3_stmt **statement);
#define STATEMENT \
	__attribute__((cleanup(register_end_statement))) sqlite3_stmt *

/* REGISTER_FAILED, after keeping what SQLite said, or the text. */
enum register_result register_fail(struct register_db *db);
enum register_result register_fail_text(
    struct register_db *db, const char *text);

/* The text must outlive the statement's one execution. */
void register_bind_text(sqlite3_stmt *statement, int index, const char *text);

/* Executes a statement that returns no rows. ret_changes may be NULL. */
enum register_result register_run(
    struct register_db *db, sqlite3_stmt *statement, int *ret_changes);

/* Does a query with bound values find a row? */
enum register_result register_finds(
    struct register_db *db, sqlite3_stmt *statement, bool *ret_found);

/* A uid or gid; false when the column holds one that is not ours. */
bool register_read_id(sqlite3_stmt *row, int column, uint32_t *ret_id);

/* INT64_MAX, in SQL. */
#define NEVER "9223372036854775807"

/* What a removed row of account leaves out. */
#define LIVE " AND removed_at_s IS NULL"

/* The ends of the walks: what the last step, or the callback, said. */
enum register_result register_end_walk(
    struct register_db *db, int step, int ended);

/*
 * The parts of a change of an account, inside its transaction: OK, or
 * REGISTER_NOT_FOUND when it is not there, or not any more.
 */
enum register_result register_account_by_id(
    struct register_db *db, int64_t account_id, struct account *ret_account);
enum register_result register_account_is_live(
    struct register_db *db, int64_t account_id);
enum register_result register_account_logged_in(
    struct register_db *db, int64_t account_id, int64_t now_s);
enum register_result register_memberships_drop(
    struct register_db *db, int64_t account_id);
enum register_result authorisation_end_all(struct register_db *db,
    int64_t account_id, const char *by, const char *reason, int64_t now_s,
    struct authorisation_minimums *minimums);
enum register_result person_link_drop(
    struct register_db *db, int64_t account_id);
enum register_result history_evidence_add(struct register_db *db,
    int64_t account_id, const void *record, size_t size, int64_t at_s);
enum register_result history_evidence_at(struct register_db *db,
    int64_t account_id, int64_t as_of_s,
    uint8_t ret_record[static IDENTITY_RECORD_SIZE_MAX], size_t *ret_size);
enum register_result history_lock(struct register_db *db, int64_t account_id,
    const char *reason, int64_t now_s);
enum register_result history_unlock(
    struct register_db *db, int64_t account_id, int64_t now_s);
