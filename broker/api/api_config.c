#include "broker/api/api_config.h"

#include "broker/config/settings_files.h"
#include "broker/config/trusted_file.h"
#include "broker/config/value.h"
#include "broker/token_details.h"
#include "lib/arena.h"
#include "lib/name.h"
#include "verify/organisation_number.h"
#include "verify/slice.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

enum {
	SECRET_SIZE_MIN = 32, /* 128 bits in hexadecimal digits */
	SECRET_SIZE_MAX = 128,
};

/* What api_config_read() hands out is the first member. */
struct whole {
	struct api_config config;
	struct arena arena;
};

struct draft {
	struct api_config *config;
	struct value_keeper keeper;
};

bool
api_list_has(const struct api_list *list, const char *text)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (strcmp(list->texts[i], text) == 0)
			return true;
	}
	return false;
}

bool
api_list_has_target(
    const struct api_list *list, const char *issuer, const char *target)
{
	size_t i, size = strlen(issuer);

	for (i = 0; i < list->count; i++) {
		if (strncmp(list->texts[i], issuer, size) == 0 &&
		    list->texts[i][size] == ':' &&
		    strcmp(list->texts[i] + size + 1, target) == 0)
			return true;
	}
	return false;
}

/* An identity number is nobody's to be shown. */
static bool
is_claim(const char *text)
{
	return config_word.is_valid(text) && strcmp(text, "pid") != 0;
}

static bool
is_location(const char *text)
{
	return strncmp(text, "/auth", 5) == 0 &&
	       (text[5] == '\0' || (text[5] == '/' && text[6] != '\0')) &&
	       config_word.is_valid(text) && !strpbrk(text, "?%");
}

static bool
is_origin(const char *text)
{
	const char *host = strstr(text, "://");

	return config_word.is_valid(text) && host && host[3] != '\0' &&
	       (strncmp(text, "https://", 8) == 0 ||
		   strncmp(text, "http://", 7) == 0) &&
	       !strpbrk(host + 3, "/?#@");
}

/* The name of an issuer, a colon, and what it calls the target. */
static bool
is_target(const char *text)
{
	const char *colon = strchr(text, ':');
	char name[NAME_MAX_SIZE];

	if (!colon || (size_t)(colon - text) >= sizeof(name) ||
	    colon[1] == '\0' || !config_word.is_valid(text))
		return false;
	memcpy(name, text, (size_t)(colon - text));
	name[colon - text] = '\0';
	return name_is_valid(name);
}

static bool
is_details_for(const char *text)
{
	return is_target(text) && organisation_identifier_is_valid(
				      slice_of(strchr(text, ':') + 1));
}

/* One of them for every organisation there is would be no bound. */
static bool
is_details_type(const char *text)
{
	return is_target(text) &&
	       strcmp(strchr(text, ':') + 1, TOKEN_DETAIL_SYSTEM_USER) != 0;
}

static const struct config_text name_kind = {name_is_valid,
    "write a name of a to z, 0 to 9, _ and -, at most 32, that does not begin "
    "with a digit or -"};
static const struct config_text claim_kind = {
    is_claim, "write the name of a member of answers; pid is never shown"};
static const struct config_text location_kind = {
    is_location, "write /auth or /auth/NAME"};
static const struct config_text origin_kind = {
    is_origin, "write https://HOST, as browsers see it, without a path"};

static const struct config_text target_kind = {is_target,
    "write ISSUER:TARGET, where ISSUER is what portvakt.conf calls it"};
static const struct config_text resource_kind = {is_target,
    "write ISSUER:RESOURCE, where ISSUER is what portvakt.conf calls it"};
static const struct config_text details_for_kind = {is_details_for,
    "write ISSUER:0192:NUMBER, where ISSUER is what portvakt.conf calls it"};
static const struct config_text details_type_kind = {is_details_type,
    "write ISSUER:TYPE; whose urn:altinn:systemuser may be asked for stands in "
    "token_details_for"};

