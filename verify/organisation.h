/*
 * An organisation as tokens name it: an object with an authority that must be
 * iso6523-actorid-upis, and an ID such as "0192:911830868". Ansattporten
 * spells the first key with a small letter or a capital one, by service.
 */
#pragma once

#include "verify/json.h"

/*
 * object: has the two keys, and may have others. *ret_identifier borrows from
 * the JSON text. 0, or -EBADMSG: no object, no or another authority, both
 * spellings of it, or an ID that organisation_identifier_is_valid() refuses.
 */
int organisation_get(const struct json *json, const struct json_node *object,
    struct slice *ret_identifier);
