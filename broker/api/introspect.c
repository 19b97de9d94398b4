/* POST /introspect: OAuth 2.0 token introspection, RFC 7662. */
#include "broker/api/api.h"
#include "broker/api/judge.h"
#include "broker/api/members.h"
#include "broker/api/misnomer.h"
#include "broker/api/record.h"
#include "broker/api/request.h"

#include <errno.h>
#include <string.h>

/* Of the answers to this endpoint. */
static const char view;

/* RFC 7662 section 2.2: the reason is nobody's to learn here. */
static void
answer_inactive(struct answer *answer)
{
	answer_object(answer, 200, strdup("{\"active\":false}"));
}

static void
answer_good(struct api *api, struct portvakt_result *result,
    const struct api_client *client, const char *audience,
    struct answer *answer)
{
	const struct answer_key key = {result, client, audience, &view};

	if (answer_cache_find(api->answers, &key, answer))
		return;
	answer_object(answer, 200, members_of_result(result, client, audience));
	answer_cache_keep(api->answers, &key, answer);
}

static void
answer_result(struct api *api, struct portvakt_result *result,
    const struct api_client *client, const char *audience,
    struct answer *answer)
{
	switch (portvakt_result_verdict(result)) {
	case PORTVAKT_VERDICT_GOOD:
		answer_good(api, result, client, audience, answer);
		return;
	case PORTVAKT_VERDICT_OUTAGE:
		/* Nothing is known of the token: "false" would be a lie. */
		answer_busy(answer);
		return;
	case PORTVAKT_VERDICT_REFUSED:
	case PORTVAKT_VERDICT_FORBIDDEN:
		break;
	}
	answer_inactive(answer);
}

static void
answer_token(struct api *api, const struct api_client *client,
    const struct api_call *call, const char *token, struct answer *answer)
{
	const struct question question = {.token = token,
	    .size = strlen(token),
	    .options = PORTVAKT_OPTIONS_INIT};
	const struct errand *errand = call->errand;
	struct record_use use;

	if (!judge(api, client, call->errand, &question))
		return;
	use = record_use_of(errand->result, client->group);
	use.misnomer = misnomer_of_client(api->portvakt, client);
	if (!record_judgement(
		api, client, call->errand, &question, &use, answer))
		return;
	if (use.misnomer)
		answer_busy(answer);
	else if (use.withheld)
		answer_inactive(answer);
	else
		answer_result(
		    api, errand->result, client, errand->audience, answer);
}

void
api_introspect(struct api *api, const struct api_client *client,
    const struct api_call *call, struct answer *ret_answer)
{
	struct introspection asked = {0};
	int error = -EBADMSG;

	if (request_form_of(call->content_type) == REQUEST_FORM_URLENCODED)
		error = introspection_read(
		    REQUEST_FORM_URLENCODED, call->body, call->size, &asked);
	if (error == -ENOMEM)
		answer_busy(ret_answer);
	else if (error || !asked.token)
		answer_error(ret_answer, 400, "invalid_request",
		    "write a form with one parameter token");
	else
		answer_token(api, client, call, asked.token, ret_answer);
	introspection_done(&asked);
}
