#include "broker/api/judge.h"

#include "broker/clock.h"

static struct portvakt_result *
judge_once(struct api *api, const struct question *question,
    const char *audience, const struct portvakt_options *options)
{
	struct portvakt_result *result = NULL;

	(void)portvakt_verify(api->portvakt, question->token, question->size,
	    audience, options, &result);
	return result;
}

/* Of several audiences the token is for one at most, or for none. */
static struct portvakt_result *
judge_each(struct api *api, const struct api_list *audiences,
    const struct question *question, const struct portvakt_options *options,
    const char **ret_audience)
{
	struct portvakt_result *result = NULL;
	size_t i;

	if (audiences->count == 0)
		return judge_once(api, question, NULL, options);
	for (i = 0; i < audiences->count; i++) {
		portvakt_result_free(result);
		result =
		    judge_once(api, question, audiences->texts[i], options);
		if (portvakt_result_reason(result) != PORTVAKT_AUDIENCE_WRONG) {
			*ret_audience = audiences->texts[i];
			break;
		}
	}
	return result;
}

static void
count(struct api *api, const struct question *question,
    const struct portvakt_result *result, int64_t took_us)
{
	const char *issuer = portvakt_result_issuer_name(result);

	if (!issuer) {
		issuers_refresh(&api->issuers);
		issuer = issuers_claimed(
		    &api->issuers, question->token, question->size);
	}
	metrics_verified(api->metrics, api->worker, issuer, result, took_us);
}

struct portvakt_result *
judge(struct api *api, const struct api_client *client,
    const struct question *question, const char **ret_audience)
{
	struct portvakt_options options = question->options;
	const struct api_list one = {&question->audience, 1};
	const char *audience = NULL;
	struct portvakt_result *result;
	int64_t begun_us = clock_us(CLOCK_MONOTONIC);

	if (options.scopes_count == 0) {
		options.scopes = client->scopes.texts;
		options.scopes_count = client->scopes.count;
	}
	result = judge_each(api, question->audience ? &one : &client->audiences,
	    question, &options, &audience);
	count(api, question, result, clock_us(CLOCK_MONOTONIC) - begun_us);
	if (ret_audience)
		*ret_audience = audience;
	return result;
}
