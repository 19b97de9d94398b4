#include "broker/token/endpoint_call.h"

#include "broker/clock.h"
#include "broker/config/authority.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <systemd/sd-event.h>

enum {
	ANSWER_SIZE_MAX = 131072, /* a token and what stands around it */
	DETAIL_SIZE = 512,
	/* Whatever services ask for, some calls are left for logins. */
	FETCH_CALLS_FOR_SERVICES = FETCH_CALLS_MAX * 3 / 4,
};

struct endpoint_call {
	struct issuer *issuer;
	enum endpoint endpoint;
	endpoint_fill_fn fill;
	endpoint_done_fn done;
	void *userdata;
	sd_event_source *begin;
	struct issuer_wait *wait;
	struct fetch_call *fetch;
};

static const char *
endpoint_name(enum endpoint endpoint)
{
	switch (endpoint) {
	case ENDPOINT_TOKEN:
		return "token_endpoint";
	case ENDPOINT_INTROSPECTION:
		return "introspection_endpoint";
	}
	return "endpoint";
}

static const char *
endpoint_url(const struct endpoint_call *call)
{
	const struct metadata *metadata = issuer_metadata(call->issuer);

	switch (call->endpoint) {
	case ENDPOINT_TOKEN:
		return metadata->token_endpoint;
	case ENDPOINT_INTROSPECTION:
		return metadata->introspection_endpoint;
	}
	return "";
}

/* Why there is no URL. */
static const char *
endpoint_problem(const struct endpoint_call *call)
{
	const struct metadata *metadata = issuer_metadata(call->issuer);
	bool bad = false;

	switch (call->endpoint) {
	case ENDPOINT_TOKEN:
		bad = metadata->token_endpoint_bad;
		break;
	case ENDPOINT_INTROSPECTION:
		bad = metadata->introspection_endpoint_bad;
		break;
	}
	return bad ? "publishes no https URL as" : "publishes no";
}

/* The owner may free the call in here: nothing of it is touched after. */
static void __attribute__((format(printf, 3, 4)))
fail(struct endpoint_call *call, enum endpoint_outcome outcome,
    const char *format, ...)
{
	char detail[DETAIL_SIZE];
	const struct endpoint_reply reply = {
	    .outcome = outcome,
	    .body = "",
	    .detail = detail,
	};
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(detail, sizeof(detail), format, arguments);
	va_end(arguments);
	call->done(&reply, call->userdata);
}

/* Of this issuer: a document may not lead us to the host of another one. */
static bool
is_own_host(const struct config_issuer *config, const char *url)
{
	const char *start = url + strlen("https://");
	char authority[FETCH_HOST_SIZE];
	size_t i;

	if (authority_normalize(start, strcspn(start, "/?#"), authority))
		return false;
	for (i = 0; i < config->hosts_count; i++) {
		if (strcmp(config->hosts[i], authority) == 0)
			return true;
	}
	return false;
}

static void
fetched(const struct fetch_answer *answer, void *userdata)
{
	struct endpoint_call *call = userdata;
	const struct endpoint_reply reply = {
	    .outcome = ENDPOINT_ANSWERED,
	    .status = answer->status,
	    .body = answer->body,
	    .body_size = answer->body_size,
	    .detail = "",
	};

	call->fetch = NULL;
	if (answer->outcome == FETCH_DONE) {
		call->done(&reply, call->userdata);
		return;
	}
	fail(call,
	    answer->outcome == FETCH_HOST_REFUSED ||
		    answer->outcome == FETCH_REDIRECTED
		? ENDPOINT_MISCONFIGURED
		: ENDPOINT_OUTAGE,
	    "%s: %s: %s", endpoint_url(call),
	    fetch_outcome_word(answer->outcome), answer->detail);
}

static int
start(struct endpoint_call *call, const struct post_form *form)
{
	const struct fetch_request request = {
	    .method = FETCH_POST,
	    .url = endpoint_url(call),
	    .authorization = post_form_authorization(form),
	    .form = form->parameters,
	    .form_count = form->count,
	    .timeout_ms = issuer_timeout_ms(call->issuer),
	    .body_size_max = ANSWER_SIZE_MAX,
	};

	if (fetch_client_calls(issuer_fetch(call->issuer)) >=
	    FETCH_CALLS_FOR_SERVICES)
		return -EBUSY;
	return fetch_client_start(
	    issuer_fetch(call->issuer), &request, fetched, call, &call->fetch);
}

