/*
 * Does a text have the identity number of a person in it? Eleven digits in a
 * row whose check digits are right; in a number also those whose zeros in
 * front it has lost.
 */
#pragma once

#include "verify/json.h"
#include "verify/slice.h"

#include <stdbool.h>

bool person_text_has(struct slice text);

/* The same of a JSON value, with all names and values in it. */
bool person_text_in(const struct json *json, const struct json_node *node);
