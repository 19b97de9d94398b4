#include "broker/login/login.h"

#include "broker/clock.h"
#include "broker/issuer/device_answer.h"
#include "broker/login/authentication.h"
#include "broker/login/conversation.h"
#include "broker/login/last_login.h"
#include "broker/login/need.h"
#include "broker/login/sentence.h"
#include "broker/login/session.h"
#include "broker/login/verdict.h"
#include "broker/random.h"
#include "lib/strict_services.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PEER_SIZE = 16 };

/* What a module said in its BEGIN. */
struct facts {
	enum login_phase phase;
	char service[LOGIN_SERVICE_SIZE];
	char tty[LOGIN_TTY_SIZE];
	char rhost[LOGIN_RHOST_SIZE];
	char handle[LOGIN_HANDLE_SIZE];
};

struct login {
	struct broker *broker;
	struct realm *realm; /* that it began under; NULL: not configured */
	struct conversation *conversation;
	unsigned int *counter; /* of the broker, that it counts in */

	struct facts begin;
	struct account account;
	bool account_known;
	enum config_dialogue dialogue;
	struct need need; /* of the service; nothing without a realm */
	char correlation[AUDIT_CORRELATION_SIZE];

	struct authentication *authentication;
	char user_code[DEVICE_USER_CODE_SIZE];
	char verification_uri[DEVICE_URI_SIZE];
	int64_t answered_at_us; /* 0: Enter was not pressed yet */
};

static void
login_free(struct login *login)
{
	(*login->counter)--;
	authentication_free(login->authentication);
	conversation_free(login->conversation);
	realm_unref(login->realm);
	explicit_bzero(login, sizeof(*login));
	free(login);
}

static const char *
verdict_word(enum login_verdict verdict)
{
	static const char *const words[] = {
	    [LOGIN_DENY] = "deny",
	    [LOGIN_ALLOW] = "allow",
	    [LOGIN_UNKNOWN_USER] = "unknown-user",
	    [LOGIN_OUTAGE] = "outage",
	    [LOGIN_MISCONFIGURED] = "misconfigured",
	    [LOGIN_NO_DIALOGUE] = "no-dialogue",
	    [LOGIN_EXPIRED] = "expired",
	};

	return words[verdict];
}

static const char *
phase_word(enum login_phase phase)
{
	switch (phase) {
	case LOGIN_PHASE_AUTHENTICATE:
		return "login";
	case LOGIN_PHASE_ACCOUNT:
		return "account";
	case LOGIN_PHASE_OPEN_SESSION:
		return "session-open";
	case LOGIN_PHASE_CLOSE_SESSION:
		return "session-close";
	}
	return "unknown";
}

static bool
is_root(const struct login *login)
{
	return conversation_peer(login->conversation) == 0;
}

/*
 * A name that no account bears is not recorded: people type passwords there.
 * Where from is taken from root's programs alone; others may say anything.
 */
static int
record(struct login *login, const struct authentication_outcome *outcome,
    const char *session)
{
	char peer[PEER_SIZE];
	const struct audit_record record = {
	    .action = phase_word(login->begin.phase),
	    .result = verdict_word(outcome->verdict),
	    .reason = outcome->reason,
	    .detail = outcome->detail,
	    .account = login->account_known ? login->account.name : NULL,
	    .service = login->begin.service,
	    .tty = is_root(login) ? login->begin.tty : NULL,
	    .rhost = is_root(login) ? login->begin.rhost : NULL,
	    .peer = peer,
	    .issuer = login->account_known ? login->account.issuer : NULL,
	    .acr = outcome->acr,
	    .on_behalf_of = outcome->on_behalf_of,
	    .groups = outcome->groups,
	    .correlation = login->correlation,
	    .session = session,
	};

	(void)snprintf(peer, sizeof(peer), "uid %u",
	    conversation_peer(login->conversation));
	return broker_audit(login->broker, &record);
}

static void
issue_handle(struct login *login, const struct authentication_outcome *outcome,
    char ret_handle[static LOGIN_HANDLE_SIZE])
{
	struct handle_login facts = {
	    .authenticated_at_s = outcome->authenticated_at_s,
	};

	strcpy(facts.account, login->account.name);
	strcpy(facts.service, login->begin.service);
	(void)snprintf(facts.acr, sizeof(facts.acr), "%s", outcome->acr);
	(void)snprintf(facts.on_behalf_of, sizeof(facts.on_behalf_of), "%s",
	    outcome->on_behalf_of);
	memcpy(
	    facts.correlation, login->correlation, sizeof(facts.correlation));
	handle_issue(
	    login->broker->handles, &facts, clock_boot_s(), ret_handle);
}

