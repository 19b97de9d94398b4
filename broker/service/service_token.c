#include "broker/service/service_token.h"

#include "broker/service/service_answer.h"
#include "broker/service/service_record.h"
#include "broker/token_details.h"
#include "verify/signed_token.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_ID_SIZE = 256 };

static void
free_text(char **text)
{
	if (*text)
		explicit_bzero(*text, strlen(*text));
	free(*text);
}

int
service_token_ask(struct broker *broker, struct realm *realm,
    const struct service_question *question, token_fn told, void *userdata,
    struct token_wait **ret_wait)
{
	__attribute__((cleanup(free_text))) char *details = NULL;
	struct token_question asked = {
	    .kind = question->ask == SERVICE_EXCHANGE ? TOKEN_EXCHANGE
						      : TOKEN_MACHINE,
	    .issuer = question->issuer,
	    .target = question->target,
	    .resources = question->resources,
	    .resources_count = question->resources_count,
	    .user_token = question->user_token,
	    .skip_cache = question->skip_cache,
	};

	/* Each answer is a record. */
	if (!service_record_room(broker, 1))
		return -EBUSY;
	if (question->authorization_details) {
		details =
		    json_dumps(question->authorization_details, JSON_COMPACT);
		if (!details)
			return -ENOMEM;
		asked.authorization_details = details;
	}
	return token_source_ask(
	    broker->tokens, realm, &asked, told, userdata, ret_wait);
}

static const char *
result_word(enum token_outcome outcome)
{
	static const char *const words[] = {
	    [TOKEN_OUTAGE] = "outage",
	    [TOKEN_GOOD] = "allow",
	    [TOKEN_REFUSED] = "deny",
	    [TOKEN_MISCONFIGURED] = "misconfigured",
	    [TOKEN_BUSY] = "outage",
	};

	return words[outcome];
}

static const char *
reason_word(const struct token_reply *reply)
{
	switch (reply->outcome) {
	case TOKEN_GOOD:
		return "handed-out";
	case TOKEN_REFUSED:
		return reply->error;
	case TOKEN_OUTAGE:
	case TOKEN_MISCONFIGURED:
		break;
	case TOKEN_BUSY:
		return "busy";
	}
	return "not-got";
}

/* Of a token that is handed out, all: there is room for what may be asked. */
static const char *
resources_of(const struct service_question *question,
    char text[static TOKEN_RESOURCES_TEXT_SIZE])
{
	(void)token_question_resources(
	    question->resources, question->resources_count, text);
	return text[0] ? service_record_text(text) : NULL;
}

/* The same. */
static const char *
authorization_of(const struct service_question *question,
    char text[static TOKEN_DETAILS_TEXT_SIZE])
{
	(void)token_details_describe(question->authorization_details, text);
	return text[0] ? service_record_text(text) : NULL;
}

/* jti of what was handed out, when it is a JWT: read as data, not believed. */
static const char *
read_token_id(const char *token, char ret_text[static TOKEN_ID_SIZE])
{
	struct json_node nodes[SIGNED_TOKEN_NODES_MAX];
	const struct json_node *node = NULL;
	const char *read = NULL;
	struct slice text;
	struct json json;
	struct jws jws;

	if (jws_split(token, strlen(token), &jws) < 0)
		return NULL;
	if (json_read(jws.payload, jws.payload_size, nodes,
		SIGNED_TOKEN_NODES_MAX, &json) == 0)
		node = json_member(&json, json.nodes, "jti");
	if (node && json_get_text(&json, node, &text) == 0 &&
	    text.size < TOKEN_ID_SIZE && slice_is_printable(text)) {
		memcpy(ret_text, text.at, text.size);
		ret_text[text.size] = '\0';
		read = ret_text;
	}
	explicit_bzero(jws.storage, sizeof(jws.storage));
	return read;
}

static int
record(struct broker *broker, const struct service_question *question,
    const struct token_reply *reply)
{
	bool good = reply->outcome == TOKEN_GOOD;
	char resource[TOKEN_RESOURCES_TEXT_SIZE];
	char authorization[TOKEN_DETAILS_TEXT_SIZE];
	char id[TOKEN_ID_SIZE];
	const char *token_id =
	    good ? read_token_id(reply->access_token, id) : NULL;
	const struct audit_record record = {
	    .action = question->ask == SERVICE_EXCHANGE ? "exchange-out"
							: "token-out",
	    .result = result_word(reply->outcome),
	    .reason = service_record_text(reason_word(reply)),
	    .detail = good ? NULL : service_record_text(reply->detail),
	    .peer = question->peer,
	    .client = service_record_text(question->client),
	    .issuer = service_record_text(question->issuer),
	    .target = service_record_text(question->target),
	    .resource = resources_of(question, resource),
	    .authorization = authorization_of(question, authorization),
	    .token_id = token_id ? service_record_text(token_id) : NULL,
	};

	return broker_audit(broker, &record);
}

/* answer is taken, and NULL when it cannot be given whole. */
static json_t *
add(json_t *answer, const char *name, json_t *value)
{
	if (json_object_set_new(answer, name, value) == 0)
		return answer;
	json_decref(answer);
	return NULL;
}

static json_t *
hand_out(int64_t id, const struct token_reply *reply)
{
	json_t *answer = service_done(id);

	answer = add(answer, "access_token", json_string(reply->access_token));
	answer = add(answer, "token_type", json_string(reply->token_type));
	return add(answer, "expires_in", json_integer(reply->expires_in_s));
}

static json_t *
refuse(int64_t id, const struct token_reply *reply, const char *text)
{
	json_t *answer = service_error(id, "refused", text);

	answer = add(answer, "status", json_integer(reply->status));
	return add(answer, "code", json_string(reply->error));
}

static json_t *
refuse_unrecorded(int64_t id)
{
	return service_error(
	    id, "outage", "it cannot be recorded, so no token is handed out");
}

/* Of what is neither good nor refused. */
static const char *
error_word(enum token_outcome outcome)
{
	if (outcome == TOKEN_MISCONFIGURED)
		return "misconfigured";
	return outcome == TOKEN_BUSY ? "busy" : "outage";
}

json_t *
service_token_answer(struct broker *broker,
    const struct service_question *question, const struct token_reply *reply)
{
	int error = record(broker, question, reply);
	const char *text;

	if (reply->outcome == TOKEN_GOOD)
		return error ? refuse_unrecorded(question->id)
			     : hand_out(question->id, reply);
	text = service_record_text(reply->detail);
	if (reply->outcome == TOKEN_REFUSED)
		return refuse(question->id, reply, text);
	return service_error(question->id, error_word(reply->outcome), text);
}
