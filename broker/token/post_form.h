/*
 * The form of one POST to an endpoint of an issuer, and what proves there who
 * we are. Names and values are borrowed until it was sent, but for what it
 * made itself.
 */
#pragma once

#include "broker/config/config.h"
#include "broker/issuer/client_auth.h"
#include "lib/fetch_protocol.h"

#include <stddef.h>
#include <stdint.h>

struct post_form {
	struct fetch_parameter parameters[FETCH_PARAMETERS_MAX];
	size_t count;
	struct client_auth auth; /* all zero: nothing proves it */
	struct secret *assertion; /* owned; of a JWT grant */
};

/* A NULL value is no parameter. 0 or -E2BIG. */
int post_form_add(struct post_form *form, const char *name, const char *value);

/* Adds the client authentication of this issuer: as client_auth_init(). */
int post_form_authenticate(
    struct post_form *form, const struct config_issuer *issuer, int64_t now_s);

/* What the header Authorization says, or NULL. */
const char *post_form_authorization(const struct post_form *form);

void post_form_done(struct post_form *form);
