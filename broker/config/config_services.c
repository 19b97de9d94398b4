/*
 * The pam sections: how each PAM service can talk to the person in front of
 * it, over what is known of a Debian system's services.
 */
#include "broker/config/config_draft.h"
#include "broker/config/config_error.h"

#include <errno.h>
#include <string.h>

enum {
	SERVICE_LENGTH_MAX = 64,
	PAM_SECTIONS_MAX = 256,
};

/* Services of a Debian system. Whoever is not named is HELD. */
static const struct config_service usual[] = {
    {"sshd", CONFIG_DIALOGUE_HELD},
    {"login", CONFIG_DIALOGUE_TERMINAL},
    {"remote", CONFIG_DIALOGUE_TERMINAL},
    {"su", CONFIG_DIALOGUE_TERMINAL},
    {"su-l", CONFIG_DIALOGUE_TERMINAL},
    {"sudo", CONFIG_DIALOGUE_TERMINAL},
    {"sudo-i", CONFIG_DIALOGUE_TERMINAL},
    {"atd", CONFIG_DIALOGUE_NONE},
    {"cron", CONFIG_DIALOGUE_NONE},
    {"crond", CONFIG_DIALOGUE_NONE},
    {"polkit-1", CONFIG_DIALOGUE_NONE},
    {"runuser", CONFIG_DIALOGUE_NONE},
    {"runuser-l", CONFIG_DIALOGUE_NONE},
    {"systemd-user", CONFIG_DIALOGUE_NONE},
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

/* Repeating what another file says is no mistake. */
static int
add_service(struct config_draft *draft, const struct settings_section *section,
    enum config_dialogue dialogue)
{
	struct config_pam *pam;

	for (pam = draft->pam; pam; pam = pam->next) {
		if (strcmp(pam->service.name, section->title) == 0)
			return pam->service.dialogue == dialogue
				   ? 0
				   : refuse(draft, section,
					 "another section says otherwise: "
					 "remove "
					 "one of them");
	}
	if (draft->config.services_count == PAM_SECTIONS_MAX)
		return refuse(draft, section, "more than 256 pam sections");
	pam = arena_alloc(&draft->arena, sizeof(*pam));
	if (!pam)
		return -ENOMEM;
	pam->service.dialogue = dialogue;
	pam->next = draft->pam;
	draft->pam = pam;
	draft->config.services_count++;
	return config_keep(draft, section->title, &pam->service.name);
}

int
config_take_pam(
    struct config_draft *draft, const struct settings_section *section)
{
	static const struct config_choice choices[] = {
	    {"none", CONFIG_DIALOGUE_NONE},
	    {"terminal", CONFIG_DIALOGUE_TERMINAL},
	    {"held", CONFIG_DIALOGUE_HELD}, {NULL, 0}};
	static const char *const needed[] = {"dialogue", NULL};
	int error, dialogue = 0;

	if (!is_service(section->title))
		return refuse(
		    draft, section, "write the name of a file in /etc/pam.d");
	error = config_require(
	    draft, section, needed, "every pam section needs it");
	if (!error)
		error = config_take_choice(
		    draft, section, "dialogue", choices, &dialogue);
	if (error)
		return error;
	return add_service(draft, section, (enum config_dialogue)dialogue);
}

/* The configured ones, and then the usual ones that nobody configured. */
int
config_finish_services(struct config_draft *draft)
{
	struct config_service *services;
	const struct config_pam *pam;
	size_t i, count = 0;

	services = arena_alloc(&draft->arena,
	    (draft->config.services_count + USUAL_COUNT) * sizeof(*services));
	if (!services)
		return -ENOMEM;
	for (pam = draft->pam; pam; pam = pam->next)
		services[count++] = pam->service;
	for (i = 0; i < USUAL_COUNT; i++) {
		if (!find_service(services, count, usual[i].name))
			services[count++] = usual[i];
	}
	draft->config.services = services;
	draft->config.services_count = count;
	return 0;
}

enum config_dialogue
config_service_dialogue(const struct config *config, const char *service)
{
	const struct config_service *found =
	    find_service(config->services, config->services_count, service);

	return found ? found->dialogue : CONFIG_DIALOGUE_HELD;
}
