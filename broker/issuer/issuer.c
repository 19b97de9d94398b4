#include "broker/issuer/issuer.h"

#include "broker/clock.h"
#include "broker/issuer/http_date.h"
#include "lib/fetch_protocol.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { METADATA_SIZE_MAX = 65536, TROUBLE_SIZE = 512 };

struct issuer_wait {
	struct issuer *issuer;
	struct issuer_wait *next;
	issuer_ready_fn ready;
	void *userdata;
};

struct issuer {
	struct fetch_client *fetch;
	const struct config_issuer *config;
	unsigned int calls_for_services; /* under way */
	int64_t introspection_after_us; /* since boot */
	unsigned int timeout_ms;

	char metadata_url[FETCH_URL_SIZE];
	struct metadata metadata;
	int64_t metadata_at_s; /* 0: never */
	struct key_set *keys;
	char *keys_json; /* to hand down */
	size_t keys_json_size;
	int64_t keys_at_s; /* 0: never */
	unsigned int keys_version;
	issuer_keys_fn keys_came;
	void *keys_userdata;
	int64_t unknown_key_at_s;
	int64_t clock_offset_s;
	bool clock_known;

	struct fetch_call *call;
	struct issuer_wait *waits;
	struct issuer_wait *telling; /* those whose refresh has ended */
	bool finishing;
	bool abandoned; /* freed meanwhile */
	char trouble[TROUBLE_SIZE];
};

static int
take_keys(struct issuer *issuer, const char *json, size_t size, int64_t at_s)
{
	struct key_set *keys;
	char *copy;
	int error;

	error = key_set_parse(json, size, &keys);
	if (error)
		return error;
	copy = malloc(size);
	if (!copy) {
		key_set_free(keys);
		return -ENOMEM;
	}
	memcpy(copy, json, size);
	if (size != issuer->keys_json_size ||
	    memcmp(copy, issuer->keys_json, size) != 0)
		issuer->keys_version++;
	free(issuer->keys_json);
	key_set_free(issuer->keys);
	issuer->keys = keys;
	issuer->keys_json = copy;
	issuer->keys_json_size = size;
	issuer->keys_at_s = at_s;
	return 0;
}

/* What was read of the metadata is what this configuration reads of it. */
static bool
reads_the_same(const struct config_issuer *a, const struct config_issuer *b)
{
	return a->logs_people_in == b->logs_people_in &&
	       a->oauth_metadata == b->oauth_metadata;
}

static void
inherit(struct issuer *issuer, const struct issuer *previous)
{
	if (!previous || !previous->keys_at_s ||
	    strcmp(previous->config->profile.issuer,
		issuer->config->profile.issuer) != 0)
		return;
	if (take_keys(issuer, previous->keys_json, previous->keys_json_size,
		previous->keys_at_s))
		return;
	issuer->keys_version = previous->keys_version; /* they are the same */
	if (!reads_the_same(previous->config, issuer->config))
		return;
	issuer->metadata = previous->metadata;
	issuer->metadata_at_s = previous->metadata_at_s;
}

int
issuer_new(struct fetch_client *fetch, const struct config_issuer *config,
    unsigned int timeout_ms, const struct issuer *previous,
    struct issuer **ret_issuer)
{
	struct issuer *issuer = calloc(1, sizeof(*issuer));
	int error;

	if (!issuer)
		return -ENOMEM;
	error = metadata_url(config->profile.issuer, config->oauth_metadata,
	    issuer->metadata_url);
	if (error) {
		free(issuer);
		return error;
	}
	issuer->fetch = fetch;
	issuer->config = config;
	issuer->timeout_ms = timeout_ms;
	inherit(issuer, previous);
	*ret_issuer = issuer;
	return 0;
}

struct issuer *
issuer_free(struct issuer *issuer)
{
	if (!issuer)
		return NULL;
	while (issuer->waits)
		issuer_wait_cancel(issuer->waits);
	while (issuer->telling)
		issuer_wait_cancel(issuer->telling);
	if (issuer->finishing) {
		issuer->abandoned = true;
		return NULL;
	}
	fetch_call_cancel(issuer->call);
	key_set_free(issuer->keys);
	free(issuer->keys_json);
	free(issuer);
	return NULL;
}

/* Whether it was in the list, which it then left. */
static bool
take_off(struct issuer_wait **link, const struct issuer_wait *wait)
{
	for (; *link; link = &(*link)->next) {
		if (*link != wait)
			continue;
		*link = wait->next;
		return true;
	}
	return false;
}

bool
issuer_take_call(struct issuer *issuer, unsigned int max)
{
	if (issuer->calls_for_services >= max)
		return false;
	issuer->calls_for_services++;
	return true;
}

void
issuer_give_call(struct issuer *issuer)
{
	issuer->calls_for_services--;
}

void
issuer_pause_introspection(struct issuer *issuer)
{
	issuer->introspection_after_us =
	    clock_boot_us() + ISSUER_INTROSPECTION_PAUSE_S * 1000000;
}

