/* Personal authorisations as the answers show them, and counted. */
#pragma once

#include "broker/register/authorisation.h"
#include "verify/policy.h"

#include <jansson.h>

json_t *admin_authorisation_describe(const struct authorisation *authorisation);

struct admin_authorisation_count {
	unsigned int cases;
	unsigned int clerical;
};

/* How many are in force for a group in a unit at that moment. */
enum register_result admin_authorisation_count(struct register_db *db,
    uint32_t gid, const char *unit, int64_t at_s,
    struct admin_authorisation_count *ret_count);
