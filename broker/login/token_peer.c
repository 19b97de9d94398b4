#include "broker/login/token_peer.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
names(const struct config_service *service, const char *name)
{
	size_t i;

	for (i = 0; i < service->token_peers_count; i++) {
		if (strcmp(service->token_peers[i], name) == 0)
			return true;
	}
	return false;
}

static bool
is_named(const struct config *config, const struct config_service *service,
    const char *name)
{
	size_t i;

	if (service)
		return names(service, name);
	for (i = 0; i < config->services_count; i++) {
		if (names(&config->services[i], name))
			return true;
	}
	return false;
}

static bool
has_peers(const struct config *config, const struct config_service *service)
{
	size_t i;

	if (service)
		return service->token_peers_count > 0;
	for (i = 0; i < config->services_count; i++) {
		if (config->services[i].token_peers_count > 0)
			return true;
	}
	return false;
}

static void
close_file(FILE **file)
{
	if (*file)
		(void)fclose(*file);
}

static void
free_line(char **line)
{
	free(*line);
}

/* The third field, all of it a number. */
static bool
is_uid(const char *field, uid_t uid)
{
	unsigned long number;
	char *end;

	if (!field || *field < '0' || *field > '9')
		return false;
	errno = 0;
	number = strtoul(field, &end, 10);
	return *end == '\0' && !errno && number == uid;
}

/* The name of a line of passwd(5) that has this uid, or NULL. */
static const char *
name_of_line(char *line, uid_t uid)
{
	const char *name, *number;
	char *rest = line;

	name = strsep(&rest, ":");
	(void)strsep(&rest, ":");
	number = strsep(&rest, ":");
	return rest && is_uid(number, uid) ? name : NULL;
}

bool
token_peer_is(const struct config *config, const struct config_service *service,
    const char *dir, uid_t uid)
{
	__attribute__((cleanup(close_file))) FILE *file = NULL;
	__attribute__((cleanup(free_line))) char *line = NULL;
	char path[PATH_MAX];
	const char *name;
	size_t room = 0;
	int length;

	if (!has_peers(config, service))
		return false;
	length = snprintf(path, sizeof(path), "%s/passwd", dir);
	if (length < 0 || (size_t)length >= sizeof(path))
		return false;
	file = fopen(path, "re");
	while (file && getline(&line, &room, file) >= 0) {
		name = name_of_line(line, uid);
		if (name && is_named(config, service, name))
			return true;
	}
	return false;
}
