#include "broker/token/token_flight.h"

#include "broker/token/endpoint_call.h"
#include "broker/token/token_answer.h"
#include "broker/token/token_grant.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	HTTP_OK = 200,
	HTTP_BAD_REQUEST = 400,
	HTTP_REQUEST_TIMEOUT = 408,
	HTTP_TOO_MANY_REQUESTS = 429,
	HTTP_SERVER_ERROR = 500,
	/* Maskinporten takes an iat that is this far from its own clock. */
	CLOCK_OFFSET_S = 10,
};

struct token_flight {
	struct realm *realm;
	struct issuer *issuer;
	struct token_question *question;
	struct endpoint_call *call;
	struct token_result *no_memory; /* what is told when there is none */
	token_landed_fn landed;
	void *userdata;
};

static int
fill(const struct config_issuer *issuer, int64_t now_s, struct post_form *form,
    const char **ret_problem, void *userdata)
{
	const struct token_flight *flight = userdata;
	token_grant_fn grant = token_grant_find(flight->question, issuer);

	*ret_problem = "this kind of issuer gives machines no tokens";
	if (!grant)
		return -EINVAL;
	return grant(flight->question, issuer, now_s, form, ret_problem);
}

static int
explain(enum token_outcome outcome, unsigned int status, const char *what,
    const char *detail, struct token_result **ret_result)
{
	int error = token_result_new(ret_result);

	if (error)
		return error;
	(*ret_result)->outcome = outcome;
	(*ret_result)->status = status;
	token_result_explain(*ret_result, "%s%s", what, detail);
	return 0;
}

/* An outage that may be this question's alone. */
static int
explain_question(unsigned int status, const char *what, const char *detail,
    struct token_result **ret_result)
{
	int error = explain(TOKEN_OUTAGE, status, what, detail, ret_result);

	if (!error)
		(*ret_result)->of_question = true;
	return error;
}

static int
take_token(const struct token_flight *flight,
    const struct endpoint_reply *reply, struct token_result **ret_result)
{
	struct token_answer answer;
	const char *member;
	int error;

	error = token_answer_parse(reply->body, reply->body_size,
	    flight->question->kind == TOKEN_EXCHANGE, &answer, &member);
	if (error == -EBADMSG)
		return explain_question(0,
		    "the token endpoint's answer: bad or missing ", member,
		    ret_result);
	return error ? error : token_result_new_good(&answer, ret_result);
}

/* The commonest reason why an assertion is no good is not to be read in it. */
static void
add_clock(const struct token_flight *flight, struct token_result *result)
{
	const size_t size = strlen(result->detail);
	int64_t offset_s;

	if (strcmp(result->error, "invalid_grant") != 0 ||
	    issuer_clock_offset_s(flight->issuer, &offset_s) ||
	    (offset_s < CLOCK_OFFSET_S && offset_s > -CLOCK_OFFSET_S))
		return;
	(void)snprintf(result->detail + size, sizeof(result->detail) - size,
	    " (the issuer's clock is %lld s %s of this machine's)",
	    (long long)(offset_s < 0 ? -offset_s : offset_s),
	    offset_s < 0 ? "behind" : "ahead");
}

/* RFC 6749, 5.2: words for "not now" are no answer to the question. */
static bool
is_passing(const char *error)
{
	return strcmp(error, "temporarily_unavailable") == 0 ||
	       strcmp(error, "slow_down") == 0;
}

static int
take_refusal(const struct token_flight *flight,
    const struct endpoint_reply *reply, struct token_result **ret_result)
{
	struct token_refusal refusal;
	int error;

	error = token_refusal_parse(reply->body, reply->body_size, &refusal);
	if (error == -EBADMSG)
		return explain(TOKEN_MISCONFIGURED, reply->status,
		    "what is called token endpoint answers as if it were none",
		    "", ret_result);
	if (error)
		return error;
	if (strcmp(refusal.error, "server_error") == 0)
		return explain_question(HTTP_SERVER_ERROR,
		    "the token endpoint: ", refusal.error, ret_result);
	if (is_passing(refusal.error))
		return explain(TOKEN_OUTAGE, HTTP_TOO_MANY_REQUESTS,
		    "the token endpoint: ", refusal.error, ret_result);
	error = token_result_new_refused(
	    reply->status, refusal.error, refusal.description, ret_result);
	if (!error)
		add_clock(flight, *ret_result);
	return error;
}

static int
take_answer(const struct token_flight *flight,
    const struct endpoint_reply *reply, struct token_result **ret_result)
{
	const unsigned int status = reply->status;
	int error;

	if (status == HTTP_OK)
		return take_token(flight, reply, ret_result);
	if (status >= HTTP_BAD_REQUEST && status < HTTP_SERVER_ERROR &&
	    status != HTTP_REQUEST_TIMEOUT && status != HTTP_TOO_MANY_REQUESTS)
		return take_refusal(flight, reply, ret_result);
	error = token_result_new(ret_result);
	if (error)
		return error;
	(*ret_result)->status = status;
	(*ret_result)->of_question = status != HTTP_TOO_MANY_REQUESTS;
	token_result_explain(
	    *ret_result, "the token endpoint: HTTP status %u", status);
	return 0;
}

static int
take(const struct token_flight *flight, const struct endpoint_reply *reply,
    struct token_result **ret_result)
{
	switch (reply->outcome) {
	case ENDPOINT_OUTAGE:
		return explain(TOKEN_OUTAGE, 0, "", reply->detail, ret_result);
	case ENDPOINT_BUSY:
		return explain(TOKEN_BUSY, 0, "", reply->detail, ret_result);
	case ENDPOINT_MISCONFIGURED:
		return explain(
		    TOKEN_MISCONFIGURED, 0, "", reply->detail, ret_result);
	case ENDPOINT_ANSWERED:
		return take_answer(flight, reply, ret_result);
	}
	return -EINVAL;
}

static void
answered(const struct endpoint_reply *reply, void *userdata)
{
	struct token_flight *flight = userdata;
	struct token_result *result;

	if (take(flight, reply, &result))
		result = token_result_ref(flight->no_memory);
	/* From here on the flight may be gone. */
	flight->landed(result, flight->userdata);
	token_result_unref(result);
}

int
token_flight_new(struct realm *realm, struct issuer *issuer,
    const struct token_question *question, token_landed_fn landed,
    void *userdata, struct token_flight **ret_flight)
{
	struct token_flight *flight = calloc(1, sizeof(*flight));
	int error;

	if (!flight)
		return -ENOMEM;
	flight->realm = realm_ref(realm);
	flight->issuer = issuer;
	flight->landed = landed;
	flight->userdata = userdata;
	error = explain(TOKEN_BUSY, 0, "out of memory", "", &flight->no_memory);
	if (!error)
		error = token_question_copy(question, &flight->question);
	if (!error)
		error = endpoint_call_new(issuer, ENDPOINT_TOKEN, fill,
		    answered, flight, &flight->call);
	if (error) {
		token_flight_free(flight);
		return error;
	}
	*ret_flight = flight;
	return 0;
}

struct token_flight *
token_flight_free(struct token_flight *flight)
{
	if (!flight)
		return NULL;
	endpoint_call_free(flight->call);
	token_question_free(flight->question);
	token_result_unref(flight->no_memory);
	realm_unref(flight->realm);
	free(flight);
	return NULL;
}
