#include "broker/trust_publication.h"

#include "broker/broker.h"
#include "broker/clock.h"
#include "broker/trust/trust_image.h"
#include "broker/trust/trust_publisher.h"

#include <stdio.h>
#include <string.h>

#include <systemd/sd-daemon.h>

enum {
	FRACTION = 4, /* of their time; then newer ones are got, and told */
	RETRY_US = 2 * 1000000,
};

/*
 * When the keys came, for the image: while they are the same, an earlier time
 * will do for a while, and the image need not change each time that they are
 * fetched.
 */
static int64_t
age_to_publish(const struct issuer_key_text *published,
    const struct issuer_key_text *keys, int64_t keep_s)
{
	return published->at_s != 0 && published->at_s <= keys->at_s &&
		       published->version == keys->version &&
		       clock_boot_s() - published->at_s < keep_s / FRACTION
		   ? published->at_s
		   : keys->at_s;
}

/* 0: they are too old, or there are none. */
static int64_t
time_to_publish(const struct issuer_key_text *published,
    const struct issuer_key_text *keys, int64_t keep_s)
{
	int64_t at_s = age_to_publish(published, keys, keep_s);

	return keys->at_s != 0 && clock_boot_s() < at_s + keep_s ? at_s : 0;
}

static const struct trust_key_text *
keys_of_last_run(const struct trust *last, const char *url)
{
	const struct trust_issuer *issuer;

	if (!last)
		return NULL;
	issuer = trust_issuer_by_url(last, slice_of(url));
	return issuer ? &trust_content(last)
			     ->keys[issuer - trust_content(last)->issuers]
		      : NULL;
}

static struct trust_key_text
keys_for(const struct trust_publication *publication,
    const struct issuer *issuer, const struct issuer_key_text *published,
    int64_t keep_s)
{
	const struct issuer_key_text keys = issuer_key_text(issuer);
	const struct trust_key_text *last;
	struct trust_key_text text = {.json = NULL};

	if (keys.at_s != 0) {
		text = (struct trust_key_text){
		    .json = keys.json, .size = keys.size};
		text.at_s = time_to_publish(published, &keys, keep_s);
	} else {
		last = keys_of_last_run(
		    publication->last, issuer_config(issuer)->profile.issuer);
		if (last)
			text = *last;
	}
	text.until_s = text.at_s + keep_s;
	if (text.at_s == 0 || clock_boot_s() >= text.until_s)
		text = (struct trust_key_text){.json = NULL};
	return text;
}

/* The image of the last run is let go of when nobody needs its keys. */
static void
note_published(struct trust_publication *publication, const struct realm *realm,
    const struct trust_input *input)
{
	bool all_answered = true;
	size_t i;

	for (i = 0; i < realm->config->issuers_count; i++) {
		const struct issuer_key_text keys =
		    issuer_key_text(realm->issuers[i]);

		all_answered = all_answered && keys.at_s != 0;
		publication->published[i] = (struct issuer_key_text){
		    .at_s = keys.at_s != 0 ? input->keys[i].at_s : 0,
		    .version = keys.version,
		};
	}
	if (all_answered)
		publication->last = trust_close(publication->last);
}

/* What is published of an issuer's keys, whatever its place was then. */
static struct issuer_key_text
published_of(const struct broker *broker, const char *url)
{
	const struct config_issuer *found = NULL;

	if (broker->realm)
		found = config_issuer_by_url(broker->realm->config, url);
	return found ? broker->trust
			   .published[found - broker->realm->config->issuers]
		     : (struct issuer_key_text){.json = NULL};
}

static int
publish(struct broker *broker, const struct realm *realm, uint64_t generation)
{
	struct trust_publication *publication = &broker->trust;
	struct trust_input input = {
	    .config = realm->config,
	    .policy = rules_policy(realm->rules),
	    .now_s = clock_wall_s(),
	};
	size_t i;
	int error;

	for (i = 0; i < realm->config->issuers_count; i++) {
		const struct issuer_key_text published = published_of(
		    broker, realm->config->issuers[i].profile.issuer);

		input.keys[i] = keys_for(publication, realm->issuers[i],
		    &published, realm->config->keys_keep_s);
	}
	error = trust_publisher_publish(broker->db, &input, broker->paths.trust,
	    generation, &publication->digest);
	if (!error)
		note_published(publication, realm, &input);
	return error;
}

static int
withdraw(struct broker *broker)
{
	broker->trust.digest = 0;
	return trust_withdraw(broker->paths.trust);
}