static int
take_list(const struct draft *draft, const struct settings_section *section,
    const char *option, const struct config_text *kind,
    struct api_list *ret_list)
{
	return value_take_list(&draft->keeper, section, option, kind,
	    API_LIST_MAX, &ret_list->texts, &ret_list->count);
}

/* 0: it does not stand there. */
static unsigned int
line_of(const struct settings_section *section, const char *option)
{
	return settings_count(section, option) > 0
		   ? settings_get(section, option, 0).line
		   : 0;
}

static int
note_place(const struct draft *draft, const struct settings_section *section,
    struct api_places *places)
{
	places->section = section->first_line;
	places->group = line_of(section, "group");
	return value_keep(&draft->keeper, section->file, &places->file);
}

static int
take_user(const struct draft *draft, const struct settings_section *section,
    struct api_client *client)
{
	const struct passwd *user;
	struct setting setting;

	if (settings_count(section, "user") == 0)
		return 0;
	setting = settings_get(section, "user", 0);
	user = getpwnam(setting.text);
	if (!user)
		return config_error_set(draft->keeper.error, -EINVAL,
		    section->file, setting.line,
		    "there is no user \"%.64s\": create it, or write its uid",
		    setting.text);
	client->uid = user->pw_uid;
	client->has_uid = true;
	return 0;
}

static int
take_uid(const struct draft *draft, const struct settings_section *section,
    struct api_client *client)
{
	static const char *const other[] = {"user", NULL};
	unsigned int uid = 0;
	int error;

	if (settings_count(section, "uid") == 0)
		return 0;
	error = value_forbid(
	    &draft->keeper, section, other, "there is a uid already");
	if (!error)
		error = value_take_number(
		    &draft->keeper, section, "uid", 0, UINT32_MAX - 1, &uid);
	if (error)
		return error;
	client->uid = uid;
	client->has_uid = true;
	return 0;
}

/*
 * Characters that need no encoding anywhere: a form-encoded secret (RFC 6749
 * section 2.3.1) is the secret itself.
 */
static bool
is_secret(const char *text, size_t size)
{
	return size >= SECRET_SIZE_MIN && size <= SECRET_SIZE_MAX &&
	       strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "abcdefghijklmnopqrstuvwxyz"
			    "0123456789-._~") == size;
}

static int
keep_secret(const struct secret *file, struct secret **ret_secret)
{
	const char *text = secret_reveal(file);
	size_t size = secret_size(file);
	struct secret *secret;
	int error;

	if (size > 0 && text[size - 1] == '\n')
		size--;
	if (strnlen(text, size) != size)
		return -EINVAL;
	error = secret_new(text, size, &secret);
	if (error)
		return error;
	if (!is_secret(secret_reveal(secret), size)) {
		secret_free(secret);
		return -EINVAL;
	}
	*ret_secret = secret;
	return 0;
}

static int
take_secret(const struct draft *draft, const struct settings_section *section,
    struct api_client *client)
{
	const char *path = NULL, *problem = "it cannot be read";
	struct secret *file = NULL;
	int error;

	error = value_take_text(
	    &draft->keeper, section, "secret_file", &config_path, &path);
	if (error || !path)
		return error;
	error = trusted_file_read_secret(
	    path, SECRET_SIZE_MAX + 1, &file, &problem);
	if (error == -EACCES || error == -EPERM)
		problem = "root and the group portvakt-api must be the only "
			  "ones who can read it: chown root:portvakt-api, "
			  "chmod 0640";
	if (!error) {
		error = keep_secret(file, &client->secret);
		problem = "a secret is 32 to 128 of A to Z, a to z, 0 to 9, "
			  "-, ., _ and ~: openssl rand -hex 32";
	}
	secret_free(file);
	if (error)
		return config_error_set(draft->keeper.error, error,
		    section->file, line_of(section, "secret_file"),
		    "secret_file %s: %s", path, problem);
	return 0;
}

