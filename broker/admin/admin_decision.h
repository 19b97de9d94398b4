/* A decision as the answers show it: D of lib/admin_protocol.h. */
#pragma once

#include "broker/entitlement/entitlement.h"
#include "verify/decision.h"

#include <jansson.h>

/* facts: what it was made from. */
json_t *admin_decision_describe(const struct policy *policy,
    const struct decision *decision, const struct entitlement_facts *facts);
