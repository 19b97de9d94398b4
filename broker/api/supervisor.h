/*
 * The process that others of portvakt-api are forked from: it keeps as many
 * workers as the configuration says, replaces those that die, and, told to
 * reload, puts new ones in place of all. It answers nobody itself.
 */
#pragma once

#include "broker/api/worker.h"

#include <stddef.h>

struct supervisor_options {
	const char *config_dir;
	const char *trust; /* the image */
	const char *service; /* the broker's socket */
	const struct listener *listeners;
	size_t listeners_count;
};

/*
 * Runs until SIGTERM or SIGINT. What is wrong is on standard error. An exit
 * status: 78 when the configuration cannot be used at the start.
 */
int supervisor_run(const struct supervisor_options *options);
