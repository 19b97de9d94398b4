/*
 * Whose a pairwise subject is (verify/link.h). The broker has the key of those
 * links: libportvakt, in here, asks through link_find(); in the processes of
 * services it asks POST /link, which answers for tokens that are good for an
 * audience of the caller, and callers that may see names.
 */
#include "verify/link.h"
#include "broker/api/api.h"
#include "broker/api/judge.h"
#include "broker/api/record.h"
#include "broker/api/request.h"
#include "lib/service_protocol.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static json_t *
make_question(const struct api_client *client, const struct link_query *query)
{
	return json_pack("{s:s, s:s, s:s, s:s%, s:s%}", "ask", "link", "client",
	    client->name, "issuer", query->issuer, "subject", query->subject.at,
	    query->subject.size, "pid", query->person_number.at,
	    query->person_number.size);
}

/* What the broker says; -EAGAIN also while it has not said it. */
static int
ask_broker(const struct linking *linking, const struct link_query *query,
    char ret_account[static NAME_MAX_SIZE])
{
	const struct errand_reply *reply;
	const json_t *account;

	reply = errand_ask(linking->errand, ERRAND_LINK,
	    make_question(linking->client, query), SERVICE_LOCAL_DEADLINE_MS);
	if (!reply || !upstream_is_good(reply->answer))
		return -EAGAIN;
	account = json_object_get(reply->answer, "account");
	if (json_is_null(account))
		return -ENOENT;
	if (!json_is_string(account) ||
	    !name_is_valid(json_string_value(account)))
		return -EAGAIN;
	(void)snprintf(
	    ret_account, NAME_MAX_SIZE, "%s", json_string_value(account));
	return 0;
}

static int
find_or_ask(const struct linking *linking, const struct link_query *query,
    char ret_account[static NAME_MAX_SIZE])
{
	int error = -EAGAIN;

	if (linking->cache)
		error = link_cache_find(linking->cache, query, ret_account);
	if (error != -EAGAIN)
		return error;
	error = ask_broker(linking, query, ret_account);
	if (linking->cache && error != -EAGAIN)
		link_cache_keep(
		    linking->cache, query, error ? NULL : ret_account);
	return error;
}

int
link_find(void *userdata, const struct link_query *query,
    char ret_account[static NAME_MAX_SIZE])
{
	const struct linking *linking = userdata;
	int error;

	if (!linking->errand)
		return -EAGAIN;
	error = find_or_ask(linking, query, ret_account);
	if (!error)
		(void)snprintf(
		    linking->errand->linked, NAME_MAX_SIZE, "%s", ret_account);
	return error;
}

static void
answer_account(struct answer *answer, const char *account)
{
	answer_json(answer, 200, json_pack("{s:s?}", "account", account));
}

/*
 * The name is told also of an account that is locked or whose tokens were
 * revoked: the trust image says so to whoever knows the name.
 */
static void
answer_result(const struct errand *errand, struct answer *answer)
{
	const char *account = portvakt_result_account(errand->result);

	switch (portvakt_result_verdict(errand->result)) {
	case PORTVAKT_VERDICT_GOOD:
		answer_account(answer, account);
		return;
	case PORTVAKT_VERDICT_OUTAGE:
		answer_busy(answer);
		return;
	case PORTVAKT_VERDICT_REFUSED:
	case PORTVAKT_VERDICT_FORBIDDEN:
		break;
	}
	if (errand->linked[0])
		answer_account(answer, errand->linked);
	else
		/* Not 403: to the library that would be "nobody's". */
		answer_error(answer, 401, "invalid_token",
		    portvakt_result_word(errand->result));
}

static void
answer_asked(struct api *api, const struct api_client *client,
    const struct api_call *call, const char *token, const char *audience,
    struct answer *answer)
{
	static const struct record_use use = {0};
	const struct question question = {.token = token,
	    .size = strlen(token),
	    .audience = audience,
	    .confirmed = true,
	    .options = PORTVAKT_OPTIONS_INIT};

	if (!api_list_has(&client->audiences, audience) ||
	    !api_list_has(&client->claims, "username")) {
		answer_status(answer, 403);
		return;
	}
	if (judge(api, client, call->errand, &question) &&
	    record_judgement(
		api, client, call->errand, &question, &use, answer))
		answer_result(call->errand, answer);
}

void
api_link(struct api *api, const struct api_client *client,
    const struct api_call *call, struct answer *ret_answer)
{
	char *token = NULL, *audience = NULL;
	const struct request_text texts[] = {
	    {"token", &token}, {"audience", &audience}, {NULL, NULL}};
	int error = -EBADMSG;

	if (request_form_of(call->content_type) == REQUEST_FORM_URLENCODED)
		error = request_form_read(call->body, call->size, texts);
	request_strip(token);
	if (error == -ENOMEM)
		answer_busy(ret_answer);
	else if (error || !token || !audience)
		answer_error(ret_answer, 400, "invalid_request",
		    "write a form with token and audience");
	else
		answer_asked(api, client, call, token, audience, ret_answer);
	request_wipe(token);
	request_wipe(audience);
}
