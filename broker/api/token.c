/*
 * POST /api/v1/token and /api/v1/token/exchange: an access token that an
 * issuer gives this machine for a service, or in exchange for a person's, as
 * Texas answers it. The keys for that are the broker's: it is asked for each
 * token, and has told its record of one before anybody gets it.
 */
#include "broker/api/api.h"
#include "broker/api/judge.h"
#include "broker/api/provider.h"
#include "broker/api/record.h"
#include "broker/api/token_request.h"
#include "broker/token_details.h"
#include "lib/service_protocol.h"

#include <errno.h>
#include <string.h>

enum { ERROR_TEXT_SIZE = 192 };

/* One of the two endpoints. */
struct shape {
	const char *ask; /* of service.sock, and the action of a record */
	const char *what; /* that some providers do not support */
	bool exchange;
};

static const struct shape machine = {"token", "token requests", false};
static const struct shape exchange = {"exchange", "token exchange", true};

/* What is under way, with all that its steps need. */
struct asking {
	struct api *api;
	const struct api_client *client;
	struct errand *errand;
	const struct shape *shape;
	const struct token_request *asked;
	char issuer[NAME_MAX_SIZE];
	struct answer *answer;
};

static void
answer_invalid(struct answer *answer, const char *description)
{
	answer_error(answer, 400, "invalid_request", description);
}

/* To whom it may make sense to ask again. */
static void
answer_outage(struct answer *answer, const char *description)
{
	answer_error(answer, 503, "server_error", description);
	answer_header(answer, "Retry-After", "1");
}

static void
answer_provider(struct asking *asking, const char *is_not)
{
	char text[ERROR_TEXT_SIZE];

	(void)snprintf(text, sizeof(text), "identity provider '%.64s' %s%s",
	    asking->asked->provider, is_not,
	    is_not[0] == 'i' ? "" : asking->shape->what);
	answer_invalid(asking->answer, text);
}

static struct record_token
record_token(
    const struct asking *asking, const char *result, const char *reason)
{
	const struct token_request *asked = asking->asked;
	bool whole = !asking->shape->exchange;

	return (struct record_token){
	    .action = asking->shape->ask,
	    .issuer = asking->issuer,
	    .target = asked->target,
	    .resources = whole ? asked->resources : NULL,
	    .details = whole ? asked->details : NULL,
	    .result = result,
	    .reason = reason,
	};
}

/* False: it waits, or the answer says that it is not kept. */
static bool
record_no(const struct asking *asking, const char *result, const char *reason)
{
	const struct record_token token = record_token(asking, result, reason);

	return record_not_given(asking->api, asking->client, asking->errand,
	    &token, asking->answer);
}

static bool
is_complete(const struct asking *asking)
{
	const struct token_request *asked = asking->asked;

	if (!asked->provider)
		answer_invalid(
		    asking->answer, "missing field `identity_provider`");
	else if (!asked->target)
		answer_invalid(asking->answer, "missing field `target`");
	else if (asking->shape->exchange && !asked->user_token)
		answer_invalid(asking->answer, "missing field `user_token`");
	else
		return true;
	return false;
}

static bool
find_provider(struct asking *asking)
{
	switch (provider_find(
	    &asking->api->issuers, asking->asked->provider, asking->issuer)) {
	case PROVIDER_OURS:
		return true;
	case PROVIDER_UNKNOWN:
		answer_invalid(
		    asking->answer, "identity_provider: unknown value");
		return false;
	case PROVIDER_NOT_ENABLED:
		break;
	}
	answer_provider(asking, "is not enabled");
	return false;
}

/* Whom a token speaks to is as much of it as what it says. */
static bool
may_have_resources(const struct asking *asking)
{
	const json_t *one;
	size_t i;

	json_array_foreach (asking->asked->resources, i, one) {
		if (!api_list_has_target(&asking->client->token_resources,
			asking->issuer, json_string_value(one)))
			return false;
	}
	return true;
}

static bool
may_have_detail(const struct asking *asking, const json_t *json)
{
	const struct api_client *client = asking->client;
	struct token_detail detail;

	if (token_detail_read(json, &detail))
		return false;
	return detail.organisation
		   ? api_list_has_target(&client->token_details_for,
			 asking->issuer, detail.organisation)
		   : api_list_has_target(&client->token_details_types,
			 asking->issuer, detail.type);
}

