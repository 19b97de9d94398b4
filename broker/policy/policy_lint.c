/*
 * What is good word for word, and still could never hold: a grant that no unit
 * meets, an authorisation that nobody may give, a grant that stands twice.
 * What depends on issuers, levels and units is not looked at in the catalogue:
 * there it sleeps until the deployment has them.
 */
#include "broker/policy/policy_draft.h"

#include <errno.h>
#include <string.h>

static bool
is_established(const struct policy_unit *unit, const char *service)
{
	size_t i;

	for (i = 0; i < unit->established_count; i++) {
		if (strcmp(unit->established[i].service, service) == 0)
			return true;
	}
	return false;
}

static bool
level_fits(const struct policy_grant *grant, enum policy_unit_level level)
{
	return grant->unit_levels == 0 || (grant->unit_levels & 1U << level);
}

/* The conditions that a grant puts to its unit. */
static bool
unit_fits(const struct policy_grant *grant, const struct policy_unit *unit)
{
	if (grant->units.count > 0 &&
	    !policy_set_has(&grant->units, unit->number))
		return false;
	if (!level_fits(grant, unit->level))
		return false;
	return grant->unit_classes.count == 0 ||
	       (unit->class &&
		   policy_set_has(&grant->unit_classes, unit->class));
}

static unsigned int
maximum_of(const struct policy_quota *quota, enum policy_kind kind)
{
	return kind == POLICY_KIND_CASE ? quota->maximum
					: quota->clerical_maximum;
}

static bool
may_be_authorised(const struct policy_group *group, enum policy_kind kind,
    enum policy_unit_level level)
{
	size_t i;

	for (i = 0; i < group->quotas_count; i++) {
		if (group->quotas[i].level == level &&
		    maximum_of(&group->quotas[i], kind) > 0)
			return true;
	}
	return false;
}

bool
policy_quota_serves(
    const struct policy_quota *quota, const struct policy_grant *grant)
{
	if (!level_fits(grant, quota->level))
		return false;
	return ((grant->authorised_kinds & POLICY_KIND_CASE) &&
		   maximum_of(quota, POLICY_KIND_CASE) > 0) ||
	       ((grant->authorised_kinds & POLICY_KIND_CLERICAL) &&
		   maximum_of(quota, POLICY_KIND_CLERICAL) > 0);
}

static bool
quota_fits(const struct policy_group *group, const struct policy_grant *grant,
    enum policy_unit_level level)
{
	size_t i;

	for (i = 0; i < group->quotas_count; i++) {
		if (group->quotas[i].level == level &&
		    policy_quota_serves(&group->quotas[i], grant))
			return true;
	}
	return false;
}

/* Of all words of authorised, each must be one that somebody can have. */
static int
check_kind(struct policy_draft *draft, const struct draft_grant *grant,
    const struct policy_group *group, enum policy_kind kind)
{
	const char *word = policy_kind_word(kind);
	int level;

	if (!(grant->grant.authorised_kinds & (unsigned int)kind))
		return 0;
	for (level = POLICY_LEVEL_CENTRAL; level <= POLICY_LEVEL_UNIT;
	     level++) {
		if (level_fits(&grant->grant, (enum policy_unit_level)level) &&
		    may_be_authorised(
			group, kind, (enum policy_unit_level)level))
			return 0;
	}
	return config_error_set(draft->keeper.error, -EINVAL,
	    grant->grant.place.file, grant->authorised_line,
	    "authorised: no quota of %s for the levels of this grant allows "
	    "%s, so nobody can ever be: %s",
	    group->name, word,
	    kind == POLICY_KIND_CASE ? "add a quota section"
				     : "give one a clerical_maximum");
}

static int
check_units_known(struct policy_draft *draft, const struct draft_grant *grant)
{
	size_t i;

	for (i = 0; i < grant->grant.units.count; i++) {
		const char *number = grant->grant.units.texts[i];

		if (!policy_unit_by_number(&draft->policy, number))
			return config_error_set(draft->keeper.error, -EINVAL,
			    grant->grant.place.file, grant->units_line,
			    "unit %s is not in units.conf: add it there, or "
			    "correct the number",
			    number);
	}
	return 0;
}

