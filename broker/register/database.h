/*
 * One SQLite file that belongs to the broker: WAL, every commit synced, its
 * schema brought up to date when it is opened. Errors are kept as text for the
 * one who logs them.
 */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

struct database {
	sqlite3 *sqlite;
	char error[512];
};

/*
 * Opens or creates path (0600, a regular file of this process' user).
 * migrations[n] is the SQL that leads from version n to n + 1; NULL ends them.
 * application_id tells our files from others. 0, or a negative errno with
 * database->error filled: -EPERM, -ENOTSUP for a file of a newer version,
 * -EBADMSG for one that is not ours, -EIO.
 */
int database_open(struct database *database, const char *path,
    int application_id, const char *const *migrations);
void database_close(struct database *database);

/* 0 or -EIO, with database->error filled. */
int database_execute(struct database *database, const char *sql);
int database_prepare(
    struct database *database, const char *sql, sqlite3_stmt **ret_statement);
int database_fail(struct database *database, const char *what);

/* A change is written between these; a rollback forgets it. */
int database_begin(struct database *database);
int database_commit(struct database *database);
void database_rollback(struct database *database);

/*
 * Copies a text column with its terminator. False when it is no text, holds a
 * NUL or does not fit: then somebody else wrote the file.
 */
bool database_text(
    sqlite3_stmt *statement, int column, char *ret_text, size_t size);

/* A column that is 0 or 1. */
bool database_flag(sqlite3_stmt *statement, int column, bool *ret_flag);
