/*
 * The protected header of a token (RFC 7515 section 4). What would change
 * how the rest is read (crit, b64, zip, enc) is refused; what would offer a
 * key (jku, jwk, x5u, x5c, x5t) is not looked at: real tokens carry x5c.
 */
#pragma once

#include "verify/json.h"
#include "verify/objection.h"

/*
 * What the token is for: RFC 8725 section 3.11, none of them is any other,
 * whoever signed it.
 */
enum jose_use {
	JOSE_ID_TOKEN, /* typ absent, or JWT */
	JOSE_ACCESS_TOKEN, /* the same, or of RFC 9068: [application/]at+jwt */
	JOSE_DPOP_PROOF, /* typ dpop+jwt and nothing else; it needs no kid */
};

struct jose_header {
	unsigned int algorithm; /* one of enum evidence_algorithm, or 0 */
	struct slice kid; /* of a proof empty */
	bool is_access; /* typ says that it is an access token */
};

/* Is there, and says what it must; borrows from the JSON text. */
struct objection jose_header_get(
    const struct json *json, enum jose_use use, struct jose_header *ret_header);
