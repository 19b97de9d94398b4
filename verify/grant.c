#include "verify/grant.h"

static bool
has_any_role(const struct standing *standing, const struct policy_set *roles)
{
	size_t i;

	for (i = 0; i < roles->count; i++) {
		if (slice_set_has(&standing->roles, roles->texts[i]))
			return true;
	}
	return roles->count == 0;
}

static bool
has_all_roles(const struct standing *standing, const struct policy_set *roles)
{
	size_t i;

	for (i = 0; i < roles->count; i++) {
		if (!slice_set_has(&standing->roles, roles->texts[i]))
			return false;
	}
	return true;
}

static bool
has_all_scopes(const struct identity *identity, const struct policy_set *scopes)
{
	size_t i;

	for (i = 0; i < scopes->count; i++) {
		if (!identity_has_scope(identity, scopes->texts[i]))
			return false;
	}
	return true;
}

static bool
has_right(const struct identity *identity,
    const struct identity_mandate *mandate, const char *right)
{
	size_t i;

	if (mandate->rights_first > identity->rights_count ||
	    mandate->rights_count >
		identity->rights_count - mandate->rights_first)
		return false;
	for (i = 0; i < mandate->rights_count; i++) {
		if (slice_equal(
			identity->rights[mandate->rights_first + i], right))
			return true;
	}
	return false;
}

static bool
mandate_meets(const struct policy_grant *grant, const struct identity *identity,
    const struct identity_mandate *mandate)
{
	size_t i;

	if (mandate->organisation.size == 0)
		return false;
	if (grant->on_behalf_of.count > 0 &&
	    !policy_set_has_slice(&grant->on_behalf_of, mandate->organisation))
		return false;
	if (grant->resources.count > 0 &&
	    !policy_set_has_slice(&grant->resources, mandate->resource))
		return false;
	for (i = 0; i < grant->rights_all.count; i++) {
		if (!has_right(identity, mandate, grant->rights_all.texts[i]))
			return false;
	}
	return true;
}

uint32_t
grant_mandates(
    const struct policy_grant *grant, const struct identity *identity)
{
	uint32_t mandates = 0;
	size_t i;

	for (i = 0; i < identity->mandates_count; i++) {
		if (mandate_meets(grant, identity, &identity->mandates[i]))
			mandates |= UINT32_C(1) << i;
	}
	return mandates;
}

static bool
needs_mandate(const struct policy_grant *grant)
{
	return grant->on_behalf_of.count > 0 || grant->resources.count > 0 ||
	       grant->rights_all.count > 0;
}

static bool
is_level_met(const struct standing *standing, const struct policy_grant *grant)
{
	int rank_min = grant->acr_rank_min[standing->issuer];

	if (rank_min < 0)
		return false;
	return rank_min == 0 || standing->identity->acr_rank >= rank_min;
}

enum decision_condition
grant_lacks(const struct policy_grant *grant, const struct standing *standing)
{
	const struct identity *identity = standing->identity;

	if (standing->issuer < 0 || !(grant->issuers & 1U << standing->issuer))
		return DECISION_ISSUER;
	if (!has_any_role(standing, &grant->roles_any) ||
	    !has_all_roles(standing, &grant->roles_all))
		return DECISION_ROLE;
	if (!has_all_scopes(identity, &grant->scopes_all))
		return DECISION_SCOPE;
	if (needs_mandate(grant) && grant_mandates(grant, identity) == 0)
		return DECISION_ON_BEHALF_OF;
	if (grant->consumers.count > 0 &&
	    !policy_set_has_slice(&grant->consumers, identity->consumer))
		return DECISION_CONSUMER;
	if (!is_level_met(standing, grant))
		return DECISION_LEVEL;
	return DECISION_NONE;
}

/* The moment from which the authentication is too old. */
static int64_t
age_end(const struct policy_grant *grant, const struct identity *identity)
{
	int64_t end_s;

	if (grant->max_age_s == 0)
		return POLICY_NO_END;
	if (identity->authenticated_at_s <= 0)
		return POLICY_SINCE_EVER;
	if (__builtin_add_overflow(
		identity->authenticated_at_s, grant->max_age_s, &end_s))
		return POLICY_NO_END;
	return end_s;
}

void
grant_span(const struct policy_grant *grant, const struct identity *identity,
    int64_t *ret_from_s, int64_t *ret_until_s)
{
	int64_t until_s = age_end(grant, identity);

	if (grant->valid_until_s < until_s)
		until_s = grant->valid_until_s;
	*ret_from_s =
	    grant->valid_from_s == 0 ? POLICY_SINCE_EVER : grant->valid_from_s;
	*ret_until_s = until_s;
}

enum decision_condition
grant_out_of_time(const struct policy_grant *grant,
    const struct identity *identity, int64_t now_s)
{
	if (now_s >= age_end(grant, identity))
		return DECISION_AGE;
	if (grant->valid_from_s != 0 && now_s < grant->valid_from_s)
		return DECISION_NOT_YET;
	if (now_s >= grant->valid_until_s &&
	    grant->valid_until_s != POLICY_NO_END)
		return DECISION_NO_LONGER;
	return DECISION_NONE;
}

bool
grant_asks_unit(
    const struct policy_grant *grant, const struct policy_service *service)
{
	return grant->units.count > 0 || grant->unit_levels != 0 ||
	       grant->unit_classes.count > 0 || service->needs_established_unit;
}

bool
grant_takes_unit(
    const struct policy_grant *grant, const struct policy_unit *unit)
{
	if (grant->units.count > 0 &&
	    !policy_set_has(&grant->units, unit->number))
		return false;
	if (grant->unit_levels != 0 &&
	    !(grant->unit_levels & 1U << unit->level))
		return false;
	return grant->unit_classes.count == 0 ||
	       (unit->class &&
		   policy_set_has(&grant->unit_classes, unit->class));
}

bool
grant_takes_kind(const struct policy_grant *grant, enum policy_kind kind)
{
	switch (kind) {
	case POLICY_KIND_CASE:
	case POLICY_KIND_CLERICAL:
		return grant->authorised_kinds & kind;
	}
	return false;
}
