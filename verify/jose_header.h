/*
 * The protected header of an id_token (RFC 7515 section 4). What would change
 * how the rest is read (crit, b64, zip, enc) is refused; what would offer a
 * key (jku, jwk, x5u, x5c, x5t) is not looked at: real tokens carry x5c.
 */
#pragma once

#include "verify/json.h"
#include "verify/objection.h"

struct jose_header {
	unsigned int algorithm; /* one of enum evidence_algorithm, or 0 */
	struct slice kid;
};

/* Is there, and says what it must; borrows from the JSON text. */
struct objection jose_header_get(
    const struct json *json, struct jose_header *ret_header);
