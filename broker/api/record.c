#include "broker/api/record.h"

#include "broker/clock.h"
#include "broker/token_details.h"
#include "lib/service_protocol.h"
#include "verify/person_number.h"
#include "verify/result.h"

#include <stdio.h>
#include <string.h>

enum {
	TEXT_SIZE_MAX = 255,
	RESOURCES_TEXT_SIZE = 512, /* of a record's value */
};

/*
 * An absent text is none, and so is one with an identity number in it, or one
 * that is longer than what configurations and tokens may hold.
 */
static const char *
shown(const char *text)
{
	return text && text[0] && strlen(text) <= TEXT_SIZE_MAX &&
		       !person_number_is_in(slice_of(text))
		   ? text
		   : NULL;
}

static const char *
result_word(const struct portvakt_result *result, const struct record_use *use)
{
	if (use->misnomer)
		return "misconfigured";
	switch (portvakt_result_verdict(result)) {
	case PORTVAKT_VERDICT_GOOD:
		return use->withheld ? "deny" : "allow";
	case PORTVAKT_VERDICT_OUTAGE:
		return "outage";
	case PORTVAKT_VERDICT_REFUSED:
	case PORTVAKT_VERDICT_FORBIDDEN:
		break;
	}
	return "deny";
}

/* Takes both over. */
static json_t *
merge(json_t *record, json_t *other)
{
	if (record && other && json_object_update(record, other) == 0) {
		json_decref(other);
		return record;
	}
	json_decref(record);
	json_decref(other);
	return NULL;
}

/* As many as there is room for, each whole. */
static void
list_scopes(const struct portvakt_result *result,
    char ret_scopes[static TEXT_SIZE_MAX + 1])
{
	size_t filled = 0, i;

	ret_scopes[0] = '\0';
	for (i = 0; i < portvakt_result_scopes_count(result); i++) {
		const char *scope = portvakt_result_scope(result, i);
		size_t size = strlen(scope), gap = filled > 0;

		if (filled + gap + size > TEXT_SIZE_MAX)
			continue;
		memcpy(ret_scopes + filled, " ", gap);
		memcpy(ret_scopes + filled + gap, scope, size + 1);
		filled += gap + size;
	}
}

/*
 * NULL: out of memory. Of a refused token as of a good one, once its signature
 * held: who uses one that was revoked is whom the record is for.
 */
static json_t *
bearer_of(const struct portvakt_result *result)
{
	static const struct {
		const char *name;
		enum result_text text;
	} members[] = {
	    {"client_id", RESULT_CLIENT_ID},
	    {"consumer", RESULT_CONSUMER},
	    {"supplier", RESULT_SUPPLIER},
	    {"delegation_source", RESULT_DELEGATION_SOURCE},
	    {"token_id", RESULT_TOKEN_ID},
	    {"session", RESULT_SESSION},
	    {"acr", RESULT_ACR},
	};
	const char *account = result_recorded(result, RESULT_ACCOUNT);
	char scopes[TEXT_SIZE_MAX + 1];
	json_t *bearer;
	size_t i;

	list_scopes(result, scopes);
	bearer = json_pack("{s:s*, s:s*, s:s*}", "account", account, "subject",
	    account ? NULL : shown(result_recorded(result, RESULT_SUBJECT)),
	    "scope", shown(scopes));
	for (i = 0; bearer && i < sizeof(members) / sizeof(*members); i++)
		bearer = merge(bearer,
		    json_pack("{s:s*}", members[i].name,
			shown(result_recorded(result, members[i].text))));
	return bearer;
}

static json_t *
judgement(struct api *api, const struct api_client *client,
    const struct errand *errand, const struct question *question,
    const struct record_use *use)
{
	const char *reason = portvakt_result_word(errand->result);

	if (use->withheld)
		reason = "group-withheld";
	if (use->misnomer)
		reason = use->misnomer;
	return merge(
	    json_pack("{s:s, s:s*, s:s*, s:s, s:s, s:s, s:s*}", "client",
		client->name, "audience", errand->audience, "issuer",
		judge_issuer(api, errand, question), "action", "verify",
		"result", result_word(errand->result, use), "reason", reason,
		"group", use->group),
	    bearer_of(errand->result));
}

