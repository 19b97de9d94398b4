/* The JWT grant (RFC 7523 section 2.1): the assertion says who asks for what. */
#include "broker/issuer/assertion.h"
#include "broker/token/token_grant.h"

#include <errno.h>
#include <stdlib.h>

#include <jansson.h>

#define GRANT_TYPE "urn:ietf:params:oauth:grant-type:jwt-bearer"

static const char key_problem[] =
    "the JWT grant needs client_auth = private_key_jwt, and a client_key that "
    "suits its algorithm";

static json_t *
make_resources(const struct token_question *question)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < question->resources_count; i++)
		(void)json_array_append_new(
		    array, json_string(question->resources[i]));
	return array;
}

/* scope, resource and authorization_details, for free(); NULL: no memory. */
static char *
make_claims(const struct token_question *question)
{
	json_t *claims = json_object();
	char *text = NULL;
	int error;

	error =
	    json_object_set_new(claims, "scope", json_string(question->target));
	if (question->resources_count > 0)
		error |= json_object_set_new(
		    claims, "resource", make_resources(question));
	if (question->authorization_details)
		error |= json_object_set_new(claims, "authorization_details",
		    json_loads(question->authorization_details,
			JSON_REJECT_DUPLICATES, NULL));
	if (!error)
		text = json_dumps(claims, JSON_COMPACT);
	json_decref(claims);
	return text;
}

static int
mint(const struct token_question *question, const struct config_issuer *issuer,
    int64_t now_s, struct secret **ret_jwt)
{
	char *claims = make_claims(question);
	const struct assertion assertion = {
	    .key = issuer->client_key,
	    .key_id = issuer->client_key_id,
	    .algorithm = issuer->client_key_algorithm,
	    .issuer = issuer->client_id,
	    .audience = issuer->profile.issuer,
	    .claims = claims,
	};
	int error;

	error = claims ? assertion_mint(&assertion, now_s, ret_jwt) : -ENOMEM;
	free(claims);
	return error;
}

int
jwt_grant_fill(const struct token_question *question,
    const struct config_issuer *issuer, int64_t now_s, struct post_form *form,
    const char **ret_problem)
{
	int error;

	*ret_problem = key_problem;
	if (issuer->client_auth != CONFIG_CLIENT_PRIVATE_KEY_JWT)
		return -EINVAL;
	error = mint(question, issuer, now_s, &form->assertion);
	if (!error)
		error = post_form_add(form, "grant_type", GRANT_TYPE);
	if (!error)
		error = post_form_add(
		    form, "assertion", secret_reveal(form->assertion));
	return error;
}
