/*
 * The issuer section: whom the broker asks, how its tokens are judged, and
 * which hosts the fetcher may reach for it. config_purpose.c takes what it is
 * there for, config_client.c what proves the broker to the issuer.
 */
#include "broker/config/authority.h"
#include "broker/config/config_draft.h"
#include "broker/config/config_error.h"
#include "broker/config/trusted_file.h"
#include "broker/register/register.h"
#include "broker/text.h"
#include "verify/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	CLAIM_SIZE = 128,
	NAME_SIZE = 33,
	DETAILS_SIZE = 2048,
	DETAILS_NODES_MAX = 256,
	ACR_LADDER_MAX = 16,
	ALGORITHMS_MAX = 3,
	MAX_AGE_S_DEFAULT = 12 * 3600,
	MAX_AGE_S_MAX = 30 * 24 * 3600,
	SKEW_S_DEFAULT = 10,
	CA_SIZE_MAX = 4 * 1024 * 1024, /* a system's whole bundle fits */
};

static bool
is_claim_path(const char *text)
{
	return config_word.is_valid(text) && strlen(text) < CLAIM_SIZE &&
	       text[0] != '.' && !strstr(text, "..") &&
	       text[strlen(text) - 1] != '.';
}

/* OpenID Connect Core 3.1.2.1: without "openid" there is no id_token. */
static bool
is_scope(const char *text)
{
	const char *at = text;
	size_t length;

	if (!config_printable.is_valid(text))
		return false;
	while (*at) {
		length = strcspn(at, " ");
		if (length == 6 && strncmp(at, "openid", 6) == 0)
			return true;
		at += length + (at[length] == ' ');
	}
	return false;
}

static unsigned int
algorithm_bit(const char *name)
{
	return algorithm_from_name(slice_of(name));
}

static bool
is_algorithm(const char *text)
{
	return algorithm_bit(text) != 0;
}

static bool
is_host(const char *text)
{
	char authority[FETCH_HOST_SIZE];

	return authority_normalize(text, strlen(text), authority) == 0;
}

