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
	OPTION_PID,
	OPTION_END_SESSIONS,
	OPTION_AS_OF,
	OPTION_WITH,
	OPTION_RULES,
	OPTION_UNIT,
	OPTION_ORDER,
	OPTION_KIND,
	OPTION_BASIS,
	OPTION_FROM,
	OPTION_UNTIL,
	OPTION_EXCEPTION,
	OPTION_PERSON,
	OPTION_CSV,
	OPTION_ALL,
	OPTION_SESSION,
	OPTION_SUBJECT,
	OPTION_BEFORE,
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

/* The word at this place, or NULL. */
static inline const char *
invocation_word(const struct invocation *invocation, int index)
{
	return index < invocation->words_count ? invocation->words[index]
					       : NULL;
}

/* Each returns an enum exit_code. */
int account_add(const struct invocation *invocation);
int account_list(const struct invocation *invocation);
int account_show(const struct invocation *invocation);
int account_lock(const struct invocation *invocation);
int account_unlock(const struct invocation *invocation);
int account_remove(const struct invocation *invocation);
int account_pid(const struct invocation *invocation);
int authorise(const struct invocation *invocation);
int authorised(const struct invocation *invocation);
int authorised_import(const struct invocation *invocation);
int check(const struct invocation *invocation);
int explain(const struct invocation *invocation);
int import(const struct invocation *invocation);
int notices(const struct invocation *invocation);
int notices_take(const struct invocation *invocation);
int pid_key_rotate(const struct invocation *invocation);
int reload(const struct invocation *invocation);
int revoke_tokens(const struct invocation *invocation);
int sessions(const struct invocation *invocation);
int simulate(const struct invocation *invocation);
int status(const struct invocation *invocation);
int withdraw(const struct invocation *invocation);
