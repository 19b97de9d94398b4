/*
 * One configuration file as libconfuse reads it: sections with their options,
 * every value a text with the line that it stands on. What the sections mean
 * is the caller's business. Refuses sections and options that it was not told
 * of, an option that stands twice, and an empty list.
 *
 * Nothing here lives longer than the call of the section's function.
 */
#pragma once

#include "broker/config/config_error.h"

#include <stdbool.h>
#include <stddef.h>

struct settings_option {
	const char *name; /* NULL ends the table */
	bool list;
};

struct settings_kind {
	const char *name; /* NULL ends the table */
	bool titled; /* group "ko-infoflyt" { } */
	const struct settings_option *options;
};

/* What a kind of file may hold, and where that is written: for remedies. */
struct settings_grammar {
	const struct settings_kind *kinds;
	const char *manual; /* "portvakt.conf(5)" */
};

struct settings_section {
	const char *name;
	const char *title; /* NULL unless the kind is titled */
	const char *file;
	unsigned int first_line; /* where its '{' stands */
	unsigned int line; /* where it ends */
	const void *tree; /* of libconfuse */
};

struct setting {
	const char *text;
	unsigned int line;
};

/* 0 to go on, or an error that settings_read() then returns. */
typedef int (*settings_fn)(
    const struct settings_section *section, void *userdata);

/*
 * Calls each for every section, in the order of the file. text is changed.
 * 0, or -EINVAL, -ENOMEM or what each returned; each fills *ret_error itself.
 */
int settings_read(const char *file, char *text, size_t size,
    const struct settings_grammar *grammar, settings_fn each, void *userdata,
    struct config_error *ret_error);

/* How many values an option was given: 0 when it does not stand there. */
size_t settings_count(
    const struct settings_section *section, const char *option);
struct setting settings_get(
    const struct settings_section *section, const char *option, size_t index);
