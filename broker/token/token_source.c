#include "broker/token/token_source.h"

#include "broker/clock.h"
#include "broker/token/kept_token.h"
#include "broker/token/token_flight.h"
#include "broker/token/token_grant.h"
#include "broker/token/token_pause.h"
#include "broker/token/token_result.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

enum {
	BAD_REQUEST = 400,
	SECOND_US = 1000000,
	/* As Texas does: asked for anew so long before it expires. */
	RENEWAL_US = 120 * SECOND_US,
};

/*
 * A wait ends in an event of its own: whoever has its result arms that event,
 * and only there is anybody told. So nobody calls out in the middle of a loop
 * over waits, and what is told may ask, cancel and free whatever it likes.
 */
struct token_wait {
	LIST_ENTRY(token_wait) waits;
	struct token_source *source;
	struct flight *flight; /* NULL: it has its result */
	struct token_result *result; /* owned */
	sd_event_source *end;
	token_fn told;
	void *userdata;
};

struct flight {
	LIST_ENTRY(flight) flights;
	struct token_source *source;
	struct token_flight *flight;
	uint8_t digest[TOKEN_DIGEST_SIZE];
	bool skip_cache;
	bool forgotten; /* begun under another configuration */
	size_t issuer; /* of its configuration */
	int64_t wall_s; /* until when its token may be given out */
};

struct token_source {
	sd_event *event;
	LIST_HEAD(, token_wait) waits;
	size_t waits_count;
	LIST_HEAD(, flight) flights;
	size_t flights_count;
	struct kept_tokens *tokens;
	struct kept_tokens *refusals;
	struct token_pause pauses[POLICY_ISSUERS_MAX]; /* as config->issuers */
};

/* What is asked, of whom, and by which digest it is kept. */
struct asked {
	struct realm *realm;
	size_t issuer;
	const struct token_question *question;
	uint8_t digest[TOKEN_DIGEST_SIZE];
};

static struct token_wait *
wait_free(struct token_wait *wait)
{
	(void)sd_event_source_disable_unref(wait->end);
	token_result_unref(wait->result);
	free(wait);
	return NULL;
}

static void
wait_unlink(struct token_wait *wait)
{
	LIST_REMOVE(wait, waits);
	wait->source->waits_count--;
}

void
token_wait_cancel(struct token_wait *wait)
{
	if (!wait)
		return;
	wait_unlink(wait);
	wait_free(wait);
}

static int
on_end(sd_event_source *event_source, void *userdata)
{
	struct token_wait *wait = userdata;
	struct token_reply reply = token_result_reply(wait->result);

	(void)event_source;
	wait_unlink(wait);
	/* From here on the source may be gone, and this wait is nobody's. */
	wait->told(&reply, wait->userdata);
	wait_free(wait);
	return 0;
}

static void
wait_end(struct token_wait *wait, struct token_result *result)
{
	wait->flight = NULL;
	wait->result = token_result_ref(result);
	(void)sd_event_source_set_enabled(wait->end, SD_EVENT_ONESHOT);
}

static int
wait_new(struct token_source *source, token_fn told, void *userdata,
    struct token_wait **ret_wait)
{
	struct token_wait *wait;
	int error;

	if (source->waits_count >= TOKEN_WAITS_MAX)
		return -EBUSY;
	wait = calloc(1, sizeof(*wait));
	if (!wait)
		return -ENOMEM;
	wait->source = source;
	wait->told = told;
	wait->userdata = userdata;
	error = sd_event_add_defer(source->event, &wait->end, on_end, wait);
	if (error >= 0)
		error = sd_event_source_set_enabled(wait->end, SD_EVENT_OFF);
	if (error < 0) {
		wait_free(wait);
		return error;
	}
	LIST_INSERT_HEAD(&source->waits, wait, waits);
	source->waits_count++;
	*ret_wait = wait;
	return 0;
}

static void
flight_free(struct flight *flight)
{
	LIST_REMOVE(flight, flights);
	flight->source->flights_count--;
	token_flight_free(flight->flight);
	free(flight);
}

