/* The grant sections: one way to get a group, with all that it takes. */
#include "broker/policy/policy_draft.h"
#include "broker/policy/policy_time.h"
#include "broker/text.h"
#include "verify/organisation_number.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

enum {
	ROLE_SIZE = 256,
};

static bool
is_role(const char *text)
{
	return text[0] != '\0' && text_is_clean(text, ROLE_SIZE);
}

/* RFC 6749, 3.3: no space, no quote, no backslash. */
static bool
is_scope(const char *text)
{
	return config_word.is_valid(text) && !strpbrk(text, "\"\\");
}

static bool
is_organisation(const char *text)
{
	return organisation_identifier_is_valid(slice_of(text));
}

static bool
is_span(const char *text)
{
	int64_t span_s;

	return value_span_parse(text, &span_s) == 0;
}

static bool
is_time(const char *text)
{
	int64_t at_s;

	return policy_time_parse(text, &at_s) == 0;
}

static bool
is_level(const char *text)
{
	return strcmp(text, "central") == 0 || strcmp(text, "region") == 0 ||
	       strcmp(text, "unit") == 0;
}

static bool
is_kind(const char *text)
{
	return strcmp(text, "case") == 0 || strcmp(text, "clerical") == 0;
}

static const struct config_text role_kind = {is_role,
    "write it as the issuer spells it, 1 to 255 bytes without control "
    "characters"};
static const struct config_text scope_kind = {
    is_scope, "a scope is printable ASCII without space, quote and backslash"};
static const struct config_text organisation_kind = {is_organisation,
    "write 0192: and an organisation number of 9 digits, the last of which "
    "checks the others"};
static const struct config_text span_kind = {
    is_span, "write a number and s, min, h or d, from 1s to 366d"};
static const struct config_text time_kind = {is_time,
    "write a date that there is, as 2026-01-31 (00:00 UTC), or RFC 3339 as "
    "2026-01-31T08:00:00+01:00"};
static const struct config_text level_kind = {
    is_level, "write central, region or unit"};
static const struct config_text kind_kind = {is_kind, "write case or clerical"};

/* The conditions that are sets, and where they go. */
static const struct {
	const char *option;
	const struct config_text *kind;
	size_t offset;
	bool opens; /* enough for a grant */
} set_options[] = {
    {"roles_any", &role_kind, offsetof(struct policy_grant, roles_any), true},
    {"roles_all", &role_kind, offsetof(struct policy_grant, roles_all), true},
    {"scopes_all", &scope_kind, offsetof(struct policy_grant, scopes_all),
	true},
    {"on_behalf_of", &organisation_kind,
	offsetof(struct policy_grant, on_behalf_of), true},
    {"resources", &config_word, offsetof(struct policy_grant, resources), true},
    {"rights_all", &role_kind, offsetof(struct policy_grant, rights_all), true},
    {"consumers", &organisation_kind, offsetof(struct policy_grant, consumers),
	true},
    {"units", &policy_unit_number, offsetof(struct policy_grant, units), false},
    {"unit_classes", &policy_unit_class,
	offsetof(struct policy_grant, unit_classes), false},
};

static int
take_sets(struct policy_draft *draft, const struct settings_section *section,
    struct policy_grant *grant)
{
	size_t i;
	int error = 0;

	for (i = 0; !error && i < sizeof(set_options) / sizeof(set_options[0]);
	     i++)
		error = policy_take_set(draft, section, set_options[i].option,
		    set_options[i].kind,
		    (struct policy_set *)((char *)grant +
					  set_options[i].offset));
	return error;
}

/* A list of words, as bits. */
static int
take_unit_levels(struct policy_draft *draft,
    const struct settings_section *section, struct policy_grant *grant)
{
	struct policy_set words = {NULL, 0};
	const struct config_choice *level;
	int error;

	error =
	    policy_take_set(draft, section, "unit_levels", &level_kind, &words);
	for (level = policy_levels; !error && level->word; level++) {
		if (policy_set_has(&words, level->word))
			grant->unit_levels |= 1U << level->value;
	}
	return error;
}

static int
take_authorised(struct policy_draft *draft,
    const struct settings_section *section, struct policy_grant *grant)
{
	struct policy_set words = {NULL, 0};
	int error;

	error =
	    policy_take_set(draft, section, "authorised", &kind_kind, &words);
	if (error)
		return error;
	if (policy_set_has(&words, "case"))
		grant->authorised_kinds |= POLICY_KIND_CASE;
	if (policy_set_has(&words, "clerical"))
		grant->authorised_kinds |= POLICY_KIND_CLERICAL;
	return 0;
}

