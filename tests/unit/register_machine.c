#include "tests/unit/register_machine.h"
#include "tests/unit/unit.h"

#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

static int
put_file(
    const struct register_machine *machine, const char *name, const char *text)
{
	char path[PATH_MAX];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", machine->dir, name);
	file = fopen(path, "w");
	if (!file || fputs(text, file) < 0)
		return -1;
	return fclose(file);
}

void
register_machine_reopen(struct register_machine *machine)
{
	machine->db = register_close(machine->db);
	if (register_open(machine->path, machine->dir, &machine->db) !=
	    REGISTER_OK)
		fail_msg("%s", register_error(machine->db));
}

int
register_machine_set_up(void **state)
{
	struct register_machine *machine = calloc(1, sizeof(*machine));

	if (!machine)
		return -1;
	(void)snprintf(machine->dir, sizeof(machine->dir),
	    "/tmp/portvakt-register-XXXXXX");
	if (!mkdtemp(machine->dir))
		return -1;
	(void)snprintf(
	    machine->path, sizeof(machine->path), "%s/register", machine->dir);
	if (put_file(machine, "passwd", "root:x:0:0::/root:/bin/bash\n") ||
	    put_file(machine, "group", "root:x:0:\n"))
		return -1;
	register_machine_reopen(machine);
	*state = machine;
	return 0;
}

int
register_machine_tear_down(void **state)
{
	struct register_machine *machine = *state;
	char command[128];

	register_close(machine->db);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", machine->dir);
	free(machine);
	return system(command);
}

int64_t
register_machine_add(
    struct register_machine *machine, const char *name, int64_t now_s)
{
	struct account_request request = {.name = name,
	    .issuer = "https://idp.example",
	    .subject = name,
	    .home = "/home/x",
	    .shell = "/bin/bash"};
	struct account account;
	enum register_result result;

	result = register_account_add(machine->db, &request, now_s, &account);
	if (result != REGISTER_OK)
		fail_msg("%s: %s", name, register_result_text(result));
	return account.id;
}

void
register_machine_sql(struct register_machine *machine, const char *sql)
{
	char *problem = NULL;
	sqlite3 *raw;

	assert_int_equal(sqlite3_open(machine->path, &raw), SQLITE_OK);
	if (sqlite3_exec(raw, sql, NULL, NULL, &problem) != SQLITE_OK)
		fail_msg("%s: %s", sql, problem);
	assert_int_equal(sqlite3_close(raw), SQLITE_OK);
}

int64_t
register_machine_number(struct register_machine *machine, const char *sql)
{
	sqlite3_stmt *statement;
	int64_t number;
	sqlite3 *raw;

	assert_int_equal(sqlite3_open(machine->path, &raw), SQLITE_OK);
	assert_int_equal(
	    sqlite3_prepare_v2(raw, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	number = sqlite3_column_int64(statement, 0);
	assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
	assert_int_equal(sqlite3_close(raw), SQLITE_OK);
	return number;
}
