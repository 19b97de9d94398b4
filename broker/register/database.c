#include "broker/register/database.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	BUSY_TIMEOUT_MS = 250, /* only an administrator's sqlite3 competes */
	VALUE_SIZE_MAX = 8 * 1024 * 1024, /* a set of rules is one */
};

int
database_fail(struct database *database, const char *what)
{
	(void)snprintf(database->error, sizeof(database->error), "%s: %s", what,
	    sqlite3_errmsg(database->sqlite));
	return -EIO;
}

/* The caller knows which file it is. */
static int
fail_text(struct database *database, int error, const char *text)
{
	(void)snprintf(database->error, sizeof(database->error), "%s", text);
	return -error;
}

int
database_execute(struct database *database, const char *sql)
{
	if (sqlite3_exec(database->sqlite, sql, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	return database_fail(database, "register");
}

int
database_prepare(
    struct database *database, const char *sql, sqlite3_stmt **ret_statement)
{
	if (sqlite3_prepare_v3(database->sqlite, sql, -1,
		SQLITE_PREPARE_PERSISTENT, ret_statement, NULL) == SQLITE_OK)
		return 0;
	return database_fail(database, "prepare");
}

int
database_begin(struct database *database)
{
	return database_execute(database, "BEGIN IMMEDIATE");
}

int
database_commit(struct database *database)
{
	return database_execute(database, "COMMIT");
}

void
database_rollback(struct database *database)
{
	if (!sqlite3_get_autocommit(database->sqlite))
		(void)sqlite3_exec(
		    database->sqlite, "ROLLBACK", NULL, NULL, NULL);
}

/* SQLite makes files by the umask; -wal and -shm then follow the first. */
static int
prepare_file(struct database *database, const char *path)
{
	struct stat st;
	int fd;

	fd = open(
	    path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0)
		return close(fd);
	if (errno != EEXIST || lstat(path, &st) < 0)
		return fail_text(database, errno, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return fail_text(database, EPERM, "no regular file");
	if (st.st_uid != geteuid())
		return fail_text(database, EPERM,
		    "it belongs to another user: chown portvakt");
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return fail_text(
		    database, EPERM, "others can read or write it: chmod 0600");
	return 0;
}

static int
configure(struct database *database)
{
	static const char pragmas[] = "PRAGMA synchronous = FULL;"
				      "PRAGMA foreign_keys = ON;"
				      "PRAGMA trusted_schema = OFF;"
				      "PRAGMA cell_size_check = ON;"
				      "PRAGMA journal_size_limit = 8388608;";
	static const int switches[][2] = {{SQLITE_DBCONFIG_DEFENSIVE, 1},
	    {SQLITE_DBCONFIG_DQS_DML, 0}, {SQLITE_DBCONFIG_DQS_DDL, 0}};
	size_t i;

	(void)sqlite3_busy_timeout(database->sqlite, BUSY_TIMEOUT_MS);
	(void)sqlite3_limit(
	    database->sqlite, SQLITE_LIMIT_LENGTH, VALUE_SIZE_MAX);
	for (i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		(void)sqlite3_db_config(
		    database->sqlite, switches[i][0], switches[i][1], NULL);
	return database_execute(database, pragmas);
}

/* The one value of a PRAGMA. */
static int
read_pragma(
    struct database *database, const char *sql, char *ret_text, size_t size)
{
	sqlite3_stmt *statement;
	int error;

	error = database_prepare(database, sql, &statement);
	if (error)
		return error;
	if (sqlite3_step(statement) != SQLITE_ROW)
		error = database_fail(database, sql);
	else
		(void)snprintf(ret_text, size, "%s",
		    (const char *)sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	return error;
}

static int
read_number(struct database *database, const char *sql, long *ret_number)
{
	char text[32];
	int error;

	error = read_pragma(database, sql, text, sizeof(text));
	if (!error)
		*ret_number = strtol(text, NULL, 10);
	return error;
}

static int
use_wal(struct database *database)
{
	char mode[32];
	int error;

	error = read_pragma(
	    database, "PRAGMA journal_mode = WAL", mode, sizeof(mode));
	if (error)
		return error;
	if (strcmp(mode, "wal") == 0)
		return 0;
	return fail_text(
	    database, EIO, "this file system cannot hold a write-ahead log");
}

static int
migrate_from(struct database *database, long version, int application_id,
    const char *const *migrations)
{
	char sql[96];
	int error = 0;

	for (; migrations[version] && !error; version++)
		error = database_execute(database, migrations[version]);
	if (error)
		return error;
	(void)snprintf(sql, sizeof(sql),
	    "PRAGMA user_version = %ld; PRAGMA application_id = %d", version,
	    application_id);
	return database_execute(database, sql);
}

/* An empty file is a new one; anything else must be ours. */
static int
check_owner(struct database *database, long version, int application_id)
{
	long id = 0, tables = 0;
	int error;

	error = read_number(database, "PRAGMA application_id", &id);
	if (!error)
		error = read_number(
		    database, "SELECT count(*) FROM sqlite_schema", &tables);
	if (error)
		return error;
	if (id == application_id || (id == 0 && version == 0 && tables == 0))
		return 0;
	return fail_text(
	    database, EBADMSG, "the file belongs to another program");
}

static int
migrate(struct database *database, int application_id,
    const char *const *migrations)
{
	long version = 0, newest = 0;
	int error;

	while (migrations[newest])
		newest++;
	error = read_number(database, "PRAGMA user_version", &version);
	if (!error)
		error = check_owner(database, version, application_id);
	if (error)
		return error;
	if (version < 0 || version > newest)
		return fail_text(database, ENOTSUP,
		    "a newer version wrote the file: install that one");
	return version == newest ? 0
				 : migrate_from(database, version,
				       application_id, migrations);
}

static int
bring_up_to_date(struct database *database, int application_id,
    const char *const *migrations)
{
	int error;

	error = database_begin(database);
	if (error)
		return error;
	error = migrate(database, application_id, migrations);
	if (!error)
		error = database_commit(database);
	if (error)
		database_rollback(database);
	return error;
}

int
database_open(struct database *database, const char *path, int application_id,
    const char *const *migrations)
{
	int error;

	database->sqlite = NULL;
	database->error[0] = '\0';
	error = prepare_file(database, path);
	if (error)
		return error;
	if (sqlite3_open_v2(path, &database->sqlite,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
		    SQLITE_OPEN_NOFOLLOW,
		NULL) != SQLITE_OK)
		return database_fail(database, "open");
	error = configure(database);
	if (!error)
		error = use_wal(database);
	if (!error)
		error = bring_up_to_date(database, application_id, migrations);
	return error;
}

void
database_close(struct database *database)
{
	(void)sqlite3_close_v2(database->sqlite);
	database->sqlite = NULL;
}

bool
database_text(sqlite3_stmt *statement, int column, char *ret_text, size_t size)
{
	const void *text;
	int bytes;

	if (sqlite3_column_type(statement, column) != SQLITE_TEXT)
		return false;
	text = sqlite3_column_text(statement, column);
	bytes = sqlite3_column_bytes(statement, column);
	if (!text || (size_t)bytes >= size || memchr(text, '\0', (size_t)bytes))
		return false;
	memcpy(ret_text, text, (size_t)bytes);
	ret_text[bytes] = '\0';
	return true;
}

bool
database_flag(sqlite3_stmt *statement, int column, bool *ret_flag)
{
	int64_t value = sqlite3_column_int64(statement, column);

	if (sqlite3_column_type(statement, column) != SQLITE_INTEGER ||
	    value < 0 || value > 1)
		return false;
	*ret_flag = value == 1;
	return true;
}
