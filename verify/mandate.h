/*
 * authorization_details (RFC 9396) as Ansattporten writes it, in all its
 * published shapes: whom a person acts for. A personal eID says who, never on
 * whose behalf; without an entry of ours there is no mandate, and "self" (an
 * entry with nothing but its type) is none.
 *
 *   ansattporten:altinn:resource   authorized_parties[{orgno{authority, ID},
 *                                  resource, actions[], ...}]
 *   ansattporten:altinn:service    resource, reportees[{Authority, ID,
 *                                  Rights[], ...}]
 *   ansattporten:orgno             authorized_parties[{orgno, rights[]}], or
 *                                  the older orgno{Authority, ID}
 *
 * Entries of other types are passed over. An entry of one of these types that
 * is not exactly right (a second spelling of a key beside the first, another
 * authority than iso6523-actorid-upis, an organisation number that is none)
 * is an objection to the whole token.
 */
#pragma once

#include "verify/identity.h"
#include "verify/json.h"
#include "verify/objection.h"

/* node: the claim, or NULL. Adds to the mandates of the identity. */
struct objection mandates_get(const struct json *json,
    const struct json_node *node, struct identity *identity);
