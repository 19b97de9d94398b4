#include "broker/service/service_question.h"

#include "broker/json_document.h"
#include "lib/service_protocol.h"

#include <errno.h>
#include <string.h>

enum {
	NAME_SIZE_MAX = 255, /* of an issuer or a client, in a configuration */
	SUBJECT_SIZE_MAX = 255,
	NUMBER_SIZE_MAX = 11,
	TARGET_SIZE_MAX = 1024,
	DETAILS_MAX = 64,
	TOKEN_SIZE_MAX = 16384, /* as what we verify ourselves: JWS_SIZE_MAX */
};

/* Which questions a member belongs to. */
#define OF(ask) (1u << (ask))

static const unsigned int of_client = OF(SERVICE_LINK) |
				      OF(SERVICE_INTROSPECT) |
				      OF(SERVICE_TOKEN) | OF(SERVICE_EXCHANGE);
static const unsigned int of_tokens = OF(SERVICE_TOKEN) | OF(SERVICE_EXCHANGE);

static const char *const words[SERVICE_ASKS_COUNT] = {
    [SERVICE_LINK] = "link",
    [SERVICE_INTROSPECT] = "introspect",
    [SERVICE_TOKEN] = "token",
    [SERVICE_EXCHANGE] = "exchange",
    [SERVICE_KEYS] = "keys",
    [SERVICE_RECORD] = "record",
};

const char *
service_ask_word(enum service_ask ask)
{
	return words[ask];
}

/* Of each check: -EBADMSG for another type, -EINVAL for what is out of bounds. */
static int
check_text(const json_t *value, size_t size_max)
{
	if (!json_is_string(value))
		return -EBADMSG;
	return json_string_length(value) > 0 &&
		       json_string_length(value) <= size_max
		   ? 0
		   : -EINVAL;
}

static int
check_objects(const json_t *value, size_t count_max)
{
	const json_t *one;
	size_t i;

	if (!json_is_array(value))
		return -EBADMSG;
	json_array_foreach (value, i, one) {
		if (!json_is_object(one))
			return -EBADMSG;
	}
	return json_array_size(value) > 0 && json_array_size(value) <= count_max
		   ? 0
		   : -EINVAL;
}

static int
take_resources(struct service_question *question, json_t *value)
{
	json_t *one;
	size_t i;
	int error;

	if (!json_is_array(value))
		return -EBADMSG;
	if (json_array_size(value) > TOKEN_RESOURCES_MAX)
		return -EINVAL;
	json_array_foreach (value, i, one) {
		error = check_text(one, TARGET_SIZE_MAX);
		if (error)
			return error;
		question->resources[i] = json_string_value(one);
	}
	question->resources_count = json_array_size(value);
	return 0;
}

static int
take_details(struct service_question *question, json_t *value)
{
	question->authorization_details = value;
	return check_objects(value, DETAILS_MAX);
}

static int
take_skip_cache(struct service_question *question, json_t *value)
{
	question->skip_cache = json_is_true(value);
	return json_is_boolean(value) ? 0 : -EBADMSG;
}

static int
take_records(struct service_question *question, json_t *value)
{
	question->records = value;
	return check_objects(value, SERVICE_RECORDS_MAX);
}

/* A text has its place in the question, all else a function of its own. */
struct member {
	const char *name;
	unsigned int asks;
	bool needed;
	size_t offset;
	size_t size_max;
	int (*take)(struct service_question *question, json_t *value);
};

#define TEXT(name, asks, size_max)                                          \
	{                                                                   \
#name, asks, true, offsetof(struct service_question, name), \
		    size_max, NULL                                          \
	}

static const struct member members[] = {
    TEXT(client, of_client, NAME_SIZE_MAX),
    TEXT(issuer, of_client | OF(SERVICE_KEYS), NAME_SIZE_MAX),
    TEXT(subject, OF(SERVICE_LINK), SUBJECT_SIZE_MAX),
    TEXT(pid, OF(SERVICE_LINK), NUMBER_SIZE_MAX),
    TEXT(token, OF(SERVICE_INTROSPECT), TOKEN_SIZE_MAX),
    TEXT(target, of_tokens, TARGET_SIZE_MAX),
    TEXT(user_token, OF(SERVICE_EXCHANGE), TOKEN_SIZE_MAX),
    {"resource", OF(SERVICE_TOKEN), false, 0, 0, take_resources},
    {"authorization_details", OF(SERVICE_TOKEN), false, 0, 0, take_details},
    {"skip_cache", of_tokens, false, 0, 0, take_skip_cache},
    {"records", OF(SERVICE_RECORD), true, 0, 0, take_records},
};

