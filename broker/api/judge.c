#include "broker/api/judge.h"

#include "broker/api/opaque.h"
#include "broker/clock.h"
#include "verify/portvakt_private.h"
#include "verify/result.h"

#include <string.h>

static struct portvakt_result *
judge_once(struct api *api, const struct errand *errand,
    const struct question *question, const char *audience,
    const struct portvakt_options *options)
{
	const struct portvakt_presented presented = {
	    .token = question->token,
	    .token_size = question->size,
	    .answer = errand->claims,
	    .answer_size = errand->claims ? strlen(errand->claims) : 0,
	    .issuer = errand->issuer,
	    .confirmed = question->confirmed || errand->confirmed,
	};
	struct portvakt_result *result = NULL;

	(void)portvakt_verify_presented(
	    api->portvakt, &presented, audience, options, &result);
	return result;
}

/* Of several audiences the token is for one at most, or for none. */
static struct portvakt_result *
judge_each(struct api *api, const struct errand *errand,
    const struct api_list *audiences, const struct question *question,
    const struct portvakt_options *options, const char **ret_audience)
{
	struct portvakt_result *result = NULL;
	size_t i;

	if (audiences->count == 0)
		return judge_once(api, errand, question, NULL, options);
	for (i = 0; i < audiences->count; i++) {
		portvakt_result_free(result);
		result = judge_once(
		    api, errand, question, audiences->texts[i], options);
		if (portvakt_result_reason(result) != PORTVAKT_AUDIENCE_WRONG) {
			*ret_audience = audiences->texts[i];
			break;
		}
	}
	return result;
}

const char *
judge_issuer(struct api *api, const struct errand *errand,
    const struct question *question)
{
	const char *issuer = portvakt_result_issuer_name(errand->result);

	if (issuer)
		return issuer;
	if (errand->issuer[0])
		return errand->issuer;
	issuers_refresh(&api->issuers);
	return issuers_claimed(&api->issuers, question->token, question->size);
}

/*
 * Whether the judgement is to be made again, when the broker has answered what
 * was found missing: keys that the issuer has changed, or whose a subject is.
 */
static bool
must_wait(struct api *api, struct errand *errand,
    const struct question *question, const struct portvakt_result *result)
{
	const char *issuer;

	switch ((int)portvakt_result_reason(result)) {
	case PORTVAKT_KEY_UNKNOWN:
		issuer = judge_issuer(api, errand, question);
		return issuer && !keys_ask(&api->keys, errand, issuer);
	case PORTVAKT_LINK_UNAVAILABLE:
		/* All else was found good, its proof among it. */
		errand->confirmed = errand_waits(errand);
		return errand->confirmed;
	default:
		return false;
	}
}

/* NULL: out of memory, or it waits. */
static struct portvakt_result *
find_out(struct api *api, const struct api_client *client,
    struct errand *errand, const struct question *question,
    const char **ret_audience)
{
	const struct api_list one = {&question->audience, 1};
	struct portvakt_options options = question->options;
	struct portvakt_result *result;

	if (options.scopes_count == 0) {
		options.scopes = client->scopes.texts;
		options.scopes_count = client->scopes.count;
	}
	api->linking.errand = errand;
	api->linking.client = client;
	result = judge_each(api, errand,
	    question->audience ? &one : &client->audiences, question, &options,
	    ret_audience);
	api->linking.errand = NULL;
	if (!must_wait(api, errand, question, result))
		return result;
	portvakt_result_free(result);
	return NULL;
}

static struct portvakt_result *
find_out_opaque(struct api *api, const struct api_client *client,
    struct errand *errand, const struct question *question,
    const char **ret_audience)
{
	switch (opaque_ask(api, client, errand, question)) {
	case OPAQUE_WAITS:
		return NULL;
	case OPAQUE_OUTAGE:
		return result_new_refusal(PORTVAKT_ISSUER_UNAVAILABLE, NULL);
	case OPAQUE_NONE:
	case OPAQUE_CLAIMS:
		break;
	}
	return find_out(api, client, errand, question, ret_audience);
}

bool
judge(struct api *api, const struct api_client *client, struct errand *errand,
    const struct question *question)
{
	int64_t begun_us = clock_us(CLOCK_MONOTONIC);
	struct portvakt_result *result;
	const char *audience = NULL;

	if (errand->result)
		return true;
	result = find_out_opaque(api, client, errand, question, &audience);
	if (errand_waits(errand)) {
		portvakt_result_free(result);
		return false;
	}
	errand->result = result;
	errand->audience = audience;
	errand->fresh = errand->claims ? errand->asked_issuer
				       : !portvakt_was_known(api->portvakt);
	metrics_verified(api->metrics, api->worker,
	    judge_issuer(api, errand, question), result,
	    clock_us(CLOCK_MONOTONIC) - begun_us);
	return true;
}
