#include "broker/token/introspection.h"

#include "broker/token/endpoint_call.h"
#include "verify/json.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	HTTP_OK = 200,
	HTTP_BAD_REQUEST = 400,
	HTTP_UNAUTHORIZED = 401,
	HTTP_FORBIDDEN = 403,
	HTTP_NOT_FOUND = 404,
	HTTP_METHOD_NOT_ALLOWED = 405,
	HTTP_TOO_MANY_REQUESTS = 429,
	NODES_MAX = 2048,
	TOKEN_SIZE_MAX = 16384,
	DETAIL_SIZE = 256,
};

struct introspection {
	struct realm *realm;
	struct issuer *issuer;
	struct endpoint_call *call;
	struct secret *token;
	introspection_fn told;
	void *userdata;
};

static int
fill(const struct config_issuer *issuer, int64_t now_s, struct post_form *form,
    const char **ret_problem, void *userdata)
{
	const struct introspection *introspection = userdata;
	int error;

	*ret_problem = "its client_auth proves nothing: the client key or "
		       "secret is not good";
	error =
	    post_form_add(form, "token", secret_reveal(introspection->token));
	if (!error)
		error = post_form_add(form, "token_type_hint", "access_token");
	return error ? error : post_form_authenticate(form, issuer, now_s);
}

static bool
is_boolean(const struct json_node *node)
{
	return node &&
	       (node->kind == JSON_KIND_TRUE || node->kind == JSON_KIND_FALSE);
}

/* Changes what it reads. RFC 7662, 2.2: active is the one required member. */
static int
check_object(char *text, size_t size)
{
	struct json_node *nodes = calloc(NODES_MAX, sizeof(*nodes));
	struct json json;
	int error;

	if (!nodes)
		return -ENOMEM;
	error = json_read(text, size, nodes, NODES_MAX, &json);
	if (!error && !is_boolean(json_member(&json, json.nodes, "active")))
		error = -EBADMSG;
	free(nodes);
	return error;
}

/* 0, -ENOMEM, or why this is no answer. */
static int
check_claims(const char *claims, size_t size)
{
	char *copy = malloc(size + 1);
	int error;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, claims, size);
	error = check_object(copy, size);
	explicit_bzero(copy, size);
	free(copy);
	return error;
}

/* The owner may free the introspection in here. */
static void
fail(struct introspection *introspection, enum introspection_outcome outcome,
    const char *detail)
{
	const struct introspection_reply reply = {
	    .outcome = outcome,
	    .claims = "",
	    .detail = detail,
	};

	introspection->told(&reply, introspection->userdata);
}

static void
take_claims(
    struct introspection *introspection, const struct endpoint_reply *answer)
{
	const struct introspection_reply reply = {
	    .outcome = INTROSPECTION_GOOD,
	    .claims = answer->body,
	    .claims_size = answer->body_size,
	    .detail = "",
	};

	if (check_claims(answer->body, answer->body_size))
		fail(introspection, INTROSPECTION_OUTAGE,
		    "the introspection endpoint's answer is no JSON object "
		    "with a boolean active");
	else
		introspection->told(&reply, introspection->userdata);
}

/* RFC 7662, 2.3: these speak of us, for no token is refused by a status. */
static bool
speaks_of_us(unsigned int status)
{
	return status == HTTP_BAD_REQUEST || status == HTTP_UNAUTHORIZED ||
	       status == HTTP_FORBIDDEN || status == HTTP_NOT_FOUND ||
	       status == HTTP_METHOD_NOT_ALLOWED;
}

static void
take_status(struct introspection *introspection, unsigned int status)
{
	char detail[DETAIL_SIZE];

	if (status == HTTP_TOO_MANY_REQUESTS)
		issuer_pause_introspection(introspection->issuer);
	(void)snprintf(detail, sizeof(detail),
	    "the introspection endpoint: HTTP status %u%s", status,
	    speaks_of_us(status)
		? ": check client_id and client_auth, and that the issuer lets "
		  "this client introspect"
		: "");
	fail(introspection,
	    speaks_of_us(status) ? INTROSPECTION_MISCONFIGURED
				 : INTROSPECTION_OUTAGE,
	    detail);
}

static void
answered(const struct endpoint_reply *answer, void *userdata)
{
	struct introspection *introspection = userdata;

	switch (answer->outcome) {
	case ENDPOINT_BUSY:
		fail(introspection, INTROSPECTION_BUSY, answer->detail);
		return;
	case ENDPOINT_OUTAGE:
		issuer_pause_introspection(introspection->issuer);
		fail(introspection, INTROSPECTION_OUTAGE, answer->detail);
		return;
	case ENDPOINT_MISCONFIGURED:
		fail(
		    introspection, INTROSPECTION_MISCONFIGURED, answer->detail);
		return;
	case ENDPOINT_ANSWERED:
		if (answer->status == HTTP_OK)
			take_claims(introspection, answer);
		else
			take_status(introspection, answer->status);
		return;
	}
}

/* RFC 6749, appendix A.12: the form would end at a NUL. */
static bool
is_token(const char *token, size_t size)
{
	return size <= TOKEN_SIZE_MAX &&
	       slice_is_printable((struct slice){token, size});
}

int
introspection_new(struct realm *realm, const char *issuer, const char *token,
    size_t size, introspection_fn told, void *userdata,
    struct introspection **ret_introspection)
{
	const struct config_issuer *config =
	    config_issuer_by_name(realm->config, issuer);
	struct introspection *introspection;
	struct issuer *asked;
	int error;

	if (!config)
		return -ENOENT;
	if (!config->introspects)
		return -EPERM;
	if (!is_token(token, size))
		return -EINVAL;
	asked = realm->issuers[config - realm->config->issuers];
	if (issuer_introspection_is_paused(asked))
		return -EAGAIN;
	introspection = calloc(1, sizeof(*introspection));
	if (!introspection)
		return -ENOMEM;
	introspection->realm = realm_ref(realm);
	introspection->issuer = asked;
	introspection->told = told;
	introspection->userdata = userdata;
	error = secret_new(token, size, &introspection->token);
	if (!error)
		error = endpoint_call_new(asked, ENDPOINT_INTROSPECTION, fill,
		    answered, introspection, &introspection->call);
	if (error) {
		introspection_free(introspection);
		return error;
	}
	*ret_introspection = introspection;
	return 0;
}

struct introspection *
introspection_free(struct introspection *introspection)
{
	if (!introspection)
		return NULL;
	endpoint_call_free(introspection->call);
	secret_free(introspection->token);
	realm_unref(introspection->realm);
	free(introspection);
	return NULL;
}