enum { MEMBERS_COUNT = sizeof(members) / sizeof(members[0]) };

static const struct member *
find_member(const struct service_question *question, const char *name)
{
	size_t i;

	for (i = 0; i < MEMBERS_COUNT; i++) {
		if (strcmp(members[i].name, name) == 0)
			return members[i].asks & OF(question->ask) ? &members[i]
								   : NULL;
	}
	return NULL;
}

static int
take_text(struct service_question *question, const struct member *member,
    const json_t *value)
{
	const char *text = json_string_value(value);
	int error = check_text(value, member->size_max);

	if (!error)
		memcpy((char *)question + member->offset, &text, sizeof(text));
	return error;
}

static int
take_member(struct service_question *question, const struct member *member,
    json_t *value)
{
	return member->take ? member->take(question, value)
			    : take_text(question, member, value);
}

static bool
is_of_all(const char *name)
{
	return strcmp(name, "id") == 0 || strcmp(name, "ask") == 0;
}

/* Bits as of members[]; -EINVAL is put off: all else is looked at too. */
static int
take_members(struct service_question *question, unsigned int *ret_found,
    const char **ret_problem)
{
	const struct member *member;
	const char *name;
	json_t *value;
	int error, bounds = 0;

	*ret_found = 0;
	json_object_foreach (question->document, name, value) {
		if (is_of_all(name))
			continue;
		member = find_member(question, name);
		if (!member) {
			*ret_problem =
			    "a member that this question does not have";
			return -EBADMSG;
		}
		error = take_member(question, member, value);
		if (error)
			*ret_problem = member->name;
		if (error == -EBADMSG)
			return error;
		if (error)
			bounds = error;
		*ret_found |= 1u << (member - members);
	}
	return bounds;
}

static int
check_members(const struct service_question *question, unsigned int found,
    const char **ret_problem)
{
	unsigned int i;

	for (i = 0; i < MEMBERS_COUNT; i++) {
		if (members[i].needed && members[i].asks & OF(question->ask) &&
		    !(found & 1u << i)) {
			*ret_problem = members[i].name;
			return -EBADMSG;
		}
	}
	return 0;
}

static int
take_ask(struct service_question *question)
{
	const char *word =
	    json_string_value(json_object_get(question->document, "ask"));
	int i;

	for (i = 0; word && i < SERVICE_ASKS_COUNT; i++) {
		if (strcmp(words[i], word) == 0) {
			question->ask = (enum service_ask)i;
			return 0;
		}
	}
	return -EBADMSG;
}

/* {"cancel": n} */
static int
take_cancel(struct service_question *question)
{
	const json_t *id = json_object_get(question->document, "cancel");

	if (!json_is_integer(id) || json_integer_value(id) < 0 ||
	    json_object_size(question->document) != 1)
		return -EBADMSG;
	question->ask = SERVICE_CANCEL;
	question->id = json_integer_value(id);
	return 0;
}

int
service_question_read(const void *body, size_t size,
    struct service_question *ret_question, const char **ret_problem)
{
	struct service_question *question = ret_question;
	unsigned int found = 0;
	const json_t *id;
	int error, missing;

	*question = (struct service_question){.id = SERVICE_NO_ID};
	*ret_problem = "not one JSON object";
	question->document = json_document_parse(body, size);
	if (!question->document)
		return -EBADMSG;
	*ret_problem = "cancel";
	if (json_object_get(question->document, "cancel"))
		return take_cancel(question);
	*ret_problem = "id";
	id = json_object_get(question->document, "id");
	if (!json_is_integer(id) || json_integer_value(id) < 0)
		return -EBADMSG;
	question->id = json_integer_value(id);
	*ret_problem = "ask";
	if (take_ask(question))
		return -EBADMSG;
	error = take_members(question, &found, ret_problem);
	if (error && error != -EINVAL)
		return error;
	missing = check_members(question, found, ret_problem);
	return missing ? missing : error;
}

void
service_question_done(struct service_question *question)
{
	json_decref(question->document);
	*question = (struct service_question){.id = SERVICE_NO_ID};
}