/* True: it is kept. False: it waits, or it is not kept, and that is said. */
static bool
keep_now(struct errand *errand, json_t *record, struct answer *answer)
{
	const struct errand_reply *reply;

	record = merge(
	    record, json_pack("{s:I, s:i}", "at_ms",
			(json_int_t)(clock_wall_us() / 1000), "times", 1));
	reply = errand_ask(errand, ERRAND_RECORD,
	    record
		? json_pack("{s:s, s:[o]}", "ask", "record", "records", record)
		: NULL,
	    SERVICE_LOCAL_DEADLINE_MS);
	if (!reply)
		return false;
	if (upstream_is_good(reply->answer))
		return true;
	answer_busy(answer);
	return false;
}

struct record_use
record_use_of(const struct portvakt_result *result, const char *group)
{
	return (struct record_use){
	    .group = group,
	    .withheld =
		group &&
		portvakt_result_verdict(result) == PORTVAKT_VERDICT_GOOD &&
		!portvakt_result_has_group(result, group),
	};
}

bool
record_judgement(struct api *api, const struct api_client *client,
    struct errand *errand, const struct question *question,
    const struct record_use *use, struct answer *ret_answer)
{
	if (client->records_each)
		return keep_now(errand,
		    judgement(api, client, errand, question, use), ret_answer);
	if (errand->fresh && api->recorder)
		recorder_add(api->recorder,
		    recorder_is_full(api->recorder)
			? NULL
			: judgement(api, client, errand, question, use));
	errand->fresh = false; /* once, however often the endpoint is called */
	return true;
}

/* As many as there is room for: of a token that is given, all. */
static const char *
resources_of(const json_t *array, char text[static RESOURCES_TEXT_SIZE])
{
	const json_t *one;
	size_t i, used = 0;

	text[0] = '\0';
	json_array_foreach (array, i, one) {
		used +=
		    (size_t)snprintf(text + used, RESOURCES_TEXT_SIZE - used,
			"%s%s", i > 0 ? " " : "", json_string_value(one));
		if (used >= RESOURCES_TEXT_SIZE)
			break;
	}
	return text[0] && !person_number_is_in(slice_of(text)) ? text : NULL;
}

static const char *
details_of(const json_t *array, char text[static TOKEN_DETAILS_TEXT_SIZE])
{
	(void)token_details_describe(array, text);
	return text[0] && !person_number_is_in(slice_of(text)) ? text : NULL;
}

/* Takes the record over. */
static json_t *
add_breadth(json_t *record, const struct record_token *token)
{
	char resources[RESOURCES_TEXT_SIZE], details[TOKEN_DETAILS_TEXT_SIZE];

	return merge(
	    record, json_pack("{s:s*, s:s*}", "resource",
			resources_of(token->resources, resources),
			"authorization", details_of(token->details, details)));
}

static json_t *
asked_for(const struct api_client *client, const struct errand *errand,
    const struct record_token *token)
{
	json_t *record = merge(
	    json_pack("{s:s, s:s*, s:s*, s:s, s:s, s:s, s:s*}", "client",
		client->name, "audience", errand->audience, "issuer",
		token->issuer, "action", token->action, "result", token->result,
		"reason", token->reason, "target", shown(token->target)),
	    bearer_of(errand->result));

	return add_breadth(record, token);
}

bool
record_not_given(struct api *api, const struct api_client *client,
    struct errand *errand, const struct record_token *token,
    struct answer *ret_answer)
{
	if (client->records_each)
		return keep_now(
		    errand, asked_for(client, errand, token), ret_answer);
	if (api->recorder)
		recorder_add(api->recorder, asked_for(client, errand, token));
	return true;
}

bool
record_given(struct api *api, const struct api_client *client,
    struct errand *errand, const struct record_token *token,
    struct answer *ret_answer)
{
	(void)api;
	return keep_now(errand, asked_for(client, errand, token), ret_answer);
}