/* The issuer's section is not good for this, unless memory is all it lacks. */
static void
fail_to_fill(struct endpoint_call *call, int error, const char *problem)
{
	if (error == -ENOMEM)
		fail(call, ENDPOINT_BUSY, "out of memory");
	else
		fail(call, ENDPOINT_MISCONFIGURED, "issuer \"%s\": %s",
		    issuer_config(call->issuer)->name, problem);
}

static void
fill_and_start(struct endpoint_call *call)
{
	const char *problem = "";
	struct post_form form = {0};
	int error;

	error = call->fill(issuer_config(call->issuer), clock_wall_s(), &form,
	    &problem, call->userdata);
	if (error) {
		post_form_done(&form);
		fail_to_fill(call, error, problem);
		return;
	}
	error = start(call, &form);
	post_form_done(&form);
	if (error)
		fail(call, ENDPOINT_BUSY, "%s: %s", endpoint_url(call),
		    error == -EBUSY ? "too many requests are under way"
				    : strerror(-error));
}

static void
post(struct endpoint_call *call)
{
	const struct config_issuer *config = issuer_config(call->issuer);
	const char *url = endpoint_url(call);

	if (!url[0])
		fail(call, ENDPOINT_MISCONFIGURED, "%s %s %s",
		    config->profile.issuer, endpoint_problem(call),
		    endpoint_name(call->endpoint));
	else if (!is_own_host(config, url))
		fail(call, ENDPOINT_MISCONFIGURED,
		    "%s is at %s, a host that issuer \"%s\" does not list: "
		    "add it to hosts in portvakt.conf",
		    endpoint_name(call->endpoint), url, config->name);
	else
		fill_and_start(call);
}

static void
ready(enum issuer_result result, const char *detail, void *userdata)
{
	struct endpoint_call *call = userdata;

	call->wait = NULL;
	switch (result) {
	case ISSUER_UNAVAILABLE:
		fail(call, ENDPOINT_OUTAGE, "%s", detail);
		return;
	case ISSUER_MISCONFIGURED:
		fail(call, ENDPOINT_MISCONFIGURED, "%s", detail);
		return;
	case ISSUER_READY:
		post(call);
		return;
	}
}

static int
on_begin(sd_event_source *source, void *userdata)
{
	struct endpoint_call *call = userdata;
	int result;

	(void)source;
	result = issuer_prepare(call->issuer, ready, call, &call->wait);
	if (result > 0)
		post(call);
	else if (result < 0)
		fail(call, ENDPOINT_OUTAGE, "%s: %s",
		    issuer_config(call->issuer)->profile.issuer,
		    strerror(-result));
	return 0;
}

int
endpoint_call_new(struct issuer *issuer, enum endpoint endpoint,
    endpoint_fill_fn fill, endpoint_done_fn done, void *userdata,
    struct endpoint_call **ret_call)
{
	sd_event *event = fetch_client_event(issuer_fetch(issuer));
	struct endpoint_call *call = calloc(1, sizeof(*call));
	int error;

	if (!call)
		return -ENOMEM;
	if (!issuer_take_call(issuer, ENDPOINT_CALLS_PER_ISSUER)) {
		free(call);
		return -EBUSY;
	}
	*call = (struct endpoint_call){
	    .issuer = issuer,
	    .endpoint = endpoint,
	    .fill = fill,
	    .done = done,
	    .userdata = userdata,
	};
	error = sd_event_add_defer(event, &call->begin, on_begin, call);
	if (error < 0) {
		endpoint_call_free(call);
		return error;
	}
	*ret_call = call;
	return 0;
}

struct endpoint_call *
endpoint_call_free(struct endpoint_call *call)
{
	if (!call)
		return NULL;
	issuer_give_call(call->issuer);
	issuer_wait_cancel(call->wait);
	fetch_call_cancel(call->fetch);
	(void)sd_event_source_disable_unref(call->begin);
	free(call);
	return NULL;
}
