/*
 * Compiles the register into the two directory images: the one that every
 * process maps, and the one of restricted memberships, which only root and the
 * broker can open.
 */
#pragma once

#include "broker/register/local_accounts.h"
#include "broker/register/register.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct publisher_paths {
	const char *directory;
	const char *restricted;
};

/* What the rules in force say; all zero: there are none. */
struct publisher_input {
	const struct account_group *groups; /* with or without members */
	size_t groups_count;
	bool configured;
	bool enumerate;
};

/*
 * Publishes both. The groups are those of the input, with or without members;
 * while nothing is configured, those of the last logins. A membership of a
 * restricted group is in the restricted image alone; the group, in the public
 * one alone. What the machine itself has, by name or by id, is left out and
 * counted in *ret_left_out: it is not ours, whatever the register says. 0, or
 * a negative errno; then nobody is in more groups than by the old images.
 */
int publisher_publish(struct register_db *db,
    const struct publisher_input *input, const struct local_accounts *local,
    const struct publisher_paths *paths, uint64_t generation,
    size_t *ret_left_out);
