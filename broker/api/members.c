#include "broker/api/members.h"

#include "broker/api/json_writer.h"
#include "broker/api/person_text.h"
#include "verify/base64url.h"
#include "verify/identity.h"
#include "verify/person_number.h"
#include "verify/signed_token.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* All scopes fit into one identity, and there is a space behind each. */
enum { SCOPE_SIZE_MAX = IDENTITY_TOKEN_SIZE_MAX + IDENTITY_SCOPES_MAX };

/* Members that speak of the token, the client or a machine. */
static const char *const common[] = {"iss", "aud", "exp", "iat", "nbf", "jti",
    "scope", "client_id", "azp", "acr", "amr", "auth_time", "token_type",
    "client_amr", "client_orgno", "consumer", "supplier", "delegation_source"};

/* Of ten digits until 2286, as a person's number with its zero may be. */
static const char *const times[] = {"exp", "iat", "nbf", "auth_time"};

static bool
is_one_of(const char *const *words, size_t count, struct slice word)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (slice_equal(word, words[i]))
			return true;
	}
	return false;
}

static bool
text_has_person(const char *text)
{
	return text && person_number_is_in(slice_of(text));
}

/* A text that is not there is no member, nor is one with a person in it. */
static void
put_text(struct json_writer *writer, const char *name, const char *text)
{
	if (!text || text_has_person(text))
		return;
	json_writer_name(writer, slice_of(name));
	json_writer_text(writer, slice_of(text));
}

static void
put_time(struct json_writer *writer, const char *name, int64_t time_s)
{
	if (time_s == 0)
		return;
	json_writer_name(writer, slice_of(name));
	json_writer_number(writer, time_s);
}

/* Where the next one goes. */
static char *
append(char *at, const char *text, char behind)
{
	size_t size = strlen(text);

	memcpy(at, text, size);
	at[size] = behind;
	return at + size + 1;
}

static void
put_scope(struct json_writer *writer, const struct portvakt_result *result)
{
	size_t i, count = portvakt_result_scopes_count(result);
	char text[SCOPE_SIZE_MAX], *at = text;

	if (count == 0)
		return;
	for (i = 0; i < count; i++)
		at = append(at, portvakt_result_scope(result, i), ' ');
	at[-1] = '\0';
	put_text(writer, "scope", text);
}

static bool
groups_have_person(const struct portvakt_result *result)
{
	size_t i;

	for (i = 0; i < portvakt_result_groups_count(result); i++) {
		if (text_has_person(portvakt_result_group_name(result, i)))
			return true;
	}
	return false;
}

static void
put_groups(struct json_writer *writer, const struct portvakt_result *result)
{
	size_t i;

	if (groups_have_person(result))
		return;
	json_writer_name(writer, slice_of("access_groups"));
	json_writer_open(writer, '[');
	for (i = 0; i < portvakt_result_groups_count(result); i++)
		json_writer_text(
		    writer, slice_of(portvakt_result_group_name(result, i)));
	json_writer_close(writer, ']');
}

static bool
organisations_have_person(const struct portvakt_result *result)
{
	size_t i;

	for (i = 0; i < portvakt_result_on_behalf_of_count(result); i++) {
		if (text_has_person(portvakt_result_on_behalf_of(result, i)) ||
		    text_has_person(
			portvakt_result_on_behalf_of_resource(result, i)))
			return true;
	}
	return false;
}

static void
put_organisation(
    struct json_writer *writer, const struct portvakt_result *result, size_t i)
{
	json_writer_open(writer, '{');
	put_text(
	    writer, "organisation", portvakt_result_on_behalf_of(result, i));
	put_text(writer, "resource",
	    portvakt_result_on_behalf_of_resource(result, i));
	json_writer_close(writer, '}');
}

static void
put_organisations(
    struct json_writer *writer, const struct portvakt_result *result)
{
	size_t i;

	if (organisations_have_person(result))
		return;
	json_writer_name(writer, slice_of("on_behalf_of"));
	json_writer_open(writer, '[');
	for (i = 0; i < portvakt_result_on_behalf_of_count(result); i++)
		put_organisation(writer, result, i);
	json_writer_close(writer, ']');
}

