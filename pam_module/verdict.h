/* From the broker's verdict to the answer that PAM gives the application. */
#pragma once

#include "lib/login_protocol.h"

#include <security/pam_modules.h>

/*
 * What this application is told in this phase. A verdict that the table does
 * not know is a refusal.
 */
int verdict_pam_code(
    pam_handle_t *pamh, enum login_verdict verdict, enum login_phase phase);
