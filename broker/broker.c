#include "broker/broker.h"

#include "broker/clock.h"
#include "broker/directory/publisher.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

enum { PUBLISH_RETRY_US = 2 * 1000000 };

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

static int load_configuration(
    struct broker *broker, const char *actor, bool publish);

static int
publish_due(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	(void)broker_publish(userdata);
	return 0;
}

/*
 * The image of the last run stands until it is replaced, so that a fleet does
 * not have to be compiled before the first login can be answered.
 */
static int
watch_publication(struct broker *broker)
{
	int error;

	error = sd_event_add_time_relative(broker->event, &broker->publication,
	    CLOCK_BOOTTIME, 0, 0, publish_due, broker);
	return error < 0 ? error : 0;
}

/* useradd and its kin rename a new file into place. */
static int
local_files_changed(
    sd_event_source *source, const struct inotify_event *change, void *userdata)
{
	(void)source;
	if (change->len > 0 && strcmp(change->name, "passwd") != 0 &&
	    strcmp(change->name, "group") != 0)
		return 0;
	(void)broker_publish(userdata);
	return 0;
}

static int
watch_local_files(struct broker *broker)
{
	int error;

	error = sd_event_add_inotify(broker->event, &broker->local_files,
	    broker->paths.local_dir, IN_MOVED_TO | IN_CLOSE_WRITE,
	    local_files_changed, broker);
	return error < 0 ? error : 0;
}

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
		error = fetch_client_new(
		    event, paths->fetch_socket, &broker->fetch);
	if (!error)
		error = open_state(broker);
	if (error)
		return error;
	/* Not configured is a state, not an end: it must be answered. */
	(void)load_configuration(broker, "start", false);
	error = watch_publication(broker);
	return error ? error : watch_local_files(broker);
}

