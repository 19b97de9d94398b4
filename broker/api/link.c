/*
 * Whose a pairwise subject is (verify/link.h). The broker has the key of those
 * links: libportvakt, in here, asks through link_find(); in the processes of
 * services it asks POST /link, which answers for tokens that are good for an
 * audience or scopes of the caller, and callers that may see names.
 */
#include "verify/link.h"
#include "broker/api/api.h"
#include "broker/api/judge.h"
#include "broker/api/record.h"
#include "broker/api/request.h"
#include "lib/id.h"
#include "lib/service_protocol.h"
#include "verify/question.h"

#include <errno.h>
#include <stdbool.h>
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

/* Of an answer that names somebody. 0 or -EBADMSG. */
static int
read_holder(const json_t *answer, struct link_holder *ret_holder)
{
	const char *account =
	    json_string_value(json_object_get(answer, "account"));
	const json_t *uid = json_object_get(answer, "uid");
	const json_t *epoch = json_object_get(answer, "links_epoch");
	struct link_holder holder = {.uid = 0};

	if (!account || !name_is_valid(account) || !json_is_integer(epoch) ||
	    !json_is_integer(uid) || json_integer_value(uid) < ID_FLOOR ||
	    json_integer_value(uid) > ID_HIGH_END)
		return -EBADMSG;
	(void)snprintf(holder.account, sizeof(holder.account), "%s", account);
	holder.uid = (uint32_t)json_integer_value(uid);
	holder.links_epoch = json_integer_value(epoch);
	*ret_holder = holder;
	return 0;
}

/*
 * What the broker says; -EAGAIN also while it has not said it, and when what
 * it said is older than the image that the token is judged by.
 */
static int
ask_broker(const struct linking *linking, const struct link_query *query,
    struct link_holder *ret_holder)
{
	const struct errand_reply *reply;
	struct link_holder holder;

	reply = errand_ask(linking->errand, ERRAND_LINK,
	    make_question(linking->client, query), SERVICE_LOCAL_DEADLINE_MS);
	if (!reply || !upstream_is_good(reply->answer))
		return -EAGAIN;
	if (json_is_null(json_object_get(reply->answer, "account")))
		return -ENOENT;
	if (read_holder(reply->answer, &holder) ||
	    holder.links_epoch < query->links_epoch)
		return -EAGAIN;
	*ret_holder = holder;
	return 0;
}

static int
find_or_ask(const struct linking *linking, const struct link_query *query,
    struct link_holder *ret_holder)
{
	int error = -EAGAIN;

	if (linking->cache)
		error = link_cache_find(linking->cache, query, ret_holder);
	if (error != -EAGAIN)
		return error;
	error = ask_broker(linking, query, ret_holder);
	if (linking->cache && error != -EAGAIN)
		link_cache_keep(
		    linking->cache, query, error ? NULL : ret_holder);
	return error;
}

int
link_find(void *userdata, const struct link_query *query,
    struct link_holder *ret_holder)
{
	const struct linking *linking = userdata;
	int error;

	if (!linking->errand)
		return -EAGAIN;
	error = find_or_ask(linking, query, ret_holder);
	if (!error)
		linking->errand->linked = *ret_holder;
	return error;
}

static void
answer_holder(struct answer *answer, const struct link_holder *holder)
{
	answer_json(answer, 200,
	    json_pack("{s:s, s:I, s:I}", "account", holder->account, "uid",
		(json_int_t)holder->uid, "links_epoch",
		(json_int_t)holder->links_epoch));
}

/* Nobody's, or of one whose subject the image has, linked or not. */
static void
answer_good(struct api *api, const struct portvakt_result *result,
    struct answer *answer)
{
	const char *account = portvakt_result_account(result);
	struct link_holder holder;

	if (!account) {
		answer_json(answer, 200, json_pack("{s:n}", "account"));
		return;
	}
	issuers_refresh(&api->issuers);
	if (issuers_account(&api->issuers, account, &holder) == 0)
		answer_holder(answer, &holder);
	else
		answer_busy(answer);
}

/*
 * The account is told also when it is locked or its tokens were revoked: the
 * trust image says so to whoever knows the name.
 */
static void
answer_result(
    struct api *api, const struct errand *errand, struct answer *answer)
{
	const enum portvakt_verdict verdict =
	    portvakt_result_verdict(errand->result);

	if (verdict == PORTVAKT_VERDICT_OUTAGE)
		answer_busy(answer);
	else if (errand->linked.account[0])
		answer_holder(answer, &errand->linked);
	else if (verdict == PORTVAKT_VERDICT_GOOD)
		answer_good(api, errand->result, answer);
	else
		/* Not 403: to the library that would be "nobody's". */
		answer_error(answer, 401, "invalid_token",
		    portvakt_result_word(errand->result));
}

/* What a library asks. */
struct request {
	char *token;
	char *audience;
	char *scope; /* separated by spaces */
};

/*
 * Those of the scopes that api.conf gives the client, so that nobody widens
 * what its tokens are. False: there are more than anybody asks for.
 */
static bool
choose_scopes(const struct api_client *client, char *scope,
    const char *ret_scopes[static QUESTION_SCOPES_MAX], size_t *ret_count)
{
	char *rest = NULL, *word = strtok_r(scope, " ", &rest);
	size_t count = 0, asked;

	for (asked = 0; word; asked++, word = strtok_r(NULL, " ", &rest)) {
		if (asked == QUESTION_SCOPES_MAX)
			return false;
		if (api_list_has(&client->scopes, word))
			ret_scopes[count++] = word;
	}
	*ret_count = count;
	return true;
}

static void
answer_asked(struct api *api, const struct api_client *client,
    const struct api_call *call, const struct request *request,
    struct answer *answer)
{
	static const struct record_use use = {0};
	const char *scopes[QUESTION_SCOPES_MAX];
	struct question question = {.token = request->token,
	    .size = strlen(request->token),
	    .audience = request->audience,
	    .confirmed = true,
	    .options = PORTVAKT_OPTIONS_INIT};

	question.options.scopes = scopes;
	if (request->scope && !choose_scopes(client, request->scope, scopes,
				  &question.options.scopes_count)) {
		answer_error(answer, 400, "invalid_request", "too many scopes");
		return;
	}
	if (!api_list_has(&client->claims, "username") ||
	    (request->audience
		    ? !api_list_has(&client->audiences, request->audience)
		    : question.options.scopes_count == 0)) {
		answer_status(answer, 403);
		return;
	}
	if (judge(api, client, call->errand, &question) &&
	    record_judgement(
		api, client, call->errand, &question, &use, answer))
		answer_result(api, call->errand, answer);
}

void
api_link(struct api *api, const struct api_client *client,
    const struct api_call *call, struct answer *ret_answer)
{
	struct request request = {NULL};
	const struct request_text texts[] = {{"token", &request.token},
	    {"audience", &request.audience}, {"scope", &request.scope},
	    {NULL, NULL}};
	int error = -EBADMSG;

	if (request_form_of(call->content_type) == REQUEST_FORM_URLENCODED)
		error = request_form_read(call->body, call->size, texts);
	request_strip(request.token);
	if (error == -ENOMEM)
		answer_busy(ret_answer);
	else if (error || !request.token ||
		 (!request.audience && !request.scope))
		answer_error(ret_answer, 400, "invalid_request",
		    "write a form with token, and audience or scope");
	else
		answer_asked(api, client, call, &request, ret_answer);
	request_wipe(request.token);
	request_wipe(request.audience);
	request_wipe(request.scope);
}
