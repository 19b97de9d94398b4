/*
 * Who may ask portvakt-api, about which tokens, and what they may see: the
 * text of api.conf (api.conf(5)). Who is not in it gets nothing.
 */
#pragma once

#include "broker/config/config_error.h"
#include "broker/secret.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	API_CLIENTS_MAX = 256,
	API_LOCATIONS_MAX = 256,
	API_LIST_MAX = 16, /* audiences are tried one after the other */
	API_WORKERS_MAX = 64,
};

struct api_list {
	const char *const *texts;
	size_t count;
};

bool api_list_has(const struct api_list *list, const char *text);
/* "ISSUER:TARGET" is in the list; likewise a resource and others. */
bool api_list_has_target(
    const struct api_list *list, const char *issuer, const char *target);

/* Where a section stands, and options of it; 0: it has none. */
struct api_places {
	const char *file;
	unsigned int section;
	unsigned int audience;
	unsigned int group;
	unsigned int issuer;
	unsigned int level;
	unsigned int token_targets;
	unsigned int exchange_targets;
};

/* A service that asks. */
struct api_client {
	const char *name;
	struct api_places places;
	bool has_uid; /* it may use the Unix socket */
	uid_t uid;
	struct secret *secret; /* on loopback TCP; NULL: it may not */
	/* A token must be for one of these, or, with none, have the scopes. */
	struct api_list audiences;
	struct api_list scopes; /* every one of them */
	/* Introspection calls a token without it inactive; NULL: none. */
	const char *group;
	/* Members of answers that name or describe a person. */
	struct api_list claims;
	/* Tokens that it may ask for, "ISSUER:TARGET" each. */
	struct api_list token_targets;
	struct api_list exchange_targets;
	/* What may be asked for beside a target, "ISSUER:..." each. */
	struct api_list token_resources;
	struct api_list token_details_for; /* organisations */
	struct api_list token_details_types;
	bool records_each; /* no use of a token goes without a record */
	/* It is a web server that ends TLS, and says which certificate came. */
	bool forwards_certificate;
};

/* What a web server asks about one of its locations. */
struct api_location {
	const char *path; /* "/auth/kompis" */
	struct api_places places;
	const char *audience; /* of a client; NULL: the first fits */
	const char *group; /* NULL: a good token will do */
	const char *level; /* NULL: any */
	const char *issuer; /* its name; NULL: any */
	const char *origin; /* "https://kompis.example": for DPoP; or NULL */
	struct api_list scopes;
	int64_t max_age_s; /* 0: any */
};

struct api_config {
	unsigned int workers; /* 0: one for each core */
	struct api_client clients[API_CLIENTS_MAX];
	size_t clients_count;
	struct api_location locations[API_LOCATIONS_MAX];
	size_t locations_count;
};

/*
 * Reads DIR/api.conf and DIR/api.conf.d. Names of users are looked up. 0, or
 * a negative errno with *ret_error.
 */
int api_config_read(const char *dir, struct api_config **ret_config,
    struct config_error *ret_error);
struct api_config *api_config_free(struct api_config *config);

/* NULL: nobody of ours. */
const struct api_client *api_config_client_by_uid(
    const struct api_config *config, uid_t uid);
/* In a time that tells nothing of the secret. */
const struct api_client *api_config_client_by_secret(
    const struct api_config *config, const char *name, const char *secret);
const struct api_location *api_config_location(
    const struct api_config *config, const char *path);
