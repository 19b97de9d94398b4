/*
 * Of the issuer section, what the issuer is there for: people log in, services
 * verify its tokens, its opaque tokens are asked about, this machine gets
 * tokens of its own. Services may always verify; the rest is said. Refuses
 * what a kind of issuer cannot be, and what nothing would use.
 */
#include "broker/config/config_draft.h"
#include "broker/config/config_error.h"

#include "broker/token_details.h"
#include "verify/organisation_number.h"

#include <errno.h>
#include <string.h>

enum {
	TARGETS_MAX = 256,
};

static const struct config_choice places[] = {{"openid-configuration", false},
    {"oauth-authorization-server", true}, {NULL, 0}};

static int
take_login(struct config_draft *draft, const struct settings_section *section)
{
	struct config_issuer *issuer = draft->issuer;
	int error;

	issuer->logs_people_in = issuer->kind->logs_people_in;
	error =
	    config_take_flag(draft, section, "login", &issuer->logs_people_in);
	if (error || !issuer->logs_people_in || issuer->kind->logs_people_in)
		return error;
	return config_error_set(draft->error, -EINVAL, section->file,
	    settings_get(section, "login", 0).line,
	    "login: an issuer of kind %s logs nobody in: remove it, or "
	    "correct kind",
	    issuer->kind->name);
}

static int
take_place(struct config_draft *draft, const struct settings_section *section)
{
	struct config_issuer *issuer = draft->issuer;
	int error, oauth = issuer->kind->oauth_metadata;

	error = config_take_choice(draft, section, "metadata", places, &oauth);
	issuer->oauth_metadata = oauth;
	return error;
}

static bool
is_organisation(const char *text)
{
	return organisation_identifier_is_valid(slice_of(text));
}

/* An entry for every organisation there is would be none. */
static bool
is_other_type(const char *text)
{
	return config_word.is_valid(text) &&
	       strcmp(text, TOKEN_DETAIL_SYSTEM_USER) != 0;
}

static const struct config_text organisation_kind = {
    is_organisation, "write 0192: and the number of an organisation"};
static const struct config_text details_type_kind = {is_other_type,
    "write a type of authorization_details; whose urn:altinn:systemuser may be "
    "asked for stands in authorization_details_for"};

/* What may be asked for with a target, and goes further than its scope. */
static int
take_breadth(struct config_draft *draft, const struct settings_section *section)
{
	static const char *const of_targets[] = {"resources",
	    "authorization_details_for", "authorization_details_types", NULL};
	struct config_issuer *issuer = draft->issuer;
	int error;

	if (issuer->targets_count == 0)
		return config_forbid(draft, section, of_targets,
		    "only tokens for targets have such a thing: add targets, "
		    "or remove it");
	error = config_take_list(draft, section, "resources", &config_word,
	    TARGETS_MAX, &issuer->resources, &issuer->resources_count);
	if (!error)
		error = config_take_list(draft, section,
		    "authorization_details_for", &organisation_kind,
		    TARGETS_MAX, &issuer->details_for,
		    &issuer->details_for_count);
	if (error)
		return error;
	return config_take_list(draft, section, "authorization_details_types",
	    &details_type_kind, TARGETS_MAX, &issuer->details_types,
	    &issuer->details_types_count);
}

static int
take_uses(struct config_draft *draft, const struct settings_section *section)
{
	struct config_issuer *issuer = draft->issuer;
	int error;

	error = config_take_flag(
	    draft, section, "introspection", &issuer->introspects);
	if (!error)
		error =
		    config_take_list(draft, section, "targets", &config_word,
			TARGETS_MAX, &issuer->targets, &issuer->targets_count);
	if (!error)
		error = take_breadth(draft, section);
	if (error)
		return error;
	return config_take_list(draft, section, "exchange_targets",
	    &config_word, TARGETS_MAX, &issuer->exchange_targets,
	    &issuer->exchange_targets_count);
}

/* A token of machines is no person's, whatever number stands in it. */
static int
check_kind(struct config_draft *draft, const struct settings_section *section)
{
	static const char *const of_people[] = {"acr", "level_low",
	    "level_substantial", "level_high", "links_persons", "roles_claims",
	    "units_claim", "introspection", "exchange_targets", NULL};

	if (draft->issuer->kind->service.subjects != SERVICE_MACHINES)
		return 0;
	return config_forbid(draft, section, of_people,
	    "an issuer of machine tokens has no such thing: remove it, or "
	    "correct kind");
}

int
config_take_purpose(
    struct config_draft *draft, const struct settings_section *section)
{
	static const char *const of_login[] = {
	    "scope", "authorization_details", "acr_minimum", "max_age_s", NULL};
	int error;

	error = take_login(draft, section);
	if (!error)
		error = take_place(draft, section);
	if (!error)
		error = take_uses(draft, section);
	if (!error)
		error = check_kind(draft, section);
	if (error || draft->issuer->logs_people_in)
		return error;
	return config_forbid(draft, section, of_login,
	    "only logins use it, and this issuer logs nobody in: remove it");
}
