/*
 * The configuration: portvakt.conf and the *.conf files of portvakt.conf.d in
 * the order of their names, read with libconfuse, checked whole, immutable
 * afterwards. A reload builds a second one and swaps it in only when it is
 * good. portvakt.conf(5) is the list of options; an unknown one, a wrong type,
 * a value out of range and a secret that others can read are errors with file,
 * line and remedy.
 */
#pragma once

#include "broker/config/config_error.h"
#include "broker/secret.h"
#include "verify/evidence.h"
#include "verify/issuer_kind.h"
#include "verify/policy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum config_client_auth {
	CONFIG_CLIENT_NONE = 1, /* public client: client_id in the form */
	CONFIG_CLIENT_SECRET_BASIC,
	CONFIG_CLIENT_SECRET_POST,
	CONFIG_CLIENT_PRIVATE_KEY_JWT,
};

/* How a PAM service can talk to the person in front of it. */
enum config_dialogue {
	CONFIG_DIALOGUE_NONE = 1, /* cron, atd: answered at once */
	CONFIG_DIALOGUE_TERMINAL, /* login, su, sudo: text shows at once */
	CONFIG_DIALOGUE_HELD, /* sshd: text shows with the next prompt */
};

struct config_issuer {
	struct issuer_profile profile;
	const struct issuer_kind *kind;
	bool logs_people_in; /* else its tokens are only verified, or got */
	bool oauth_metadata; /* at RFC 8414's address, not at Discovery's */
	const char *name; /* "staff", what rules call it; unique */
	/* The rungs of profile.acr_ladder that eIDAS names; NULL: none. */
	const char *level_low;
	const char *level_substantial;
	const char *level_high;
	int acr_rank_min; /* a login below this is refused */
	int64_t max_age_s; /* of auth_time; 0: any, and none is needed */
	bool links_persons; /* its pid says whose account it is */
	const char *client_id; /* NULL: nobody is asked for anything there */
	enum config_client_auth client_auth; /* 0 without a client_id */
	struct secret *client_secret; /* NULL unless secret_* */
	struct secret *client_key; /* PEM; NULL unless private_key_jwt */
	const char *client_key_id;
	const char *client_key_algorithm; /* "RS256" or "ES256" */
	const char *scope; /* "openid profile" */
	const char *authorization_details; /* RFC 9396, JSON; NULL: none */
	/* Opaque tokens are asked about at its introspection endpoint. */
	bool introspects;
	/* What this machine may get there: scopes, and audiences (RFC 8693). */
	const char *const *targets;
	size_t targets_count;
	/* Beside the target: RFC 8707; system users' organisations; others. */
	const char *const *resources;
	size_t resources_count;
	const char *const *details_for; /* "0192:974760673" */
	size_t details_for_count;
	const char *const *details_types;
	size_t details_types_count;
	const char *const *exchange_targets;
	size_t exchange_targets_count;
	const char *ca_file; /* NULL: the system's; the same in all of them */
	const char *const *hosts; /* that it is reached at */
	size_t hosts_count;
};

/* An access group that is named here: whoever reads the rules checks it. */
struct config_group {
	const char *name;
	struct policy_place place;
};

struct config_service {
	const char *name; /* the PAM service */
	enum config_dialogue dialogue;
	/* What a login there takes, beyond what its issuer's section asks. */
	const char *acr; /* as it is written; NULL: any */
	/* By issuer, as in config.issuers. 0: any; -1: it has no such level. */
	int acr_rank_min[POLICY_ISSUERS_MAX];
	int64_t max_age_s; /* of auth_time; 0: any */
	const struct config_group *groups; /* one of them must be held */
	size_t groups_count; /* 0: anybody */
	/* Access tokens that log in there; neither of the two: none does. */
	const char *const *token_audiences; /* one of them */
	size_t token_audiences_count;
	const char *const *token_scopes; /* all of them */
	size_t token_scopes_count;
	const char *token_issuer; /* its name; NULL: the account's own */
	/* Local accounts, beside root, whose programs may ask with tokens. */
	const char *const *token_peers;
	size_t token_peers_count;
};

struct config {
	struct config_issuer issuers[POLICY_ISSUERS_MAX]; /* as in the files */
	size_t issuers_count; /* at least one */
	const char *const *hosts; /* that the fetcher may reach, sorted */
	size_t hosts_count;
	const struct config_service *services;
	size_t services_count;
	const char *home_base; /* "/home" */
	const char *shell; /* "/bin/bash" */
	bool enumerate; /* getent passwd lists our accounts */
	unsigned int history_keep_days;
	unsigned int login_timeout_s;
	bool qr_code; /* beside address and code */
	unsigned int http_timeout_ms;
	const char *proxy; /* for the fetcher; NULL: none */
	/* Keys for those who verify tokens: fetched anew, and believed. */
	int64_t keys_refresh_s;
	int64_t keys_keep_s;
};

/*
 * Reads dir/portvakt.conf and dir/portvakt.conf.d. 0, or a negative errno with
 * *ret_error filled (-ENOENT, -EINVAL, -EPERM for a readable secret, -ENOMEM).
 */
int config_read(const char *dir, struct config **ret_config,
    struct config_error *ret_error);

struct config *config_free(struct config *config); /* accepts NULL */

/* The first from index on that logs people in; the count: there is none. */
size_t config_next_login(const struct config *config, size_t index);

/* NULL when there is none; the URL is compared byte for byte. */
const struct config_issuer *config_issuer_by_url(
    const struct config *config, const char *url);
const struct config_issuer *config_issuer_by_name(
    const struct config *config, const char *name);

/* NULL for a service that nobody names. */
const struct config_service *config_service(
    const struct config *config, const char *name);

/* Whether it asks for a level, an age or a group. */
bool config_service_is_strict(const struct config_service *service);

/* Whether a token can be the credential there. */
bool config_service_takes_tokens(const struct config_service *service);

/* The dialogue of a service; services nobody names are HELD. */
enum config_dialogue config_service_dialogue(
    const struct config *config, const char *service);