static bool
class_exists(const struct policy *policy, const char *class)
{
	size_t i;

	for (i = 0; i < policy->units_count; i++) {
		if (policy->units[i].class &&
		    strcmp(policy->units[i].class, class) == 0)
			return true;
	}
	return false;
}

static int
check_classes_known(struct policy_draft *draft, const struct draft_grant *grant)
{
	size_t i;

	for (i = 0; i < grant->grant.unit_classes.count; i++) {
		const char *class = grant->grant.unit_classes.texts[i];

		if (!class_exists(&draft->policy, class))
			return config_error_set(draft->keeper.error, -EINVAL,
			    grant->grant.place.file, grant->classes_line,
			    "no unit of units.conf has class %s: correct it, "
			    "or give a unit that class",
			    class);
	}
	return 0;
}

/* How far the best of all units comes. */
enum reach {
	REACH_NONE,
	REACH_FITS,
	REACH_ESTABLISHED,
	REACH_AUTHORISED,
};

static enum reach
reach_of(const struct policy *policy, const struct policy_group *group,
    const struct policy_grant *grant, const struct policy_unit *unit)
{
	const struct policy_service *service =
	    &policy->services[group->service];

	if (!unit_fits(grant, unit))
		return REACH_NONE;
	if (service->needs_established_unit &&
	    !is_established(unit, service->name))
		return REACH_FITS;
	if (grant->authorised_kinds && !quota_fits(group, grant, unit->level))
		return REACH_ESTABLISHED;
	return REACH_AUTHORISED;
}

static enum reach
best_reach(const struct policy *policy, const struct policy_group *group,
    const struct policy_grant *grant)
{
	enum reach reach, best = REACH_NONE;
	size_t i;

	for (i = 0; best < REACH_AUTHORISED && i < policy->units_count; i++) {
		reach = reach_of(policy, group, grant, &policy->units[i]);
		if (reach > best)
			best = reach;
	}
	return best;
}

/* The line of the first unit condition that stands there. */
static unsigned int
condition_line(const struct draft_grant *grant)
{
	if (grant->grant.units.count > 0)
		return grant->units_line;
	if (grant->grant.unit_levels)
		return grant->levels_line;
	if (grant->grant.unit_classes.count > 0)
		return grant->classes_line;
	return grant->authorised_line;
}

static bool
has_unit_condition(const struct policy_grant *grant)
{
	return grant->units.count > 0 || grant->unit_levels ||
	       grant->unit_classes.count > 0;
}

static int
refuse_reach(struct policy_draft *draft, const struct policy_group *group,
    const struct draft_grant *grant, enum reach reach)
{
	const char *service = draft->policy.services[group->service].name;
	const char *file = grant->grant.place.file;
	unsigned int line = condition_line(grant);

	switch (reach) {
	case REACH_AUTHORISED:
		return 0;
	case REACH_ESTABLISHED:
		return config_error_set(draft->keeper.error, -EINVAL, file,
		    grant->authorised_line,
		    "authorised: no unit that this grant takes has a level "
		    "that a quota of %s is for: add a quota of that level, or "
		    "the units to units.conf",
		    group->name);
	case REACH_FITS:
		return config_error_set(draft->keeper.error, -EINVAL, file,
		    line,
		    "no unit that this grant takes is established for %s: add "
		    "it to established in units.conf",
		    service);
	case REACH_NONE:
		break;
	}
	return config_error_set(draft->keeper.error, -EINVAL, file, line,
	    "no unit of units.conf meets units, unit_levels and unit_classes "
	    "of this grant at once: they contradict each other, change one of "
	    "them");
}

static int
check_reach(struct policy_draft *draft, const struct draft_grant *grant,
    const struct policy_group *group)
{
	const struct policy *policy = &draft->policy;
	bool needed = policy->services[group->service].needs_established_unit;
	int error;

	if (!needed && !has_unit_condition(&grant->grant) &&
	    !grant->grant.authorised_kinds)
		return 0;
	if (policy->units_count == 0)
		return config_error_set(draft->keeper.error, -EINVAL,
		    grant->grant.place.file, condition_line(grant),
		    "this grant takes a unit, and there is none: write "
		    "units.conf");
	error = check_units_known(draft, grant);
	if (!error)
		error = check_classes_known(draft, grant);
	return error ? error
		     : refuse_reach(draft, group, grant,
			   best_reach(policy, group, &grant->grant));
}