int
trust_publication_publish(
    struct broker *broker, const struct realm *realm, uint64_t generation)
{
	struct trust_publication *publication = &broker->trust;
	int error;

	if (generation <= publication->generation)
		generation = publication->generation + 1;
	publication->generation = generation;
	error = realm ? publish(broker, realm, generation) : withdraw(broker);
	if (error)
		fprintf(stderr, SD_ERR "%s: not published: %s\n",
		    broker->paths.trust, strerror(-error));
	return error;
}

/* Does the image say of an issuer's keys what it should? */
static bool
is_behind(const struct broker *broker)
{
	const struct realm *realm = broker->realm;
	size_t i;

	for (i = 0; i < realm->config->issuers_count; i++) {
		const struct issuer_key_text *published =
		    &broker->trust.published[i];
		const struct issuer_key_text keys =
		    issuer_key_text(realm->issuers[i]);

		if (keys.at_s != 0 &&
		    (keys.version != published->version ||
			published->at_s != time_to_publish(published, &keys,
					       realm->config->keys_keep_s)))
			return true;
	}
	return false;
}

static void
try_in(struct broker *broker, uint64_t usec)
{
	sd_event_source *soon = broker->trust.soon;

	(void)sd_event_source_set_time_relative(soon, usec);
	(void)sd_event_source_set_enabled(soon, SD_EVENT_ONESHOT);
}

/* Who is in which group has not changed: the directory images stay. */
static int
publish_alone(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct broker *broker = userdata;

	(void)source;
	(void)usec;
	if (broker->realm && trust_publication_publish(broker, broker->realm,
				 (uint64_t)clock_wall_us()))
		try_in(broker, RETRY_US);
	return 0;
}

static void
keys_came(void *userdata)
{
	struct broker *broker = userdata;

	if (broker->realm && is_behind(broker))
		try_in(broker, 0);
}

int
trust_publication_catch_up(struct broker *broker)
{
	int error;

	if (!broker->realm || !is_behind(broker))
		return 0;
	error = trust_publication_publish(
	    broker, broker->realm, (uint64_t)clock_wall_us());
	if (error)
		try_in(broker, RETRY_US);
	else
		(void)sd_event_source_set_enabled(
		    broker->trust.soon, SD_EVENT_OFF);
	return error;
}

static int
refresh(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct broker *broker = userdata;
	const struct realm *realm = broker->realm;
	int64_t refresh_s = realm ? realm->config->keys_refresh_s : 60;
	/*
	 * By the next look they would be older than the configuration says;
	 * what is left of a second counts as well.
	 */
	int64_t old_s = refresh_s - refresh_s / FRACTION - 1;
	size_t i;

	(void)usec;
	for (i = 0; realm && i < realm->config->issuers_count; i++)
		issuer_refresh(realm->issuers[i], old_s);
	keys_came(broker);
	(void)sd_event_source_set_time_relative(
	    source, (uint64_t)refresh_s * 1000000 / FRACTION);
	(void)sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	return 0;
}

void
trust_publication_watch(struct broker *broker, const struct realm *last)
{
	size_t i;

	for (i = 0; last && i < last->config->issuers_count; i++)
		issuer_watch_keys(last->issuers[i], NULL, NULL);
	for (i = 0; i < broker->realm->config->issuers_count; i++)
		issuer_watch_keys(broker->realm->issuers[i], keys_came, broker);
	if (broker->trust.refresh)
		(void)sd_event_source_set_time_relative(
		    broker->trust.refresh, 1000000);
}

int
trust_publication_init(struct broker *broker)
{
	struct trust_publication *publication = &broker->trust;
	int error;

	/* One that cannot be read has nothing to hand down. */
	(void)trust_open(broker->paths.trust, &publication->last);
	error = sd_event_add_time_relative(broker->event, &publication->refresh,
	    CLOCK_BOOTTIME, 1000000, 0, refresh, broker);
	if (error >= 0)
		error = sd_event_add_time_relative(broker->event,
		    &publication->soon, CLOCK_BOOTTIME, 0, 0, publish_alone,
		    broker);
	if (error >= 0)
		error = sd_event_source_set_enabled(
		    publication->soon, SD_EVENT_OFF);
	return error < 0 ? error : 0;
}

void
trust_publication_done(struct broker *broker)
{
	sd_event_source_disable_unref(broker->trust.refresh);
	sd_event_source_disable_unref(broker->trust.soon);
	broker->trust.last = trust_close(broker->trust.last);
}
