/*
 * A register of its own for each test, in a directory that goes with it, and a
 * machine without anybody but root.
 */
#pragma once

#include "broker/register/register.h"

struct register_machine {
	char dir[64];
	char path[128];
	struct register_db *db;
};

/* cmocka's set-up and tear-down; *state is a struct register_machine. */
int register_machine_set_up(void **state);
int register_machine_tear_down(void **state);

void register_machine_reopen(struct register_machine *machine);

/* Adds an account at a time, and answers its row. */
int64_t register_machine_add(
    struct register_machine *machine, const char *name, int64_t now_s);

/* Somebody else's SQL on the file, and the one number that it answers. */
void register_machine_sql(struct register_machine *machine, const char *sql);
int64_t register_machine_number(
    struct register_machine *machine, const char *sql);