/* What we say ourselves, as far as it is listed. */
static void
put_listed(struct json_writer *writer, const struct portvakt_result *result,
    const struct api_list *listed)
{
	if (api_list_has(listed, "sub"))
		put_text(writer, "sub", portvakt_result_subject(result));
	if (api_list_has(listed, "username"))
		put_text(writer, "username", portvakt_result_account(result));
	if (api_list_has(listed, "access_groups"))
		put_groups(writer, result);
	if (api_list_has(listed, "on_behalf_of"))
		put_organisations(writer, result);
}

static void
open_active(struct json_writer *writer)
{
	json_writer_open(writer, '{');
	json_writer_name(writer, slice_of("active"));
	json_writer_bool(writer, true);
}

char *
members_of_result(const struct portvakt_result *result,
    const struct api_client *client, const char *audience)
{
	struct json_writer writer = {0};

	open_active(&writer);
	put_text(&writer, "iss", portvakt_result_issuer(result));
	put_text(&writer, "aud", audience);
	put_time(&writer, "exp", portvakt_result_expires_at(result));
	put_time(&writer, "iat", portvakt_result_issued_at(result));
	put_text(&writer, "jti", portvakt_result_token_id(result));
	put_scope(&writer, result);
	put_text(&writer, "client_id", portvakt_result_client_id(result));
	put_text(&writer, "acr", portvakt_result_acr(result));
	put_time(
	    &writer, "auth_time", portvakt_result_authenticated_at(result));
	put_text(&writer, "consumer", portvakt_result_consumer(result));
	put_text(&writer, "supplier", portvakt_result_supplier(result));
	put_listed(&writer, result, &client->claims);
	json_writer_close(&writer, '}');
	return json_writer_take(&writer);
}

/* What we say ourselves of a person is never the token's word. */
static bool
is_ours(const struct portvakt_result *result, struct slice name)
{
	static const char *const ours[] = {
	    "active", "username", "access_groups", "on_behalf_of"};

	return is_one_of(ours, sizeof(ours) / sizeof(*ours), name) ||
	       (slice_equal(name, "sub") && portvakt_result_subject(result));
}

static bool
is_listed(const struct api_list *listed, struct slice name)
{
	return !slice_equal(name, "pid") &&
	       (is_one_of(common, sizeof(common) / sizeof(*common), name) ||
		   is_one_of(listed->texts, listed->count, name));
}

static bool
is_person(
    const struct json *json, const struct json_node *member, struct slice name)
{
	if (member[1].kind == JSON_KIND_NUMBER &&
	    is_one_of(times, sizeof(times) / sizeof(*times), name))
		return false;
	return person_number_is_in(name) || person_text_in(json, member + 1);
}

static void
put_claims(struct json_writer *writer, const struct portvakt_result *result,
    const struct api_list *listed, const struct json *json)
{
	const struct json_node *member = NULL;
	struct slice name;

	while ((member = json_member_after(json, json->nodes, member))) {
		if (json_get_text(json, member, &name) < 0 ||
		    is_ours(result, name) || !is_listed(listed, name) ||
		    is_person(json, member, name))
			continue;
		json_writer_name(writer, name);
		json_writer_value(writer, json, member + 1);
	}
}

char *
members_of_claims(const struct portvakt_result *result,
    const struct api_client *client, char *claims, size_t size)
{
	struct json_node nodes[SIGNED_TOKEN_NODES_MAX];
	struct json_writer writer = {0};
	struct json json;

	if (json_read(claims, size, nodes, SIGNED_TOKEN_NODES_MAX, &json) < 0)
		return NULL;
	open_active(&writer);
	put_claims(&writer, result, &client->claims, &json);
	put_listed(&writer, result, &client->claims);
	json_writer_close(&writer, '}');
	return json_writer_take(&writer);
}

char *
members_of_token(const struct portvakt_result *result,
    const struct api_client *client, const char *token, size_t size)
{
	char claims[IDENTITY_TOKEN_SIZE_MAX], *members = NULL;
	const char *begin = memchr(token, '.', size), *end;
	size_t length = 0;

	if (!begin)
		return NULL;
	begin++;
	end = memchr(begin, '.', size - (size_t)(begin - token));
	if (end && base64url_decode(begin, (size_t)(end - begin),
		       sizeof(claims), claims, &length) == 0)
		members = members_of_claims(result, client, claims, length);
	explicit_bzero(claims, length);
	return members;
}