void
broker_done(struct broker *broker)
{
	sd_event_source_disable_unref(broker->publication);
	sd_event_source_disable_unref(broker->local_files);
	broker->realm = realm_unref(broker->realm);
	broker->fetch = fetch_client_free(broker->fetch);
	broker->sessions = session_table_free(broker->sessions);
	broker->handles = handle_table_free(broker->handles);
	broker->audit = audit_close(broker->audit);
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

struct reuse {
	const struct config *config;
	const struct access_rule *rule; /* that gives a known gid a new name */
	struct account_group known;
};

static int
find_reuse(const struct account_group *group, void *userdata)
{
	struct reuse *reuse = userdata;
	const struct access_rule *rule;
	size_t i;

	for (i = 0; i < reuse->config->rules_count; i++) {
		rule = &reuse->config->rules[i];
		if (rule->gid != group->gid ||
		    strcmp(rule->group, group->name) == 0)
			continue;
		reuse->rule = rule;
		reuse->known = *group;
		return 1;
	}
	return 0;
}

/* Whoever is in the old group would be in the new one, without a login. */
static int
check_gid_reuse(struct broker *broker, const struct config *config,
    struct config_error *ret_error)
{
	struct reuse reuse = {.config = config};

	if (register_each_group(broker->db, find_reuse, &reuse) != REGISTER_OK)
		return -EIO;
	if (!reuse.rule)
		return 0;
	(void)snprintf(ret_error->text, sizeof(ret_error->text),
	    "%s:%u: gid %u is that of group %s, whose members would be in %s "
	    "at once: a gid is never used twice, choose another one",
	    reuse.rule->file, reuse.rule->line, reuse.rule->gid,
	    reuse.known.name, reuse.rule->group);
	return -EINVAL;
}

/* A group and a person's private group cannot have one name. */
static int
check_group_names(struct broker *broker, const struct config *config,
    struct config_error *ret_error)
{
	const struct access_rule *rule;
	struct account account;
	size_t i;

	for (i = 0; i < config->rules_count; i++) {
		rule = &config->rules[i];
		if (register_account_by_name(
			broker->db, rule->group, &account) != REGISTER_OK)
			continue;
		(void)snprintf(ret_error->text, sizeof(ret_error->text),
		    "%s:%u: group %s is an account's private group: choose "
		    "another name",
		    rule->file, rule->line, rule->group);
		return -EINVAL;
	}
	return 0;
}

bool
broker_names_group(const struct broker *broker, const char *name)
{
	const struct config *config = broker->realm->config;
	size_t i;

	for (i = 0; i < config->rules_count; i++) {
		if (strcmp(config->rules[i].group, name) == 0)
			return true;
	}
	return false;
}

/*
 * From now on no account gets a uid that is an access group's gid: it would be
 * the gid of a private group too, and let somebody in.
 */
static int
reserve_gids(struct broker *broker, const struct config *config,
    struct config_error *ret_error)
{
	const struct access_rule *rule;
	enum register_result result;
	size_t i, failed_at;
	uint32_t *gids;

	gids = calloc(config->rules_count + 1, sizeof(*gids));
	if (!gids)
		return -ENOMEM;
	for (i = 0; i < config->rules_count; i++)
		gids[i] = config->rules[i].gid;
	result = register_reserve_ids(
	    broker->db, gids, config->rules_count, &failed_at);
	free(gids);
	if (result == REGISTER_OK)
		return 0;
	if (result == REGISTER_FAILED) {
		(void)snprintf(ret_error->text, sizeof(ret_error->text),
		    "%s: %s", broker->paths.database,
		    register_error(broker->db));
		return -EIO;
	}
	rule = &config->rules[failed_at];
	(void)snprintf(ret_error->text, sizeof(ret_error->text),
	    "%s:%u: gid %u is, or was, an account's uid: choose another one "
	    "for %s",
	    rule->file, rule->line, rule->gid, rule->group);
	return -EINVAL;
}

static int
read_configuration(struct broker *broker, struct config **ret_config,
    struct config_error *ret_error)
{
	struct config *config;
	int error;

	error = config_read_local(broker->paths.config_dir,
	    broker->paths.local_dir, &config, ret_error);
	if (error)
		return error;
	error = check_group_names(broker, config, ret_error);
	if (!error)
		error = check_gid_reuse(broker, config, ret_error);
	if (!error)
		error = reserve_gids(broker, config, ret_error);
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

static int
make_groups(const struct config *config, struct account_group **ret_groups)
{
	struct account_group *groups;
	size_t i;

	groups = calloc(config->rules_count + 1, sizeof(*groups));
	if (!groups)
		return -ENOMEM;
	for (i = 0; i < config->rules_count; i++) {
		(void)snprintf(groups[i].name, sizeof(groups[i].name), "%s",
		    config->rules[i].group);
		groups[i].gid = config->rules[i].gid;
	}
	*ret_groups = groups;
	return 0;
}

static int
publish_groups(struct broker *broker, const struct config *config,
    const struct local_accounts *local, uint64_t generation,
    size_t *ret_left_out)
{
	const struct publisher_paths paths = {
	    .directory = broker->paths.directory,
	    .restricted = broker->paths.directory_restricted,
	};
	struct publisher_input input = {0};
	struct account_group *groups = NULL;
	int error;

	if (config) {
		error = make_groups(config, &groups);
		if (error)
			return error;
		input = (struct publisher_input){
		    .groups = groups,
		    .groups_count = config->rules_count,
		    .configured = true,
		    .enumerate = config->enumerate,
		};
	}
	error = publisher_publish(
	    broker->db, &input, local, &paths, generation, ret_left_out);
	free(groups);
	return error;
}

static int
publish_for(struct broker *broker, const struct config *config)
{
	uint64_t generation = (uint64_t)clock_wall_us();
	struct local_accounts *local = NULL;
	size_t left_out;
	int error;

	if (generation <= broker->generation)
		generation = broker->generation + 1;
	error = local_accounts_read(broker->paths.local_dir, &local);
	if (!error)
		error = publish_groups(
		    broker, config, local, generation, &left_out);
	local_accounts_free(local);
	if (error) {
		fprintf(stderr, SD_ERR "%s: not published: %s\n",
		    broker->paths.directory, strerror(-error));
		return error;
	}
	if (left_out > 0)
		fprintf(stderr,
		    SD_WARNING
		    "%s: %zu accounts or groups are "
		    "left out: this machine has their names or ids\n",
		    broker->paths.directory, left_out);
	broker->generation = generation;
	broker->left_out = left_out;
	return 0;
}

int
broker_publish(struct broker *broker)
{
	int error =
	    publish_for(broker, broker->realm ? broker->realm->config : NULL);

	broker->unpublished = error != 0;
	/* What the register says must be seen, a lock above all. */
	(void)sd_event_source_set_time_relative(
	    broker->publication, PUBLISH_RETRY_US);
	(void)sd_event_source_set_enabled(
	    broker->publication, error ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
	return error;
}

/* Takes the configuration; on failure what was in force stays so. */
static int
put_in_force(struct broker *broker, struct config *config, bool publish)
{
	struct realm *realm;
	size_t i;
	int error;

	error = realm_new(config, broker->fetch, broker->realm, &realm);
	if (error)
		return error;
	if (publish)
		error = publish_for(broker, realm->config);
	if (!error)
		error = name_hosts(broker, realm->config);
	if (error) {
		realm_unref(realm);
		return error;
	}
	realm_unref(broker->realm);
	broker->realm = realm;
	broker->configured_at_s = clock_wall_s();
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
	int error;

	error = read_configuration(broker, &config, &problem);
	if (!error)
		error = put_in_force(broker, config, publish);
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
broker_record_login(struct broker *broker, const struct account *account,
    const struct account_group *groups, size_t count)
{
	bool changed;

	if (register_login_record(broker->db, account->id, groups, count,
		clock_wall_s(), &changed) != REGISTER_OK) {
		fprintf(stderr, SD_ERR "%s: %s\n", broker->paths.database,
		    register_error(broker->db));
		return -EIO;
	}
	return changed || broker->unpublished ? broker_publish(broker) : 0;
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
