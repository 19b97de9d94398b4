/*
 * A configuration in force with its rules, and what is known of its issuers. Logins hold a
 * reference to the realm that they began under: a reload changes what comes
 * next, never what is under way.
 */
#pragma once

#include "broker/config/config.h"
#include "broker/issuer/issuer.h"
#include "broker/rules.h"

struct realm {
	unsigned int references;
	struct config *config;
	struct rules *rules;
	struct issuer *issuers[POLICY_ISSUERS_MAX]; /* as config->issuers */
};

/* Takes configuration and rules, also on failure. previous may be NULL. */
int realm_new(struct config *config, struct rules *rules,
    struct fetch_client *fetch, const struct realm *previous,
    struct realm **ret_realm);

/* The one of this URL, byte for byte; NULL: it is not configured. */
struct issuer *realm_issuer(const struct realm *realm, const char *url);
struct realm *realm_ref(struct realm *realm);
struct realm *realm_unref(struct realm *realm); /* accepts NULL */
