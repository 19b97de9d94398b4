#include "broker/publication.h"

#include "broker/broker.h"
#include "broker/clock.h"
#include "broker/directory/publisher.h"
#include "broker/directory/services_file.h"
#include "broker/membership_record.h"
#include "broker/register/local_accounts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include <systemd/sd-daemon.h>

enum { RETRY_US = 2 * 1000000 };

static void
tell_left_out(const struct broker *broker, size_t left_out)
{
	if (left_out > 0)
		fprintf(stderr,
		    SD_WARNING
		    "%s: %zu accounts or groups are "
		    "left out: this machine has their names or ids\n",
		    broker->paths.directory, left_out);
}

static int
make_groups(const struct policy *policy, struct account_group **ret_groups)
{
	struct account_group *groups;
	size_t i;

	groups = calloc(policy->groups_count + 1, sizeof(*groups));
	if (!groups)
		return -ENOMEM;
	for (i = 0; i < policy->groups_count; i++)
		groups[i] = entitlement_group(&policy->groups[i]);
	*ret_groups = groups;
	return 0;
}

static int
publish_groups(struct broker *broker, const struct realm *realm,
    const struct local_accounts *local, uint64_t generation,
    size_t *ret_left_out)
{
	const struct publisher_paths paths = {
	    .directory = broker->paths.directory,
	    .restricted = broker->paths.directory_restricted,
	};
	struct publisher_input input = {0};
	struct account_group *groups = NULL;
	int error = 0;

	if (realm) {
		error = make_groups(rules_policy(realm->rules), &groups);
		input = (struct publisher_input){
		    .groups = groups,
		    .groups_count = rules_policy(realm->rules)->groups_count,
		    .configured = true,
		    .enumerate = realm->config->enumerate,
		};
	}
	if (!error)
		error = publisher_publish(broker->db, &input, local, &paths,
		    generation, ret_left_out);
	free(groups);
	return error;
}

static int
publish(struct broker *broker, const struct realm *realm)
{
	struct publication *publication = &broker->publication;
	uint64_t generation = (uint64_t)clock_wall_us();
	struct local_accounts *local = NULL;
	size_t left_out;
	int error;

	if (generation <= publication->generation)
		generation = publication->generation + 1;
	error = local_accounts_read(broker->paths.local_dir, &local);
	/* Without a configuration the list of the last one stands. */
	if (!error && realm)
		error = services_file_publish(
		    broker->paths.strict_services, realm->config);
	if (!error)
		error =
		    publish_groups(broker, realm, local, generation, &left_out);
	local_accounts_free(local);
	if (error) {
		fprintf(stderr, SD_ERR "%s: not published: %s\n",
		    broker->paths.directory, strerror(-error));
		return error;
	}
	tell_left_out(broker, left_out);
	publication->generation = generation;
	publication->left_out = left_out;
	publication->trust_behind =
	    trust_publication_publish(broker, realm, generation) != 0;
	return 0;
}

typedef enum register_result (*refresh_fn)(struct register_db *db,
    const struct policy *policy, int64_t now_s,
    const struct entitlement_watch *watch, bool *ret_changed);

/* Also while nothing is configured: what ends, ends. */
static int
decide(struct broker *broker, const struct realm *realm, refresh_fn refresh,
    const char *reason, bool *ret_changed)
{
	__attribute__((cleanup(
	    membership_record_done))) struct membership_record record = {0};
	const struct entitlement_watch watch = membership_record_watch(&record);
	const struct policy *policy = realm ? rules_policy(realm->rules) : NULL;

	if (refresh(broker->db, policy, clock_wall_s(), &watch, ret_changed) !=
	    REGISTER_OK)
		return broker_register_trouble(broker);
	membership_record_write(&record, broker, policy, reason);
	return 0;
}

static int
decide_all(struct broker *broker, const struct realm *realm, const char *reason)
{
	bool changed;

	return decide(broker, realm, entitlement_refresh_all, reason, &changed);
}

/* For when the clock changes the next membership; a failure is tried again by
 * itself, and its time is not waited for. */
void
publication_arm(struct broker *broker)
{
	sd_event_source *due = broker->publication.due;
	int64_t now_s = clock_wall_s(), at_s = INT64_MAX;

	(void)sd_event_source_set_enabled(due, SD_EVENT_OFF);
	if (broker->publication.unpublished)
		return;
	if (register_next_change(broker->db, &at_s) != REGISTER_OK) {
		(void)broker_register_trouble(broker);
		at_s = now_s + RETRY_US / 1000000;
	}
	if (at_s <= now_s)
		at_s = now_s + 1;
	if (at_s >= INT64_MAX / 1000000)
		return;
	(void)sd_event_source_set_time(due, (uint64_t)at_s * 1000000);
	(void)sd_event_source_set_enabled(due, SD_EVENT_ONESHOT);
}

/* What the register says must be seen, a lock above all. */
static void
try_soon(struct broker *broker, bool again)
{
	sd_event_source *soon = broker->publication.soon;

	(void)sd_event_source_set_time_relative(soon, RETRY_US);
	(void)sd_event_source_set_enabled(
	    soon, again ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

int
broker_publish(struct broker *broker)
{
	struct publication *publication = &broker->publication;
	int error = 0;

	if (publication->undecided)
		error = decide_all(broker, broker->realm, "decided-anew");
	publication->undecided = publication->undecided && error;
	if (!error)
		error = publish(broker, broker->realm);
	publication->unpublished = error != 0;
	try_soon(broker, error != 0 || publication->trust_behind);
	publication_arm(broker);
	return error;
}

int
publication_try(struct broker *broker, const struct realm *realm)
{
	struct publication *publication = &broker->publication;
	int error;

	publication->undecided = true;
	error = decide_all(broker, realm, "rules");
	if (!error)
		error = publish(broker, realm);
	publication->undecided = error != 0;
	publication->unpublished = error != 0;
	if (error || publication->trust_behind)
		try_soon(broker, true);
	return error;
}

static int
publish_soon(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	(void)broker_publish(userdata);
	return 0;
}

static int
clock_reached(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct broker *broker = userdata;
	bool changed = false;

	(void)source;
	(void)usec;
	if (decide(broker, broker->realm, entitlement_refresh_due, "time",
		&changed))
		broker->publication.undecided = true;
	if (changed || broker->publication.undecided)
		(void)broker_publish(broker);
	else
		publication_arm(broker);
	return 0;
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

int
publication_init(struct broker *broker)
{
	struct publication *publication = &broker->publication;
	int error;

	publication->undecided = true;
	error = sd_event_add_time_relative(broker->event, &publication->soon,
	    CLOCK_BOOTTIME, 0, 0, publish_soon, broker);
	if (error >= 0)
		error = sd_event_add_time(broker->event, &publication->due,
		    CLOCK_REALTIME, 0, 0, clock_reached, broker);
	if (error >= 0)
		error =
		    sd_event_source_set_enabled(publication->due, SD_EVENT_OFF);
	if (error >= 0)
		error = sd_event_add_inotify(broker->event,
		    &publication->local_files, broker->paths.local_dir,
		    IN_MOVED_TO | IN_CLOSE_WRITE, local_files_changed, broker);
	return error < 0 ? error : 0;
}

void
publication_done(struct broker *broker)
{
	struct publication *publication = &broker->publication;

	sd_event_source_disable_unref(publication->soon);
	sd_event_source_disable_unref(publication->due);
	sd_event_source_disable_unref(publication->local_files);
}