static bool
sets_equal(const struct policy_set *a, const struct policy_set *b)
{
	size_t i;

	if (a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++) {
		if (strcmp(a->texts[i], b->texts[i]) != 0)
			return false;
	}
	return true;
}

static bool
people_equal(const struct policy_grant *a, const struct policy_grant *b)
{
	return sets_equal(&a->roles_any, &b->roles_any) &&
	       sets_equal(&a->roles_all, &b->roles_all) &&
	       sets_equal(&a->scopes_all, &b->scopes_all) &&
	       sets_equal(&a->on_behalf_of, &b->on_behalf_of) &&
	       sets_equal(&a->resources, &b->resources) &&
	       sets_equal(&a->rights_all, &b->rights_all) &&
	       sets_equal(&a->consumers, &b->consumers);
}

static bool
levels_equal(const struct policy_grant *a, const struct policy_grant *b)
{
	return strcmp(a->level ? a->level : "", b->level ? b->level : "") == 0;
}

static bool
grants_equal(const struct draft_grant *one, const struct draft_grant *other)
{
	const struct policy_grant *a = &one->grant, *b = &other->grant;

	return people_equal(a, b) && levels_equal(a, b) &&
	       sets_equal(&one->issuer_names, &other->issuer_names) &&
	       sets_equal(&a->units, &b->units) &&
	       sets_equal(&a->unit_classes, &b->unit_classes) &&
	       a->unit_levels == b->unit_levels &&
	       a->max_age_s == b->max_age_s &&
	       a->valid_from_s == b->valid_from_s &&
	       a->valid_until_s == b->valid_until_s &&
	       a->authorised_kinds == b->authorised_kinds;
}

static int
check_repeated(struct policy_draft *draft, const struct draft_group *group,
    const struct draft_grant *grant)
{
	const struct draft_grant *other;

	for (other = group->grants; other != grant; other = other->next) {
		if (grants_equal(other, grant))
			return config_error_set(draft->keeper.error, -EINVAL,
			    grant->grant.place.file, grant->grant.place.line,
			    "this grant of %s asks for the same as the one at "
			    "line %u: remove one of them",
			    group->group.name, other->grant.place.line);
	}
	return 0;
}

static int
check_grants(struct policy_draft *draft, const struct draft_group *from,
    const struct policy_group *group)
{
	const struct draft_grant *grant;
	int error = 0;

	for (grant = from->grants; !error && grant; grant = grant->next) {
		error = check_repeated(draft, from, grant);
		if (!error)
			error =
			    check_kind(draft, grant, group, POLICY_KIND_CASE);
		if (!error)
			error = check_kind(
			    draft, grant, group, POLICY_KIND_CLERICAL);
		if (!error && !from->service->shipped)
			error = check_reach(draft, grant, group);
	}
	return error;
}

static int
check_services(struct policy_draft *draft)
{
	const struct draft_service *service;
	size_t i;

	for (service = draft->services; service; service = service->next) {
		const struct policy_service *given = &service->service;

		if (service->shipped || !given->needs_established_unit)
			continue;
		for (i = 0; i < draft->policy.units_count; i++) {
			if (is_established(
				&draft->policy.units[i], given->name))
				break;
		}
		if (i == draft->policy.units_count)
			return config_error_set(draft->keeper.error, -EINVAL,
			    given->place.file, service->established_line,
			    "needs_established_unit, but no unit is "
			    "established for %s: add \"%s DATE\" to a unit's "
			    "established in units.conf",
			    given->name, given->name);
	}
	return 0;
}

int
policy_lint(struct policy_draft *draft)
{
	size_t i;
	int error;

	error = check_services(draft);
	for (i = 0; !error && i < draft->policy.groups_count; i++)
		error = check_grants(
		    draft, draft->sorted_groups[i], &draft->policy.groups[i]);
	return error ? error : policy_lint_givers(draft);
}
