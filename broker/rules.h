/*
 * The rules in force: their text as it was read, the policy that it means, and
 * the checks that need more than the text. A rule must not clash with what the
 * register has given out: a group with the name of a person's private group, a
 * gid that was another group's or an account's uid.
 */
#pragma once

#include "broker/config/config.h"
#include "broker/policy/policy_reader.h"
#include "broker/register/register.h"

struct rules {
	struct policy_files *files;
	struct policy_text *text;
};

/* Where they are, and what they must not clash with; borrowed. */
struct rules_place {
	const char *catalogue_dir;
	const char *config_dir;
	const char *local_dir;
	struct register_db *db;
};

/* 0, or a negative errno with *ret_error. Changes the register only by
 * reserving the gids, for ever. */
int rules_read(const struct rules_place *place, const struct config *config,
    struct rules **ret_rules, struct config_error *ret_error);
struct rules *rules_free(struct rules *rules); /* accepts NULL */
const struct policy *rules_policy(const struct rules *rules);

/*
 * The policy that files mean on this machine; nothing changes. was_in_force:
 * they were once, and what is not here any more sleeps.
 */
int rules_interpret(const struct policy_files *files, bool was_in_force,
    const struct rules_place *place, const struct config *config,
    struct policy_text **ret_text, struct config_error *ret_error);

/*
 * The groups that may enter a service, by the pam sections: whoever may by one
 * that there is not, never may. 0 or -EINVAL with file and line.
 */
int rules_check_services(const struct config *config,
    const struct policy *policy, struct config_error *ret_error);

/*
 * That, and what the register has given out: names of accounts, gids of other
 * groups. Nothing changes; that a gid was an account's uid is seen when it is
 * reserved.
 */
int rules_check(const struct rules_place *place, const struct config *config,
    const struct policy *policy, struct config_error *ret_error);
