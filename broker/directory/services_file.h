/*
 * Publishes the list of PAM services that ask for something of a login
 * (lib/strict_services.h).
 */
#pragma once

#include "broker/config/config.h"

/* 0 or a negative errno; then the old list stands. */
int services_file_publish(const char *path, const struct config *config);
