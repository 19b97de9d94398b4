/*
 * Break-glass: with portvaktd gone, somebody local must be able to log in and
 * repair it.
 */
#pragma once

#include "ctl/check_report.h"

/* root stands before every path; "" is the machine itself. */
void check_local_login(const char *root, struct check_report *report);
