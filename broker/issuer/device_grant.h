/*
 * The OAuth 2.0 device authorization grant (RFC 8628) from the request for a
 * user code to the id_token, one grant per login. It obeys the provider's
 * interval and slow_down, backs off from a provider that is ill, and ends
 * when the code does.
 */
#pragma once

#include "broker/issuer/issuer.h"

#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

struct device_grant;

enum device_grant_event {
	DEVICE_GRANT_CODE, /* show this to the person */
	/* Each of the following is the last one. */
	DEVICE_GRANT_TOKEN,
	DEVICE_GRANT_DENIED, /* the person, or the provider for them, said no */
	DEVICE_GRANT_EXPIRED,
	DEVICE_GRANT_OUTAGE,
	DEVICE_GRANT_MISCONFIGURED, /* the provider refuses this client */
};

/* Borrowed for the length of the call. */
struct device_grant_report {
	enum device_grant_event event;
	const char *user_code;
	const char *verification_uri;
	const char *verification_uri_complete; /* NULL: not given */
	unsigned int expires_in_s;
	const char *id_token;
	size_t id_token_size;
	const char *detail; /* of a failure, for the administrator */
};

/* What is asked for; borrowed for the length of the call. */
struct device_grant_request {
	const char *nonce;
	const char *acr_values; /* NULL: any level */
	int64_t max_age_s; /* since the person authenticated; 0: any */
};

typedef void (*device_grant_fn)(
    const struct device_grant_report *report, void *userdata);

/*
 * Starts a grant at an issuer that is ready; the issuer's section adds scope
 * and authorization_details. Nothing is reported before this returns, and
 * report may free the grant. 0 or a negative errno.
 */
int device_grant_new(sd_event *event, struct issuer *issuer,
    const struct device_grant_request *request, device_grant_fn report,
    void *userdata, struct device_grant **ret_grant);
struct device_grant *device_grant_free(struct device_grant *grant);
