/*
 * Keeps the images true: to the register, to the rules in force, to the
 * machine's own accounts, and to the clock, which ends memberships without
 * anybody having logged in. What could not be published is tried again until
 * it is.
 */
#pragma once

#include "broker/realm.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

struct broker;

struct publication {
	sd_event_source *soon; /* the first, and after a failed one */
	sd_event_source *due; /* when the clock changes a membership */
	sd_event_source *local_files; /* the machine's passwd and group */
	uint64_t generation; /* of the images that were published last */
	size_t left_out; /* of them: the machine has their names or ids */
	bool unpublished; /* the register says more than the images */
	bool undecided; /* the rules say more than the register */
	/*
	 * The trust image could not be written: it is tried again, and nobody's
	 * login depends on what services are told.
	 */
	bool trust_behind;
};

/*
 * The image of the last run stands until it is replaced, from the event loop,
 * so that a fleet need not be compiled before the first login is answered.
 */
int publication_init(struct broker *broker);
void publication_done(struct broker *broker);

/*
 * Decides everybody's memberships by the rules of a realm that is not in force
 * yet, and publishes them. On failure the next publication decides by those in
 * force again.
 */
int publication_try(struct broker *broker, const struct realm *realm);

/* Waits for the next moment at which the clock changes a membership. */
void publication_arm(struct broker *broker);
