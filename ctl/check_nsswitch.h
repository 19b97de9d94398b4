/* Whether this machine's names and groups come from portvakt too. */
#pragma once

#include "ctl/check_report.h"

/* root stands before every path; "" is the machine itself. */
void check_nsswitch(const char *root, struct check_report *report);
