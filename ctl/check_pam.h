/*
 * Which PAM services ask portvakt, and whether what it says is heeded: its no
 * keeps a person out, and its absence does not keep local people out.
 */
#pragma once

#include "ctl/check_report.h"

/* root stands before every path; "" is the machine itself. */
void check_pam(const char *root, struct check_report *report);
