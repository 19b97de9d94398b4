/*
 * An organisation as tokens name it: an object with an authority that must be
 * iso6523-actorid-upis, and an ID such as "0192:911830868". Ansattporten
 * spells the first key with a small letter or a capital one, by service.
 */
#pragma once

#include "verify/json.h"
#include "verify/objection.h"

/*
 * object: has the two keys, and may have others. *ret_identifier borrows from
 * the JSON text. 0; -ENOTSUP: an ID of ISO 6523 in a register that is not
 * Norway's (2 to 4 parts, the first of four digits), which may be a good one,
 * but not one that we know; -EBADMSG: no object, no or another authority, both
 * spellings of it, or an ID that is none.
 */
int organisation_get(const struct json *json, const struct json_node *object,
    struct slice *ret_identifier);

/*
 * The same of a claim, which may be absent: then *ret_identifier stays.
 * EVIDENCE_AUTHORITY_UNKNOWN or EVIDENCE_CLAIMS_MALFORMED with its name.
 */
struct objection organisation_member(
    const struct json *json, const char *name, struct slice *ret_identifier);
