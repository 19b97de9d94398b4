/*
 * GET /auth...: what a web server asks before it lets a request through
 * (auth_request of nginx, forward authentication of others). The token is in
 * Authorization, what it must be good for stands with the location.
 */
#include "broker/api/api.h"
#include "broker/api/certificate.h"
#include "broker/api/judge.h"
#include "broker/api/misnomer.h"
#include "broker/api/record.h"
#include "broker/api/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	URL_SIZE = 4096,
	ACR_VALUES_SIZE = 512,
};

/* What a challenge is made of. */
struct refusal {
	struct api *api;
	const struct api_location *location;
	enum portvakt_scheme scheme;
};

static const char *
scheme_word(enum portvakt_scheme scheme)
{
	return scheme == PORTVAKT_SCHEME_DPOP ? "DPoP" : "Bearer";
}

/* RFC 6750 section 3.1: without credentials there is no error to name. */
static void
ask_for_token(struct answer *answer)
{
	answer_status(answer, 401);
	answer_header(answer, "WWW-Authenticate", "Bearer realm=\"portvakt\"");
}

static void
challenge(const struct refusal *refusal, unsigned int status, const char *error,
    const char *description, struct answer *answer)
{
	answer_status(answer, status);
	answer_header(answer, "WWW-Authenticate",
	    "%s realm=\"portvakt\", error=\"%s\", error_description=\"%s\"",
	    scheme_word(refusal->scheme), error, description);
}

/* RFC 9470 section 3: which authentication would do. */
static void
ask_to_step_up(const struct refusal *refusal, const char *description,
    struct answer *answer)
{
	const struct api_location *location = refusal->location;
	char acr[ACR_VALUES_SIZE + 32] = "", age[48] = "";
	char values[ACR_VALUES_SIZE] = "";

	if (location->level) {
		issuers_refresh(&refusal->api->issuers);
		issuers_acr_values(&refusal->api->issuers, location->issuer,
		    location->level, values, sizeof(values));
	}
	if (values[0])
		(void)snprintf(acr, sizeof(acr), ", acr_values=\"%s\"", values);
	if (location->max_age_s > 0)
		(void)snprintf(age, sizeof(age), ", max_age=\"%lld\"",
		    (long long)location->max_age_s);
	answer_status(answer, 401);
	answer_header(answer, "WWW-Authenticate",
	    "%s realm=\"portvakt\", error=\"insufficient_user_authentication\""
	    ", error_description=\"%s\"%s%s",
	    scheme_word(refusal->scheme), description, acr, age);
}

static void
answer_forbidden(const struct refusal *refusal,
    const struct portvakt_result *result, struct answer *answer)
{
	switch ((int)portvakt_result_reason(result)) {
	case PORTVAKT_ACR_TOO_LOW:
		ask_to_step_up(refusal,
		    "a higher level of authentication is needed", answer);
		return;
	case PORTVAKT_AUTHENTICATION_TOO_OLD:
		ask_to_step_up(
		    refusal, "a more recent authentication is needed", answer);
		return;
	default:
		challenge(refusal, 403, "insufficient_scope",
		    portvakt_result_word(result), answer);
	}
}

static bool
is_proof_reason(enum portvakt_reason reason)
{
	return reason >= PORTVAKT_PROOF_MISSING &&
	       reason <= PORTVAKT_PROOF_REPLAYED;
}

/* RFC 9449 section 7.1: a bad proof is not a bad token. */
static void
answer_refused(const struct refusal *refusal,
    const struct portvakt_result *result, struct answer *answer)
{
	const char *error = "invalid_token";

	if (refusal->scheme == PORTVAKT_SCHEME_DPOP &&
	    is_proof_reason(portvakt_result_reason(result)))
		error = "invalid_dpop_proof";
	challenge(refusal, 401, error, portvakt_result_word(result), answer);
}

static void
add_groups(struct answer *answer, const struct portvakt_result *result)
{
	size_t i, size = 0, count = portvakt_result_groups_count(result);
	char *text = NULL;
	FILE *file = open_memstream(&text, &size);

	if (!file) {
		answer_done(answer);
		answer_status(answer, 500);
		return;
	}
	for (i = 0; i < count; i++)
		(void)fprintf(file, "%s%s", i > 0 ? "," : "",
		    portvakt_result_group_name(result, i));
	if (fclose(file) == 0)
		answer_header(answer, "X-Portvakt-Groups", "%s", text);
	free(text);
}

