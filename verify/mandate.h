/*
 * authorization_details (RFC 9396) as Ansattporten writes it, in all its
 * published shapes: whom a person acts for. A personal eID says who, never on
 * whose behalf; without an entry of ours there is no mandate, and "self" (an
 * entry with nothing but its type) is none.
 *
 *   ansattporten:altinn:resource   resource, authorized_parties[{
 *                                  orgno{authority, ID}, resource,
 *                                  actions[], ...}]
 *   ansattporten:altinn:service    resource, reportees[{Authority, ID,
 *                                  Rights[], ...}]
 *   ansattporten:orgno             authorized_parties[{orgno, rights[]}], or
 *                                  the older orgno{Authority, ID}
 *
 * Several parties are several mandates. Entries of other types are passed
 * over. An entry of one of these types that is not exactly right (a second
 * spelling of a key beside the first, another authority than
 * iso6523-actorid-upis, an organisation number that is none, parties of
 * another shape) is an objection to the whole token. Members that say nothing
 * of whom, for what or with which rights (names, unit_type) may be anything.
 */
#pragma once

#include "verify/identity.h"
#include "verify/json.h"
#include "verify/objection.h"

enum { MANDATE_TEXT_SIZE_MAX = 255 }; /* of a resource, of a right */

/*
 * node: the claim, or NULL. Adds to the mandates of the identity, with slices
 * that borrow from the JSON text. After an objection some may have been added.
 */
struct objection mandates_get(const struct json *json,
    const struct json_node *node, struct identity *identity);
