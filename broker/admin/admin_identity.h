/* Evidence as explain shows it, and as it might have been. */
#pragma once

#include "broker/broker.h"
#include "verify/identity.h"

#include <jansson.h>

/* I of lib/admin_protocol.h. */
json_t *admin_identity_describe(const struct identity *identity);

/*
 * Changes identity to what a login at that time would have said had it said
 * with ("acr" or "level", "age_s"), and more ("roles", "units",
 * "on_behalf_of"). The texts stay those of with. NULL, or the answer that says
 * what is wrong.
 */
json_t *admin_identity_suppose(const struct broker *broker,
    const struct policy *policy, const json_t *with, int64_t now_s,
    struct identity *identity);
