/* The directory images: what every name lookup on this machine reads. */
#pragma once

#include "ctl/check_report.h"

void check_directory(const char *path, struct check_report *report);

/* The image that only root reads, beside a public one that was checked. */
void check_directory_restricted(
    const char *path, const char *public_path, struct check_report *report);
