/* Token exchange (RFC 8693): a person's token for one to another service. */
#include "broker/token/token_grant.h"
#include "verify/base64url.h"
#include "verify/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define GRANT_TYPE "urn:ietf:params:oauth:grant-type:token-exchange"
#define TYPE_JWT "urn:ietf:params:oauth:token-type:jwt"
#define TYPE_ACCESS_TOKEN "urn:ietf:params:oauth:token-type:access_token"

enum { CLAIMS_NODES_MAX = 1024 };

static const char auth_problem[] =
    "its client_auth proves nothing: the client key or secret is not good";

/* The second of three parts; empty when there are not three. */
static struct slice
payload_of(const char *token)
{
	const char *first = strchr(token, '.');
	const char *second = first ? strchr(first + 1, '.') : NULL;

	if (!second || strchr(second + 1, '.'))
		return (struct slice){"", 0};
	return (struct slice){first + 1, (size_t)(second - first - 1)};
}

/* Changes what it reads. */
static int
read_end(char *text, size_t size, int64_t *ret_ends_s)
{
	struct json_node nodes[CLAIMS_NODES_MAX];
	const struct json_node *exp;
	struct json json;
	uint64_t ends_s;

	if (json_read(text, size, nodes, CLAIMS_NODES_MAX, &json))
		return -ENODATA;
	exp = json_member(&json, json.nodes, "exp");
	if (!exp || json_get_unsigned(&json, exp, &ends_s) ||
	    ends_s > INT64_MAX)
		return -ENODATA;
	*ret_ends_s = (int64_t)ends_s;
	return 0;
}

int
token_exchange_ends(const char *user_token, int64_t *ret_ends_s)
{
	struct slice payload = payload_of(user_token);
	size_t room = BASE64URL_DECODED_SIZE(payload.size), size;
	char *json = malloc(room + 1);
	int error = -ENODATA;

	if (json &&
	    base64url_decode(payload.at, payload.size, room, json, &size) == 0)
		error = read_end(json, size, ret_ends_s);
	if (json)
		explicit_bzero(json, room);
	free(json);
	return error;
}

int
token_exchange_fill(const struct token_question *question,
    const struct config_issuer *issuer, int64_t now_s, struct post_form *form,
    const char **ret_problem)
{
	const bool is_jwt = payload_of(question->user_token).size > 0;
	const struct fetch_parameter parameters[] = {
	    {"grant_type", GRANT_TYPE},
	    {"subject_token_type", is_jwt ? TYPE_JWT : TYPE_ACCESS_TOKEN},
	    {"subject_token", question->user_token},
	    {"audience", question->target},
	};
	size_t i;
	int error = 0;

	*ret_problem = auth_problem;
	for (i = 0; i < sizeof(parameters) / sizeof(parameters[0]) && !error;
	     i++)
		error = post_form_add(
		    form, parameters[i].name, parameters[i].value);
	return error ? error : post_form_authenticate(form, issuer, now_s);
}
