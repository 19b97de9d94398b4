/* The directory image: what every name lookup on this machine reads. */
#pragma once

#include "ctl/check_report.h"

void check_directory(const char *path, struct check_report *report);
