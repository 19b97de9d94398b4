/*
 * The role sections: which role of the issuer gives which group. Refuses a
 * group or gid of the machine's own, and rules that contradict each other.
 */
#include "broker/config/config_draft.h"
#include "broker/config/config_error.h"
#include "broker/text.h"
#include "lib/id.h"
#include "lib/name.h"

#include <errno.h>
#include <string.h>

enum {
	ROLE_SIZE = 256,
	RULES_MAX = 4096, /* each login weighs all of them */
};

static bool
is_role(const char *text)
{
	return text[0] != '\0' && text_is_clean(text, ROLE_SIZE);
}

static const struct config_text group_kind = {name_is_valid,
    "a group's name is a to z, 0 to 9, _ and -, at most 32, and does not "
    "begin with a digit or -"};
static int
check_role_name(
    struct config_draft *draft, const struct settings_section *section)
{
	if (is_role(section->title))
		return 0;
	return config_error_set(draft->error, -EINVAL, section->file,
	    section->line,
	    "role \"%.64s\": write the role as the issuer "
	    "spells it, at most 255 bytes",
	    section->title);
}

/* The machine's own groups come first, privileged ones above all. */
static int
check_local(struct config_draft *draft, const struct settings_section *section,
    const struct access_rule *rule)
{
	if (local_accounts_has_name(draft->local, rule->group))
		return config_error_set(draft->error, -EINVAL, section->file,
		    settings_get(section, "group", 0).line,
		    "group %s is the machine's own or one with privileges: "
		    "a role cannot give it, choose another name",
		    rule->group);
	if (!id_is_ours(rule->gid) ||
	    (rule->gid >= ID_ALLOCATE_START && rule->gid <= ID_ALLOCATE_END) ||
	    local_accounts_has_id(draft->local, rule->gid))
		return config_error_set(draft->error, -EINVAL, section->file,
		    settings_get(section, "gid", 0).line,
		    "gid %u belongs to the system or to somebody else's "
		    "range: take one from %u to %u",
		    rule->gid, (unsigned int)ID_ACCESS_START,
		    (unsigned int)ID_ACCESS_END);
	return 0;
}

/* One name, one number. The same role twice for one group is a mistake. */
static int
check_others(struct config_draft *draft, const struct access_rule *rule)
{
	const struct config_role *other;

	for (other = draft->roles; other; other = other->next) {
		bool same_group = strcmp(other->rule.group, rule->group) == 0;
		bool same_gid = other->rule.gid == rule->gid;

		if (same_group != same_gid)
			return config_error_set(draft->error, -EINVAL,
			    rule->file, rule->line,
			    "group %s with gid %u contradicts group %s with "
			    "gid %u at %s:%u: one name has one number",
			    rule->group, rule->gid, other->rule.group,
			    other->rule.gid, other->rule.file,
			    other->rule.line);
		if (same_group && strcmp(other->rule.role, rule->role) == 0)
			return config_error_set(draft->error, -EINVAL,
			    rule->file, rule->line,
			    "role \"%s\" gives %s already at %s:%u: remove "
			    "one of them",
			    rule->role, rule->group, other->rule.file,
			    other->rule.line);
	}
	return 0;
}

static int
read_rule(struct config_draft *draft, const struct settings_section *section,
    struct config_role *role)
{
	static const char *const needed[] = {"group", "gid", NULL};
	struct access_rule *rule = &role->rule;
	int error;

	error = config_require(draft, section, needed, "every role needs it");
	if (!error)
		error = config_take_text(
		    draft, section, "group", &group_kind, &rule->group);
	if (!error)
		error = config_take_number(
		    draft, section, "gid", 0, UINT32_MAX, &rule->gid);
	if (!error)
		error = config_take_text(draft, section, "acr_minimum",
		    &config_acr, &role->acr_minimum);
	if (!error)
		error = config_keep(draft, section->title, &rule->role);
	if (!error)
		error = config_keep(draft, section->file, &rule->file);
	if (error)
		return error;
	rule->line = settings_get(section, "group", 0).line;
	if (role->acr_minimum)
		role->acr_minimum_line =
		    settings_get(section, "acr_minimum", 0).line;
	return 0;
}

int
config_take_role(
    struct config_draft *draft, const struct settings_section *section)
{
	struct config_role *role;
	int error;

	role = arena_alloc(&draft->arena, sizeof(*role));
	if (!role)
		return -ENOMEM;
	error = check_role_name(draft, section);
	if (!error)
		error = read_rule(draft, section, role);
	if (!error)
		error = check_local(draft, section, &role->rule);
	if (!error)
		error = check_others(draft, &role->rule);
	if (!error && draft->config.rules_count == RULES_MAX)
		error = config_error_set(draft->error, -EINVAL, section->file,
		    section->line, "more than %d roles", RULES_MAX);
	if (error)
		return error;
	*draft->roles_end = role;
	draft->roles_end = &role->next;
	draft->config.rules_count++;
	return 0;
}

static int
rank_role(struct config_draft *draft, struct config_role *role)
{
	if (!role->acr_minimum)
		return 0;
	if (draft->config.issuers_count > 1)
		return config_error_set(draft->error, -EINVAL, role->rule.file,
		    role->acr_minimum_line,
		    "acr_minimum \"%s\": each issuer has a ladder of its own, "
		    "so with several a role cannot name a level",
		    role->acr_minimum);
	role->rule.acr_rank_min = issuer_acr_rank(
	    &draft->config.issuers[0].profile, slice_of(role->acr_minimum));
	if (role->rule.acr_rank_min > 0)
		return 0;
	return config_error_set(draft->error, -EINVAL, role->rule.file,
	    role->acr_minimum_line,
	    "acr_minimum \"%s\" is not in the issuer's acr: correct it, or "
	    "add it there",
	    role->acr_minimum);
}

int
config_finish_roles(struct config_draft *draft)
{
	struct config_role *role;
	struct access_rule *rules;
	size_t i = 0;
	int error;

	rules = arena_alloc(
	    &draft->arena, (draft->config.rules_count + 1) * sizeof(*rules));
	if (!rules)
		return -ENOMEM;
	for (role = draft->roles; role; role = role->next) {
		error = rank_role(draft, role);
		if (error)
			return error;
		rules[i++] = role->rule;
	}
	draft->config.rules = rules;
	return 0;
}
