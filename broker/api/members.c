#include "broker/api/members.h"

#include "broker/json_document.h"
#include "verify/base64url.h"
#include "verify/identity.h"
#include "verify/person_number.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PERSON_NUMBER_SIZE = 11,
	NUMBER_TEXT_SIZE = 24, /* of 64 bits, terminated */
};

/* Members that speak of the token, the client or a machine. */
static const char *const common[] = {"iss", "aud", "exp", "iat", "nbf", "jti",
    "scope", "client_id", "azp", "acr", "amr", "auth_time", "token_type",
    "client_amr", "client_orgno", "consumer", "supplier", "delegation_source"};

/* Of ten digits until 2286, as a person's number with its zero may be. */
static const char *const times[] = {"exp", "iat", "nbf", "auth_time"};

static bool
is_one_of(const char *const *words, size_t count, const char *word)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (strcmp(words[i], word) == 0)
			return true;
	}
	return false;
}

/* Eleven digits in a row that are one. */
static bool
text_has_person(const char *text)
{
	size_t i, digits;

	for (; *text; text += digits > 0 ? digits : 1) {
		digits = strspn(text, "0123456789");
		for (i = 0; i + PERSON_NUMBER_SIZE <= digits; i++) {
			if (person_number_check((struct slice){text + i,
				PERSON_NUMBER_SIZE}) != PERSON_NUMBER_INVALID)
				return true;
		}
	}
	return false;
}

static bool
number_has_person(json_int_t number)
{
	char text[NUMBER_TEXT_SIZE];

	(void)snprintf(text, sizeof(text), "%011" JSON_INTEGER_FORMAT, number);
	return text_has_person(text);
}

static bool
has_person(json_t *value)
{
	const char *name;
	json_t *member;
	size_t i;

	if (json_is_string(value))
		return text_has_person(json_string_value(value));
	if (json_is_integer(value))
		return number_has_person(json_integer_value(value));
	json_array_foreach (value, i, member) {
		if (has_person(member))
			return true;
	}
	json_object_foreach (value, name, member) {
		if (text_has_person(name) || has_person(member))
			return true;
	}
	return false;
}

static bool
is_person(const char *name, json_t *value)
{
	if (json_is_integer(value) &&
	    is_one_of(times, sizeof(times) / sizeof(*times), name))
		return false;
	return text_has_person(name) || has_person(value);
}

static void
drop_persons(json_t *object)
{
	const char *name;
	json_t *value;
	void *next;

	json_object_foreach_safe(object, next, name, value)
	{
		if (is_person(name, value))
			(void)json_object_del(object, name);
	}
}

/* An absent text is no member; false: out of memory. */
static bool
put_text(json_t *object, const char *name, const char *text)
{
	return !text ||
	       json_object_set_new(object, name, json_string(text)) == 0;
}

static bool
put_time(json_t *object, const char *name, int64_t time_s)
{
	return time_s == 0 ||
	       json_object_set_new(object, name, json_integer(time_s)) == 0;
}

static bool
put_scope(json_t *object, const struct portvakt_result *result)
{
	size_t i, size = 0, count = portvakt_result_scopes_count(result);
	char *text = NULL;
	FILE *file;
	bool good;

	if (count == 0)
		return true;
	file = open_memstream(&text, &size);
	if (!file)
		return false;
	for (i = 0; i < count; i++)
		(void)fprintf(file, "%s%s", i > 0 ? " " : "",
		    portvakt_result_scope(result, i));
	good = fclose(file) == 0 && put_text(object, "scope", text);
	free(text);
	return good;
}

static json_t *
groups_of(const struct portvakt_result *result)
{
	json_t *groups = json_array();
	size_t i;

	for (i = 0; groups && i < portvakt_result_groups_count(result); i++) {
		if (json_array_append_new(groups,
			json_string(portvakt_result_group_name(result, i))) < 0)
			break;
	}
	if (i == portvakt_result_groups_count(result))
		return groups;
	json_decref(groups);
	return NULL;
}