static void
keep_token(struct flight *flight, struct token_result *result)
{
	const int64_t now_us = clock_boot_us();
	const int64_t life_us = result->expires_at_us - now_us;
	const struct kept_until until = {
	    .fresh_us = now_us + (life_us > RENEWAL_US ? life_us - RENEWAL_US
						       : life_us / 2),
	    .wall_s = flight->wall_s,
	};

	/* When there is no room for it, it is got again. */
	(void)kept_tokens_put(
	    flight->source->tokens, flight->digest, result, &until);
}

static void
keep_refusal(struct flight *flight, struct token_result *result)
{
	const struct kept_until until = {
	    .fresh_us = clock_boot_us() + TOKEN_REFUSAL_S * SECOND_US,
	    .wall_s = INT64_MAX,
	};

	(void)kept_tokens_put(
	    flight->source->refusals, flight->digest, result, &until);
}

static void
keep(struct flight *flight, struct token_result *result)
{
	/* What was in our own way says nothing of the issuer. */
	if (flight->forgotten || result->outcome == TOKEN_BUSY)
		return;
	token_pause_follow(
	    &flight->source->pauses[flight->issuer], flight->digest, result);
	switch (result->outcome) {
	case TOKEN_BUSY:
		return;
	case TOKEN_OUTAGE:
		if (result->of_question)
			keep_refusal(flight, result);
		return;
	case TOKEN_GOOD:
		keep_token(flight, result);
		return;
	case TOKEN_REFUSED:
	case TOKEN_MISCONFIGURED:
		keep_refusal(flight, result);
		return;
	}
}

/* In an outage a token that is due for renewal is as good as ever. */
static struct token_result *
best_of(const struct token_source *source,
    const uint8_t digest[static TOKEN_DIGEST_SIZE], bool skip_cache,
    struct token_result *result)
{
	struct token_result *kept;

	if (skip_cache ||
	    (result->outcome != TOKEN_OUTAGE && result->outcome != TOKEN_BUSY))
		return result;
	kept = kept_tokens_find(source->tokens, digest, KEPT_ANY);
	return kept ? kept : result;
}

static void
landed(struct token_result *result, void *userdata)
{
	struct flight *flight = userdata;
	struct token_source *source = flight->source;
	struct token_wait *wait;

	keep(flight, result);
	if (!flight->forgotten)
		result =
		    best_of(source, flight->digest, flight->skip_cache, result);
	LIST_FOREACH(wait, &source->waits, waits)
	{
		if (wait->flight == flight)
			wait_end(wait, result);
	}
	flight_free(flight);
}

/* An exchanged token goes when the one that it was got for does. */
static int64_t
wall_end_s(const struct token_question *question)
{
	int64_t ends_s;

	if (question->kind != TOKEN_EXCHANGE)
		return INT64_MAX;
	return token_exchange_ends(question->user_token, &ends_s) ? 0 : ends_s;
}

static int
flight_new(struct token_source *source, const struct asked *asked,
    struct flight **ret_flight)
{
	struct flight *flight;
	int error;

	if (source->flights_count >= TOKEN_FLIGHTS_MAX)
		return -EBUSY;
	flight = calloc(1, sizeof(*flight));
	if (!flight)
		return -ENOMEM;
	flight->source = source;
	flight->skip_cache = asked->question->skip_cache;
	flight->issuer = asked->issuer;
	flight->wall_s = wall_end_s(asked->question);
	memcpy(flight->digest, asked->digest, TOKEN_DIGEST_SIZE);
	error =
	    token_flight_new(asked->realm, asked->realm->issuers[asked->issuer],
		asked->question, landed, flight, &flight->flight);
	if (error) {
		free(flight);
		return error;
	}
	LIST_INSERT_HEAD(&source->flights, flight, flights);
	source->flights_count++;
	*ret_flight = flight;
	return 0;
}

/* One that also answers this question; who wants no old token joins no other. */
static struct flight *
find_flight(const struct token_source *source, const struct asked *asked)
{
	struct flight *flight;

	LIST_FOREACH(flight, &source->flights, flights)
	{
		if (!flight->forgotten &&
		    (flight->skip_cache || !asked->question->skip_cache) &&
		    memcmp(flight->digest, asked->digest, TOKEN_DIGEST_SIZE) ==
			0)
			return flight;
	}
	return NULL;
}

