#include "broker/api/misnomer.h"

#include "lib/name.h"

#include <errno.h>
#include <string.h>

static bool
is_strange_group(struct portvakt *portvakt, const char *group)
{
	return group && portvakt_knows_group(portvakt, group) == 0;
}

static bool
is_strange_issuer(struct portvakt *portvakt, const char *issuer)
{
	return issuer && portvakt_knows_issuer(portvakt, issuer) == 0;
}

static bool
is_strange_level(
    struct portvakt *portvakt, const char *issuer, const char *level)
{
	return level && portvakt_knows_level(portvakt, issuer, level) == 0;
}

const char *
misnomer_of_location(
    struct portvakt *portvakt, const struct api_location *location)
{
	if (is_strange_issuer(portvakt, location->issuer))
		return "issuer-unknown";
	if (is_strange_level(portvakt, location->issuer, location->level))
		return "level-unknown";
	return is_strange_group(portvakt, location->group) ? "group-unknown"
							   : NULL;
}

const char *
misnomer_of_client(struct portvakt *portvakt, const struct api_client *client)
{
	return is_strange_group(portvakt, client->group) ? "group-unknown"
							 : NULL;
}

/* Where the lines go, and what they say of the file. */
struct listing {
	struct portvakt *portvakt;
	const char *prefix;
	FILE *file;
};

static void
print_group(const struct listing *listing, const struct api_places *places,
    const char *group)
{
	if (is_strange_group(listing->portvakt, group))
		(void)fprintf(listing->file,
		    "%s%s:%u: there is no access group \"%s\": portvakt groups "
		    "lists those there are\n",
		    listing->prefix, places->file, places->group, group);
}

static void
print_issuer(const struct listing *listing, const struct api_places *places,
    unsigned int line, const char *issuer)
{
	if (is_strange_issuer(listing->portvakt, issuer))
		(void)fprintf(listing->file,
		    "%s%s:%u: there is no issuer \"%s\": write its name in "
		    "portvakt.conf\n",
		    listing->prefix, places->file, line, issuer);
}

static void
print_level(const struct listing *listing, const struct api_location *location)
{
	const char *issuer = location->issuer;

	if (is_strange_issuer(listing->portvakt, issuer) ||
	    !is_strange_level(listing->portvakt, issuer, location->level))
		return;
	(void)fprintf(listing->file,
	    "%s%s:%u: %s%s has %slevel \"%s\": write low, substantial or "
	    "high, or an acr of portvakt.conf\n",
	    listing->prefix, location->places.file, location->places.level,
	    issuer ? "issuer " : "no issuer", issuer ? issuer : "",
	    issuer ? "no " : "a ", location->level);
}

static void
print_targets(const struct listing *listing, const struct api_places *places,
    unsigned int line, const struct api_list *targets)
{
	char issuer[NAME_MAX_SIZE];
	size_t i;

	for (i = 0; i < targets->count; i++) {
		(void)snprintf(issuer, sizeof(issuer), "%.*s",
		    (int)strcspn(targets->texts[i], ":"), targets->texts[i]);
		print_issuer(listing, places, line, issuer);
	}
}

static void
print_config(const struct listing *listing, const struct api_config *config)
{
	size_t i;

	for (i = 0; i < config->clients_count; i++) {
		const struct api_client *client = &config->clients[i];

		print_group(listing, &client->places, client->group);
		print_targets(listing, &client->places,
		    client->places.token_targets, &client->token_targets);
		print_targets(listing, &client->places,
		    client->places.exchange_targets, &client->exchange_targets);
	}
	for (i = 0; i < config->locations_count; i++) {
		const struct api_location *location = &config->locations[i];

		print_issuer(listing, &location->places,
		    location->places.issuer, location->issuer);
		print_level(listing, location);
		print_group(listing, &location->places, location->group);
	}
}

static const char *
words_of(int error)
{
	switch (-error) {
	case ENOENT:
		return "there is no trust image yet: portvaktd publishes it, "
		       "see portvaktctl status";
	case EACCES:
	case EPERM:
		return "this user may not read it: it must be in the group "
		       "portvakt-verify, and be started anew then";
	case EBADMSG:
		return "it is damaged, or lies where others can write: see "
		       "portvaktctl check";
	default:
		return strerrordesc_np(-error);
	}
}

int
misnomers_print(struct portvakt *portvakt, const char *image,
    const struct api_config *config, const char *prefix, FILE *file)
{
	const struct listing listing = {portvakt, prefix, file};
	int count = portvakt_groups_count(portvakt);

	if (count < 0) {
		(void)fprintf(
		    file, "%s%s: %s\n", prefix, image, words_of(count));
		return count;
	}
	print_config(&listing, config);
	return 0;
}
