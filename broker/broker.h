/*
 * The broker: the objects that every connection works with, and the changes
 * that touch several of them at once.
 */
#pragma once

#include "broker/audit/audit.h"
#include "broker/config/config.h"
#include "broker/issuer/fetch_client.h"
#include "broker/login/handle.h"
#include "broker/login/peer_places.h"
#include "broker/login/session.h"
#include "broker/login/ticket.h"
#include "broker/person_key.h"
#include "broker/publication.h"
#include "broker/rate.h"
#include "broker/realm.h"
#include "broker/register/register.h"
#include "broker/token/token_source.h"
#include "broker/trust_publication.h"

#include <stdint.h>

#include <systemd/sd-event.h>

/* Where everything is; borrowed strings. */
struct broker_paths {
	const char *config_dir;
	const char *catalogue_dir; /* of the rules that are shipped */
	const char *local_dir; /* of the machine's own passwd and group */
	const char *database;
	const char *person_keys;
	const char *directory; /* the image, and that of what root alone sees */
	const char *strict_services;
	const char *directory_restricted;
	const char *trust; /* the image that tokens are verified by */
	const char *audit;
	const char *fetch_socket;
	const char *service_socket; /* whose owner may ask at it */
};

enum {
	BROKER_HOST_SIZE = 65,
	BROKER_ADMINS_OF_OTHERS_MAX = 16,
};

struct broker {
	sd_event *event;
	sd_event_source *forgetting; /* of what is older than may be kept */
	struct broker_paths paths;
	struct fetch_client *fetch;
	struct register_db *db;
	struct person_keys *person_keys; /* NULL: they cannot be used */
	struct audit *audit;
	struct token_source *tokens; /* that services ask for */
	struct handle_table *handles;
	struct session_table *sessions;
	struct ticket_table *tickets;
	struct realm *realm; /* NULL: not configured, and nobody comes in */
	struct config_error config_error; /* of the last reading, or "" */
	struct publication publication;
	struct trust_publication trust;
	unsigned int logins; /* of root's programs, under way */
	unsigned int logins_of_others;
	struct rate others_rate; /* of their connections */
	struct peer_places peers; /* that sections name */
	/* Whose connections: others than root have so many places. */
	uid_t admins_of_others[BROKER_ADMINS_OF_OTHERS_MAX];
	unsigned int admins_of_others_count;
	struct rate admin_others_rate;
	unsigned int services; /* connections of portvakt-api */
	struct rate links_rate; /* of identity numbers that they ask about */
	struct rate records_rate; /* that they write */
	int64_t link_flood_told_at_s; /* CLOCK_BOOTTIME; 0: never */
	bool audit_file_trouble; /* told already */
	int64_t started_at_s;
	int64_t configured_at_s;
	char host[BROKER_HOST_SIZE];
};

/*
 * Opens the register and the audit file; reads the configuration, and goes on
 * without one when it is not good. The image is published from the event loop,
 * then, and whenever the machine's own accounts change. 0 or a negative errno.
 */
int broker_init(
    struct broker *broker, sd_event *event, const struct broker_paths *paths);
void broker_done(struct broker *broker);

/*
 * The new configuration, published, or the old one and broker->config_error.
 * actor: who asked for it, for the record.
 */
int broker_reload(struct broker *broker, const char *actor);

/* Whether the configuration in force, which there is, gives this group. */
bool broker_names_group(const struct broker *broker, const char *name);

/*
 * Puts the register's state in force. On failure the old image stands, and it
 * is tried again until it works.
 */
int broker_publish(struct broker *broker);

/*
 * After memberships were written, changed or not: 0 means that the images say
 * so too, also what an earlier change was.
 */
int broker_follow(struct broker *broker, bool changed);

/*
 * Decides anew for one account, after a change of its lock or its
 * authorisations, and publishes. Without rules it has no group from now on.
 */
int broker_refresh(struct broker *broker, const char *account);

/* Logs what the register says of its last failure; answers -EIO. */
int broker_register_trouble(struct broker *broker);

/* Writes a record at the current time; 0 when it is kept somewhere. */
int broker_audit(struct broker *broker, const struct audit_record *record);

/* After logrotate has moved the file. */
void broker_reopen_audit(struct broker *broker);
