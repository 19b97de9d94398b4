#include "broker/login/login.h"

#include "broker/clock.h"
#include "broker/issuer/device_answer.h"
#include "broker/login/authentication.h"
#include "broker/login/conversation.h"
#include "broker/login/last_login.h"
#include "broker/login/need.h"
#include "broker/login/sentence.h"
#include "broker/login/session.h"
#include "broker/login/ticket.h"
#include "broker/login/token_authentication.h"
#include "broker/login/token_login.h"
#include "broker/login/token_peer.h"
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
	bool with_token;
	char service[LOGIN_SERVICE_SIZE];
	char tty[LOGIN_TTY_SIZE];
	char rhost[LOGIN_RHOST_SIZE];
	char handle[LOGIN_HANDLE_SIZE];
};

struct login {
	struct broker *broker;
	struct realm *realm; /* that it began under; NULL: not configured */
	struct conversation *conversation;
	unsigned int *counter; /* of the broker; NULL: it is a peer's */
	bool placed; /* of that peer's places it has one */

	struct facts begin;
	struct account account;
	bool account_known;
	enum config_dialogue dialogue;
	struct need need; /* of the service; nothing without a realm */
	char correlation[AUDIT_CORRELATION_SIZE];

	struct authentication *authentication;
	struct token_authentication *token_authentication;
	bool by_ticket; /* that stands for the token */
	char user_code[DEVICE_USER_CODE_SIZE];
	char verification_uri[DEVICE_URI_SIZE];
	int64_t answered_at_us; /* 0: Enter was not pressed yet */
};

static void
leave_place(struct login *login)
{
	if (login->counter)
		(*login->counter)--;
	else if (login->placed)
		peer_places_leave(&login->broker->peers,
		    conversation_peer(login->conversation));
}

