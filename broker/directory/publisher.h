/*
 * Compiles the register into the directory image that every process maps.
 */
#pragma once

#include "broker/config/config.h"
#include "broker/register/register.h"

#include <stdint.h>

/*
 * Publishes at path. The groups are those of the configuration in force, with
 * or without members; while there is none (NULL), those of the last logins. 0,
 * or a negative errno; then the old image stands.
 */
int publisher_publish(struct register_db *db, const struct config *config,
    const char *path, uint64_t generation);
