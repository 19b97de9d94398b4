/* Owners and modes of what the broker and its readers trust. */
#pragma once

#include "ctl/check_report.h"

#include <sys/types.h>

/* root stands before every path; the owners are who should have the files. */
void check_files(const char *root, uid_t administrator, uid_t broker,
    struct check_report *report);
