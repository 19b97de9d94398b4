/*
 * A configuration of several files: DIR/NAME, and then DIR/NAME.d/X.conf in
 * the order of their names. Files that begin with a dot or do not end in .conf
 * are passed over; the directory NAME.d may be missing.
 */
#pragma once

#include "broker/config/config_error.h"
#include "broker/config/settings.h"

/*
 * As settings_read(), for all of them. Files and directories must belong to
 * root (or to whom trusted_file.h allows). An error without words of its own
 * leaves *ret_error empty.
 */
int settings_files_read(const char *dir, const char *name,
    const struct settings_grammar *grammar, settings_fn each, void *userdata,
    struct config_error *ret_error);