static int
take_time(struct policy_draft *draft, const struct settings_section *section,
    const char *option, int64_t *ret_at_s)
{
	const char *text = NULL;
	int error;

	error =
	    value_take_text(&draft->keeper, section, option, &time_kind, &text);
	if (error || !text)
		return error;
	return policy_time_parse(text, ret_at_s);
}

static int
take_validity(struct policy_draft *draft,
    const struct settings_section *section, struct policy_grant *grant)
{
	int error;

	grant->valid_until_s = POLICY_NO_END;
	error = take_time(draft, section, "valid_from", &grant->valid_from_s);
	if (!error)
		error = take_time(
		    draft, section, "valid_until", &grant->valid_until_s);
	if (error || grant->valid_until_s > grant->valid_from_s)
		return error;
	return config_error_set(draft->keeper.error, -EINVAL, section->file,
	    policy_option_line(section, "valid_until"),
	    "valid_until is not after valid_from: the grant would never hold, "
	    "correct one of them");
}

static int
take_level(struct policy_draft *draft, const struct settings_section *section,
    struct policy_grant *grant)
{
	const char *span = NULL;
	int error;

	error = value_take_text(
	    &draft->keeper, section, "level", &config_acr, &grant->level);
	if (!error)
		error = value_take_text(
		    &draft->keeper, section, "max_age", &span_kind, &span);
	if (error || !span)
		return error;
	return value_span_parse(span, &grant->max_age_s);
}

/* A grant that asks nothing of the person would let every login in. */
static int
check_opens(struct policy_draft *draft, const struct settings_section *section,
    const struct policy_grant *grant)
{
	size_t i;

	if (grant->authorised_kinds)
		return 0;
	for (i = 0; i < sizeof(set_options) / sizeof(set_options[0]); i++) {
		if (set_options[i].opens &&
		    settings_count(section, set_options[i].option) > 0)
			return 0;
	}
	return config_error_set(draft->keeper.error, -EINVAL, section->file,
	    section->first_line,
	    "this grant lets in every login: name at least one of roles_any, "
	    "roles_all, scopes_all, on_behalf_of, resources, rights_all, "
	    "consumers, authorised");
}

static int
take_conditions(struct policy_draft *draft,
    const struct settings_section *section, struct policy_grant *grant)
{
	int error;

	error = take_sets(draft, section, grant);
	if (!error)
		error = take_unit_levels(draft, section, grant);
	if (!error)
		error = take_authorised(draft, section, grant);
	if (!error)
		error = take_level(draft, section, grant);
	if (!error)
		error = take_validity(draft, section, grant);
	return error ? error : check_opens(draft, section, grant);
}

static void
keep_lines(const struct settings_section *section, struct draft_grant *grant)
{
	grant->issuer_line = policy_option_line(section, "issuer");
	grant->level_line = policy_option_line(section, "level");
	grant->units_line = policy_option_line(section, "units");
	grant->levels_line = policy_option_line(section, "unit_levels");
	grant->classes_line = policy_option_line(section, "unit_classes");
	grant->authorised_line = policy_option_line(section, "authorised");
}

static int
take_options(struct policy_draft *draft, const struct settings_section *section,
    struct draft_grant *grant)
{
	static const char *const needed[] = {"reason", NULL};
	const struct value_keeper *keeper = &draft->keeper;
	int error;

	error = value_require(
	    keeper, section, needed, "say in words why this grant is right");
	if (!error)
		error = value_keep(keeper, section->title, &grant->group_name);
	if (!error)
		error = value_take_text(keeper, section, "reason",
		    &policy_reason, &grant->grant.reason);
	if (!error)
		error = policy_take_set(draft, section, "issuer", &config_word,
		    &grant->issuer_names);
	return error ? error : take_conditions(draft, section, &grant->grant);
}

int
policy_take_grant(
    struct policy_draft *draft, const struct settings_section *section)
{
	struct draft_grant *grant;
	int error;

	if (draft->grants_count == POLICY_GRANTS_MAX)
		return config_error_set(draft->keeper.error, -EINVAL,
		    section->file, section->first_line,
		    "more than %d grants: remove what is not used",
		    POLICY_GRANTS_MAX);
	grant = arena_alloc(&draft->arena, sizeof(*grant));
	if (!grant)
		return -ENOMEM;
	grant->grant.place = policy_place_of(draft, section);
	keep_lines(section, grant);
	error = take_options(draft, section, grant);
	if (!error)
		error = policy_take_issuers(draft, grant);
	if (error)
		return error;
	grant->next = draft->file.grants;
	draft->file.grants = grant;
	draft->grants_count++;
	return 0;
}