static bool
may_have_details(const struct asking *asking)
{
	const json_t *one;
	size_t i;

	json_array_foreach (asking->asked->details, i, one) {
		if (!may_have_detail(asking, one))
			return false;
	}
	return true;
}

/* An exchange takes neither, and sends none. */
static bool
may_have_breadth(const struct asking *asking)
{
	const char *reason = NULL, *text = NULL;

	if (asking->shape->exchange)
		return true;
	if (!may_have_resources(asking)) {
		reason = "resource-not-listed";
		text = "a resource is not in token_resources of this client";
	} else if (!may_have_details(asking)) {
		reason = "details-not-listed";
		text = "authorization_details are not in token_details_for or "
		       "token_details_types of this client";
	}
	if (!reason)
		return true;
	if (record_no(asking, "deny", reason))
		answer_error(asking->answer, 403, "access_denied", text);
	return false;
}

static bool
may_have(const struct asking *asking)
{
	const struct api_client *client = asking->client;

	if (api_list_has_target(asking->shape->exchange
				    ? &client->exchange_targets
				    : &client->token_targets,
		asking->issuer, asking->asked->target))
		return true;
	if (!record_no(asking, "deny", "target-not-listed"))
		return false;
	answer_error(asking->answer, 403, "access_denied",
	    asking->shape->exchange
		? "the target is not in exchange_targets of this client"
		: "the target is not in token_targets of this client");
	return false;
}

static void
refuse_user_token(const struct asking *asking, const char *reason)
{
	char text[ERROR_TEXT_SIZE];

	if (!record_no(asking, "deny", reason))
		return;
	(void)snprintf(text, sizeof(text), "user_token: %s", reason);
	/* RFC 8693 section 2.2.2. */
	answer_invalid(asking->answer, text);
}

/* It must be good for the caller itself, and a person's. */
static bool
check_user_token(const struct asking *asking)
{
	const struct question question = {
	    .token = asking->asked->user_token,
	    .size = strlen(asking->asked->user_token),
	    .options = PORTVAKT_OPTIONS_INIT,
	};
	const struct portvakt_result *result;

	if (asking->client->audiences.count == 0) {
		refuse_user_token(asking, "audience-wrong");
		return false;
	}
	if (!judge(asking->api, asking->client, asking->errand, &question))
		return false;
	result = asking->errand->result;
	switch (portvakt_result_verdict(result)) {
	case PORTVAKT_VERDICT_GOOD:
		break;
	case PORTVAKT_VERDICT_OUTAGE:
		if (record_no(asking, "outage", portvakt_result_word(result)))
			answer_outage(asking->answer,
			    "user_token: nobody can say at present");
		return false;
	case PORTVAKT_VERDICT_REFUSED:
	case PORTVAKT_VERDICT_FORBIDDEN:
		refuse_user_token(asking, portvakt_result_word(result));
		return false;
	}
	if (portvakt_result_subject_kind(result) == PORTVAKT_SUBJECT_PERSON)
		return true;
	refuse_user_token(asking, "not-of-a-person");
	return false;
}

/*
 * An issuer may take its time, in which an account is locked or a token is
 * revoked: what was good when it was asked may be so no more. Once, before the
 * answer is recorded.
 */
static bool
still_good(const struct asking *asking)
{
	struct errand *errand = asking->errand;

	if (errand->replies[ERRAND_RECORD].state != ERRAND_UNASKED)
		return true;
	portvakt_result_free(errand->result);
	errand->result = NULL;
	return check_user_token(asking);
}

static json_t *
make_question(const struct asking *asking)
{
	const struct token_request *asked = asking->asked;

	return json_pack("{s:s, s:s, s:s, s:s, s:s*, s:O*, s:O*, s:b}", "ask",
	    asking->shape->ask, "client", asking->client->name, "issuer",
	    asking->issuer, "target", asked->target, "user_token",
	    asking->shape->exchange ? asked->user_token : NULL, "resource",
	    asking->shape->exchange ? NULL : asked->resources,
	    "authorization_details",
	    asking->shape->exchange ? NULL : asked->details, "skip_cache",
	    asked->skip_cache);
}

static const char *
text_of(const json_t *answer, const char *member, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(answer, member));

	return text ? text : otherwise;
}