static void
refuse(const struct login *login, enum login_verdict verdict,
    const char *reason, char ret_text[static LOGIN_TEXT_SIZE])
{
	const struct sentence_refusal refusal = {
	    .verdict = verdict,
	    .reason = reason,
	    .correlation = login->correlation,
	    .need = &login->need,
	};

	sentence_refuse(&refusal, ret_text);
}

/*
 * In the account phase a module takes an outage for leave to decide from the
 * image, so that SSH keys work while the broker is away. What a service needs
 * is not in the image: there an outage is a no, with the words of an outage.
 */
static enum login_verdict
sent_verdict(const struct login *login, enum login_verdict verdict)
{
	if (verdict == LOGIN_OUTAGE &&
	    login->begin.phase == LOGIN_PHASE_ACCOUNT &&
	    !need_is_nothing(&login->need))
		return LOGIN_DENY;
	return verdict;
}

/*
 * Records the outcome and gives the decision. A yes that leaves no record is
 * not given.
 */
static void
conclude(struct login *login, const struct authentication_outcome *outcome,
    const char *session)
{
	enum login_verdict verdict = outcome->verdict;
	char text[LOGIN_TEXT_SIZE] = "", handle[LOGIN_HANDLE_SIZE] = "";
	int error;

	error = record(login, outcome, session);
	if (error && verdict == LOGIN_ALLOW)
		verdict = LOGIN_OUTAGE;
	if (verdict != LOGIN_ALLOW)
		refuse(login, verdict, outcome->reason, text);
	else if (login->begin.phase == LOGIN_PHASE_AUTHENTICATE)
		issue_handle(login, outcome, handle);
	else if (session)
		(void)snprintf(handle, sizeof(handle), "%s", session);
	login->authentication = authentication_free(login->authentication);
	conversation_finish(
	    login->conversation, sent_verdict(login, verdict), text, handle);
	explicit_bzero(handle, sizeof(handle));
}

static void
conclude_simply(
    struct login *login, enum login_verdict verdict, const char *reason)
{
	const struct authentication_outcome outcome = {
	    .verdict = verdict,
	    .reason = reason,
	};

	conclude(login, &outcome, NULL);
}

static void
decided(const struct authentication_outcome *outcome, void *userdata)
{
	conclude(userdata, outcome, NULL);
}

/*
 * Where text is held back until a prompt (sshd), text and prompt go together;
 * elsewhere the text shows at once and nobody needs to press anything.
 */
static void
invite(const struct device_grant_report *code, void *userdata)
{
	struct login *login = userdata;
	const struct sentence_invitation invitation = {
	    .need = &login->need,
	    .account = login->account.name,
	    .host = login->broker->host,
	    .verification_uri = code->verification_uri,
	    .verification_uri_complete = code->verification_uri_complete,
	    .user_code = code->user_code,
	    .expires_in_s = code->expires_in_s,
	    .with_qr = login->realm->config->qr_code,
	};
	char text[LOGIN_TEXT_SIZE];

	strcpy(login->user_code, code->user_code);
	strcpy(login->verification_uri, code->verification_uri);
	sentence_invite(&invitation, text);
	if (conversation_show(login->conversation, text) &&
	    login->dialogue == CONFIG_DIALOGUE_HELD)
		(void)conversation_ask(
		    login->conversation, sentence_press_enter());
}

static enum config_dialogue
find_dialogue(const struct login *login)
{
	enum config_dialogue dialogue;

	dialogue =
	    config_service_dialogue(login->realm->config, login->begin.service);
	/* A terminal service without a terminal: sudo in a script. */
	if (dialogue == CONFIG_DIALOGUE_TERMINAL && !login->begin.tty[0])
		return CONFIG_DIALOGUE_NONE;
	return dialogue;
}

static bool
is_entitled(const struct login *login)
{
	uid_t peer = conversation_peer(login->conversation);

	return peer == 0 ||
	       (login->account_known && peer == login->account.uid);
}

static void
begin_authentication(struct login *login)
{
	const struct authentication_owner owner = {
	    .invite = invite,
	    .decide = decided,
	    .userdata = login,
	};
	int error;

	if (!login->realm) {
		conclude_simply(login, LOGIN_MISCONFIGURED, "not-configured");
		return;
	}
	if (login->broker->logins > LOGINS_MAX) {
		conclude_simply(login, LOGIN_OUTAGE, "busy");
		return;
	}
	login->dialogue = find_dialogue(login);
	if (login->dialogue == CONFIG_DIALOGUE_NONE) {
		conclude_simply(login, LOGIN_NO_DIALOGUE, "no-dialogue");
		return;
	}
	error = authentication_new(login->broker, login->realm, &login->account,
	    login->begin.service, &owner, &login->authentication);
	if (error)
		conclude_simply(login, LOGIN_OUTAGE, "failed");
}

/*
 * What can be said without asking the provider, in every phase. A session ends
 * whatever has become of its account.
 */
