/* Rules that are not in force: those of a day in the past, and somebody's. */
#pragma once

#include "broker/broker.h"

#include <jansson.h>

/* Those in force at a time: NULL with *ret_text, or the refusal. */
json_t *admin_rules_at(
    struct broker *broker, int64_t as_of_s, struct policy_text **ret_text);

/*
 * The shipped catalogue with these files ([{name text units}]) in place of
 * those in /etc; without a units.conf among them, the one in force.
 */
json_t *admin_rules_of(
    struct broker *broker, const json_t *files, struct policy_text **ret_text);