static void
login_free(struct login *login)
{
	leave_place(login);
	authentication_free(login->authentication);
	token_authentication_free(login->token_authentication);
	conversation_free(login->conversation);
	realm_unref(login->realm);
	explicit_bzero(login, sizeof(*login));
	free(login);
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

/* Root's programs, and those that the service's pam section names. */
static bool
is_trusted(const struct login *login)
{
	return is_root(login) ||
	       (login->realm && login->need.service &&
		   token_peer_is(login->realm->config, login->need.service,
		       login->broker->paths.local_dir,
		       conversation_peer(login->conversation)));
}

/*
 * A name that no account bears is not recorded: people type passwords there.
 * Where from is taken from programs that are trusted; others may say anything.
 */
static int
record(struct login *login, const struct authentication_outcome *outcome,
    const char *session)
{
	bool trusted = is_trusted(login);
	char peer[PEER_SIZE];
	const struct audit_record record = {
	    .action = phase_word(login->begin.phase),
	    .result = verdict_word(outcome->verdict),
	    .reason = outcome->reason,
	    .detail = outcome->detail,
	    .account = login->account_known ? login->account.name : NULL,
	    .service = login->begin.service,
	    .tty = trusted ? login->begin.tty : NULL,
	    .rhost = trusted ? login->begin.rhost : NULL,
	    .peer = peer,
	    .issuer = login->account_known ? login->account.issuer : NULL,
	    .acr = outcome->acr,
	    .on_behalf_of = outcome->on_behalf_of,
	    .groups = outcome->groups,
	    .correlation = login->correlation,
	    .session = session,
	    .audience = outcome->token.audience,
	    .subject = outcome->token.subject,
	    .client_id = outcome->token.client_id,
	    .token_id = outcome->token.token_id,
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
	    .account_id = login->account.id,
	    .authenticated_at_s = outcome->authenticated_at_s,
	    .by_token = outcome->by_token,
	};

	if (outcome->origin)
		facts.origin = *outcome->origin;
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
    const struct authentication_outcome *outcome,
    char ret_text[static LOGIN_TEXT_SIZE])
{
	const struct sentence_refusal refusal = {
	    .verdict = verdict,
	    .reason = outcome->reason,
	    .correlation = login->correlation,
	    .need = &login->need,
	    .service = login->begin.service,
	    .by_token = outcome->by_token,
	    .token_size = outcome->token_size,
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
		refuse(login, verdict, outcome, text);
	else if (login->begin.phase == LOGIN_PHASE_AUTHENTICATE)
		issue_handle(login, outcome, handle);
	else if (session)
		(void)snprintf(handle, sizeof(handle), "%s", session);
	login->authentication = authentication_free(login->authentication);
	login->token_authentication =
	    token_authentication_free(login->token_authentication);
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

/* These may send its person to the provider. */
static bool
is_root_or_own(const struct login *login)
{
	return is_root(login) || (login->account_known &&
				     conversation_peer(login->conversation) ==
					 login->account.uid);
}

static bool
is_entitled(const struct login *login)
{
	bool by_person = login->begin.phase == LOGIN_PHASE_AUTHENTICATE &&
			 !login->begin.with_token;

	/* To ask with tokens is not to send people to the provider. */
	return is_root_or_own(login) || (!by_person && is_trusted(login));
}

static void
token_decided(const struct authentication_outcome *outcome, void *userdata)
{
	struct authentication_outcome told = *outcome;
	struct login *login = userdata;

	if (login->by_ticket && outcome->verdict == LOGIN_ALLOW)
		told.detail = "by a one-time handle";
	conclude(login, &told, NULL);
}

static void
judge_token(struct login *login, const char *token, size_t size)
{
	if (token_authentication_new(login->broker, login->realm,
		&login->account, login->begin.service, token, size,
		token_decided, login, &login->token_authentication))
		conclude_simply(login, LOGIN_OUTAGE, "failed");
}

static void
free_secret(struct secret **secret)
{
	secret_free(*secret);
}

/*
 * What it stands for is judged as if it had come itself. From here on this is
 * part of what the record of the handle began.
 */
static void
take_ticket(struct login *login, const char *text, size_t size)
{
	__attribute__((cleanup(free_secret))) struct secret *token = NULL;
	struct authentication_outcome refusal = {
	    .verdict = LOGIN_DENY, .by_token = true};
	enum ticket_result result;

	login->by_ticket = true;
	result = ticket_take(login->broker->tickets, text, size,
	    login->account.name, login->begin.service, clock_boot_s(),
	    login->correlation, &token);
	if (result == TICKET_GOOD) {
		judge_token(login, secret_reveal(token), secret_size(token));
		return;
	}
	refusal.reason = ticket_result_word(result);
	conclude(login, &refusal, NULL);
}

static void
token_came(const char *token, size_t size, void *userdata)
{
	struct login *login = userdata;

	if (ticket_is_one(token, size))
		take_ticket(login, token, size);
	else
		judge_token(login, token, size);
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
	if (login->begin.with_token) {
		(void)conversation_want_token(login->conversation);
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
    const struct handle_login *facts, const struct last_login *last,
    enum need_result *ret_need)
{
	int64_t now_s = handled ? last->authenticated_at_s : clock_wall_s();

	if (need_is_nothing(&login->need)) {
		*ret_need = NEED_MET;
		return REGISTER_OK;
	}
	/* Its groups were judged with it; those in force are another login's. */
	if (handled && facts->by_token) {
		*ret_need = need_check_login(
		    &login->need, last->acr, last->authenticated_at_s, now_s);
		return REGISTER_OK;
	}
	return last_login_check(login->broker->db, &login->account,
	    &login->need, last, now_s, ret_need);
}

/* A token's revocation is no less one for having come a moment later. */
static enum register_result
find_revocation(const struct login *login, bool handled,
    const struct handle_login *facts, bool *ret_revoked)
{
	*ret_revoked = false;
	if (!handled || !facts->by_token)
		return REGISTER_OK;
	return token_login_find_revocation(login->broker->db, &facts->origin,
	    login->account.id, clock_wall_s(), ret_revoked);
}

static void
answer_account(struct login *login)
{
	struct authentication_outcome outcome = {0};
	enum need_result need = NEED_NOT_LOOKED_AT;
	enum register_result read;
	struct handle_login facts;
	struct last_login last;
	bool handled, revoked;

	handled = handle_peek(login->broker->handles, login->begin.handle,
	    login->account.id, login->begin.service, clock_boot_s(), &facts);
	if (handled)
		continue_login(login, &facts);
	read = find_last_login(login, handled, &facts, &last);
	if (read == REGISTER_OK)
		read = check_last_login(login, handled, &facts, &last, &need);
	if (read == REGISTER_OK)
		read = find_revocation(login, handled, &facts, &revoked);
	if (read != REGISTER_OK) {
		conclude_simply(login, LOGIN_OUTAGE, "register-failed");
		return;
	}
	if (revoked) {
		conclude_simply(login, LOGIN_DENY, "revoked");
		return;
	}
	outcome.verdict = judge_account(login, need, &outcome.reason);
	if (need == NEED_STEP_UP && is_root_or_own(login) &&
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

	handled = handle_take(login->broker->handles, login->begin.handle,
	    login->account.id, login->begin.service, clock_boot_s(), &facts);
	/* A peer has no keys and no cron: its sessions come of logins. */
	if (!handled && !is_root_or_own(login)) {
		conclude_simply(login, LOGIN_DENY, "peer-not-entitled");
		return;
	}
	random_hex(session);
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
	login->begin.with_token = message->begin.with_token;
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

	if (login->authentication || login->token_authentication)
		(void)record(login, &outcome, NULL);
	login_free(login);
}

static unsigned int *
find_counter(const struct login *login)
{
	struct broker *broker = login->broker;

	if (is_root(login))
		return &broker->logins;
	return broker->realm && token_peer_is(broker->realm->config, NULL,
				    broker->paths.local_dir,
				    conversation_peer(login->conversation))
		   ? NULL
		   : &broker->logins_of_others;
}

/* Of others than root: they get no answer, and leave no record. */
static bool
take_place(struct login *login)
{
	struct broker *broker = login->broker;

	login->counter = find_counter(login);
	if (!login->counter) {
		login->placed = peer_places_take(&broker->peers,
		    conversation_peer(login->conversation), clock_boot_us());
		return login->placed;
	}
	++*login->counter;
	return is_root(login) ||
	       (broker->logins_of_others <= LOGINS_OF_OTHERS_MAX &&
		   rate_take(&broker->others_rate, LOGINS_OF_OTHERS_BURST,
		       LOGINS_OF_OTHERS_PER_S, clock_boot_us()));
}

int
login_serve(struct broker *broker, int fd)
{
	struct conversation_owner owner = {
	    .begin = begin,
	    .answered = answered,
	    .token = token_came,
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
	if (!take_place(login))
		login_free(login);
	return 0;
}
