/* What an account may be made from, before the register looks at its rows. */
#pragma once

#include "broker/register/local_accounts.h"
#include "broker/register/register.h"

/*
 * REGISTER_OK, or REGISTER_NAME_INVALID, REGISTER_NAME_LOCAL,
 * REGISTER_SUBJECT_INVALID, REGISTER_SUBJECT_IS_PID (whatever the issuer: it
 * would be kept as it is), REGISTER_FIELD_INVALID, REGISTER_ID_REFUSED.
 */
enum register_result account_request_check(
    const struct account_request *request, const struct local_accounts *local);

/* As a token may say it. */
bool account_subject_is_valid(const char *subject);

/* A reason for a lock: 1 to 255 bytes of clean text. */
bool account_reason_is_valid(const char *reason);
