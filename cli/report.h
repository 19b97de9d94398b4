/* What the library found of a token, on the standard output. */
#pragma once

#include "verify/portvakt.h"

#include <stddef.h>

/*
 * For people: a line for each thing that is known, first what came of it.
 * missing: a group that was asked for and is not there, or NULL.
 */
void report_lines(const struct portvakt_result *result, const char *missing);

/* For programs: one object. */
void report_json(const struct portvakt_result *result, const char *missing);