static int
check_new_client(const struct draft *draft,
    const struct settings_section *section, const struct api_client *client)
{
	const struct api_config *config = draft->config;
	const struct api_client *other;
	size_t i;

	if (!client->has_uid && !client->secret)
		return config_error_set(draft->keeper.error, -EINVAL,
		    section->file, section->line,
		    "the client section that ends here has no user, uid or "
		    "secret_file: nobody could be it");
	if (client->audiences.count == 0 && client->scopes.count == 0 &&
	    client->token_targets.count == 0)
		return config_error_set(draft->keeper.error, -EINVAL,
		    section->file, section->line,
		    "the client section that ends here has neither audiences "
		    "nor scopes nor token_targets: say which tokens are for "
		    "it");
	if (client->audiences.count == 0 && client->exchange_targets.count > 0)
		return config_error_set(draft->keeper.error, -EINVAL,
		    section->file, section->line,
		    "the client section that ends here has exchange_targets "
		    "but no audiences: only a token that is for the client "
		    "itself can be exchanged");
	for (i = 0; i < config->clients_count; i++) {
		other = &config->clients[i];
		if (strcmp(other->name, client->name) == 0 ||
		    (client->has_uid && other->has_uid &&
			other->uid == client->uid))
			return config_error_set(draft->keeper.error, -EINVAL,
			    section->file, section->first_line,
			    "client \"%s\" has the name or the user of client "
			    "\"%s\" at %s:%u: keep them in one section",
			    client->name, other->name, other->places.file,
			    other->places.section);
	}
	return 0;
}

static int
check_room(const struct draft *draft, const struct settings_section *section,
    size_t count, size_t max)
{
	if (count < max)
		return 0;
	return config_error_set(draft->keeper.error, -EINVAL, section->file,
	    section->first_line, "more than %zu sections %s", max,
	    section->name);
}

/* The title of a section, which names what it describes. */
static int
take_title(const struct draft *draft, const struct settings_section *section,
    const struct config_text *kind, const char **ret_title)
{
	if (!kind->is_valid(section->title))
		return config_error_set(draft->keeper.error, -EINVAL,
		    section->file, section->first_line, "%s \"%.64s\": %s",
		    section->name, section->title, kind->expected);
	return value_keep(&draft->keeper, section->title, ret_title);
}

static int
take_record(const struct draft *draft, const struct settings_section *section,
    struct api_client *client)
{
	static const struct config_choice choices[] = {
	    {"fresh", false}, {"each", true}, {NULL, 0}};
	int each = false, error;

	error = value_take_choice(
	    &draft->keeper, section, "record", choices, &each);
	client->records_each = each;
	return error;
}

/* Only those who may have a token for a target can have these. */
static int
take_breadth(const struct draft *draft, const struct settings_section *section,
    struct api_client *client)
{
	static const char *const of_targets[] = {"token_resources",
	    "token_details_for", "token_details_types", NULL};
	int error;

	if (client->token_targets.count == 0)
		return value_forbid(&draft->keeper, section, of_targets,
		    "only tokens for token_targets have such a thing: add "
		    "them, or remove it");
	error = take_list(draft, section, "token_resources", &resource_kind,
	    &client->token_resources);
	if (!error)
		error = take_list(draft, section, "token_details_for",
		    &details_for_kind, &client->token_details_for);
	return error ? error
		     : take_list(draft, section, "token_details_types",
			   &details_type_kind, &client->token_details_types);
}

static int
take_targets(const struct draft *draft, const struct settings_section *section,
    struct api_client *client)
{
	int error;

	client->places.token_targets = line_of(section, "token_targets");
	client->places.exchange_targets = line_of(section, "exchange_targets");
	error = take_list(draft, section, "token_targets", &target_kind,
	    &client->token_targets);
	if (!error)
		error = take_breadth(draft, section, client);
	if (!error)
		error = take_list(draft, section, "exchange_targets",
		    &target_kind, &client->exchange_targets);
	if (!error)
		error = take_record(draft, section, client);
	if (!error)
		error = value_take_flag(&draft->keeper, section,
		    "forwards_certificate", &client->forwards_certificate);
	return error;
}

