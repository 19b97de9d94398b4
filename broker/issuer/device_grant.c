#include "broker/issuer/device_grant.h"

#include "broker/clock.h"
#include "broker/issuer/client_auth.h"
#include "broker/issuer/device_answer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GRANT_TYPE "urn:ietf:params:oauth:grant-type:device_code"

enum {
	SLOW_DOWN_US = 5 * 1000000, /* RFC 8628 3.5 */
	BACKOFF_MAX_US = 60 * 1000000,
	TIMER_ACCURACY_US = 1000,
	ANSWER_SIZE_MAX = 2 * DEVICE_TOKEN_SIZE_MAX,
	FORM_MAX = 12,
	DETAIL_SIZE = 256,
	MAX_AGE_SIZE = 24,
};

struct device_grant {
	struct issuer *issuer;
	device_grant_fn report;
	void *userdata;

	sd_event_source *timer;
	struct fetch_call *call;
	struct device_authorization authorization;
	int64_t expires_at_us;
	int64_t polled_at_us;
	int64_t interval_us;
};

struct form {
	struct fetch_parameter parameters[FORM_MAX];
	size_t count;
};

static void
form_add(struct form *form, const char *name, const char *value)
{
	if (!value || form->count == FORM_MAX)
		return;
	form->parameters[form->count++] = (struct fetch_parameter){name, value};
}

struct device_grant *
device_grant_free(struct device_grant *grant)
{
	if (!grant)
		return NULL;
	fetch_call_cancel(grant->call);
	sd_event_source_disable_unref(grant->timer);
	device_authorization_done(&grant->authorization);
	free(grant);
	return NULL;
}

/* The owner may free the grant in here: nothing of it is touched after. */
static void
end(struct device_grant *grant, enum device_grant_event event,
    const char *detail)
{
	const struct device_grant_report report = {
	    .event = event,
	    .detail = detail,
	};

	grant->report(&report, grant->userdata);
}

/* A call to one of the issuer's endpoints, as the client that we are. */
static int
call(struct device_grant *grant, const char *url, struct form *form,
    fetch_done_fn done)
{
	struct issuer *issuer = grant->issuer;
	struct client_auth auth;
	struct fetch_request request;
	size_t i;
	int error;

	error = client_auth_init(&auth, issuer_config(issuer), clock_wall_s());
	if (error)
		return error;
	for (i = 0; i < auth.form_count; i++)
		form_add(form, auth.form[i].name, auth.form[i].value);
	request = (struct fetch_request){
	    .method = FETCH_POST,
	    .url = url,
	    .authorization =
		auth.authorization ? secret_reveal(auth.authorization) : NULL,
	    .form = form->parameters,
	    .form_count = form->count,
	    .timeout_ms = issuer_timeout_ms(issuer),
	    .body_size_max = ANSWER_SIZE_MAX,
	};
	error = fetch_client_start(
	    issuer_fetch(issuer), &request, done, grant, &grant->call);
	client_auth_done(&auth);
	return error;
}

static void
schedule(struct device_grant *grant)
{
	int64_t at_us = grant->polled_at_us + grant->interval_us;

	if (at_us > grant->expires_at_us)
		at_us = grant->expires_at_us;
	(void)sd_event_source_set_time(grant->timer, (uint64_t)at_us);
	(void)sd_event_source_set_enabled(grant->timer, SD_EVENT_ONESHOT);
}

/* RFC 8628 3.5: a provider that is ill is asked less and less often. */
static void
back_off(struct device_grant *grant)
{
	grant->interval_us *= 2;
	if (grant->interval_us > BACKOFF_MAX_US)
		grant->interval_us = BACKOFF_MAX_US;
	schedule(grant);
}

static void
end_with_token(struct device_grant *grant, const struct fetch_answer *answer)
{
	struct device_grant_report report = {.event = DEVICE_GRANT_TOKEN};
	struct secret *id_token;
	char detail[DETAIL_SIZE];
	const char *member;

	if (device_token_parse(
		answer->body, answer->body_size, &id_token, &member)) {
		(void)snprintf(detail, sizeof(detail),
		    "the token endpoint's answer: bad or missing %s", member);
		end(grant, DEVICE_GRANT_OUTAGE, detail);
		return;
	}
	report.id_token = secret_reveal(id_token);
	report.id_token_size = secret_size(id_token);
	grant->report(&report, grant->userdata);
	secret_free(id_token);
}

static enum device_grant_event
event_of_error(const char *error)
{
	static const struct {
		const char *error;
		enum device_grant_event event;
	} errors[] = {
	    {"access_denied", DEVICE_GRANT_DENIED},
	    {"expired_token", DEVICE_GRANT_EXPIRED},
	    /* what some say of a code that has been expired for a while */
	    {"invalid_grant", DEVICE_GRANT_EXPIRED},
	    {"invalid_client", DEVICE_GRANT_MISCONFIGURED},
	    {"unauthorized_client", DEVICE_GRANT_MISCONFIGURED},
	    {"unsupported_grant_type", DEVICE_GRANT_MISCONFIGURED},
	    {"invalid_scope", DEVICE_GRANT_MISCONFIGURED},
	    {"invalid_request", DEVICE_GRANT_MISCONFIGURED},
	};
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (strcmp(error, errors[i].error) == 0)
			return errors[i].event;
	}
	return DEVICE_GRANT_OUTAGE;
}

