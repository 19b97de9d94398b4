/*
 * The group sections. One name has one gid and stands once; neither is the
 * machine's. A role never reaches a local group that gives power.
 */
#include "broker/policy/policy_draft.h"
#include "lib/id.h"
#include "lib/name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int
check_name(struct policy_draft *draft, const struct settings_section *section)
{
	if (!name_is_valid(section->title))
		return config_error_set(draft->keeper.error, -EINVAL,
		    section->file, section->first_line,
		    "group \"%.64s\": a group's name is a to z, 0 to 9, _ and "
		    "-, at most 32, and does not begin with a digit or -",
		    section->title);
	if (strcmp(section->title, "administrator") == 0)
		return config_error_set(draft->keeper.error, -EINVAL,
		    section->file, section->first_line,
		    "group administrator: so quotas call root at the machine, "
		    "choose another name");
	if (!draft->world->was_in_force &&
	    local_accounts_has_name(draft->world->local, section->title))
		return config_error_set(draft->keeper.error, -EINVAL,
		    section->file, section->first_line,
		    "group %s is the machine's own, or one with privileges: "
		    "no role ever reaches it, choose another name and give "
		    "that group the power in sudoers or polkit",
		    section->title);
	return 0;
}

static int
check_others(struct policy_draft *draft, const struct settings_section *section,
    const struct draft_group *group)
{
	const struct draft_group *other;

	for (other = draft->groups; other; other = other->next) {
		const struct policy_place *place = &other->group.place;

		if (strcmp(other->group.name, group->group.name) == 0)
			return config_error_set(draft->keeper.error, -EINVAL,
			    section->file, section->first_line,
			    "group %s stands at %s:%u already: choose another "
			    "name, or remove one of them",
			    group->group.name, place->file, place->line);
		if (other->group.gid == group->group.gid)
			return config_error_set(draft->keeper.error, -EINVAL,
			    section->file, group->gid_line,
			    "gid %u is that of group %s at %s:%u: take one "
			    "that is free",
			    group->group.gid, other->group.name, place->file,
			    place->line);
	}
	return 0;
}

static int
take_gid(struct policy_draft *draft, const struct settings_section *section,
    struct draft_group *group)
{
	unsigned int gid = 0;
	int error;

	group->gid_line = policy_option_line(section, "gid");
	error = value_take_number(&draft->keeper, section, "gid",
	    ID_ACCESS_START, ID_ACCESS_END, &gid);
	if (error)
		return error;
	if (!draft->world->was_in_force &&
	    local_accounts_has_id(draft->world->local, gid))
		return config_error_set(draft->keeper.error, -EINVAL,
		    section->file, group->gid_line,
		    "gid %u is the machine's own: take another one from %u to "
		    "%u",
		    gid, (unsigned int)ID_ACCESS_START,
		    (unsigned int)ID_ACCESS_END);
	group->group.gid = gid;
	return 0;
}

static int
take_texts(struct policy_draft *draft, const struct settings_section *section,
    struct policy_group *group)
{
	const struct value_keeper *keeper = &draft->keeper;
	int error, restricted = false;

	error = value_take_text(
	    keeper, section, "title", &policy_title, &group->title);
	if (!error)
		error = value_take_text(keeper, section, "title_en",
		    &policy_title, &group->title_en);
	if (!error)
		error = value_take_text(
		    keeper, section, "basis", &policy_reason, &group->basis);
	if (!error)
		error = value_take_choice(keeper, section, "restricted",
		    policy_booleans, &restricted);
	group->restricted = restricted;
	return error;
}

static int
take_options(struct policy_draft *draft, const struct settings_section *section,
    struct draft_group *group)
{
	static const char *const needed[] = {
	    "gid", "title", "title_en", "basis", NULL};
	int error;

	error = value_require(
	    &draft->keeper, section, needed, "every group needs it");
	if (!error)
		error = value_keep(
		    &draft->keeper, section->title, &group->group.name);
	if (!error)
		error = take_gid(draft, section, group);
	return error ? error : take_texts(draft, section, &group->group);
}

int
policy_take_group(
    struct policy_draft *draft, const struct settings_section *section)
{
	struct draft_group *group;
	int error;

	error = check_name(draft, section);
	if (error)
		return error;
	if (draft->policy.groups_count == POLICY_GROUPS_MAX)
		return config_error_set(draft->keeper.error, -EINVAL,
		    section->file, section->first_line,
		    "more than %d groups: remove what is not used",
		    POLICY_GROUPS_MAX);
	group = arena_alloc(&draft->arena, sizeof(*group));
	if (!group)
		return -ENOMEM;
	group->group.place = policy_place_of(draft, section);
	error = take_options(draft, section, group);
	if (!error)
		error = check_others(draft, section, group);
	if (error)
		return error;
	group->next = draft->groups;
	draft->groups = group;
	draft->policy.groups_count++;
	return 0;
}

static int
compare_groups(const void *a, const void *b)
{
	const struct draft_group *const *left = a, *const *right = b;

	return strcmp((*left)->group.name, (*right)->group.name);
}

static int
sort_groups(struct policy_draft *draft)
{
	size_t i = 0, count = draft->policy.groups_count;
	struct draft_group *group;

	draft->sorted_groups = arena_alloc(
	    &draft->arena, (count + 1) * sizeof(*draft->sorted_groups));
	if (!draft->sorted_groups)
		return -ENOMEM;
	for (group = draft->groups; group; group = group->next)
		draft->sorted_groups[i++] = group;
	qsort(draft->sorted_groups, count, sizeof(*draft->sorted_groups),
	    compare_groups);
	return 0;
}

static void
gather(struct policy_group *group, const struct draft_group *from,
    struct policy_grant *grants, struct policy_quota *quotas)
{
	const struct draft_grant *grant;
	const struct draft_quota *quota;

	*group = from->group;
	group->service = from->service->index;
	group->grants = grants;
	group->quotas = quotas;
	for (grant = from->grants; grant; grant = grant->next)
		grants[group->grants_count++] = grant->grant;
	for (quota = from->quotas; quota; quota = quota->next)
		quotas[group->quotas_count++] = quota->quota;
}

int
policy_finish_groups(struct policy_draft *draft)
{
	size_t i, count = draft->policy.groups_count;
	struct policy_group *groups;
	struct policy_grant *grants;
	struct policy_quota *quotas;

	groups = arena_alloc(&draft->arena, (count + 1) * sizeof(*groups));
	grants = arena_alloc(
	    &draft->arena, (draft->grants_count + 1) * sizeof(*grants));
	quotas = arena_alloc(
	    &draft->arena, (draft->quotas_count + 1) * sizeof(*quotas));
	if (!groups || !grants || !quotas || sort_groups(draft) < 0)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		gather(&groups[i], draft->sorted_groups[i], grants, quotas);
		grants += groups[i].grants_count;
		quotas += groups[i].quotas_count;
	}
	draft->policy.groups = groups;
	return 0;
}