static int
take_client_options(const struct draft *draft,
    const struct settings_section *section, struct api_client *client)
{
	int error;

	error = take_user(draft, section, client);
	if (!error)
		error = take_uid(draft, section, client);
	if (!error)
		error = take_list(draft, section, "audiences", &config_word,
		    &client->audiences);
	if (!error)
		error = take_list(
		    draft, section, "scopes", &config_word, &client->scopes);
	if (!error)
		error = value_take_text(&draft->keeper, section, "group",
		    &name_kind, &client->group);
	if (!error)
		error = take_list(
		    draft, section, "claims", &claim_kind, &client->claims);
	if (!error)
		error = take_targets(draft, section, client);
	return error ? error : take_secret(draft, section, client);
}

static int
take_client(const struct draft *draft, const struct settings_section *section)
{
	struct api_config *config = draft->config;
	struct api_client client = {0};
	int error;

	error =
	    check_room(draft, section, config->clients_count, API_CLIENTS_MAX);
	if (!error)
		error = take_title(draft, section, &name_kind, &client.name);
	if (!error)
		error = note_place(draft, section, &client.places);
	if (!error)
		error = take_client_options(draft, section, &client);
	if (!error)
		error = check_new_client(draft, section, &client);
	if (error) {
		/* Ours until the configuration has it. */
		secret_free(client.secret);
		return error;
	}
	config->clients[config->clients_count++] = client;
	return 0;
}

static int
take_location_options(const struct draft *draft,
    const struct settings_section *section, struct api_location *location)
{
	const struct value_keeper *keeper = &draft->keeper;
	struct api_places *places = &location->places;
	int error;

	places->audience = line_of(section, "audience");
	places->issuer = line_of(section, "issuer");
	places->level = line_of(section, "level");
	error = value_take_text(
	    keeper, section, "audience", &config_word, &location->audience);
	if (!error)
		error = value_take_text(
		    keeper, section, "group", &name_kind, &location->group);
	if (!error)
		error = value_take_text(
		    keeper, section, "level", &config_acr, &location->level);
	if (!error)
		error = value_take_text(
		    keeper, section, "issuer", &name_kind, &location->issuer);
	if (!error)
		error = value_take_text(
		    keeper, section, "origin", &origin_kind, &location->origin);
	if (!error)
		error = take_list(
		    draft, section, "scopes", &config_word, &location->scopes);
	return error ? error
		     : value_take_span(
			   keeper, section, "max_age", &location->max_age_s);
}

static int
take_location(const struct draft *draft, const struct settings_section *section)
{
	struct api_config *config = draft->config;
	struct api_location location = {0};
	int error;

	error = check_room(
	    draft, section, config->locations_count, API_LOCATIONS_MAX);
	if (!error)
		error =
		    take_title(draft, section, &location_kind, &location.path);
	if (!error)
		error = note_place(draft, section, &location.places);
	if (!error)
		error = take_location_options(draft, section, &location);
	if (error)
		return error;
	if (api_config_location(config, location.path))
		return config_error_set(draft->keeper.error, -EINVAL,
		    section->file, section->first_line,
		    "location \"%s\" stands twice: remove one", location.path);
	config->locations[config->locations_count++] = location;
	return 0;
}

static int
take_section(const struct settings_section *section, void *userdata)
{
	const struct draft *draft = userdata;

	if (strcmp(section->name, "client") == 0)
		return take_client(draft, section);
	if (strcmp(section->name, "location") == 0)
		return take_location(draft, section);
	return value_take_number(&draft->keeper, section, "workers", 1,
	    API_WORKERS_MAX, &draft->config->workers);
}

