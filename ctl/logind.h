/* systemd-logind, where it runs. */
#pragma once

#include <stdint.h>

/*
 * Has it end all sessions of a user. 0, or a negative errno: it does not run,
 * knows no session of that user, or did not answer in time.
 */
int logind_terminate_user(uint32_t uid);
