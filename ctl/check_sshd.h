/* Whether sshd lets the login dialogue happen, and waits for it. */
#pragma once

#include "ctl/check_report.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * settings is what "sshd -T" prints. login_timeout_s is how long the broker
 * waits for a person, 0 when it could not be asked: the default counts then.
 */
void check_sshd_settings(
    const char *settings, int64_t login_timeout_s, struct check_report *report);

/* output is what "sshd -T" said instead; root: whether root asked it. */
void check_sshd_refusal(
    const char *output, bool root, struct check_report *report);

/* Asks the sshd of this machine, if there is one. */
void check_sshd(int64_t login_timeout_s, struct check_report *report);
