/*
 * Whose programs, beside root's, may ask with tokens: those that a pam section
 * names (token_peers). Their names are looked up in the machine's own passwd
 * file, for getpwnam() would come back to us.
 */
#pragma once

#include "broker/config/config.h"

#include <stdbool.h>
#include <sys/types.h>

/*
 * Of that service, or of any (service NULL). False as well when dir/passwd
 * cannot be read.
 */
bool token_peer_is(const struct config *config,
    const struct config_service *service, const char *dir, uid_t uid);
