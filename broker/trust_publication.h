/*
 * Keeps the trust image true: with every publication of the directory images,
 * and alone when the keys of an issuer come, change, or become too old to be
 * believed. It fetches them by itself, since whoever verifies tokens never
 * asks. Without a configuration there is no image, and nothing verifies.
 */
#pragma once

#include "broker/realm.h"
#include "verify/trust.h"

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-event.h>

struct broker;

struct trust_publication {
	sd_event_source *refresh; /* of the issuers' keys */
	sd_event_source *soon; /* when it is behind, on or off */
	uint64_t generation; /* of the last one that was tried */
	uint64_t digest; /* of what is published; 0: nothing is known of it */
	struct issuer_key_text published[POLICY_ISSUERS_MAX]; /* no json */
	/*
	 * The image of the last run: its keys are good for as long as they
	 * were, until the issuers have answered this one. NULL: not needed.
	 */
	struct trust *last;
};

int trust_publication_init(struct broker *broker);
void trust_publication_done(struct broker *broker);

/*
 * Its generation is that of the directory images, or a later one. realm NULL:
 * withdraws it. 0, or a negative errno, which was told.
 */
int trust_publication_publish(
    struct broker *broker, const struct realm *realm, uint64_t generation);

/*
 * Keys that came are published by the event loop; this does it at once, for
 * whoever answers that they came. 0 when the image says what it should, or a
 * negative errno, which was told and is tried again.
 */
int trust_publication_catch_up(struct broker *broker);

/* A realm is in force: its issuers are watched, the last one's no more. */
void trust_publication_watch(struct broker *broker, const struct realm *last);
