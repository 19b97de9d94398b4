#include "broker/policy/policy_reader.h"

#include "broker/policy/policy_draft.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char manual[] = "portvakt-access(5)";

static const struct settings_option service_options[] = {{"title", false},
    {"title_en", false}, {"needs_established_unit", false}, {NULL, false}};
static const struct settings_option group_options[] = {{"gid", false},
    {"title", false}, {"title_en", false}, {"basis", false},
    {"restricted", false}, {NULL, false}};
static const struct settings_option grant_options[] = {{"reason", false},
    {"issuer", true}, {"roles_any", true}, {"roles_all", true},
    {"scopes_all", true}, {"level", false}, {"max_age", false},
    {"on_behalf_of", true}, {"resources", true}, {"rights_all", true},
    {"consumers", true}, {"units", true}, {"unit_levels", true},
    {"unit_classes", true}, {"valid_from", false}, {"valid_until", false},
    {"authorised", true}, {NULL, false}};
static const struct settings_option quota_options[] = {{"level", false},
    {"minimum", false}, {"maximum", false}, {"clerical_maximum", false},
    {"givers", true}, {"giver_level", false}, {NULL, false}};
static const struct settings_option unit_options[] = {{"name", false},
    {"level", false}, {"parent", false}, {"class", false},
    {"organisation", false}, {"established", true}, {NULL, false}};

static const struct settings_kind rule_kinds[] = {
    {"service", true, service_options}, {"group", true, group_options},
    {"grant", true, grant_options}, {"quota", true, quota_options},
    {NULL, false, NULL}};
static const struct settings_kind unit_kinds[] = {
    {"unit", true, unit_options}, {NULL, false, NULL}};
static const struct settings_grammar rule_grammar = {rule_kinds, manual};
static const struct settings_grammar unit_grammar = {unit_kinds, manual};

/* What policy_read() hands out. */
struct policy_text {
	struct policy policy;
	struct arena arena;
};

static void
draft_done(struct policy_draft *draft)
{
	arena_done(&draft->arena);
}

static void
free_text(char **text)
{
	free(*text);
}

static int
take_section(const struct settings_section *section, void *userdata)
{
	struct policy_draft *draft = userdata;

	if (strcmp(section->name, "unit") == 0)
		return policy_take_unit(draft, section);
	if (strcmp(section->name, "service") == 0)
		return policy_take_service(draft, section);
	if (strcmp(section->name, "group") == 0)
		return policy_take_group(draft, section);
	if (strcmp(section->name, "grant") == 0)
		return policy_take_grant(draft, section);
	return policy_take_quota(draft, section);
}

/* The reader of sections writes into the text that it is given. */
static int
read_sections(struct policy_draft *draft, const struct policy_file *file)
{
	__attribute__((cleanup(free_text))) char *copy = NULL;

	copy = malloc(file->size + 1);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, file->text, file->size);
	copy[file->size] = '\0';
	return settings_read(file->name, copy, file->size,
	    file->units ? &unit_grammar : &rule_grammar, take_section, draft,
	    draft->keeper.error);
}

static int
read_file(struct policy_draft *draft, const struct policy_file *file)
{
	int error;

	draft->file = (struct draft_file){
	    .shipped = file->shipped || draft->world->was_in_force,
	    .outer_groups = draft->groups};
	error = value_keep(&draft->keeper, file->name, &draft->file.name);
	if (!error)
		error = read_sections(draft, file);
	if (!error && !file->units)
		error = policy_finish_file(draft);
	return error;
}

static int
read_files(struct policy_draft *draft, const struct policy_files *files)
{
	size_t i;
	int error = 0;

	for (i = 0; !error && i < files->count; i++)
		error = read_file(draft, &files->files[i]);
	return error;
}

/* What is kept of a login has its acr alone: the ladder ranks it later. */
static int
keep_ladder(struct policy_draft *draft, const struct issuer_profile *profile,
    struct policy_ladder *ret_ladder)
{
	size_t count = profile->acr_ladder_count, i;
	const char **acrs;
	int error = 0;

	acrs = arena_alloc(&draft->arena, (count + 1) * sizeof(*acrs));
	if (!acrs)
		return -ENOMEM;
	for (i = 0; i < count && !error; i++)
		error = value_keep(
		    &draft->keeper, profile->acr_ladder[i], &acrs[i]);
	if (!error)
		*ret_ladder = (struct policy_ladder){acrs, count};
	return error;
}

static int
take_issuers(struct policy_draft *draft, const struct policy_world *world)
{
	struct policy_issuer *issuers = draft->policy.issuers;
	size_t i;
	int error = 0;

	if (world->issuers_count > POLICY_ISSUERS_MAX)
		return config_error_set(draft->keeper.error, -EINVAL, "access",
		    0, "more than %d issuers", POLICY_ISSUERS_MAX);
	for (i = 0; !error && i < world->issuers_count; i++) {
		const struct policy_known_issuer *known = &world->issuers[i];

		error =
		    value_keep(&draft->keeper, known->name, &issuers[i].name);
		if (!error)
			error = value_keep(&draft->keeper,
			    known->profile->issuer, &issuers[i].url);
		if (!error)
			error = keep_ladder(
			    draft, known->profile, &draft->policy.ladders[i]);
	}
	draft->policy.issuers_count = world->issuers_count;
	return error;
}

static int
finish(struct policy_draft *draft)
{
	int error;

	error = policy_finish_services(draft);
	if (!error)
		error = policy_finish_units(draft);
	if (!error)
		error = policy_finish_groups(draft);
	if (error || draft->world->was_in_force)
		return error;
	return policy_lint(draft);
}

static int
hand_over(struct policy_draft *draft, struct policy_text **ret_text)
{
	struct policy_text *text;

	text = calloc(1, sizeof(*text));
	if (!text)
		return -ENOMEM;
	text->policy = draft->policy;
	text->arena = draft->arena;
	draft->arena.newest = NULL;
	*ret_text = text;
	return 0;
}

int
policy_read(const struct policy_files *files, const struct policy_world *world,
    struct policy_text **ret_text, struct config_error *ret_error)
{
	__attribute__((cleanup(draft_done))) struct policy_draft draft = {
	    .world = world};
	int error;

	ret_error->text[0] = '\0';
	draft.keeper =
	    (struct value_keeper){.arena = &draft.arena, .error = ret_error};
	error = take_issuers(&draft, world);
	if (!error)
		error = read_files(&draft, files);
	if (!error)
		error = finish(&draft);
	if (!error)
		error = hand_over(&draft, ret_text);
	if (error && ret_error->text[0] == '\0')
		(void)config_error_set(
		    ret_error, error, "access.d", 0, "%s", strerror(-error));
	return error;
}

struct policy_text *
policy_text_free(struct policy_text *text)
{
	if (!text)
		return NULL;
	arena_done(&text->arena);
	free(text);
	return NULL;
}

const struct policy *
policy_text_policy(const struct policy_text *text)
{
	return &text->policy;
}