static json_t *
organisations_of(const struct portvakt_result *result)
{
	size_t i, count = portvakt_result_on_behalf_of_count(result);
	json_t *list = json_array();

	for (i = 0; list && i < count; i++) {
		if (json_array_append_new(list,
			json_pack("{s:s, s:s*}", "organisation",
			    portvakt_result_on_behalf_of(result, i), "resource",
			    portvakt_result_on_behalf_of_resource(result, i))) <
		    0)
			break;
	}
	if (i == count)
		return list;
	json_decref(list);
	return NULL;
}

static bool
put_listed(json_t *object, const struct portvakt_result *result,
    const struct api_list *listed)
{
	bool good = true;

	if (api_list_has(listed, "sub"))
		good = put_text(object, "sub", portvakt_result_subject(result));
	if (good && api_list_has(listed, "username"))
		good = put_text(
		    object, "username", portvakt_result_account(result));
	if (good && api_list_has(listed, "access_groups"))
		good = json_object_set_new(
			   object, "access_groups", groups_of(result)) == 0;
	if (good && api_list_has(listed, "on_behalf_of"))
		good = json_object_set_new(object, "on_behalf_of",
			   organisations_of(result)) == 0;
	return good;
}

static bool
put_result(
    json_t *object, const struct portvakt_result *result, const char *audience)
{
	return json_object_set_new(object, "active", json_true()) == 0 &&
	       put_text(object, "iss", portvakt_result_issuer(result)) &&
	       put_text(object, "aud", audience) &&
	       put_time(object, "exp", portvakt_result_expires_at(result)) &&
	       put_time(object, "iat", portvakt_result_issued_at(result)) &&
	       put_text(object, "jti", portvakt_result_token_id(result)) &&
	       put_scope(object, result) &&
	       put_text(
		   object, "client_id", portvakt_result_client_id(result)) &&
	       put_text(object, "acr", portvakt_result_acr(result)) &&
	       put_time(object, "auth_time",
		   portvakt_result_authenticated_at(result)) &&
	       put_text(object, "consumer", portvakt_result_consumer(result)) &&
	       put_text(object, "supplier", portvakt_result_supplier(result));
}

json_t *
members_of_result(const struct portvakt_result *result,
    const struct api_client *client, const char *audience)
{
	json_t *object = json_object();

	if (!object || !put_result(object, result, audience) ||
	    !put_listed(object, result, &client->claims)) {
		json_decref(object);
		return NULL;
	}
	drop_persons(object);
	return object;
}

/* The payload of a token that has been verified. NULL: out of memory. */
static json_t *
payload_of(const char *token, size_t size)
{
	char text[IDENTITY_TOKEN_SIZE_MAX];
	const char *begin, *end;
	size_t length = 0;

	begin = memchr(token, '.', size);
	if (!begin)
		return NULL;
	begin++;
	end = memchr(begin, '.', size - (size_t)(begin - token));
	if (!end || base64url_decode(begin, (size_t)(end - begin), sizeof(text),
			text, &length) != 0)
		return NULL;
	return json_document_parse(text, length);
}

static void
drop_unlisted(json_t *object, const struct api_list *listed)
{
	const char *name;
	json_t *value;
	void *next;

	json_object_foreach_safe(object, next, name, value)
	{
		if (strcmp(name, "pid") == 0 ||
		    (!is_one_of(
			 common, sizeof(common) / sizeof(*common), name) &&
			!api_list_has(listed, name)))
			(void)json_object_del(object, name);
	}
}

json_t *
members_of_token(const struct portvakt_result *result,
    const struct api_client *client, const char *token, size_t size)
{
	json_t *object = payload_of(token, size);

	if (!object)
		return NULL;
	drop_unlisted(object, &client->claims);
	if (json_object_set_new(object, "active", json_true()) < 0 ||
	    !put_listed(object, result, &client->claims)) {
		json_decref(object);
		return NULL;
	}
	drop_persons(object);
	return object;
}
