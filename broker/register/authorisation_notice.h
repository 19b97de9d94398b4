/* What the central level is told of a personal authorisation. */
#pragma once

#include "broker/register/authorisation.h"

/*
 * Adds a notice, "authorised" or (when it has been withdrawn) "withdrawn".
 * Inside of the transaction that changes the authorisation.
 */
enum register_result authorisation_notice_add(struct register_db *db,
    const struct authorisation *authorisation, int64_t now_s);

/* The same for a unit that has fewer than the rules want: "below-minimum". */
enum register_result authorisation_notice_add_below(struct register_db *db,
    const char *group, const char *unit, const char *by, int64_t now_s);
