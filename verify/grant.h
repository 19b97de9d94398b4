/*
 * What one grant asks, condition by condition: of the evidence, of the clock, of
 * a unit and of an authorisation. decision.h puts it together.
 */
#pragma once

#include "verify/decision.h"
#include "verify/standing.h"

/* The first condition on the evidence that fails, the age apart, or _NONE. */
enum decision_condition grant_lacks(
    const struct policy_grant *grant, const struct standing *standing);

/*
 * The first of the grant's own times that fails, or _NONE; and from when until
 * when they all hold, which is never when *ret_until_s <= *ret_from_s.
 */
enum decision_condition grant_out_of_time(const struct policy_grant *grant,
    const struct identity *identity, int64_t now_s);
void grant_span(const struct policy_grant *grant,
    const struct identity *identity, int64_t *ret_from_s, int64_t *ret_until_s);

/*
 * The mandates of identity that meet what the grant asks of one: bit i for
 * identity.mandates[i]. All of them when it asks nothing.
 */
uint32_t grant_mandates(
    const struct policy_grant *grant, const struct identity *identity);

/* Must there be a unit? And does this one meet the conditions on it? */
bool grant_asks_unit(
    const struct policy_grant *grant, const struct policy_service *service);
bool grant_takes_unit(
    const struct policy_grant *grant, const struct policy_unit *unit);

/* Is an authorisation of this kind one that the grant asks for? */
bool grant_takes_kind(const struct policy_grant *grant, enum policy_kind kind);
