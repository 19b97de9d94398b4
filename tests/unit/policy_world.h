/*
 * Where the rules of tests/vectors/policy are read: two issuers, "staff" with
 * the levels substantial and high, and "partner" with substantial alone; and a
 * machine with a user per and a group kantine.
 */
#pragma once

#include "broker/policy/policy_reader.h"

struct policy_test_world {
	struct local_accounts *local;
	struct policy_files *files;
	bool was_in_force;
	struct policy_text *text;
	struct config_error error;
};

struct policy_test_world *policy_world_new(void); /* NULL: it cannot be made */
void policy_world_free(struct policy_test_world *world);

/* Adds a file of the source tree, which errors will call name. */
void policy_world_put(struct policy_test_world *world, const char *name,
    const char *path, bool shipped);

/* policy_read() of what was put; the answer is in text or error. */
int policy_world_read(struct policy_test_world *world);

/* The terminated text of a file below the top of the source tree. */
char *policy_world_source(const char *path);
