/*
 * Compiles the register into the directory image that every process maps.
 */
#pragma once

#include "broker/config/config.h"
#include "broker/register/local_accounts.h"
#include "broker/register/register.h"

#include <stdint.h>

/*
 * Publishes at path. The groups are those of the configuration in force, with
 * or without members; while there is none (NULL), those of the last logins.
 * What the machine itself has, by name or by id, is left out and counted in
 * *ret_left_out: it is not ours, whatever the register says. 0, or a negative
 * errno; then the old image stands.
 */
int publisher_publish(struct register_db *db, const struct config *config,
    const struct local_accounts *local, const char *path, uint64_t generation,
    size_t *ret_left_out);
