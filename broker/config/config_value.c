/* How values are taken into the configuration: value.h, with the draft's. */
#include "broker/config/config_draft.h"
#include "broker/config/config_error.h"

static struct value_keeper
keeper_of(struct config_draft *draft)
{
	return (struct value_keeper){
	    .arena = &draft->arena, .error = draft->error};
}

int
config_keep(struct config_draft *draft, const char *text, const char **ret_copy)
{
	const struct value_keeper keeper = keeper_of(draft);

	return value_keep(&keeper, text, ret_copy);
}

int
config_take_text(struct config_draft *draft,
    const struct settings_section *section, const char *option,
    const struct config_text *kind, const char **ret_text)
{
	const struct value_keeper keeper = keeper_of(draft);

	return value_take_text(&keeper, section, option, kind, ret_text);
}

int
config_take_number(struct config_draft *draft,
    const struct settings_section *section, const char *option,
    unsigned int min, unsigned int max, unsigned int *ret_number)
{
	const struct value_keeper keeper = keeper_of(draft);

	return value_take_number(
	    &keeper, section, option, min, max, ret_number);
}

int
config_take_span(struct config_draft *draft,
    const struct settings_section *section, const char *option,
    int64_t *ret_span_s)
{
	const struct value_keeper keeper = keeper_of(draft);

	return value_take_span(&keeper, section, option, ret_span_s);
}

int
config_take_choice(struct config_draft *draft,
    const struct settings_section *section, const char *option,
    const struct config_choice *choices, int *ret_value)
{
	const struct value_keeper keeper = keeper_of(draft);

	return value_take_choice(&keeper, section, option, choices, ret_value);
}

int
config_take_flag(struct config_draft *draft,
    const struct settings_section *section, const char *option, bool *ret_value)
{
	const struct value_keeper keeper = keeper_of(draft);

	return value_take_flag(&keeper, section, option, ret_value);
}

int
config_take_list(struct config_draft *draft,
    const struct settings_section *section, const char *option,
    const struct config_text *kind, size_t count_max,
    const char *const **ret_list, size_t *ret_count)
{
	const struct value_keeper keeper = keeper_of(draft);

	return value_take_list(
	    &keeper, section, option, kind, count_max, ret_list, ret_count);
}

int
config_require(struct config_draft *draft,
    const struct settings_section *section, const char *const *options,
    const char *why)
{
	const struct value_keeper keeper = keeper_of(draft);

	return value_require(&keeper, section, options, why);
}

int
config_forbid(struct config_draft *draft,
    const struct settings_section *section, const char *const *options,
    const char *why)
{
	const struct value_keeper keeper = keeper_of(draft);

	return value_forbid(&keeper, section, options, why);
}

int
config_file_problem(struct config_draft *draft,
    const struct settings_section *section, const char *option, int error,
    const char *problem)
{
	struct setting setting = settings_get(section, option, 0);

	return config_error_set(draft->error, error, section->file,
	    setting.line, "%s %s: %s", option, setting.text, problem);
}
