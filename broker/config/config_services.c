/*
 * The pam sections: how each PAM service can talk to the person in front of
 * it, over what is known of a Debian system's services, and what it needs of a
 * login. Refuses a level that no issuer of logins has. What it takes for a
 * token to log in there: config_service_token.c.
 */
#include "broker/config/config_draft.h"
#include "broker/config/config_error.h"
#include "lib/name.h"

#include <errno.h>
#include <string.h>

enum {
	SERVICE_LENGTH_MAX = 64,
	PAM_SECTIONS_MAX = 256,
	PAM_GROUPS_MAX = 32,
};

#define USUAL(service, kind)                          \
	{                                             \
		.name = (service), .dialogue = (kind) \
	}

/* Services of a Debian system. Whoever is not named is HELD. */
static const struct config_service usual[] = {
    USUAL("sshd", CONFIG_DIALOGUE_HELD),
    USUAL("login", CONFIG_DIALOGUE_TERMINAL),
    USUAL("remote", CONFIG_DIALOGUE_TERMINAL),
    USUAL("su", CONFIG_DIALOGUE_TERMINAL),
    USUAL("su-l", CONFIG_DIALOGUE_TERMINAL),
    USUAL("sudo", CONFIG_DIALOGUE_TERMINAL),
    USUAL("sudo-i", CONFIG_DIALOGUE_TERMINAL),
    USUAL("atd", CONFIG_DIALOGUE_NONE),
    USUAL("cron", CONFIG_DIALOGUE_NONE),
    USUAL("crond", CONFIG_DIALOGUE_NONE),
    USUAL("polkit-1", CONFIG_DIALOGUE_NONE),
    USUAL("runuser", CONFIG_DIALOGUE_NONE),
    USUAL("runuser-l", CONFIG_DIALOGUE_NONE),
    USUAL("systemd-user", CONFIG_DIALOGUE_NONE),
};

enum {
	USUAL_COUNT = sizeof(usual) / sizeof(usual[0]),
};

static bool
is_service(const char *text)
{
	static const char characters[] = "abcdefghijklmnopqrstuvwxyz"
					 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789_.-";
	size_t length = strlen(text);

	return length > 0 && length <= SERVICE_LENGTH_MAX &&
	       strspn(text, characters) == length;
}

static const struct config_service *
find_service(
    const struct config_service *services, size_t count, const char *name)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (strcmp(services[i].name, name) == 0)
			return &services[i];
	}
	return NULL;
}

