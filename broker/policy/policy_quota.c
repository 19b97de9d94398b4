/* The quota sections: who may be authorised for a group, by whom. */
#include "broker/policy/policy_draft.h"
#include "lib/name.h"

#include <errno.h>
#include <string.h>

enum {
	PERSONS_MAX = 100000, /* more is no quota */
};

/* Also "administrator", which is no group of ours. */
static const struct config_text giver_kind = {
    name_is_valid, "write the name of a group, or administrator"};

static int
take_numbers(struct policy_draft *draft, const struct settings_section *section,
    struct policy_quota *quota)
{
	const struct value_keeper *keeper = &draft->keeper;
	int error;

	error = value_take_number(
	    keeper, section, "minimum", 0, PERSONS_MAX, &quota->minimum);
	if (!error)
		error = value_take_number(keeper, section, "maximum", 1,
		    PERSONS_MAX, &quota->maximum);
	if (!error)
		error = value_take_number(keeper, section, "clerical_maximum",
		    0, PERSONS_MAX, &quota->clerical_maximum);
	if (error || quota->minimum <= quota->maximum)
		return error;
	return config_error_set(draft->keeper.error, -EINVAL, section->file,
	    policy_option_line(section, "minimum"),
	    "minimum %u is more than maximum %u: lower the one, or raise the "
	    "other",
	    quota->minimum, quota->maximum);
}

static bool
is_administrator(const struct policy_set *givers)
{
	return givers->count == 1 &&
	       strcmp(givers->texts[0], "administrator") == 0;
}

static int
take_givers(struct policy_draft *draft, const struct settings_section *section,
    struct policy_quota *quota)
{
	static const char *const level[] = {"giver_level", NULL};
	int error;

	error = policy_take_set(
	    draft, section, "givers", &giver_kind, &quota->givers);
	if (!error && !is_administrator(&quota->givers))
		error = value_require(&draft->keeper, section, level,
		    "say at which level the givers' own unit is");
	if (!error)
		error = policy_take_level(
		    draft, section, "giver_level", &quota->giver_level);
	if (error || quota->giver_level <= quota->level)
		return error;
	return config_error_set(draft->keeper.error, -EINVAL, section->file,
	    policy_option_line(section, "giver_level"),
	    "giver_level is below level: a giver's unit is the person's unit "
	    "or one above it");
}

static int
take_options(struct policy_draft *draft, const struct settings_section *section,
    struct policy_quota *quota)
{
	static const char *const needed[] = {
	    "level", "maximum", "givers", NULL};
	int error;

	error = value_require(
	    &draft->keeper, section, needed, "every quota needs it");
	if (!error)
		error =
		    policy_take_level(draft, section, "level", &quota->level);
	if (!error)
		error = take_numbers(draft, section, quota);
	return error ? error : take_givers(draft, section, quota);
}

int
policy_take_quota(
    struct policy_draft *draft, const struct settings_section *section)
{
	struct draft_quota *quota;
	int error;

	quota = arena_alloc(&draft->arena, sizeof(*quota));
	if (!quota)
		return -ENOMEM;
	quota->quota.place = policy_place_of(draft, section);
	quota->givers_line = policy_option_line(section, "givers");
	quota->giver_level_line = policy_option_line(section, "giver_level");
	error = value_keep(&draft->keeper, section->title, &quota->group_name);
	if (!error)
		error = take_options(draft, section, &quota->quota);
	if (error)
		return error;
	quota->next = draft->file.quotas;
	draft->file.quotas = quota;
	draft->quotas_count++;
	return 0;
}
