/*
 * A command of portvaktctl: what main.c parses the command line into, and what
 * each command group offers for its table.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* portvaktctl(8) documents these numbers. */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_REFUSED = 1, /* the broker said no, or check found a fault */
	EXIT_USAGE = 2, /* the command line, or the file to import */
	EXIT_UNREACHABLE = 3,
	EXIT_NOT_PERMITTED = 4,
};

enum command_option {
	OPTION_HELP = 0,
	OPTION_VERSION,
	OPTION_JSON,
	OPTION_YES,
	OPTION_DRY_RUN,
	OPTION_REASON,
	OPTION_ISSUER,
	OPTION_UID,
	OPTION_GECOS,
	OPTION_HOME,
	OPTION_SHELL,
	OPTION_COUNT,
};

struct invocation {
	/* NULL: not given. An option without an argument is "" when given. */
	const char *options[OPTION_COUNT];
	char *const *words; /* what follows the command's own words */
	int words_count;
};

static inline bool
invocation_json(const struct invocation *invocation)
{
	return invocation->options[OPTION_JSON] != NULL;
}

/* Each returns an enum exit_code. */
int account_add(const struct invocation *invocation);
int account_list(const struct invocation *invocation);
int account_show(const struct invocation *invocation);
int account_lock(const struct invocation *invocation);
int account_unlock(const struct invocation *invocation);
int account_remove(const struct invocation *invocation);
int check(const struct invocation *invocation);
int import(const struct invocation *invocation);
int reload(const struct invocation *invocation);
int status(const struct invocation *invocation);