/* Borrowed; NULL: the issuer must be asked. */
static struct token_result *
known_result(const struct token_source *source, const struct asked *asked)
{
	const bool skip_cache = asked->question->skip_cache;
	struct token_result *result = NULL;

	if (!skip_cache)
		result =
		    kept_tokens_find(source->tokens, asked->digest, KEPT_FRESH);
	if (!result)
		result = kept_tokens_find(
		    source->refusals, asked->digest, KEPT_FRESH);
	if (result)
		return best_of(source, asked->digest, skip_cache, result);
	if (find_flight(source, asked))
		return NULL;
	result = token_pause_result(&source->pauses[asked->issuer]);
	return result ? best_of(source, asked->digest, skip_cache, result)
		      : NULL;
}

/* Gives the wait its result, or the flight that brings it. */
static int
settle(struct token_source *source, const struct asked *asked,
    struct token_wait *wait)
{
	struct token_result *result = known_result(source, asked);
	struct flight *flight;
	int error;

	if (result) {
		wait_end(wait, result);
		return 0;
	}
	flight = find_flight(source, asked);
	if (!flight) {
		error = flight_new(source, asked, &flight);
		if (error)
			return error;
	}
	wait->flight = flight;
	return 0;
}

static int
refuse(struct token_wait *wait, const struct token_objection *objection)
{
	struct token_result *result;
	int error;

	error = token_result_new_refused(
	    BAD_REQUEST, objection->error, objection->text, &result);
	if (error)
		return error;
	wait_end(wait, result);
	token_result_unref(result);
	return 0;
}

static int
answer(
    struct token_source *source, struct asked *asked, struct token_wait *wait)
{
	const struct config_issuer *issuer =
	    &asked->realm->config->issuers[asked->issuer];
	const struct token_objection objection =
	    token_question_check(asked->question, issuer);
	int error;

	if (objection.error)
		return refuse(wait, &objection);
	error = token_question_digest(asked->question, issuer, asked->digest);
	return error ? error : settle(source, asked, wait);
}

int
token_source_ask(struct token_source *source, struct realm *realm,
    const struct token_question *question, token_fn told, void *userdata,
    struct token_wait **ret_wait)
{
	const struct config_issuer *issuer =
	    config_issuer_by_name(realm->config, question->issuer);
	struct asked asked = {.realm = realm, .question = question};
	struct token_wait *wait;
	int error;

	if (!issuer)
		return -ENOENT;
	asked.issuer = (size_t)(issuer - realm->config->issuers);
	error = wait_new(source, told, userdata, &wait);
	if (error)
		return error;
	error = answer(source, &asked, wait);
	if (error) {
		token_wait_cancel(wait);
		return error;
	}
	*ret_wait = wait;
	return 0;
}

void
token_source_clear(struct token_source *source)
{
	struct flight *flight;
	size_t i;

	kept_tokens_clear(source->tokens);
	kept_tokens_clear(source->refusals);
	for (i = 0; i < POLICY_ISSUERS_MAX; i++)
		token_pause_done(&source->pauses[i]);
	LIST_FOREACH(flight, &source->flights, flights)
	{
		flight->forgotten = true;
	}
}

int
token_source_new(sd_event *event, struct token_source **ret_source)
{
	struct token_source *source = calloc(1, sizeof(*source));
	int error;

	if (!source)
		return -ENOMEM;
	source->event = sd_event_ref(event);
	error = kept_tokens_new(TOKEN_CACHE_MAX, &source->tokens);
	if (!error)
		error = kept_tokens_new(TOKEN_REFUSALS_MAX, &source->refusals);
	if (error) {
		token_source_free(source);
		return error;
	}
	*ret_source = source;
	return 0;
}

struct token_source *
token_source_free(struct token_source *source)
{
	struct flight *flight;
	struct token_wait *wait;
	size_t i;

	if (!source)
		return NULL;
	while ((wait = LIST_FIRST(&source->waits)))
		token_wait_cancel(wait);
	while ((flight = LIST_FIRST(&source->flights)))
		flight_free(flight);
	for (i = 0; i < POLICY_ISSUERS_MAX; i++)
		token_pause_done(&source->pauses[i]);
	kept_tokens_free(source->tokens);
	kept_tokens_free(source->refusals);
	(void)sd_event_unref(source->event);
	free(source);
	return NULL;
}
