/* The broker itself: its configuration, its answers, its issuer. */
#pragma once

#include "ctl/check_report.h"

#include <stdint.h>

/* Runs program --check: exit 0, or errors one per line. */
void check_configuration(const char *program, struct check_report *report);

/* Asks the broker. *ret_login_timeout_s is 0 when it did not say. */
void check_broker(struct check_report *report, int64_t *ret_login_timeout_s);

/* Judge the results of "status" and "check-issuer". */
void check_broker_status(const json_t *result, struct check_report *report);
void check_broker_issuers(const json_t *result, struct check_report *report);
