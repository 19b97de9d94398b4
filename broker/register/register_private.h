/* What the files of the register share, and nobody else includes. */
#pragma once

#include "broker/register/database.h"
#include "broker/register/register.h"

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

/* A change is written between these; an end without OK forgets it. */
enum register_result register_begin(struct register_db *db);
enum register_result register_end(
    struct register_db *db, enum register_result result);

/* A uid or gid; false when the column holds one that is not ours. */
bool register_read_id(sqlite3_stmt *row, int column, uint32_t *ret_id);

/*
 * REMOVE or LOGIN of one live account at a time of day: REGISTER_NOT_FOUND
 * when there is none. Inside a transaction.
 */
enum register_result register_account_change(struct register_db *db,
    enum statement which, int64_t account_id, int64_t now_s);

/* Forgets the memberships of an account. Inside a transaction. */
enum register_result register_memberships_drop(
    struct register_db *db, int64_t account_id);
