#include "broker/service/service_pending.h"

#include "broker/json_document.h"
#include "broker/service/service_answer.h"
#include "broker/service/service_token.h"
#include "broker/token/introspection.h"
#include "lib/service_protocol.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct service_pending {
	struct broker *broker;
	struct realm *realm;
	struct service_question question;
	service_told_fn told;
	void *userdata;
	sd_event_source *deadline;
	/* One of them. */
	struct issuer_wait *keys;
	struct token_wait *token;
	struct introspection *introspection;
};

static void
cancel(struct service_pending *pending)
{
	issuer_wait_cancel(pending->keys);
	pending->keys = NULL;
	token_wait_cancel(pending->token);
	pending->token = NULL;
	pending->introspection = introspection_free(pending->introspection);
}

struct service_pending *
service_pending_free(struct service_pending *pending)
{
	if (!pending)
		return NULL;
	cancel(pending);
	sd_event_source_disable_unref(pending->deadline);
	service_question_done(&pending->question);
	realm_unref(pending->realm);
	free(pending);
	return NULL;
}

int64_t
service_pending_id(const struct service_pending *pending)
{
	return pending->question.id;
}

static json_t *
refuse(
    const struct service_pending *pending, const char *word, const char *text)
{
	return service_error(pending->question.id, word, text);
}

/* What no begun request came of. */
static json_t *
refuse_start(const struct service_pending *pending, int error)
{
	switch (error) {
	case -ENOENT:
		return refuse(pending, "issuer-unknown",
		    "no issuer section of portvakt.conf has this name");
	case -EPERM:
		return refuse(pending, "misconfigured",
		    "the issuer's section does not say introspection");
	case -EINVAL:
		return refuse(pending, "bad-request", "token");
	case -EAGAIN:
		return refuse(pending, "outage",
		    "the issuer did not answer just now, and is asked again "
		    "in a moment");
	case -EBUSY:
		return refuse(pending, "busy",
		    "too many requests to issuers are under way, or too much "
		    "was to be recorded");
	default:
		return refuse(pending, "outage", strerror(-error));
	}
}

static void
tell(struct service_pending *pending, json_t *answer)
{
	(void)sd_event_source_set_enabled(pending->deadline, SD_EVENT_OFF);
	pending->told(answer, pending->userdata);
}

static int
too_late(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct service_pending *pending = userdata;

	(void)source;
	(void)usec;
	cancel(pending);
	tell(pending,
	    refuse(pending, "outage", "the issuer did not answer in time"));
	return 0;
}

/* Whoever is told looks at the image next: it is to have them. */
static json_t *
keys_came(const struct service_pending *pending)
{
	if (trust_publication_catch_up(pending->broker))
		return refuse(pending, "outage",
		    "the trust image could not be published; see the journal "
		    "of portvaktd");
	return service_done(pending->question.id);
}

static void
keys_ready(enum issuer_result result, const char *detail, void *userdata)
{
	struct service_pending *pending = userdata;

	pending->keys = NULL;
	switch (result) {
	case ISSUER_READY: /* with a detail: the old ones are good still */
		tell(pending, detail[0] ? refuse(pending, "outage", detail)
					: keys_came(pending));
		break;
	case ISSUER_UNAVAILABLE:
		tell(pending, refuse(pending, "outage", detail));
		break;
	case ISSUER_MISCONFIGURED:
		tell(pending, refuse(pending, "misconfigured", detail));
		break;
	}
}

static void
token_told(const struct token_reply *reply, void *userdata)
{
	struct service_pending *pending = userdata;

	pending->token = NULL;
	tell(pending,
	    service_token_answer(pending->broker, &pending->question, reply));
}

static json_t *
hand_claims(const struct service_pending *pending,
    const struct introspection_reply *reply)
{
	json_t *claims = json_document_parse(reply->claims, reply->claims_size);
	json_t *answer;

	if (!claims)
		return refuse(pending, "outage",
		    "what the issuer says of the token cannot be read");
	answer = service_done(pending->question.id);
	if (json_object_set_new(answer, "claims", claims) == 0)
		return answer;
	json_decref(answer);
	return NULL;
}

static void
introspected(const struct introspection_reply *reply, void *userdata)
{
	struct service_pending *pending = userdata;

	switch (reply->outcome) {
	case INTROSPECTION_GOOD:
		tell(pending, hand_claims(pending, reply));
		break;
	case INTROSPECTION_OUTAGE:
		tell(pending, refuse(pending, "outage", reply->detail));
		break;
	case INTROSPECTION_BUSY:
		tell(pending, refuse(pending, "busy", reply->detail));
		break;
	case INTROSPECTION_MISCONFIGURED:
		tell(pending, refuse(pending, "misconfigured", reply->detail));
		break;
	}
}

static struct issuer *
find_issuer(const struct service_pending *pending)
{
	const struct config *config = pending->realm->config;
	const struct config_issuer *found =
	    config_issuer_by_name(config, pending->question.issuer);

	return found ? pending->realm->issuers[found - config->issuers] : NULL;
}

/* 1: they were fetched just now, and are not again. */
static int
ask_keys(struct service_pending *pending)
{
	struct issuer *issuer = find_issuer(pending);

	if (!issuer)
		return -ENOENT;
	return issuer_refresh_keys(issuer, keys_ready, pending, &pending->keys);
}

static int
ask(struct service_pending *pending)
{
	switch (pending->question.ask) {
	case SERVICE_KEYS:
		return ask_keys(pending);
	case SERVICE_TOKEN:
	case SERVICE_EXCHANGE:
		return service_token_ask(pending->broker, pending->realm,
		    &pending->question, token_told, pending, &pending->token);
	case SERVICE_INTROSPECT:
		return introspection_new(pending->realm,
		    pending->question.issuer, pending->question.token,
		    strlen(pending->question.token), introspected, pending,
		    &pending->introspection);
	case SERVICE_LINK:
	case SERVICE_RECORD:
	case SERVICE_CANCEL:
		break;
	}
	return -EINVAL;
}

static int
start(struct service_pending *pending)
{
	int error;

	error = sd_event_add_time_relative(pending->broker->event,
	    &pending->deadline, CLOCK_BOOTTIME,
	    (uint64_t)SERVICE_DEADLINE_MS * 1000, 0, too_late, pending);
	return error < 0 ? error : ask(pending);
}

struct service_pending *
service_pending_new(struct broker *broker, struct service_question *question,
    service_told_fn told, void *userdata, json_t **ret_answer)
{
	struct service_pending *pending = calloc(1, sizeof(*pending));
	int error;

	if (!pending) {
		*ret_answer =
		    service_error(question->id, "outage", strerror(ENOMEM));
		service_question_done(question);
		return NULL;
	}
	pending->broker = broker;
	pending->realm = realm_ref(broker->realm);
	pending->question = *question;
	*question = (struct service_question){.id = SERVICE_NO_ID};
	pending->told = told;
	pending->userdata = userdata;
	error = start(pending);
	if (error == 0)
		return pending;
	*ret_answer = error > 0 ? service_done(pending->question.id)
				: refuse_start(pending, error);
	return service_pending_free(pending);
}
