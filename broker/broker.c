#include "broker/broker.h"

#include "broker/clock.h"
#include "broker/entitlement/entitlement.h"
#include "broker/register/history.h"
#include "broker/register/revocation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

enum {
	DAY_S = 86400,
	FORGET_FIRST_S = 60, /* after the start, which has enough to do */
};

static int
open_state(struct broker *broker)
{
	int error;

	if (register_open(broker->paths.database, broker->paths.local_dir,
		&broker->db) != REGISTER_OK) {
		fprintf(stderr, SD_ERR "%s: %s\n", broker->paths.database,
		    broker->db ? register_error(broker->db)
			       : "cannot be opened");
		return -EIO;
	}
	error = audit_open(broker->paths.audit, &broker->audit);
	if (error)
		fprintf(stderr, SD_ERR "%s: %s\n", broker->paths.audit,
		    strerror(-error));
	return error;
}

/*
 * Without its keys no person can be told by their number, and nobody else is
 * kept out for it. They are made where nobody has a link yet.
 */
static void
open_person_keys(struct broker *broker)
{
	const char *path = broker->paths.person_keys;
	const char *problem = "the register cannot be read";
	size_t links = 1;
	int error;

	error = person_keys_open(path, &broker->person_keys, &problem);
	if (error == -ENOENT &&
	    person_link_count(broker->db, 0, &links) == REGISTER_OK &&
	    links == 0)
		error =
		    person_keys_create(path, &broker->person_keys, &problem);
	if (error)
		fprintf(stderr, SD_ERR "%s: %s\n", path, problem);
}

/* While nothing is configured nobody has said how long the past is kept. */
static int
forget_old(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct broker *broker = userdata;

	(void)usec;
	if (revocation_forget(broker->db, clock_wall_s()) != REGISTER_OK ||
	    (broker->realm &&
		history_forget(broker->db,
		    clock_wall_s() -
			(int64_t)broker->realm->config->history_keep_days *
			    DAY_S) != REGISTER_OK))
		fprintf(stderr, SD_ERR "%s: %s\n", broker->paths.database,
		    register_error(broker->db));
	(void)sd_event_source_set_time_relative(
	    source, (uint64_t)DAY_S * 1000000);
	(void)sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	return 0;
}

static int
watch_history(struct broker *broker)
{
	int error;

	error = sd_event_add_time_relative(broker->event, &broker->forgetting,
	    CLOCK_BOOTTIME, (uint64_t)FORGET_FIRST_S * 1000000, 0, forget_old,
	    broker);
	return error < 0 ? error : 0;
}

static int load_configuration(
    struct broker *broker, const char *actor, bool publish);

int
broker_init(
    struct broker *broker, sd_event *event, const struct broker_paths *paths)
{
	int error;

	*broker = (struct broker){
	    .event = sd_event_ref(event),
	    .paths = *paths,
	    .started_at_s = clock_wall_s(),
	};
	if (gethostname(broker->host, sizeof(broker->host) - 1))
		return -errno;
	error = handle_table_new(&broker->handles);
	if (!error)
		error = session_table_new(&broker->sessions);
	if (!error)
		error = ticket_table_new(event, &broker->tickets);
	if (!error)
		error = fetch_client_new(
		    event, paths->fetch_socket, &broker->fetch);
	if (!error)
		error = token_source_new(event, &broker->tokens);
	if (!error)
		error = open_state(broker);
	if (error)
		return error;
	open_person_keys(broker);
	/* Not configured is a state, not an end: it must be answered. */
	(void)load_configuration(broker, "start", false);
	error = publication_init(broker);
	if (!error)
		error = trust_publication_init(broker);
	return error ? error : watch_history(broker);
}

void
broker_done(struct broker *broker)
{
	publication_done(broker);
	trust_publication_done(broker);
	sd_event_source_disable_unref(broker->forgetting);
	broker->tokens = token_source_free(broker->tokens);
	broker->realm = realm_unref(broker->realm);
	broker->fetch = fetch_client_free(broker->fetch);
	broker->sessions = session_table_free(broker->sessions);
	broker->tickets = ticket_table_free(broker->tickets);
	broker->handles = handle_table_free(broker->handles);
	broker->audit = audit_close(broker->audit);
	broker->person_keys = person_keys_free(broker->person_keys);
	broker->db = register_close(broker->db);
	broker->event = sd_event_unref(broker->event);
}

static void
audit_configuration(struct broker *broker, const char *actor,
    const char *result, const char *detail)
{
	const struct audit_record record = {
	    .action = "configure",
	    .result = result,
	    .detail = detail,
	    .actor = actor,
	};

	(void)broker_audit(broker, &record);
}

bool
broker_names_group(const struct broker *broker, const char *name)
{
	return policy_group_by_name(rules_policy(broker->realm->rules), name) !=
	       NULL;
}

static int
read_configuration(struct broker *broker, struct config **ret_config,
    struct rules **ret_rules, struct config_error *ret_error)
{
	const struct rules_place place = {
	    .catalogue_dir = broker->paths.catalogue_dir,
	    .config_dir = broker->paths.config_dir,
	    .local_dir = broker->paths.local_dir,
	    .db = broker->db,
	};
	struct config *config;
	int error;

	error = config_read(broker->paths.config_dir, &config, ret_error);
	if (error)
		return error;
	error = rules_read(&place, config, ret_rules, ret_error);
	if (error)
		config_free(config);
	else
		*ret_config = config;
	return error;
}

