/*
 * A configuration in force, with what is known of its issuer. Logins hold a
 * reference to the realm that they began under: a reload changes what comes
 * next, never what is under way.
 */
#pragma once

#include "broker/config/config.h"
#include "broker/issuer/issuer.h"

struct realm {
	unsigned int references;
	struct config *config;
	struct issuer *issuer;
};

/* Takes the configuration, also on failure. previous may be NULL. */
int realm_new(struct config *config, struct fetch_client *fetch,
    const struct realm *previous, struct realm **ret_realm);
struct realm *realm_ref(struct realm *realm);
struct realm *realm_unref(struct realm *realm); /* accepts NULL */