static bool
is_name(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && length < NAME_SIZE &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

/* RFC 9396 2: an array of objects, each with its type. */
static bool
is_details(const char *text)
{
	struct json_node nodes[DETAILS_NODES_MAX];
	const struct json_node *at = NULL, *type;
	char copy[DETAILS_SIZE];
	struct json json;

	if (!text_is_clean(text, sizeof(copy)))
		return false;
	strcpy(copy, text);
	if (json_read(copy, strlen(copy), nodes, DETAILS_NODES_MAX, &json) ||
	    json.nodes->kind != JSON_KIND_ARRAY || json.nodes->size == 0)
		return false;
	while ((at = json_element(&json, json.nodes, at))) {
		type = json_member(&json, at, "type");
		if (!type || type->kind != JSON_KIND_STRING)
			return false;
	}
	return true;
}

static bool
is_kind(const char *text)
{
	return issuer_kind_find(text) != NULL;
}

static const struct config_text kind_kind = {
    is_kind, "write generic, idporten, ansattporten or maskinporten"};
static const struct config_text details_kind = {is_details,
    "write a JSON array of objects that each have a type, in single quotes, "
    "at most 2047 bytes"};
static const struct config_text name_kind = {
    is_name, "write 1 to 32 of a to z, 0 to 9 and -"};
static const struct config_text claim_kind = {is_claim_path,
    "write a claim's name, or a path such as realm_access.roles"};
static const struct config_text scope_kind = {
    is_scope, "the scope must hold the word openid"};
static const struct config_text algorithm_kind = {
    is_algorithm, "write RS256, PS256 or ES256"};
static const struct config_text host_kind = {
    is_host, "write HOST or HOST:PORT"};

static int
check_title(struct config_draft *draft, const struct settings_section *section)
{
	char authority[FETCH_HOST_SIZE];
	const char *issuer = section->title;

	if (authority_of_https(issuer, authority) < 0 ||
	    strlen(issuer) >= REGISTER_ISSUER_SIZE)
		return config_error_set(draft->error, -EINVAL, section->file,
		    section->line,
		    "issuer \"%.64s\": write the https address that the "
		    "provider calls itself, at most 255 characters, without "
		    "user, query and fragment",
		    issuer);
	return 0;
}

/* The next of the issuers, which is the one that is read from here on. */
static int
begin_issuer(struct config_draft *draft, const struct settings_section *section)
{
	struct config_place *place;
	size_t i, count = draft->config.issuers_count;

	for (i = 0; i < count; i++) {
		if (strcmp(draft->config.issuers[i].profile.issuer,
			section->title) == 0)
			return config_error_set(draft->error, -EINVAL,
			    section->file, section->line,
			    "a second section of issuer \"%.64s\" (the first "
			    "ends at %s:%u): keep its options together",
			    section->title, draft->issuers[i].file,
			    draft->issuers[i].line);
	}
	if (count == POLICY_ISSUERS_MAX)
		return config_error_set(draft->error, -EINVAL, section->file,
		    section->line, "more than %d issuers", POLICY_ISSUERS_MAX);
	draft->issuer = &draft->config.issuers[count];
	place = &draft->issuers[count];
	place->line = section->line;
	if (config_keep(draft, section->file, &place->file) < 0 ||
	    config_keep(draft, section->title, &draft->issuer->profile.issuer) <
		0)
		return -ENOMEM;
	draft->config.issuers_count++;
	draft->issuer->scope = "openid profile";
	return 0;
}

/* What is known of issuers of that kind, and how such a one is called. */
static int
take_kind(struct config_draft *draft, const struct settings_section *section)
{
	struct config_issuer *issuer = draft->issuer;
	const char *name = "generic", *remedy;
	int error;

	error = config_take_text(draft, section, "kind", &kind_kind, &name);
	if (error)
		return error;
	issuer->kind = issuer_kind_find(name);
	remedy = issuer_kind_refuses(issuer->kind, section->title);
	if (!remedy)
		return 0;
	return config_error_set(draft->error, -EINVAL, section->file,
	    section->line, "issuer \"%.64s\" is of kind %s: %s", section->title,
	    name, remedy);
}

/* A kind that is known well says which; of any other it must be said. */
static int
require_algorithms(
    struct config_draft *draft, const struct settings_section *section)
{
	static const char *const needed[] = {"algorithms", NULL};

	if (draft->issuer->kind != issuer_kind_find("generic"))
		return 0;
	return config_require(draft, section, needed, "every issuer needs it");
}

static int
take_algorithms(
    struct config_draft *draft, const struct settings_section *section)
{
	const char *const *names = NULL;
	size_t i, count = 0;
	int error;

	error = require_algorithms(draft, section);
	if (!error)
		error = config_take_list(draft, section, "algorithms",
		    &algorithm_kind, ALGORITHMS_MAX, &names, &count);
	if (error)
		return error;
	for (i = 0; i < count; i++)
		draft->issuer->profile.algorithms |= algorithm_bit(names[i]);
	return 0;
}

static int
take_acr(struct config_draft *draft, const struct settings_section *section)
{
	static const char *const minimum[] = {"acr_minimum", NULL};
	struct config_issuer *issuer = draft->issuer;
	const char *acr = NULL;
	int error;

	error =
	    config_take_list(draft, section, "acr", &config_acr, ACR_LADDER_MAX,
		&issuer->profile.acr_ladder, &issuer->profile.acr_ladder_count);
	if (!error)
		issuer_kind_complete(issuer->kind, &issuer->profile);
	if (!error && issuer->logs_people_in &&
	    issuer->profile.acr_ladder_count > 0)
		error = config_require(draft, section, minimum,
		    "say which level of acr a login needs");
	if (!error)
		error = config_take_text(
		    draft, section, "acr_minimum", &config_acr, &acr);
	if (error || !acr)
		return error;
	issuer->acr_rank_min = issuer_acr_rank(&issuer->profile, slice_of(acr));
	if (issuer->acr_rank_min > 0)
		return 0;
	return config_error_set(draft->error, -EINVAL, section->file,
	    settings_get(section, "acr_minimum", 0).line,
	    "acr_minimum \"%s\" is not in acr: add it there, lowest first",
	    acr);
}

/* The fetcher reads it; here only who may change whom it trusts. */
static int
take_ca_file(struct config_draft *draft, const struct settings_section *section)
{
	struct config_issuer *issuer = draft->issuer;
	const char *problem = "it cannot be read";
	char *text;
	size_t size;
	int error;

	error = config_take_text(
	    draft, section, "ca_file", &config_path, &issuer->ca_file);
	if (error || !issuer->ca_file)
		return error;
	error = trusted_file_read(
	    issuer->ca_file, CA_SIZE_MAX, &text, &size, &problem);
	if (error)
		return config_file_problem(
		    draft, section, "ca_file", error, problem);
	free(text);
	return 0;
}

/* By the words of eIDAS, as they are or as ID-porten spells them. */
static const char *
usual_level(const struct issuer_profile *profile, const char *word)
{
	static const char idporten[] = "idporten-loa-";
	size_t i, prefix = sizeof(idporten) - 1;

	for (i = 0; i < profile->acr_ladder_count; i++) {
		const char *acr = profile->acr_ladder[i];

		if (strncmp(acr, idporten, prefix) == 0)
			acr += prefix;
		if (strcmp(acr, word) == 0)
			return profile->acr_ladder[i];
	}
	return NULL;
}

static int
take_level(struct config_draft *draft, const struct settings_section *section,
    const char *option, const char *word, const char **ret_level)
{
	const struct issuer_profile *profile = &draft->issuer->profile;
	int error;

	*ret_level = usual_level(profile, word);
	error =
	    config_take_text(draft, section, option, &config_acr, ret_level);
	if (error || !*ret_level ||
	    issuer_acr_rank(profile, slice_of(*ret_level)) > 0)
		return error;
	return config_error_set(draft->error, -EINVAL, section->file,
	    settings_get(section, option, 0).line,
	    "%s \"%s\" is not in acr: add it there, lowest first", option,
	    *ret_level);
}

static int
take_levels(struct config_draft *draft, const struct settings_section *section)
{
	struct config_issuer *issuer = draft->issuer;
	int error;

	error =
	    take_level(draft, section, "level_low", "low", &issuer->level_low);
	if (!error)
		error = take_level(draft, section, "level_substantial",
		    "substantial", &issuer->level_substantial);
	if (error)
		return error;
	return take_level(
	    draft, section, "level_high", "high", &issuer->level_high);
}

/* The listed ones and the issuer's own, in the form that is compared. */
static int
take_hosts(struct config_draft *draft, const struct settings_section *section)
{
	struct config_issuer *issuer = draft->issuer;
	const char *const *listed = NULL;
	char authority[FETCH_HOST_SIZE];
	size_t i, count = 0;
	const char **hosts;
	int error;

	error = config_take_list(draft, section, "hosts", &host_kind,
	    FETCH_HOSTS_MAX - 1, &listed, &count);
	if (error)
		return error;
	hosts = arena_alloc(&draft->arena, (count + 1) * sizeof(*hosts));
	if (!hosts)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		(void)authority_normalize(
		    listed[i], strlen(listed[i]), authority);
		error = config_keep(draft, authority, &hosts[i]);
		if (error)
			return error;
	}
	(void)authority_of_https(issuer->profile.issuer, authority);
	error = config_keep(draft, authority, &hosts[count]);
	if (error)
		return error;
	issuer->hosts = hosts;
	issuer->hosts_count = config_sort_hosts(hosts, count + 1);
	return 0;
}