static int
name_hosts(struct broker *broker, const struct config *config)
{
	return fetch_client_hosts(broker->fetch, config->issuers[0].ca_file,
	    config->proxy, config->hosts, config->hosts_count);
}

/* So that it can be told later by which rules something was decided. */
static int
keep_rules(struct broker *broker, const struct rules *rules)
{
	enum register_result result;
	void *record = NULL;
	size_t size = 0;
	int error;

	error = policy_files_put(rules->files, &record, &size);
	if (error)
		return error;
	result = history_rules(broker->db, record, size, clock_wall_s());
	free(record);
	return result == REGISTER_OK ? 0 : broker_register_trouble(broker);
}

/*
 * Rules that are not kept would be in force and "explain --as-of" would answer
 * by others: they are refused. At the start there are none to go on with.
 */
static int
keep_new_rules(struct broker *broker, const struct rules *rules, bool at_start,
    struct config_error *ret_error)
{
	int error = keep_rules(broker, rules);

	if (!error)
		return 0;
	(void)snprintf(ret_error->text, sizeof(ret_error->text),
	    "%s: the rules cannot be kept, and what was decided by them could "
	    "not be explained later: free some disk, and reload",
	    broker->paths.database);
	if (!at_start)
		return error;
	fprintf(stderr, SD_ERR "%s\n", ret_error->text);
	ret_error->text[0] = '\0';
	return 0;
}

/* Those in force are the ones that were kept last, again. */
static void
keep_old_rules(struct broker *broker)
{
	if (broker->realm && keep_rules(broker, broker->realm->rules))
		fprintf(stderr,
		    SD_ERR "%s: the rules that stay in force are not kept\n",
		    broker->paths.database);
}

/*
 * Takes configuration and rules; on failure what was in force stays so. At the
 * start the publication comes later, from the event loop.
 */
static int
put_in_force(struct broker *broker, struct config *config, struct rules *rules,
    bool publish, struct config_error *ret_error)
{
	struct realm *realm, *last;
	size_t i;
	int error;

	error = realm_new(config, rules, broker->fetch, broker->realm, &realm);
	if (error)
		return error;
	error = name_hosts(broker, realm->config);
	if (!error)
		error =
		    keep_new_rules(broker, realm->rules, !publish, ret_error);
	if (!error && publish) {
		error = publication_try(broker, realm);
		if (error)
			keep_old_rules(broker);
	}
	if (error) {
		realm_unref(realm);
		return error;
	}
	last = broker->realm;
	broker->realm = realm;
	trust_publication_watch(broker, last);
	token_source_clear(broker->tokens);
	realm_unref(last);
	broker->configured_at_s = clock_wall_s();
	if (publish)
		publication_arm(broker);
	for (i = 0; i < config->issuers_count; i++)
		issuer_warm(realm->issuers[i]);
	return 0;
}

/* The new configuration in force, or the old one and config_error. */
static int
load_configuration(struct broker *broker, const char *actor, bool publish)
{
	struct config_error problem = {""};
	struct config *config;
	struct rules *rules;
	int error;

	error = read_configuration(broker, &config, &rules, &problem);
	if (!error)
		error = put_in_force(broker, config, rules, publish, &problem);
	if (error && !problem.text[0])
		(void)snprintf(problem.text, sizeof(problem.text),
		    "the configuration could not be put in force: %s",
		    strerror(-error));
	broker->config_error = problem;
	(void)sd_notifyf(
	    0, "STATUS=%s", error ? problem.text : "Answering logins");
	if (error)
		fprintf(stderr, SD_ERR "%s\n", problem.text);
	audit_configuration(
	    broker, actor, error ? "refused" : "in-force", problem.text);
	return error;
}

int
broker_reload(struct broker *broker, const char *actor)
{
	return load_configuration(broker, actor, true);
}

int
broker_register_trouble(struct broker *broker)
{
	fprintf(stderr, SD_ERR "%s: %s\n", broker->paths.database,
	    register_error(broker->db));
	return -EIO;
}

int
broker_refresh(struct broker *broker, const char *account)
{
	const struct realm *realm = broker->realm;
	bool changed;

	if (entitlement_refresh(broker->db,
		realm ? rules_policy(realm->rules) : NULL, account,
		clock_wall_s(), &changed) != REGISTER_OK) {
		(void)broker_register_trouble(broker);
		broker->publication.undecided = true;
	}
	return broker_publish(broker);
}

int
broker_follow(struct broker *broker, bool changed)
{
	if (changed || broker->publication.unpublished)
		return broker_publish(broker);
	publication_arm(broker);
	return 0;
}

/* A record that only the journal has is kept, and the loss is told once. */
static void
tell_file_trouble(struct broker *broker)
{
	int error = audit_file_error(broker->audit);

	if (error && !broker->audit_file_trouble)
		fprintf(stderr,
		    SD_CRIT "%s: records go to the journal only: "
			    "%s\n",
		    broker->paths.audit, strerror(-error));
	broker->audit_file_trouble = error != 0;
}

int
broker_audit(struct broker *broker, const struct audit_record *record)
{
	int error = audit_write(broker->audit, record, clock_wall_us());

	if (error)
		fprintf(stderr, SD_CRIT "%s: record not written: %s\n",
		    broker->paths.audit, strerror(-error));
	else
		tell_file_trouble(broker);
	return error;
}

void
broker_reopen_audit(struct broker *broker)
{
	int error = audit_reopen(broker->audit);

	if (error)
		fprintf(stderr, SD_CRIT "%s: not opened anew: %s\n",
		    broker->paths.audit, strerror(-error));
}