static int
refuse(struct config_draft *draft, const struct settings_section *section,
    const char *what)
{
	return config_error_set(draft->error, -EINVAL, section->file,
	    section->line, "pam \"%.64s\": %s", section->title, what);
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool
same_service(const struct config_service *a, const struct config_service *b)
{
	size_t i;

	if (a->dialogue != b->dialogue || !same_text(a->acr, b->acr) ||
	    a->max_age_s != b->max_age_s || a->groups_count != b->groups_count)
		return false;
	for (i = 0; i < a->groups_count; i++) {
		if (strcmp(a->groups[i].name, b->groups[i].name) != 0)
			return false;
	}
	return config_same_service_token(a, b);
}

static int
refuse_contradiction(struct config_draft *draft,
    const struct settings_section *section, const struct config_place *other)
{
	return config_error_set(draft->error, -EINVAL, section->file,
	    section->line,
	    "pam \"%.64s\": the section that ends at %s:%u says otherwise: "
	    "remove one of them",
	    section->title, other->file, other->line);
}

/* Repeating what another file says is no mistake. */
static int
add_service(struct config_draft *draft, const struct settings_section *section,
    const struct config_pam *read)
{
	struct config_pam *pam;

	for (pam = draft->pam; pam; pam = pam->next) {
		if (strcmp(pam->service.name, read->service.name) == 0)
			return same_service(&pam->service, &read->service)
				   ? 0
				   : refuse_contradiction(
					 draft, section, &pam->place);
	}
	if (draft->config.services_count == PAM_SECTIONS_MAX)
		return refuse(draft, section, "more than 256 pam sections");
	pam = arena_alloc(&draft->arena, sizeof(*pam));
	if (!pam)
		return -ENOMEM;
	*pam = *read;
	pam->next = draft->pam;
	draft->pam = pam;
	draft->config.services_count++;
	return 0;
}

static int
take_dialogue(struct config_draft *draft,
    const struct settings_section *section, struct config_service *service)
{
	static const struct config_choice choices[] = {
	    {"none", CONFIG_DIALOGUE_NONE},
	    {"terminal", CONFIG_DIALOGUE_TERMINAL},
	    {"held", CONFIG_DIALOGUE_HELD}, {NULL, 0}};
	const struct config_service *known =
	    find_service(usual, USUAL_COUNT, service->name);
	int error, dialogue = CONFIG_DIALOGUE_HELD;

	if (known)
		dialogue = (int)known->dialogue;
	error =
	    config_take_choice(draft, section, "dialogue", choices, &dialogue);
	service->dialogue = (enum config_dialogue)dialogue;
	return error;
}

static int
take_groups(struct config_draft *draft, const struct settings_section *section,
    const char *file, struct config_service *service)
{
	static const struct config_text group_kind = {
	    name_is_valid, "write the names of access groups"};
	const char *const *names = NULL;
	struct config_group *groups;
	size_t i, count = 0;
	int error;

	error = config_take_list(draft, section, "groups", &group_kind,
	    PAM_GROUPS_MAX, &names, &count);
	if (error || count == 0)
		return error;
	groups = arena_alloc(&draft->arena, count * sizeof(*groups));
	if (!groups)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		groups[i].name = names[i];
		groups[i].place.file = file;
		groups[i].place.line = settings_get(section, "groups", i).line;
	}
	service->groups = groups;
	service->groups_count = count;
	return 0;
}

static int
take_needs(struct config_draft *draft, const struct settings_section *section,
    struct config_pam *pam)
{
	struct config_service *service = &pam->service;
	int error;

	error =
	    config_take_text(draft, section, "acr", &config_acr, &service->acr);
	if (!error)
		error = config_take_span(
		    draft, section, "max_age", &service->max_age_s);
	if (!error)
		error = take_groups(draft, section, pam->place.file, service);
	if (service->acr)
		pam->acr_line = settings_get(section, "acr", 0).line;
	return error;
}

static bool
is_empty(const struct settings_section *section)
{
	static const char *const options[] = {"dialogue", "acr", "max_age",
	    "groups", "token_audiences", "token_scopes", "token_issuer",
	    "token_peers"};
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (settings_count(section, options[i]) > 0)
			return false;
	}
	return true;
}

int
config_take_pam(
    struct config_draft *draft, const struct settings_section *section)
{
	struct config_pam pam = {.place.line = section->line};
	int error;

	if (!is_service(section->title))
		return refuse(
		    draft, section, "write the name of a file in /etc/pam.d");
	if (is_empty(section))
		return refuse(draft, section,
		    "it says nothing: write dialogue, acr, max_age, groups or "
		    "token_audiences");
	error = config_keep(draft, section->title, &pam.service.name);
	if (!error)
		error = config_keep(draft, section->file, &pam.place.file);
	if (!error)
		error = take_dialogue(draft, section, &pam.service);
	if (!error)
		error = take_needs(draft, section, &pam);
	if (!error)
		error = config_take_service_token(draft, section, &pam);
	return error ? error : add_service(draft, section, &pam);
}

/* A word of eIDAS as the issuer maps it, or a value of its own ladder. */
static int
rank_of(const struct config_issuer *issuer, const char *acr)
{
	const struct {
		const char *word;
		const char *level;
	} levels[] = {
	    {"low", issuer->level_low},
	    {"substantial", issuer->level_substantial},
	    {"high", issuer->level_high},
	};
	int rank;
	size_t i;

	if (!issuer->logs_people_in)
		return -1;
	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (strcmp(levels[i].word, acr) == 0 && levels[i].level)
			acr = levels[i].level;
	}
	rank = issuer_acr_rank(&issuer->profile, slice_of(acr));
	return rank > 0 ? rank : -1;
}