static enum login_verdict
judge_account(
    const struct login *login, enum need_result need, const char **ret_reason)
{
	const struct verdict_facts facts = {
	    .account_known = login->account_known,
	    .account_locked = login->account_known && login->account.locked &&
			      login->begin.phase != LOGIN_PHASE_CLOSE_SESSION,
	    .peer_entitled = is_entitled(login),
	    .need = need,
	};

	return verdict_decide(&facts, ret_reason);
}

/* From here on this call is part of the login that the handle is of. */
static void
continue_login(struct login *login, const struct handle_login *facts)
{
	memcpy(
	    login->correlation, facts->correlation, sizeof(facts->correlation));
}

/* The login behind this call: the handle's, or else the account's last one. */
static enum register_result
find_last_login(struct login *login, bool handled,
    const struct handle_login *facts, struct last_login *ret_last)
{
	if (!handled)
		return last_login_read(
		    login->broker->db, &login->account, ret_last);
	memcpy(ret_last->acr, facts->acr, sizeof(facts->acr));
	memcpy(ret_last->on_behalf_of, facts->on_behalf_of,
	    sizeof(facts->on_behalf_of));
	ret_last->authenticated_at_s = facts->authenticated_at_s;
	return REGISTER_OK;
}

/*
 * Nobody is sent to the provider for this call, so what the service needs is
 * held against the login behind it. The age of a handle's login was judged a
 * moment ago, when it authenticated: it must not run out on the way.
 */
static enum register_result
check_last_login(struct login *login, bool handled,
    const struct last_login *last, enum need_result *ret_need)
{
	int64_t now_s = handled ? last->authenticated_at_s : clock_wall_s();

	if (need_is_nothing(&login->need)) {
		*ret_need = NEED_MET;
		return REGISTER_OK;
	}
	return last_login_check(login->broker->db, &login->account,
	    &login->need, last, now_s, ret_need);
}

static void
answer_account(struct login *login)
{
	struct authentication_outcome outcome = {0};
	enum need_result need = NEED_NOT_LOOKED_AT;
	enum register_result read;
	struct handle_login facts;
	struct last_login last;
	bool handled;

	handled = handle_peek(login->broker->handles, login->begin.handle,
	    login->account.name, login->begin.service, clock_boot_s(), &facts);
	if (handled)
		continue_login(login, &facts);
	read = find_last_login(login, handled, &facts, &last);
	if (read == REGISTER_OK)
		read = check_last_login(login, handled, &last, &need);
	if (read != REGISTER_OK) {
		conclude_simply(login, LOGIN_OUTAGE, "register-failed");
		return;
	}
	outcome.verdict = judge_account(login, need, &outcome.reason);
	if (need == NEED_STEP_UP &&
	    find_dialogue(login) == CONFIG_DIALOGUE_TERMINAL)
		begin_authentication(login);
	else
		conclude(login, &outcome, NULL);
}

/* What root's programs say of a session is shown to administrators. */
static void
keep_session(struct login *login, const char *id, bool with_login,
    const struct last_login *last)
{
	struct session session = {
	    .since_s = clock_wall_s(),
	    .with_login = with_login,
	    .authenticated_at_s = last->authenticated_at_s,
	};

	if (!is_root(login))
		return;
	strcpy(session.id, id);
	strcpy(session.account, login->account.name);
	strcpy(session.service, login->begin.service);
	strcpy(session.tty, login->begin.tty);
	strcpy(session.rhost, login->begin.rhost);
	memcpy(session.acr, last->acr, sizeof(session.acr));
	memcpy(session.on_behalf_of, last->on_behalf_of,
	    sizeof(session.on_behalf_of));
	(void)session_open(login->broker->sessions, &session);
}

static void
open_session(struct login *login, enum login_verdict verdict)
{
	struct authentication_outcome outcome = {
	    .verdict = verdict,
	    .reason = "without-login", /* an SSH key, cron */
	};
	struct last_login last = {0};
	char session[RANDOM_HEX_SIZE];
	struct handle_login facts;
	bool handled;

	random_hex(session);
	handled = handle_take(login->broker->handles, login->begin.handle,
	    login->account.name, login->begin.service, clock_boot_s(), &facts);
	/* A session whose level cannot be read opens, and is shown so. */
	(void)find_last_login(login, handled, &facts, &last);
	if (handled) {
		continue_login(login, &facts);
		outcome.reason = "after-login";
	}
	outcome.acr = last.acr;
	outcome.on_behalf_of = last.on_behalf_of;
	keep_session(login, session, handled, &last);
	conclude(login, &outcome, session);
}

static void
close_session(struct login *login, enum login_verdict verdict)
{
	const struct authentication_outcome outcome = {
	    .verdict = verdict,
	    .reason = "closed",
	};

	(void)session_close(
	    login->broker->sessions, login->begin.handle, login->account.name);
	conclude(login, &outcome, login->begin.handle);
}

