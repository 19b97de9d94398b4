#include "broker/api/record.h"

#include "broker/clock.h"
#include "lib/service_protocol.h"
#include "verify/person_number.h"

#include <string.h>

enum { TEXT_SIZE_MAX = 255 };

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
result_word(const struct portvakt_result *result, bool withheld)
{
	switch (portvakt_result_verdict(result)) {
	case PORTVAKT_VERDICT_GOOD:
		return withheld ? "deny" : "allow";
	case PORTVAKT_VERDICT_OUTAGE:
		return "outage";
	case PORTVAKT_VERDICT_REFUSED:
	case PORTVAKT_VERDICT_FORBIDDEN:
		break;
	}
	return "deny";
}

/* NULL: out of memory. */
static json_t *
bearer_of(const struct portvakt_result *result)
{
	const char *account = portvakt_result_account(result);

	return json_pack("{s:s*, s:s*, s:s*, s:s*, s:s*, s:s*, s:s*, s:s*}",
	    "account", account, "subject",
	    account ? NULL : shown(portvakt_result_subject(result)),
	    "client_id", shown(portvakt_result_client_id(result)), "consumer",
	    shown(portvakt_result_consumer(result)), "supplier",
	    shown(portvakt_result_supplier(result)), "delegation_source",
	    shown(portvakt_result_delegation_source(result)), "token_id",
	    shown(portvakt_result_token_id(result)), "acr",
	    shown(portvakt_result_acr(result)));
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

static json_t *
judgement(struct api *api, const struct api_client *client,
    const struct errand *errand, const struct question *question,
    const struct record_use *use)
{
	const char *reason = use->withheld
				 ? "group-withheld"
				 : portvakt_result_word(errand->result);

	return merge(
	    json_pack("{s:s, s:s*, s:s*, s:s, s:s, s:s, s:s*}", "client",
		client->name, "audience", errand->audience, "issuer",
		judge_issuer(api, errand, question), "action", "verify",
		"result", result_word(errand->result, use->withheld), "reason",
		reason, "group", use->group),
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

static json_t *
asked_for(const struct api_client *client, const struct errand *errand,
    const struct record_token *token)
{
	return merge(
	    json_pack("{s:s, s:s*, s:s*, s:s, s:s, s:s, s:s*}", "client",
		client->name, "audience", errand->audience, "issuer",
		token->issuer, "action", token->action, "result", token->result,
		"reason", token->reason, "target", shown(token->target)),
	    bearer_of(errand->result));
}

void
record_not_given(struct api *api, const struct api_client *client,
    struct errand *errand, const struct record_token *token)
{
	if (api->recorder)
		recorder_add(api->recorder, asked_for(client, errand, token));
}

bool
record_given(struct api *api, const struct api_client *client,
    struct errand *errand, const struct record_token *token,
    struct answer *ret_answer)
{
	(void)api;
	return keep_now(errand, asked_for(client, errand, token), ret_answer);
}
