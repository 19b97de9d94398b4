/*
 * POST /api/v1/introspect: as Texas answers (Token Exchange as a Service, of
 * NAV), so that services written for it need no change. Once the body is
 * understood it is 200 in every case; what differs is "active" and "error".
 */
#include "broker/api/api.h"
#include "broker/api/json_writer.h"
#include "broker/api/judge.h"
#include "broker/api/members.h"
#include "broker/api/misnomer.h"
#include "broker/api/provider.h"
#include "broker/api/record.h"
#include "broker/api/request.h"

#include <errno.h>
#include <string.h>

enum { ERROR_TEXT_SIZE = 192 };

/* Of the answers to this endpoint. */
static const char view;

static void
answer_invalid(struct answer *answer, const char *description)
{
	answer_error(answer, 400, "invalid_request", description);
}

static void
answer_inactive(struct answer *answer, const char *error)
{
	struct json_writer writer = {0};

	json_writer_open(&writer, '{');
	json_writer_name(&writer, slice_of("active"));
	json_writer_bool(&writer, false);
	json_writer_name(&writer, slice_of("error"));
	json_writer_text(&writer, slice_of(error));
	json_writer_close(&writer, '}');
	answer_object(answer, 200, json_writer_take(&writer));
}

/* The words of Texas, as far as it has some. NULL: it has none. */
static const char *
words_of(const struct portvakt_result *result)
{
	const char *detail = portvakt_result_detail(result);

	switch ((int)portvakt_result_reason(result)) {
	case PORTVAKT_EXPIRED:
		return "invalid token: ExpiredSignature";
	case PORTVAKT_NOT_YET_VALID:
		return "invalid token: ImmatureSignature";
	case PORTVAKT_AUDIENCE_WRONG:
		return "invalid token: InvalidAudience";
	case PORTVAKT_ISSUER_WRONG:
		return "invalid token: InvalidIssuer";
	case PORTVAKT_SIGNATURE_BAD:
	case PORTVAKT_KEY_MISMATCH:
		return "invalid token: InvalidSignature";
	case PORTVAKT_ALGORITHM_REFUSED:
		return "invalid token: InvalidAlgorithm";
	case PORTVAKT_TOO_LARGE:
	case PORTVAKT_MALFORMED:
		return "invalid token header: InvalidToken";
	case PORTVAKT_HEADER_REFUSED:
		if (detail && strcmp(detail, "kid") == 0)
			return "missing key id from token header";
		return "invalid token header: InvalidToken";
	case PORTVAKT_KEY_UNKNOWN:
		return "token can not be validated with this identity "
		       "provider";
	default:
		return NULL;
	}
}

/* Nothing that begins as they do: of the token nobody has said a word. */
static void
write_outage(
    const struct portvakt_result *result, char ret_text[static ERROR_TEXT_SIZE])
{
	const char *what = "the token cannot be judged at present";

	switch ((int)portvakt_result_reason(result)) {
	case PORTVAKT_NO_KEYS:
		what = "the identity provider's keys are not known at present";
		break;
	case PORTVAKT_ISSUER_UNAVAILABLE:
		what = "the identity provider does not answer at present";
		break;
	default:
		break;
	}
	(void)snprintf(ret_text, ERROR_TEXT_SIZE, "%s: %s", what,
	    portvakt_result_word(result));
}

static void
answer_refusal(const struct portvakt_result *result, struct answer *answer)
{
	const char *words = words_of(result);
	char text[ERROR_TEXT_SIZE];

	if (words) {
		answer_inactive(answer, words);
		return;
	}
	if (portvakt_result_verdict(result) == PORTVAKT_VERDICT_OUTAGE)
		write_outage(result, text);
	else if (portvakt_result_reason(result) == PORTVAKT_CLAIM_MISSING &&
		 portvakt_result_detail(result))
		(void)snprintf(text, sizeof(text),
		    "invalid token: Missing required claim: %s",
		    portvakt_result_detail(result));
	else
		(void)snprintf(text, sizeof(text), "invalid token: %s",
		    portvakt_result_word(result));
	answer_inactive(answer, text);
}

/* A result belongs to one token, so its answer does. */
static void
answer_good(struct api *api, const struct api_client *client,
    struct portvakt_result *result, const char *token, struct answer *answer)
{
	const struct answer_key key = {result, client, NULL, &view};

	if (answer_cache_find(api->answers, &key, answer))
		return;
	answer_object(answer, 200,
	    members_of_token(result, client, token, strlen(token)));
	answer_cache_keep(api->answers, &key, answer);
}

static void
answer_judged(struct api *api, const struct api_client *client,
    const struct api_call *call, const char *token, const char *issuer,
    struct answer *answer)
{
	struct question question = {
	    .token = token,
	    .size = strlen(token),
	    .options = PORTVAKT_OPTIONS_INIT,
	};
	struct portvakt_result *result;
	struct record_use use;

	question.options.issuer = issuer;
	if (!judge(api, client, call->errand, &question))
		return;
	result = call->errand->result;
	use = record_use_of(result, client->group);
	use.misnomer = misnomer_of_client(api->portvakt, client);
	if (!record_judgement(
		api, client, call->errand, &question, &use, answer))
		return;
	if (use.misnomer)
		answer_busy(answer);
	else if (use.withheld)
		answer_inactive(answer, "invalid token: group-withheld");
	else if (portvakt_result_verdict(result) != PORTVAKT_VERDICT_GOOD)
		answer_refusal(result, answer);
	else if (call->errand->claims)
		answer_object(answer, 200,
		    members_of_claims(result, client, call->errand->claims,
			strlen(call->errand->claims)));
	else
		answer_good(api, client, result, token, answer);
}

static void
answer_asked(struct api *api, const struct api_client *client,
    const struct api_call *call, const struct introspection *asked,
    struct answer *answer)
{
	char issuer[NAME_MAX_SIZE], text[ERROR_TEXT_SIZE];

	switch (provider_find(&api->issuers, asked->provider, issuer)) {
	case PROVIDER_OURS:
		answer_judged(api, client, call, asked->token, issuer, answer);
		return;
	case PROVIDER_UNKNOWN:
		answer_invalid(answer, "identity_provider: unknown value");
		return;
	case PROVIDER_NOT_ENABLED:
		break;
	}
	(void)snprintf(text, sizeof(text),
	    "identity provider '%s' is not enabled", asked->provider);
	answer_inactive(answer, text);
}

void
api_texas(struct api *api, const struct api_client *client,
    const struct api_call *call, struct answer *ret_answer)
{
	enum request_form form = request_form_of(call->content_type);
	struct introspection asked = {0};
	int error;

	if (form == REQUEST_FORM_NONE) {
		answer_invalid(ret_answer,
		    "content type must be application/json or "
		    "application/x-www-form-urlencoded");
		return;
	}
	error = introspection_read(form, call->body, call->size, &asked);
	if (error == -ENOMEM)
		answer_busy(ret_answer);
	else if (error)
		answer_invalid(ret_answer, "the body cannot be read");
	else if (!asked.provider)
		answer_invalid(ret_answer, "missing field `identity_provider`");
	else if (!asked.token)
		answer_invalid(ret_answer, "missing field `token`");
	else
		answer_asked(api, client, call, &asked, ret_answer);
	introspection_done(&asked);
}