static void
end_with_error(struct device_grant *grant, const char *endpoint,
    const struct fetch_answer *answer)
{
	char error[DEVICE_ERROR_SIZE], detail[DETAIL_SIZE];

	device_error_parse(answer->body, answer->body_size, error);
	(void)snprintf(detail, sizeof(detail), "%s: HTTP status %u, error %s",
	    endpoint, answer->status, error[0] ? error : "not named");
	end(grant, event_of_error(error), detail);
}

static void
token_answered(const struct fetch_answer *answer, void *userdata)
{
	struct device_grant *grant = userdata;
	char error[DEVICE_ERROR_SIZE];

	grant->call = NULL;
	if (answer->outcome != FETCH_DONE || answer->status >= 500) {
		back_off(grant);
		return;
	}
	if (answer->status == 200) {
		end_with_token(grant, answer);
		return;
	}
	device_error_parse(answer->body, answer->body_size, error);
	if (strcmp(error, "slow_down") == 0)
		grant->interval_us += SLOW_DOWN_US;
	else if (strcmp(error, "authorization_pending") != 0) {
		end_with_error(grant, "the token endpoint", answer);
		return;
	}
	schedule(grant);
}

static int
poll_or_expire(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct device_grant *grant = userdata;
	struct form form = {0};
	int error;

	(void)source;
	(void)usec;
	grant->polled_at_us = clock_boot_us();
	if (grant->polled_at_us >= grant->expires_at_us) {
		end(grant, DEVICE_GRANT_EXPIRED, "nobody approved in time");
		return 0;
	}
	form_add(&form, "grant_type", GRANT_TYPE);
	form_add(&form, "device_code",
	    secret_reveal(grant->authorization.device_code));
	error = call(grant, issuer_metadata(grant->issuer)->token_endpoint,
	    &form, token_answered);
	if (error)
		back_off(grant);
	return 0;
}

static void
show_code(struct device_grant *grant)
{
	const struct device_authorization *authorization =
	    &grant->authorization;
	const struct device_grant_report report = {
	    .event = DEVICE_GRANT_CODE,
	    .user_code = authorization->user_code,
	    .verification_uri = authorization->verification_uri,
	    .verification_uri_complete =
		authorization->verification_uri_complete[0]
		    ? authorization->verification_uri_complete
		    : NULL,
	    .expires_in_s = authorization->expires_in_s,
	};

	grant->polled_at_us = clock_boot_us();
	grant->interval_us = (int64_t)authorization->interval_s * 1000000;
	grant->expires_at_us = grant->polled_at_us +
			       (int64_t)authorization->expires_in_s * 1000000;
	schedule(grant);
	grant->report(&report, grant->userdata);
}

static void
authorization_answered(const struct fetch_answer *answer, void *userdata)
{
	struct device_grant *grant = userdata;
	char detail[DETAIL_SIZE];
	const char *member;

	grant->call = NULL;
	if (answer->outcome != FETCH_DONE) {
		(void)snprintf(detail, sizeof(detail),
		    "the device authorization endpoint: %s: %s",
		    fetch_outcome_word(answer->outcome), answer->detail);
		end(grant,
		    answer->outcome == FETCH_HOST_REFUSED
			? DEVICE_GRANT_MISCONFIGURED
			: DEVICE_GRANT_OUTAGE,
		    detail);
		return;
	}
	if (answer->status != 200) {
		end_with_error(
		    grant, "the device authorization endpoint", answer);
		return;
	}
	if (device_authorization_parse(answer->body, answer->body_size,
		&grant->authorization, &member)) {
		(void)snprintf(detail, sizeof(detail),
		    "the device authorization endpoint's answer: bad or "
		    "missing %s",
		    member);
		end(grant, DEVICE_GRANT_OUTAGE, detail);
		return;
	}
	show_code(grant);
}

static int
request_code(
    struct device_grant *grant, const struct device_grant_request *request)
{
	const struct config_issuer *config = issuer_config(grant->issuer);
	struct form form = {0};
	char max_age[MAX_AGE_SIZE];

	(void)snprintf(
	    max_age, sizeof(max_age), "%lld", (long long)request->max_age_s);
	form_add(&form, "scope", config->scope);
	form_add(&form, "nonce", request->nonce);
	form_add(&form, "acr_values", request->acr_values);
	form_add(&form, "max_age", request->max_age_s ? max_age : NULL);
	form_add(&form, "authorization_details", config->authorization_details);
	return call(grant,
	    issuer_metadata(grant->issuer)->device_authorization_endpoint,
	    &form, authorization_answered);
}

int
device_grant_new(sd_event *event, struct issuer *issuer,
    const struct device_grant_request *request, device_grant_fn report,
    void *userdata, struct device_grant **ret_grant)
{
	struct device_grant *grant = calloc(1, sizeof(*grant));
	int error;

	if (!grant)
		return -ENOMEM;
	grant->issuer = issuer;
	grant->report = report;
	grant->userdata = userdata;
	error = sd_event_add_time(event, &grant->timer, CLOCK_BOOTTIME, 0,
	    TIMER_ACCURACY_US, poll_or_expire, grant);
	if (error >= 0)
		error = sd_event_source_set_enabled(grant->timer, SD_EVENT_OFF);
	if (error >= 0)
		error = request_code(grant, request);
	if (error < 0) {
		device_grant_free(grant);
		return error;
	}
	*ret_grant = grant;
	return 0;
}
