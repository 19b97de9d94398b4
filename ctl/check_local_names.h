/* Whether a local account or group bears a name or number of the directory. */
#pragma once

#include "ctl/check_report.h"

/*
 * Compares passwd and group under root with the image at path. The broker
 * gives out nothing that is there, but useradd(8) does not ask the broker
 * afterwards. Says nothing without an image: check_directory does.
 */
void check_local_names(
    const char *root, const char *path, struct check_report *report);