/* What the token says of the person: where it stands, what its identity number
 * is believed for, and if it may be a made-up one. */
static int
take_claims(struct config_draft *draft, const struct settings_section *section)
{
	static const char *const usual[] = {"roles"};
	struct issuer_profile *profile = &draft->issuer->profile;
	int error;

	profile->roles_claims = usual;
	profile->roles_claims_count = 1;
	error = config_take_list(draft, section, "roles_claims", &claim_kind,
	    EVIDENCE_ROLES_CLAIMS_MAX, &profile->roles_claims,
	    &profile->roles_claims_count);
	if (!error)
		error = config_take_text(draft, section, "units_claim",
		    &claim_kind, &profile->units_claim);
	if (!error)
		error = config_take_flag(draft, section, "links_persons",
		    &draft->issuer->links_persons);
	return error ? error
		     : config_take_flag(draft, section, "test", &profile->test);
}

static int
take_clock_skew(
    struct config_draft *draft, const struct settings_section *section)
{
	unsigned int skew_s = SKEW_S_DEFAULT;
	int error;

	error = config_take_number(draft, section, "clock_skew_s", 0,
	    EVIDENCE_CLOCK_SKEW_MAX_S, &skew_s);
	draft->issuer->profile.clock_skew_s = skew_s;
	return error;
}

static int
take_max_age(struct config_draft *draft, const struct settings_section *section)
{
	unsigned int max_age_s = MAX_AGE_S_DEFAULT;
	int error;

	error = config_take_number(
	    draft, section, "max_age_s", 0, MAX_AGE_S_MAX, &max_age_s);
	draft->issuer->max_age_s = max_age_s;
	return error;
}

int
config_take_issuer(
    struct config_draft *draft, const struct settings_section *section)
{
	struct config_issuer *issuer;
	int error;

	error = check_title(draft, section);
	if (!error)
		error = begin_issuer(draft, section);
	if (error)
		return error;
	issuer = draft->issuer;
	error =
	    config_take_text(draft, section, "name", &name_kind, &issuer->name);
	if (!error)
		error = take_kind(draft, section);
	if (!error)
		error = config_take_purpose(draft, section);
	if (!error)
		error = config_take_text(
		    draft, section, "scope", &scope_kind, &issuer->scope);
	if (!error)
		error = take_claims(draft, section);
	if (!error)
		error =
		    config_take_text(draft, section, "authorization_details",
			&details_kind, &issuer->authorization_details);
	if (!error)
		error = take_algorithms(draft, section);
	if (!error)
		error = take_acr(draft, section);
	if (!error)
		error = take_levels(draft, section);
	if (!error)
		error = take_max_age(draft, section);
	if (!error)
		error = take_clock_skew(draft, section);
	if (!error)
		error = take_ca_file(draft, section);
	if (!error)
		error = take_hosts(draft, section);
	return error ? error : config_take_client(draft, section);
}
