/*
 * The issuer as the broker knows it: where its endpoints are and which keys it
 * signs with. Fetched when first needed and kept; one refresh at a time serves
 * all who wait for it.
 */
#pragma once

#include "broker/config/config.h"
#include "broker/issuer/fetch_client.h"
#include "broker/issuer/metadata.h"
#include "verify/key_set.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	/* Metadata and keys older than this are refreshed before use ... */
	ISSUER_FRESH_S = 24 * 3600,
	/* ... and go on through an outage as long as a long weekend. */
	ISSUER_STALE_MAX_S = 96 * 3600,
	/* However many tokens name an unknown kid: one refresh in this time. */
	ISSUER_UNKNOWN_KEY_INTERVAL_S = 30,
};

struct issuer;
struct issuer_wait;

enum issuer_result {
	ISSUER_UNAVAILABLE = 0, /* network, or the provider is ill */
	ISSUER_READY,
	ISSUER_MISCONFIGURED, /* the answers are not this issuer's */
};

/*
 * detail: for the administrator; valid during the call. READY with a detail:
 * the refresh failed, and what was known before goes on.
 */
typedef void (*issuer_ready_fn)(
    enum issuer_result result, const char *detail, void *userdata);

/*
 * Borrows fetch and config. previous, when not NULL and of the same issuer
 * string, hands down what it knows, so that a reload survives an outage.
 */
int issuer_new(struct fetch_client *fetch, const struct config_issuer *config,
    unsigned int timeout_ms, const struct issuer *previous,
    struct issuer **ret_issuer);
struct issuer *issuer_free(struct issuer *issuer); /* accepts NULL */

/* Begins to fetch what is not known yet, so that the first login need not. */
void issuer_warm(struct issuer *issuer);

/*
 * Told whenever keys came, the same or others; from the event loop. NULL: not
 * any more.
 */
typedef void (*issuer_keys_fn)(void *userdata);
void issuer_watch_keys(
    struct issuer *issuer, issuer_keys_fn came, void *userdata);

/* Begins to fetch the keys when they are at least this old. */
void issuer_refresh(struct issuer *issuer, int64_t age_s);

/*
 * Makes endpoints and keys ready for use. 1: they are now; 0: ready is called
 * later, from the event loop, unless *ret_wait is cancelled before; or a
 * negative errno.
 */
int issuer_prepare(struct issuer *issuer, issuer_ready_fn ready, void *userdata,
    struct issuer_wait **ret_wait);

/*
 * After a token named a key that is not in the set. 1: they were refreshed just
 * now for the same reason, and are not again; else as issuer_prepare().
 */
int issuer_refresh_keys(struct issuer *issuer, issuer_ready_fn ready,
    void *userdata, struct issuer_wait **ret_wait);

/* The same, fresh or not: is the provider there now? Never 1. */
int issuer_probe(struct issuer *issuer, issuer_ready_fn ready, void *userdata,
    struct issuer_wait **ret_wait);
void issuer_wait_cancel(struct issuer_wait *wait); /* accepts NULL */

/* Valid once ready. */
const struct metadata *issuer_metadata(const struct issuer *issuer);
struct key_set *issuer_keys(const struct issuer *issuer); /* NULL: none yet */
const struct config_issuer *issuer_config(const struct issuer *issuer);
struct fetch_client *issuer_fetch(const struct issuer *issuer);
unsigned int issuer_timeout_ms(const struct issuer *issuer);

/*
 * The JWK set as it came, when (CLOCK_BOOTTIME; 0: never), and how often it was
 * another one. Valid until the next one comes.
 */
struct issuer_key_text {
	const char *json;
	size_t size;
	int64_t at_s;
	unsigned int version;
};
struct issuer_key_text issuer_key_text(const struct issuer *issuer);

/*
 * A place among the calls that services cause; false: max are taken. Given
 * back when the call is over.
 */
bool issuer_take_call(struct issuer *issuer, unsigned int max);
void issuer_give_call(struct issuer *issuer);

/*
 * Its introspection endpoint could not be reached, or said that it is
 * overloaded: it is left alone for a moment. What a token provokes is no such
 * thing, for tokens are anybody's to present.
 */
enum { ISSUER_INTROSPECTION_PAUSE_S = 2 };
void issuer_pause_introspection(struct issuer *issuer);
bool issuer_introspection_is_paused(const struct issuer *issuer);

/* For status: seconds since the keys came (-1: never), and the last trouble. */
int64_t issuer_keys_age_s(const struct issuer *issuer);
const char *issuer_trouble(const struct issuer *issuer);

/*
 * By how much the issuer's clock was ahead of ours when it answered last.
 * 0, or -ENODATA when that answer did not say.
 */
int issuer_clock_offset_s(const struct issuer *issuer, int64_t *ret_offset_s);