static int
rank_service(struct config_draft *draft, struct config_pam *pam)
{
	const struct config *config = &draft->config;
	bool reachable = false;
	size_t i;

	if (!pam->service.acr)
		return 0;
	for (i = 0; i < config->issuers_count; i++) {
		pam->service.acr_rank_min[i] =
		    rank_of(&config->issuers[i], pam->service.acr);
		reachable |= pam->service.acr_rank_min[i] > 0;
	}
	if (reachable)
		return 0;
	return config_error_set(draft->error, -EINVAL, pam->place.file,
	    pam->acr_line,
	    "acr = \"%s\": no issuer of logins has this level: write low, "
	    "substantial or high and say at the issuer which acr that is, or "
	    "one of its acr",
	    pam->service.acr);
}

/* Another door to the same room: whoever guards the one means both. */
static const char *
other_door(const char *name)
{
	static const char *const doors[][2] = {
	    {"sudo-i", "sudo"}, {"su-l", "su"}, {"runuser-l", "runuser"}};
	size_t i;

	for (i = 0; i < sizeof(doors) / sizeof(doors[0]); i++) {
		if (strcmp(doors[i][0], name) == 0)
			return doors[i][1];
	}
	return NULL;
}

static void
take_needs_of(
    const struct config_service *other, struct config_service *service)
{
	service->acr = other->acr;
	service->max_age_s = other->max_age_s;
	service->groups = other->groups;
	service->groups_count = other->groups_count;
	memcpy(service->acr_rank_min, other->acr_rank_min,
	    sizeof(service->acr_rank_min));
}

static void
take_tokens_of(
    const struct config_service *other, struct config_service *service)
{
	service->token_audiences = other->token_audiences;
	service->token_audiences_count = other->token_audiences_count;
	service->token_scopes = other->token_scopes;
	service->token_scopes_count = other->token_scopes_count;
	service->token_issuer = other->token_issuer;
	service->token_peers = other->token_peers;
	service->token_peers_count = other->token_peers_count;
}

/*
 * "sudo -i" asks for what a section of sudo asks for, unless its own does: of
 * a login, and of tokens, each by itself. Otherwise a section that speaks of
 * the one would undo the other.
 */
static void
ask_the_same(const struct config_service *services, size_t count,
    struct config_service *service)
{
	const char *other = other_door(service->name);
	const struct config_service *found =
	    other ? find_service(services, count, other) : NULL;

	if (!found)
		return;
	if (!config_service_is_strict(service))
		take_needs_of(found, service);
	if (!config_service_takes_tokens(service))
		take_tokens_of(found, service);
}

/* The configured ones, and then the usual ones that nobody configured. */
int
config_finish_services(struct config_draft *draft)
{
	struct config_service *services;
	struct config_pam *pam;
	size_t i, count = 0;
	int error;

	services = arena_alloc(&draft->arena,
	    (draft->config.services_count + USUAL_COUNT) * sizeof(*services));
	if (!services)
		return -ENOMEM;
	for (pam = draft->pam; pam; pam = pam->next) {
		error = rank_service(draft, pam);
		if (!error)
			error = config_check_service_token(draft, pam);
		if (error)
			return error;
		services[count++] = pam->service;
	}
	for (i = 0; i < USUAL_COUNT; i++) {
		if (!find_service(services, count, usual[i].name))
			services[count++] = usual[i];
	}
	for (i = 0; i < count; i++)
		ask_the_same(services, count, &services[i]);
	draft->config.services = services;
	draft->config.services_count = count;
	return 0;
}

const struct config_service *
config_service(const struct config *config, const char *name)
{
	return find_service(config->services, config->services_count, name);
}

bool
config_service_is_strict(const struct config_service *service)
{
	return service->acr || service->max_age_s > 0 ||
	       service->groups_count > 0;
}

enum config_dialogue
config_service_dialogue(const struct config *config, const char *service)
{
	const struct config_service *found = config_service(config, service);

	return found ? found->dialogue : CONFIG_DIALOGUE_HELD;
}
