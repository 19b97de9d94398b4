/*
 * Compiles the register into the directory image that every process maps.
 */
#pragma once

#include "broker/config.h"
#include "broker/register.h"

#include <stdint.h>

/*
 * Publishes at path. config gives the groups that exist without a member; NULL
 * while the configuration is not good. 0, or a negative errno; then the old
 * image stands.
 */
int publisher_publish(struct register_db *db, const struct config *config,
    const char *path, uint64_t generation);
