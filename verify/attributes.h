/*
 * What a token says of its holder for the decision on access: roles, scopes,
 * units, the consumer of a machine token, and mandates (verify/mandate.h).
 * Nothing that is there is left out: what has the wrong form, or is more than
 * an identity holds, is an objection.
 */
#pragma once

#include "verify/json.h"
#include "verify/objection.h"

enum { ATTRIBUTE_SIZE_MAX = 255 }; /* of a role, of a scope */

/*
 * Writes these members of the identity, and no other. The slices borrow from
 * the JSON text. After an objection what was written means nothing.
 */
struct objection attributes_get(const struct json *json,
    const struct issuer_profile *profile, struct identity *identity);
