/*
 * A rule file as a whole: one service, and grants and quotas of the groups
 * that stand in the same file.
 */
#include "broker/policy/policy_draft.h"

#include <errno.h>
#include <string.h>

/* A group of this file, or NULL. */
static struct draft_group *
find_group(struct policy_draft *draft, const char *name)
{
	struct draft_group *group = draft->groups;

	for (; group != draft->file.outer_groups; group = group->next) {
		if (strcmp(group->group.name, name) == 0)
			return group;
	}
	return NULL;
}

static int
refuse_unknown(struct policy_draft *draft, const char *section,
    const char *group, unsigned int line)
{
	return config_error_set(draft->keeper.error, -EINVAL, draft->file.name,
	    line,
	    "%s \"%.64s\": this file has no group of that name, correct it, or "
	    "write the %s into the file of the group",
	    section, group, section);
}

/* Newest first, so that pushing in front restores the order of the file. */
static int
attach_grants(struct policy_draft *draft)
{
	struct draft_grant *grant = draft->file.grants, *next;
	struct draft_group *group;

	for (; grant; grant = next) {
		next = grant->next;
		group = find_group(draft, grant->group_name);
		if (!group)
			return refuse_unknown(draft, "grant", grant->group_name,
			    grant->grant.place.line);
		grant->next = group->grants;
		group->grants = grant;
	}
	return 0;
}

static int
check_level(struct policy_draft *draft, const struct draft_group *group,
    const struct draft_quota *quota)
{
	const struct draft_quota *other;

	for (other = group->quotas; other; other = other->next) {
		if (other->quota.level == quota->quota.level)
			return config_error_set(draft->keeper.error, -EINVAL,
			    draft->file.name, other->quota.place.line,
			    "a second quota of %s for level %s (the first is "
			    "at line %u): keep one",
			    group->group.name,
			    policy_unit_level_word(quota->quota.level),
			    quota->quota.place.line);
	}
	return 0;
}

static int
attach_quotas(struct policy_draft *draft)
{
	struct draft_quota *quota = draft->file.quotas, *next;
	struct draft_group *group;
	int error;

	for (; quota; quota = next) {
		next = quota->next;
		group = find_group(draft, quota->group_name);
		if (!group)
			return refuse_unknown(draft, "quota", quota->group_name,
			    quota->quota.place.line);
		error = check_level(draft, group, quota);
		if (error)
			return error;
		quota->next = group->quotas;
		group->quotas = quota;
	}
	return 0;
}

int
policy_finish_file(struct policy_draft *draft)
{
	struct draft_group *group = draft->groups;
	int error;

	if (!draft->file.service)
		return config_error_set(draft->keeper.error, -EINVAL,
		    draft->file.name, 0,
		    "no service section: say first whose groups these are");
	for (; group != draft->file.outer_groups; group = group->next)
		group->service = draft->file.service;
	error = attach_grants(draft);
	return error ? error : attach_quotas(draft);
}