static void
show_result(const struct api_client *client,
    const struct portvakt_result *result, struct answer *answer)
{
	const char *account = portvakt_result_account(result);
	const char *acr = portvakt_result_acr(result);

	answer_status(answer, 204);
	if (account && api_list_has(&client->claims, "username"))
		answer_header(answer, "X-Portvakt-Account", "%s", account);
	if (acr)
		answer_header(answer, "X-Portvakt-Acr", "%s", acr);
	if (api_list_has(&client->claims, "access_groups"))
		add_groups(answer, result);
}

static void
answer_good(const struct refusal *refusal, const struct api_client *client,
    struct portvakt_result *result, struct answer *answer)
{
	const struct answer_key key = {result, client, NULL, refusal->location};

	if (answer_cache_find(refusal->api->answers, &key, answer))
		return;
	show_result(client, result, answer);
	answer_cache_keep(refusal->api->answers, &key, answer);
}

static void
answer_result(const struct refusal *refusal, const struct api_client *client,
    struct portvakt_result *result, struct answer *answer)
{
	const char *group = refusal->location->group;

	switch (portvakt_result_verdict(result)) {
	case PORTVAKT_VERDICT_GOOD:
		if (!group || portvakt_result_has_group(result, group))
			answer_good(refusal, client, result, answer);
		else
			challenge(refusal, 403, "insufficient_scope",
			    "access is not granted", answer);
		return;
	case PORTVAKT_VERDICT_OUTAGE:
		answer_busy(answer);
		return;
	case PORTVAKT_VERDICT_FORBIDDEN:
		answer_forbidden(refusal, result, answer);
		return;
	case PORTVAKT_VERDICT_REFUSED:
		break;
	}
	answer_refused(refusal, result, answer);
}

/*
 * What the client called, for its proof: the host is the configuration's,
 * never a header's. False: it is not known, and no proof can be good.
 */
static bool
original_url(const struct api_location *location, const struct api_call *call,
    char *ret_url, size_t size)
{
	int length;

	if (!location->origin || !call->original_uri ||
	    call->original_uri[0] != '/')
		return false;
	length = snprintf(
	    ret_url, size, "%s%s", location->origin, call->original_uri);
	return length > 0 && (size_t)length < size;
}

static void
fill_options(const struct api_location *location, const struct api_call *call,
    const char *url, struct portvakt_options *options)
{
	options->issuer = location->issuer;
	options->scopes = location->scopes.texts;
	options->scopes_count = location->scopes.count;
	options->level = location->level;
	options->max_age_s = location->max_age_s;
	options->dpop = call->dpop;
	options->dpop_size = call->dpop ? strlen(call->dpop) : 0;
	options->method = call->original_method;
	options->url = url;
}

static bool
record(struct api *api, const struct api_client *client, struct errand *errand,
    const struct question *question, const struct api_location *location,
    const char *misnomer, struct answer *answer)
{
	struct record_use use = record_use_of(errand->result, location->group);

	use.misnomer = misnomer;
	return record_judgement(api, client, errand, question, &use, answer);
}

void
api_gate(struct api *api, const struct api_client *client,
    const struct api_call *call, struct answer *ret_answer)
{
	struct refusal refusal = {
	    api, api_config_location(api->config, call->path), 0};
	const struct api_location *location = refusal.location;
	struct question question = {.options = PORTVAKT_OPTIONS_INIT};
	uint8_t certificate[CERTIFICATE_SHA256_SIZE];
	const char *misnomer;
	char url[URL_SIZE];
	bool known;

	if (!location ||
	    (location->audience &&
		!api_list_has(&client->audiences, location->audience))) {
		answer_status(ret_answer, 403);
		return;
	}
	misnomer = misnomer_of_location(api->portvakt, location);
	if (!call->authorization ||
	    request_credentials(call->authorization, &refusal.scheme,
		&question.token, &question.size) != 0) {
		/* No token would do. */
		if (misnomer)
			answer_busy(ret_answer);
		else
			ask_for_token(ret_answer);
		return;
	}
	/* Whoever else says so has not ended anybody's TLS. */
	if (client->forwards_certificate && call->certificate &&
	    call->certificate[0]) {
		if (certificate_read(call->certificate, certificate) != 0) {
			answer_status(ret_answer, 400);
			return;
		}
		question.options.certificate_sha256 = certificate;
	}
	known = original_url(location, call, url, sizeof(url));
	fill_options(location, call, known ? url : NULL, &question.options);
	question.options.scheme = refusal.scheme;
	question.audience = location->audience;
	if (!judge(api, client, call->errand, &question) ||
	    !record(api, client, call->errand, &question, location, misnomer,
		ret_answer))
		return;
	if (misnomer)
		answer_busy(ret_answer);
	else
		answer_result(
		    &refusal, client, call->errand->result, ret_answer);
}
