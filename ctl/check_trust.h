/* The trust image: what every service that verifies tokens here reads. */
#pragma once

#include "ctl/check_report.h"

#include <sys/types.h>

/*
 * directory is that of the image; owner and group are who should have both,
 * the broker and those who verify.
 */
void check_trust(const char *directory, const char *image, uid_t owner,
    gid_t group, struct check_report *report);
