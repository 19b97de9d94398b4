/*
 * Who may authorise must be somebody: a giver is a group that there is, and
 * one that a person could come into. A group that only its own members could
 * let anybody into, alone or in a circle with others, stays empty for ever.
 */
#include "broker/policy/policy_draft.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char administrator[] = "administrator";

static int
compare_name(const void *name, const void *group)
{
	return strcmp(
	    name, (*(const struct draft_group *const *)group)->group.name);
}

static struct draft_group *
find_group(const struct policy_draft *draft, const char *name)
{
	struct draft_group *const *found;

	found = bsearch(name, draft->sorted_groups, draft->policy.groups_count,
	    sizeof(*draft->sorted_groups), compare_name);
	return found ? *found : NULL;
}

static bool
has_giver(const struct policy_draft *draft, const struct draft_quota *quota)
{
	const struct policy_set *givers = &quota->quota.givers;
	const struct draft_group *group;
	size_t i;

	for (i = 0; i < givers->count; i++) {
		if (strcmp(givers->texts[i], administrator) == 0)
			return true;
		group = find_group(draft, givers->texts[i]);
		if (group && group->enterable)
			return true;
	}
	return false;
}

/* As far as is known yet: there is a way in, and somebody to open it. */
static bool
is_open(const struct policy_draft *draft, const struct draft_group *group,
    const struct policy_grant *grant)
{
	const struct draft_quota *quota;

	if (!grant->authorised_kinds)
		return true;
	for (quota = group->quotas; quota; quota = quota->next) {
		if (policy_quota_serves(&quota->quota, grant) &&
		    has_giver(draft, quota))
			return true;
	}
	return false;
}

static bool
is_enterable(const struct policy_draft *draft, const struct draft_group *group)
{
	const struct draft_grant *grant;

	for (grant = group->grants; grant; grant = grant->next) {
		if (is_open(draft, group, &grant->grant))
			return true;
	}
	return false;
}

/* Each round finds at least one more, or is the last. */
static void
mark_enterable(struct policy_draft *draft)
{
	struct draft_group *group;
	bool more = true;

	while (more) {
		more = false;
		for (group = draft->groups; group; group = group->next) {
			if (group->enterable || !is_enterable(draft, group))
				continue;
			group->enterable = true;
			more = true;
		}
	}
}

static bool
has_quota(const struct draft_group *group, const struct policy_grant *grant,
    enum policy_unit_level level)
{
	const struct draft_quota *quota;

	for (quota = group->quotas; quota; quota = quota->next) {
		if (quota->quota.level == level &&
		    policy_quota_serves(&quota->quota, grant))
			return true;
	}
	return false;
}

/* Could somebody be in the group for a unit of this level? */
static bool
reaches_level(const struct draft_group *group, enum policy_unit_level level)
{
	const struct draft_grant *grant;

	for (grant = group->grants; grant; grant = grant->next) {
		if (grant->grant.unit_levels &&
		    !(grant->grant.unit_levels & 1U << level))
			continue;
		if (!grant->grant.authorised_kinds ||
		    has_quota(group, &grant->grant, level))
			return true;
	}
	return false;
}

static int
check_giver_level(struct policy_draft *draft, const struct draft_quota *quota,
    const struct draft_group *group)
{
	enum policy_unit_level level = quota->quota.giver_level;

	if (reaches_level(group, level))
		return 0;
	return config_error_set(draft->keeper.error, -EINVAL,
	    quota->quota.place.file, quota->giver_level_line,
	    "nobody is in giver %s at level %s, so it could never authorise: "
	    "name a level that its grants take",
	    group->group.name, policy_unit_level_word(level));
}

static int
check_giver(struct policy_draft *draft, const struct draft_quota *quota,
    const char *name)
{
	const struct draft_group *group;
	const char *file = quota->quota.place.file;

	if (strcmp(name, administrator) == 0)
		return 0;
	group = find_group(draft, name);
	if (!group)
		return config_error_set(draft->keeper.error, -EINVAL, file,
		    quota->givers_line,
		    "giver %s is no group of any service: write the name of "
		    "one, or administrator",
		    name);
	if (group->enterable)
		return check_giver_level(draft, quota, group);
	if (!group->grants)
		return config_error_set(draft->keeper.error, -EINVAL, file,
		    quota->givers_line,
		    "giver %s has no grant, so nobody is in it: add one, or "
		    "name another group",
		    name);
	return config_error_set(draft->keeper.error, -EINVAL, file,
	    quota->givers_line,
	    "nobody can ever come into giver %s, because only its own members "
	    "could authorise the first one: let the administrator, or another "
	    "group, give it",
	    name);
}

static int
check_givers(struct policy_draft *draft, const struct draft_group *group)
{
	const struct draft_quota *quota;
	size_t i;
	int error = 0;

	for (quota = group->quotas; quota; quota = quota->next) {
		for (i = 0; !error && i < quota->quota.givers.count; i++)
			error = check_giver(
			    draft, quota, quota->quota.givers.texts[i]);
	}
	return error;
}

int
policy_lint_givers(struct policy_draft *draft)
{
	size_t i;
	int error = 0;

	mark_enterable(draft);
	for (i = 0; !error && i < draft->policy.groups_count; i++)
		error = check_givers(draft, draft->sorted_groups[i]);
	return error;
}