bool
issuer_introspection_is_paused(const struct issuer *issuer)
{
	return clock_boot_us() < issuer->introspection_after_us;
}

void
issuer_wait_cancel(struct issuer_wait *wait)
{
	if (!wait)
		return;
	if (!take_off(&wait->issuer->waits, wait))
		(void)take_off(&wait->issuer->telling, wait);
	free(wait);
}

static bool
is_within(int64_t at_s, int64_t limit_s)
{
	return at_s && clock_boot_s() - at_s < limit_s;
}

static bool
is_fresh(const struct issuer *issuer)
{
	return is_within(issuer->metadata_at_s, ISSUER_FRESH_S) &&
	       is_within(issuer->keys_at_s, ISSUER_FRESH_S);
}

static bool
is_usable(const struct issuer *issuer)
{
	return is_within(issuer->metadata_at_s, ISSUER_STALE_MAX_S) &&
	       is_within(issuer->keys_at_s, ISSUER_STALE_MAX_S);
}

/*
 * Tells everyone who waits for the refresh that has ended. Each is taken off
 * the list before it is called: what it does may cancel others, wait for a new
 * refresh, or free the issuer with the last login that held it.
 */
static void
finish(struct issuer *issuer, enum issuer_result result)
{
	char detail[TROUBLE_SIZE];
	struct issuer_wait *wait;

	strcpy(detail, issuer->trouble);
	/* An outage is survived on what is known; another issuer is not. */
	if (result == ISSUER_UNAVAILABLE && is_usable(issuer))
		result = ISSUER_READY;
	issuer->telling = issuer->waits;
	issuer->waits = NULL;
	issuer->finishing = true;
	while ((wait = issuer->telling)) {
		issuer->telling = wait->next;
		wait->ready(result, detail, wait->userdata);
		free(wait);
	}
	issuer->finishing = false;
	if (issuer->abandoned)
		issuer_free(issuer);
}

static void __attribute__((format(printf, 3, 4)))
fail(struct issuer *issuer, enum issuer_result result, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(
	    issuer->trouble, sizeof(issuer->trouble), format, arguments);
	va_end(arguments);
	finish(issuer, result);
}

/* What is known of its clock is what its last answer says, or nothing. */
static void
note_clock(struct issuer *issuer, const struct fetch_answer *answer)
{
	int64_t at_s;

	issuer->clock_known = answer->outcome == FETCH_DONE &&
			      http_date_parse(answer->date, &at_s) == 0;
	if (issuer->clock_known)
		issuer->clock_offset_s = at_s - clock_wall_s();
}

/* True when the answer is a 200; otherwise the wait is over. */
static bool
expect_ok(
    struct issuer *issuer, const struct fetch_answer *answer, const char *url)
{
	note_clock(issuer, answer);
	if (answer->outcome != FETCH_DONE) {
		fail(issuer,
		    answer->outcome == FETCH_HOST_REFUSED ? ISSUER_MISCONFIGURED
							  : ISSUER_UNAVAILABLE,
		    "%s: %s: %s", url, fetch_outcome_word(answer->outcome),
		    answer->detail);
		return false;
	}
	if (answer->status != 200) {
		fail(issuer, ISSUER_UNAVAILABLE, "%s: HTTP status %u", url,
		    answer->status);
		return false;
	}
	return true;
}

static void
keys_fetched(const struct fetch_answer *answer, void *userdata)
{
	struct issuer *issuer = userdata;
	const char *url = issuer->metadata.jwks_uri;
	int error;

	issuer->call = NULL;
	if (!expect_ok(issuer, answer, url))
		return;
	error =
	    take_keys(issuer, answer->body, answer->body_size, clock_boot_s());
	if (error) {
		fail(issuer, ISSUER_UNAVAILABLE, "%s: %s", url,
		    error == -ENOKEY ? "no usable key in the set"
				     : "not a JWK set");
		return;
	}
	issuer->trouble[0] = '\0';
	if (issuer->keys_came)
		issuer->keys_came(issuer->keys_userdata);
	finish(issuer, ISSUER_READY);
}

static int
start_get(
    struct issuer *issuer, const char *url, size_t size_max, fetch_done_fn done)
{
	const struct fetch_request request = {
	    .method = FETCH_GET,
	    .url = url,
	    .timeout_ms = issuer->timeout_ms,
	    .body_size_max = size_max,
	};

	return fetch_client_start(
	    issuer->fetch, &request, done, issuer, &issuer->call);
}

static int
fetch_keys(struct issuer *issuer)
{
	return start_get(
	    issuer, issuer->metadata.jwks_uri, KEY_SET_SIZE_MAX, keys_fetched);
}

static const char *
metadata_problem(enum metadata_result result)
{
	switch (result) {
	case METADATA_GOOD:
		return "good";
	case METADATA_MALFORMED:
		return "not a JSON object";
	case METADATA_ISSUER_WRONG:
		return "not the issuer of the configuration, byte for byte";
	case METADATA_ENDPOINT_MISSING:
		return "not offered by this provider";
	case METADATA_ENDPOINT_INSECURE:
		return "not an https URL";
	}
	return "unknown";
}

