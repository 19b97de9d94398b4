/*
 * Does a JSON value of a token have the identity number of a person in it, in
 * a text (verify/person_number.h), as a number, which may have lost its zeros
 * in front, or taken apart into the elements of an array? All names and values
 * in it are looked at.
 */
#pragma once

#include "verify/json.h"

#include <stdbool.h>

bool person_text_in(const struct json *json, const struct json_node *node);