static const struct settings_option client_options[] = {{"user", false},
    {"uid", false}, {"secret_file", false}, {"audiences", true},
    {"scopes", true}, {"group", false}, {"claims", true},
    {"token_targets", true}, {"exchange_targets", true},
    {"token_resources", true}, {"token_details_for", true},
    {"token_details_types", true}, {"record", false},
    {"forwards_certificate", false}, {NULL, false}};
static const struct settings_option location_options[] = {{"audience", false},
    {"group", false}, {"level", false}, {"issuer", false}, {"origin", false},
    {"scopes", true}, {"max_age", false}, {NULL, false}};
static const struct settings_option server_options[] = {
    {"workers", false}, {NULL, false}};
static const struct settings_kind kinds[] = {{"client", true, client_options},
    {"location", true, location_options}, {"server", false, server_options},
    {NULL, false, NULL}};
static const struct settings_grammar grammar = {kinds, "api.conf(5)"};

static bool
is_audience(const struct api_config *config, const char *audience)
{
	size_t i;

	for (i = 0; i < config->clients_count; i++) {
		if (api_list_has(&config->clients[i].audiences, audience))
			return true;
	}
	return false;
}

/* What is seen when all sections are known. */
static int
check_locations(const struct draft *draft)
{
	const struct api_location *location;
	size_t i;

	for (i = 0; i < draft->config->locations_count; i++) {
		location = &draft->config->locations[i];
		if (location->audience &&
		    !is_audience(draft->config, location->audience))
			return config_error_set(draft->keeper.error, -EINVAL,
			    location->places.file, location->places.audience,
			    "audience \"%s\" of location \"%s\" is in no "
			    "client's audiences, so that nobody could ask "
			    "there: write one of them, or add it to a client",
			    location->audience, location->path);
	}
	return 0;
}

int
api_config_read(const char *dir, struct api_config **ret_config,
    struct config_error *ret_error)
{
	struct whole *whole = calloc(1, sizeof(*whole));
	struct draft draft = {.keeper = {.error = ret_error}};
	int error;

	ret_error->text[0] = '\0';
	if (!whole)
		return config_error_set(
		    ret_error, -ENOMEM, dir, 0, "%s", strerror(ENOMEM));
	draft.config = &whole->config;
	draft.keeper.arena = &whole->arena;
	error = settings_files_read(
	    dir, "api.conf", &grammar, take_section, &draft, ret_error);
	if (!error)
		error = check_locations(&draft);
	if (error) {
		if (ret_error->text[0] == '\0')
			(void)config_error_set(
			    ret_error, error, dir, 0, "%s", strerror(-error));
		api_config_free(&whole->config);
		return error;
	}
	*ret_config = &whole->config;
	return 0;
}

struct api_config *
api_config_free(struct api_config *config)
{
	struct whole *whole = (struct whole *)config;
	size_t i;

	if (!whole)
		return NULL;
	for (i = 0; i < config->clients_count; i++)
		secret_free(config->clients[i].secret);
	arena_done(&whole->arena);
	free(whole);
	return NULL;
}

const struct api_client *
api_config_client_by_uid(const struct api_config *config, uid_t uid)
{
	size_t i;

	for (i = 0; i < config->clients_count; i++) {
		if (config->clients[i].has_uid && config->clients[i].uid == uid)
			return &config->clients[i];
	}
	return NULL;
}

const struct api_client *
api_config_client_by_secret(
    const struct api_config *config, const char *name, const char *secret)
{
	const struct api_client *client;
	size_t i;

	for (i = 0; i < config->clients_count; i++) {
		client = &config->clients[i];
		if (client->secret && strcmp(client->name, name) == 0 &&
		    slice_equal_secret(
			slice_of(secret), secret_reveal(client->secret)))
			return client;
	}
	return NULL;
}

const struct api_location *
api_config_location(const struct api_config *config, const char *path)
{
	size_t i;

	for (i = 0; i < config->locations_count; i++) {
		if (strcmp(config->locations[i].path, path) == 0)
			return &config->locations[i];
	}
	return NULL;
}