static void
metadata_fetched(const struct fetch_answer *answer, void *userdata)
{
	struct issuer *issuer = userdata;
	const char *name = issuer->config->profile.issuer, *member;
	enum metadata_result result;
	int error;

	issuer->call = NULL;
	if (!expect_ok(issuer, answer, name))
		return;
	result = metadata_parse(answer->body, answer->body_size, name,
	    issuer->config->logs_people_in, &issuer->metadata, &member);
	if (result != METADATA_GOOD) {
		fail(issuer,
		    result == METADATA_MALFORMED ? ISSUER_UNAVAILABLE
						 : ISSUER_MISCONFIGURED,
		    "%s: %s: %s", issuer->metadata_url, member,
		    metadata_problem(result));
		return;
	}
	issuer->metadata_at_s = clock_boot_s();
	error = fetch_keys(issuer);
	if (error)
		fail(issuer, ISSUER_UNAVAILABLE, "%s: %s",
		    issuer->metadata.jwks_uri, strerror(-error));
}

static int
fetch_metadata(struct issuer *issuer)
{
	return start_get(
	    issuer, issuer->metadata_url, METADATA_SIZE_MAX, metadata_fetched);
}

/* Joins the refresh under way, or begins one. */
static int
await(struct issuer *issuer, int (*begin)(struct issuer *),
    issuer_ready_fn ready, void *userdata, struct issuer_wait **ret_wait)
{
	struct issuer_wait *wait;
	int error;

	error = issuer->call ? 0 : begin(issuer);
	if (error)
		return error;
	wait = malloc(sizeof(*wait));
	if (!wait)
		return -ENOMEM;
	*wait = (struct issuer_wait){
	    .issuer = issuer,
	    .next = issuer->waits,
	    .ready = ready,
	    .userdata = userdata,
	};
	issuer->waits = wait;
	*ret_wait = wait;
	return 0;
}

void
issuer_warm(struct issuer *issuer)
{
	if (!issuer->call && !is_fresh(issuer))
		(void)fetch_metadata(issuer);
}

void
issuer_watch_keys(struct issuer *issuer, issuer_keys_fn came, void *userdata)
{
	issuer->keys_came = came;
	issuer->keys_userdata = userdata;
}

/* Where the keys are is asked again when that is old, or not known at all. */
static int
find_keys(struct issuer *issuer)
{
	return is_within(issuer->metadata_at_s, ISSUER_FRESH_S)
		   ? fetch_keys(issuer)
		   : fetch_metadata(issuer);
}

/* A failure is tried again the next time. */
void
issuer_refresh(struct issuer *issuer, int64_t age_s)
{
	if (issuer->call || is_within(issuer->keys_at_s, age_s))
		return;
	(void)find_keys(issuer);
}

int
issuer_prepare(struct issuer *issuer, issuer_ready_fn ready, void *userdata,
    struct issuer_wait **ret_wait)
{
	if (is_fresh(issuer))
		return 1;
	return await(issuer, fetch_metadata, ready, userdata, ret_wait);
}

int
issuer_refresh_keys(struct issuer *issuer, issuer_ready_fn ready,
    void *userdata, struct issuer_wait **ret_wait)
{
	if (is_within(
		issuer->unknown_key_at_s, ISSUER_UNKNOWN_KEY_INTERVAL_S) &&
	    !issuer->call)
		return 1;
	issuer->unknown_key_at_s = clock_boot_s();
	return await(issuer, find_keys, ready, userdata, ret_wait);
}

int
issuer_probe(struct issuer *issuer, issuer_ready_fn ready, void *userdata,
    struct issuer_wait **ret_wait)
{
	return await(issuer, fetch_metadata, ready, userdata, ret_wait);
}

const struct metadata *
issuer_metadata(const struct issuer *issuer)
{
	return &issuer->metadata;
}

struct key_set *
issuer_keys(const struct issuer *issuer)
{
	return issuer->keys;
}

const struct config_issuer *
issuer_config(const struct issuer *issuer)
{
	return issuer->config;
}

struct fetch_client *
issuer_fetch(const struct issuer *issuer)
{
	return issuer->fetch;
}

unsigned int
issuer_timeout_ms(const struct issuer *issuer)
{
	return issuer->timeout_ms;
}

struct issuer_key_text
issuer_key_text(const struct issuer *issuer)
{
	return (struct issuer_key_text){
	    .json = issuer->keys_json,
	    .size = issuer->keys_json_size,
	    .at_s = issuer->keys_at_s,
	    .version = issuer->keys_version,
	};
}

int64_t
issuer_keys_age_s(const struct issuer *issuer)
{
	return issuer->keys_at_s ? clock_boot_s() - issuer->keys_at_s : -1;
}

const char *
issuer_trouble(const struct issuer *issuer)
{
	return issuer->trouble;
}

int
issuer_clock_offset_s(const struct issuer *issuer, int64_t *ret_offset_s)
{
	if (!issuer->clock_known)
		return -ENODATA;
	*ret_offset_s = issuer->clock_offset_s;
	return 0;
}