/* What the service asked for by the last configuration still counts. */
static bool
was_strict(const struct login *login)
{
	bool found = true;

	(void)strict_services_has(
	    login->broker->paths.strict_services, login->begin.service, &found);
	return found;
}

static void
begin_phase(struct login *login)
{
	enum login_verdict verdict;
	const char *reason;

	/* Needs are looked at with the token, or in the account phase. */
	verdict = judge_account(login, NEED_MET, &reason);
	if (verdict != LOGIN_ALLOW) {
		conclude_simply(login, verdict, reason);
		return;
	}
	switch (login->begin.phase) {
	case LOGIN_PHASE_AUTHENTICATE:
		if (login->realm)
			begin_authentication(login);
		else
			conclude_simply(
			    login, LOGIN_MISCONFIGURED, "not-configured");
		return;
	case LOGIN_PHASE_ACCOUNT:
		if (!login->realm && was_strict(login))
			conclude_simply(
			    login, LOGIN_MISCONFIGURED, "not-configured");
		else
			answer_account(login);
		return;
	case LOGIN_PHASE_OPEN_SESSION:
		open_session(login, verdict);
		return;
	case LOGIN_PHASE_CLOSE_SESSION:
		close_session(login, verdict);
		return;
	}
}

/* Also of an account that could not be read: an outage must stay a no. */
static struct need
find_need(const struct login *login)
{
	const struct config *config = login->realm->config;
	const struct config_issuer *issuer = NULL;

	if (login->account_known)
		issuer = config_issuer_by_url(config, login->account.issuer);
	return need_of(config, login->begin.service, issuer);
}

static void
begin(const struct login_message *message, void *userdata)
{
	struct login *login = userdata;
	struct realm *realm = login->broker->realm;
	enum register_result found;

	login->realm = realm ? realm_ref(realm) : NULL;
	login->begin.phase = message->begin.phase;
	strcpy(login->begin.service, message->begin.service);
	strcpy(login->begin.tty, message->begin.tty);
	strcpy(login->begin.rhost, message->begin.rhost);
	strcpy(login->begin.handle, message->begin.handle);
	audit_correlation(login->correlation);
	found = register_account_by_name(
	    login->broker->db, message->begin.user, &login->account);
	login->account_known = found == REGISTER_OK;
	if (realm)
		conversation_limit(login->conversation,
		    (int64_t)realm->config->login_timeout_s * 1000);
	if (realm)
		login->need = find_need(login);
	if (found == REGISTER_OK || found == REGISTER_NOT_FOUND)
		begin_phase(login);
	else
		conclude_simply(login, LOGIN_OUTAGE, "register-failed");
}

static void
answered(void *userdata)
{
	struct login *login = userdata;

	login->answered_at_us = clock_boot_us();
}

/* Enter, and still not approved: say again what to do. */
static bool
idle(void *userdata)
{
	struct login *login = userdata;
	char text[LOGIN_TEXT_SIZE];

	if (!login->answered_at_us ||
	    clock_boot_us() - login->answered_at_us < LOGIN_REMIND_MS * 1000)
		return false;
	sentence_remind(login->verification_uri, login->user_code, text);
	(void)conversation_ask(login->conversation, text);
	return true;
}

static void
expired(void *userdata)
{
	conclude_simply(userdata, LOGIN_EXPIRED, "expired-login");
}

/* A module that went away leaves a record of what it had begun. */
static void
over(void *userdata)
{
	const struct authentication_outcome outcome = {
	    .verdict = LOGIN_DENY,
	    .reason = "cancelled",
	};
	struct login *login = userdata;

	if (login->authentication)
		(void)record(login, &outcome, NULL);
	login_free(login);
}

/* Of others than root: they get no answer, and leave no record. */
static bool
is_too_much(struct broker *broker)
{
	return broker->logins_of_others > LOGINS_OF_OTHERS_MAX ||
	       !rate_take(&broker->others_rate, LOGINS_OF_OTHERS_BURST,
		   LOGINS_OF_OTHERS_PER_S, clock_boot_us());
}

int
login_serve(struct broker *broker, int fd)
{
	struct conversation_owner owner = {
	    .begin = begin,
	    .answered = answered,
	    .idle = idle,
	    .expired = expired,
	    .over = over,
	};
	struct login *login = calloc(1, sizeof(*login));
	int error;

	if (!login) {
		(void)close(fd);
		return -ENOMEM;
	}
	owner.userdata = login;
	error =
	    conversation_new(broker->event, fd, &owner, &login->conversation);
	if (error) {
		free(login);
		return error;
	}
	login->broker = broker;
	login->counter =
	    is_root(login) ? &broker->logins : &broker->logins_of_others;
	++*login->counter;
	if (!is_root(login) && is_too_much(broker))
		login_free(login);
	return 0;
}