/* As the issuer said it, or the broker in the issuer's words. */
static void
pass_refusal(const struct asking *asking, const json_t *answer)
{
	json_int_t status =
	    json_integer_value(json_object_get(answer, "status"));

	if (!record_no(asking, "deny", "refused"))
		return;
	answer_error(asking->answer,
	    status >= 400 && status <= 599 ? (unsigned int)status : 400,
	    text_of(answer, "code", "invalid_request"),
	    text_of(answer, "text", "refused"));
}

static const char *
failure_result(const char *error)
{
	return strcmp(error, "not-configured") == 0 ||
		       strcmp(error, "issuer-unknown") == 0 ||
		       strcmp(error, "bad-request") == 0
		   ? "deny"
		   : "outage";
}

static void
answer_failure(struct asking *asking, const json_t *answer)
{
	const char *error = text_of(answer, "error", "outage");

	if (strcmp(error, "refused") == 0) {
		pass_refusal(asking, answer);
		return;
	}
	if (!record_no(asking, failure_result(error), error))
		return;
	if (strcmp(error, "not-configured") == 0)
		answer_provider(asking, "does not support ");
	else if (strcmp(error, "issuer-unknown") == 0)
		answer_provider(asking, "is not enabled");
	else if (strcmp(error, "bad-request") == 0)
		answer_invalid(
		    asking->answer, text_of(answer, "text", "refused"));
	else if (!answer || strcmp(error, "busy") == 0)
		answer_outage(asking->answer, "the broker does not answer");
	else
		answer_error(asking->answer, 500, "server_error",
		    text_of(answer, "text", "the provider does not answer"));
}

static void
give(struct asking *asking, json_t *answer)
{
	const struct record_token token = record_token(asking, "allow", "good");
	json_t *access_token = json_object_get(answer, "access_token");
	json_t *type = json_object_get(answer, "token_type");
	json_t *expires_in = json_object_get(answer, "expires_in");

	if (asking->shape->exchange && !still_good(asking))
		return;
	if (!json_is_string(access_token) || !json_is_string(type) ||
	    !json_is_integer(expires_in)) {
		answer_error(asking->answer, 500, "server_error",
		    "the broker's answer has no token");
		return;
	}
	if (!record_given(asking->api, asking->client, asking->errand, &token,
		asking->answer))
		return;
	metrics_add(
	    asking->api->metrics, asking->api->worker, METRICS_TOKENS, 1);
	answer_json(asking->answer, 200,
	    json_pack("{s:O, s:O, s:O}", "access_token", access_token,
		"token_type", type, "expires_in", expires_in));
}

static void
answer_asked(struct asking *asking)
{
	const struct errand_reply *reply;

	if (!is_complete(asking) || !find_provider(asking) ||
	    !may_have(asking) || !may_have_breadth(asking))
		return;
	if (asking->shape->exchange && !check_user_token(asking))
		return;
	reply = errand_ask(asking->errand, ERRAND_TOKEN, make_question(asking),
	    SERVICE_DEADLINE_MS);
	if (!reply)
		return;
	if (upstream_is_good(reply->answer))
		give(asking, reply->answer);
	else
		answer_failure(asking, reply->answer);
}

static void
answer_shape(struct api *api, const struct api_client *client,
    const struct api_call *call, const struct shape *shape,
    struct answer *ret_answer)
{
	struct token_request asked = {0};
	struct asking asking = {.api = api,
	    .client = client,
	    .errand = call->errand,
	    .shape = shape,
	    .asked = &asked,
	    .answer = ret_answer};
	const char *problem;
	int error;

	error = token_request_read(request_form_of(call->content_type),
	    call->body, call->size, &asked, &problem);
	if (error == -ENOMEM)
		answer_busy(ret_answer);
	else if (error)
		answer_invalid(ret_answer, problem);
	else
		answer_asked(&asking);
	token_request_done(&asked);
}

void
api_token(struct api *api, const struct api_client *client,
    const struct api_call *call, struct answer *ret_answer)
{
	answer_shape(api, client, call, &machine, ret_answer);
}

void
api_exchange(struct api *api, const struct api_client *client,
    const struct api_call *call, struct answer *ret_answer)
{
	answer_shape(api, client, call, &exchange, ret_answer);
}
