#include "broker/admin/admin_handle.h"

#include "broker/admin/admin_answer.h"
#include "broker/clock.h"
#include "broker/login/ticket.h"
#include "broker/login/token_authentication.h"
#include "broker/login/verdict.h"
#include "broker/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_SIZE = 256 };

struct admin_handle {
	struct broker *broker;
	struct admin_actor actor;
	struct account account;
	char service[LOGIN_SERVICE_SIZE];
	char correlation[AUDIT_CORRELATION_SIZE]; /* of its login too */
	struct secret *token;
	struct token_authentication *authentication;
	admin_handle_fn reply;
	void *userdata;
};

struct admin_handle *
admin_handle_free(struct admin_handle *handle)
{
	if (!handle)
		return NULL;
	token_authentication_free(handle->authentication);
	secret_free(handle->token);
	free(handle);
	return NULL;
}

static int
record(const struct admin_handle *handle,
    const struct authentication_outcome *outcome)
{
	const struct audit_record record = {
	    .action = "handle",
	    .result = verdict_word(outcome->verdict),
	    .reason = outcome->reason,
	    .detail = outcome->detail,
	    .account = handle->account.name,
	    .service = handle->service,
	    .issuer = handle->account.issuer,
	    .acr = outcome->acr,
	    .on_behalf_of = outcome->on_behalf_of,
	    .correlation = handle->correlation,
	    .actor = handle->actor.record,
	    .audience = outcome->token.audience,
	    .subject = outcome->token.subject,
	    .client_id = outcome->token.client_id,
	    .token_id = outcome->token.token_id,
	};

	return broker_audit(handle->broker, &record);
}

/* {"ok": false, "error": reason, "text", "detail", "verdict": "deny"} */
static json_t *
refuse(enum login_verdict verdict, const char *reason, const char *detail)
{
	char text[TEXT_SIZE];
	json_t *reply;

	(void)snprintf(text, sizeof(text), "the token is not taken: %s%s%s",
	    reason, detail[0] ? ": " : "", detail);
	reply = admin_error(reason, text);
	if (json_object_set_new(reply, "detail", json_string(detail)) ||
	    json_object_set_new(
		reply, "verdict", json_string(verdict_word(verdict)))) {
		json_decref(reply);
		return NULL;
	}
	return reply;
}

static json_t *
give(const struct admin_handle *handle)
{
	char ticket[TICKET_SIZE];
	json_t *reply;
	int error;

	error = ticket_issue(handle->broker->tickets, handle->account.name,
	    handle->service, secret_reveal(handle->token),
	    secret_size(handle->token), handle->correlation, clock_boot_s(),
	    ticket);
	if (error)
		return refuse(LOGIN_OUTAGE, "busy",
		    "as many handles as there can be are good still; try "
		    "again in a minute");
	reply = admin_done(json_pack("{s:s, s:s, s:s, s:i}", "handle", ticket,
	    "account", handle->account.name, "service", handle->service,
	    "expires_in_s", (int)TICKET_LIFETIME_S));
	explicit_bzero(ticket, sizeof(ticket));
	return reply;
}

/* A yes that leaves no record is not given. */
static void
decided(const struct authentication_outcome *outcome, void *userdata)
{
	struct admin_handle *handle = userdata;
	int error = record(handle, outcome);
	json_t *reply;

	if (outcome->verdict != LOGIN_ALLOW)
		reply =
		    refuse(outcome->verdict, outcome->reason, outcome->detail);
	else if (error)
		reply = refuse(LOGIN_OUTAGE, "not-recorded",
		    "no record of it can be written");
	else
		reply = give(handle);
	handle->reply(reply, handle->userdata);
}

/* In the name of whom: the account itself, or, of root, the one it names. */
static const char *
account_of(const struct admin_actor *actor, const json_t *request)
{
	const char *named = admin_text(request, "account");

	if (named && (actor->root || strcmp(named, actor->account) == 0))
		return named;
	return named || !actor->account[0] ? NULL : actor->account;
}

/* What was typed may be no name, but a number: it is in no record. */
static json_t *
record_refusal(struct broker *broker, const struct admin_actor *actor,
    const json_t *request, const char *reason, json_t *refusal)
{
	const struct audit_record record = {
	    .action = "handle",
	    .result = verdict_word(LOGIN_DENY),
	    .reason = reason,
	    .service = admin_text(request, "service"),
	    .actor = actor->record,
	};

	(void)broker_audit(broker, &record);
	return refusal;
}

static json_t *
find_account(struct broker *broker, const struct admin_actor *actor,
    const json_t *request, struct account *ret_account)
{
	const char *name = account_of(actor, request);
	enum register_result found;

	if (!name && actor->root)
		return admin_bad_request("root says with --account whose the "
					 "handle is to be");
	if (!name)
		return record_refusal(broker, actor, request, "not-permitted",
		    admin_error("not-permitted",
			"an account gets handles for itself alone"));
	found = register_account_by_name(broker->db, name, ret_account);
	if (found == REGISTER_OK)
		return NULL;
	if (found == REGISTER_NOT_FOUND)
		return record_refusal(broker, actor, request, "not-found",
		    admin_refuse(broker, found));
	return admin_refuse(broker, found);
}

static bool
is_token(const char *token, size_t size)
{
	return token && size > 0 && size <= LOGIN_TOKEN_SIZE_MAX;
}

/* Everything of it that is refused without looking at the token. */
static json_t *
check_request(struct broker *broker, const struct admin_actor *actor,
    const json_t *request, struct account *ret_account)
{
	const json_t *token = json_object_get(request, "token");
	const char *service = admin_text(request, "service");

	if (!broker->realm)
		return admin_not_configured(broker);
	if (!is_token(json_string_value(token), json_string_length(token)))
		return admin_bad_request("token is missing, or too long");
	if (!service || !service[0] ||
	    !text_is_ascii(service, LOGIN_SERVICE_SIZE))
		return admin_bad_request("service is missing, or too long");
	return find_account(broker, actor, request, ret_account);
}

json_t *
admin_handle_new(struct broker *broker, const struct admin_actor *actor,
    const json_t *request, admin_handle_fn reply, void *userdata,
    struct admin_handle **ret_handle)
{
	const json_t *token = json_object_get(request, "token");
	struct admin_handle *handle;
	struct account account;
	json_t *refusal;
	int error;

	refusal = check_request(broker, actor, request, &account);
	if (refusal)
		return refusal;
	handle = calloc(1, sizeof(*handle));
	if (!handle)
		return NULL;
	handle->broker = broker;
	handle->actor = *actor;
	handle->account = account;
	handle->reply = reply;
	handle->userdata = userdata;
	strcpy(handle->service, admin_text(request, "service"));
	audit_correlation(handle->correlation);
	error = secret_new(json_string_value(token), json_string_length(token),
	    &handle->token);
	if (!error)
		error = token_authentication_new(broker, broker->realm,
		    &account, handle->service, secret_reveal(handle->token),
		    secret_size(handle->token), decided, handle,
		    &handle->authentication);
	if (error) {
		admin_handle_free(handle);
		return admin_error("failed", strerror(-error));
	}
	*ret_handle = handle;
	return NULL;
}
