#include "broker/login/login.h"

#include "broker/clock.h"
#include "broker/issuer/device_answer.h"
#include "broker/login/authentication.h"
#include "broker/login/sentence.h"
#include "broker/login/verdict.h"
#include "lib/frame.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

enum login_state {
	LOGIN_STATE_NEW, /* BEGIN must come */
	LOGIN_STATE_WORKING, /* the module only listens */
	LOGIN_STATE_ASKED, /* ANSWER must come */
};

struct login {
	struct broker *broker;
	int fd;
	uid_t peer;
	sd_event_source *input;
	sd_event_source *tick; /* heartbeat, reminder, deadlines */
	struct frame_reader reader;
	enum login_state state;
	int64_t begun_at_us;
	int64_t asked_at_us; /* when the last ANSWER came */

	struct login_message begin;
	struct account account;
	bool account_known;
	enum config_dialogue dialogue;
	char correlation[AUDIT_CORRELATION_SIZE];

	struct authentication *authentication;
	char user_code[DEVICE_USER_CODE_SIZE];
	char verification_uri[DEVICE_URI_SIZE];

	/* A decision that came while the person had not pressed Enter. */
	bool decided;
	int64_t decided_at_us;
	struct login_message done;
};

static void
login_free(struct login *login)
{
	login->broker->logins--;
	authentication_free(login->authentication);
	sd_event_source_disable_unref(login->input);
	sd_event_source_disable_unref(login->tick);
	frame_reader_done(&login->reader);
	(void)close(login->fd);
	explicit_bzero(login, sizeof(*login));
	free(login);
}

/* A frame is small and a socket's buffer is not: what does not fit at once
 * goes to a module that does not read, and that connection ends. */
static int
send_message(struct login *login, const struct login_message *message)
{
	uint8_t body[LOGIN_FRAME_SIZE_MAX];
	size_t size;
	int error;

	error = login_message_put(message, body, sizeof(body), &size);
	if (!error)
		error = frame_send(login->fd, body, size, 0);
	explicit_bzero(body, sizeof(body));
	return error;
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

/* A name that no account bears is not recorded: people type passwords there. */
static int
record(struct login *login, const struct authentication_outcome *outcome,
    const char *session)
{
	const struct realm *realm = login->broker->realm;
	const struct audit_record record = {
	    .action = phase_word(login->begin.begin.phase),
	    .result = verdict_word(outcome->verdict),
	    .reason = outcome->reason,
	    .detail = outcome->detail,
	    .account = login->account_known ? login->account.name : NULL,
	    .service = login->begin.begin.service,
	    .tty = login->begin.begin.tty,
	    .rhost = login->begin.begin.rhost,
	    .issuer = realm ? realm->config->issuer.profile.issuer : NULL,
	    .acr = outcome->acr,
	    .groups = outcome->groups,
	    .correlation = login->correlation,
	    .session = session,
	};

	return broker_audit(login->broker, &record);
}

static void
issue_handle(struct login *login, const char *acr,
    char ret_handle[static LOGIN_HANDLE_SIZE])
{
	struct handle_login facts = {0};

	(void)snprintf(
	    facts.account, sizeof(facts.account), "%s", login->account.name);
	(void)snprintf(facts.service, sizeof(facts.service), "%s",
	    login->begin.begin.service);
	(void)snprintf(facts.acr, sizeof(facts.acr), "%s", acr ? acr : "");
	memcpy(
	    facts.correlation, login->correlation, sizeof(facts.correlation));
	handle_issue(
	    login->broker->handles, &facts, clock_boot_s(), ret_handle);
}

/* Sends the decision and ends the login. */
static void
finish(struct login *login)
{
	(void)send_message(login, &login->done);
	login_free(login);
}

/*
 * Records the outcome and makes the DONE of it. A yes that leaves no record
 * is not given.
 */
static void
conclude(struct login *login, const struct authentication_outcome *outcome,
    const char *session)
{
	struct login_message *done = &login->done;
	enum login_verdict verdict = outcome->verdict;
	int error;

	error = record(login, outcome, session);
	if (error && verdict == LOGIN_ALLOW)
		verdict = LOGIN_OUTAGE;
	*done = (struct login_message){.type = LOGIN_DONE};
	done->done.verdict = verdict;
	if (verdict != LOGIN_ALLOW)
		sentence_refuse(verdict, outcome->reason, login->correlation,
		    done->done.text);
	else if (login->begin.begin.phase == LOGIN_PHASE_AUTHENTICATE)
		issue_handle(login, outcome->acr, done->done.handle);
	else if (session)
		(void)snprintf(done->done.handle, sizeof(done->done.handle),
		    "%s", session);
	login->decided = true;
	login->decided_at_us = clock_boot_us();
	login->authentication = authentication_free(login->authentication);
	if (login->state != LOGIN_STATE_ASKED)
		finish(login);
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

/* Asks for Enter, with a text before it; false when the login is gone. */
static bool
ask(struct login *login, const struct login_message *message)
{
	if (send_message(login, message)) {
		login_free(login);
		return false;
	}
	login->state = LOGIN_STATE_ASKED;
	return true;
}

/*
 * Where text is held back until a prompt (sshd), text and prompt go together;
 * elsewhere the text shows at once and nobody needs to press anything.
 */
static void
invite(const struct device_grant_report *code, void *userdata)
{
	struct login *login = userdata;
	const struct config *config = login->broker->realm->config;
	const struct sentence_invitation invitation = {
	    .account = login->account.name,
	    .host = login->broker->host,
	    .verification_uri = code->verification_uri,
	    .verification_uri_complete = code->verification_uri_complete,
	    .user_code = code->user_code,
	    .expires_in_s = code->expires_in_s,
	    .with_qr = config->qr_code,
	};
	struct login_message message = {.type = LOGIN_SHOW};

	strcpy(login->user_code, code->user_code);
	strcpy(login->verification_uri, code->verification_uri);
	message.show.style = LOGIN_STYLE_INFO;
	sentence_invite(&invitation, message.show.text);
	if (send_message(login, &message)) {
		login_free(login);
		return;
	}
	if (login->dialogue != CONFIG_DIALOGUE_HELD)
		return;
	message = (struct login_message){.type = LOGIN_ASK};
	strcpy(message.ask.text, sentence_press_enter());
	(void)ask(login, &message);
}

static void
remind(struct login *login)
{
	struct login_message message = {.type = LOGIN_ASK};

	sentence_remind(
	    login->verification_uri, login->user_code, message.ask.text);
	(void)ask(login, &message);
}

static enum config_dialogue
find_dialogue(const struct login *login)
{
	enum config_dialogue dialogue;

	dialogue = config_service_dialogue(
	    login->broker->realm->config, login->begin.begin.service);
	/* A terminal service without a terminal: sudo in a script. */
	if (dialogue == CONFIG_DIALOGUE_TERMINAL && !login->begin.begin.tty[0])
		return CONFIG_DIALOGUE_NONE;
	return dialogue;
}

static bool
is_entitled(const struct login *login)
{
	return login->peer == 0 ||
	       (login->account_known && login->peer == login->account.uid);
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

	login->dialogue = find_dialogue(login);
	if (login->dialogue == CONFIG_DIALOGUE_NONE) {
		conclude_simply(login, LOGIN_NO_DIALOGUE, "no-dialogue");
		return;
	}
	error = authentication_new(
	    login->broker, login->account.name, &owner, &login->authentication);
	if (error)
		conclude_simply(login, LOGIN_OUTAGE, "failed");
}

/* What can be said without asking the provider, in every phase. */
static enum login_verdict
judge_account(const struct login *login, const char **ret_reason)
{
	const struct verdict_facts facts = {
	    .account_known = login->account_known,
	    .account_locked = login->account_known && login->account.locked,
	    .peer_entitled = is_entitled(login),
	};

	return verdict_decide(&facts, ret_reason);
}

static void
open_session(struct login *login)
{
	struct authentication_outcome outcome = {
	    .verdict = LOGIN_ALLOW,
	    .reason = "without-login", /* an SSH key, cron */
	};
	char session[LOGIN_HANDLE_SIZE];
	struct handle_login facts;

	handle_random(session);
	if (handle_take(login->broker->handles, login->begin.begin.handle,
		login->account.name, login->begin.begin.service, clock_boot_s(),
		&facts)) {
		memcpy(login->correlation, facts.correlation,
		    sizeof(facts.correlation));
		outcome.reason = "after-login";
		outcome.acr = facts.acr;
	}
	conclude(login, &outcome, session);
}

static void
close_session(struct login *login)
{
	const struct authentication_outcome outcome = {
	    .verdict = LOGIN_ALLOW,
	    .reason = "closed",
	};

	conclude(login, &outcome, login->begin.begin.handle);
}

static void
begin_phase(struct login *login)
{
	enum login_verdict verdict;
	const char *reason;

	verdict = judge_account(login, &reason);
	if (verdict != LOGIN_ALLOW) {
		conclude_simply(login, verdict, reason);
		return;
	}
	switch (login->begin.begin.phase) {
	case LOGIN_PHASE_AUTHENTICATE:
		if (login->broker->realm)
			begin_authentication(login);
		else
			conclude_simply(
			    login, LOGIN_MISCONFIGURED, "not-configured");
		return;
	case LOGIN_PHASE_ACCOUNT:
		conclude_simply(login, LOGIN_ALLOW, reason);
		return;
	case LOGIN_PHASE_OPEN_SESSION:
		open_session(login);
		return;
	case LOGIN_PHASE_CLOSE_SESSION:
		close_session(login);
		return;
	}
}

static void
take_begin(struct login *login, const struct login_message *message)
{
	login->begin = *message;
	login->begun_at_us = clock_boot_us();
	login->state = LOGIN_STATE_WORKING;
	audit_correlation(login->correlation);
	login->account_known =
	    register_account_by_name(login->broker->db, message->begin.user,
		&login->account) == REGISTER_OK;
	if (login->broker->logins > LOGINS_MAX)
		conclude_simply(login, LOGIN_OUTAGE, "busy");
	else
		begin_phase(login);
}

static void
take_answer(struct login *login)
{
	login->state = LOGIN_STATE_WORKING;
	login->asked_at_us = clock_boot_us();
	if (login->decided)
		finish(login);
	else
		authentication_hurry(login->authentication);
}

/* What the module may say depends on the state, and it says nothing twice. */
static void
take_frame(struct login *login, const uint8_t *body, size_t size)
{
	struct login_message message;

	if (login_message_get(body, size, &message)) {
		login_free(login);
		return;
	}
	if (login->state == LOGIN_STATE_NEW && message.type == LOGIN_BEGIN)
		take_begin(login, &message);
	else if (login->state == LOGIN_STATE_ASKED &&
		 message.type == LOGIN_ANSWER)
		take_answer(login);
	else
		login_free(login);
	explicit_bzero(&message, sizeof(message));
}

/* The module went away: whatever it began is over, and that is recorded. */
static void
hang_up(struct login *login)
{
	const struct authentication_outcome outcome = {
	    .verdict = LOGIN_DENY,
	    .reason = "cancelled",
	};

	if (login->authentication && !login->decided)
		(void)record(login, &outcome, NULL);
	login_free(login);
}

static int
readable(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct login *login = userdata;
	const uint8_t *body;
	size_t size;
	int got;

	(void)source;
	(void)events;
	got = frame_reader_next(&login->reader, fd, &body, &size);
	if (got > 0)
		take_frame(login, body, size);
	else if (got < 0)
		hang_up(login);
	return 0;
}

static int64_t
since_ms(int64_t at_us)
{
	return (clock_boot_us() - at_us) / 1000;
}

static bool
is_overdue(const struct login *login)
{
	const struct realm *realm = login->broker->realm;
	int64_t limit_ms = LOGIN_BEGIN_DEADLINE_MS;

	if (login->decided)
		limit_ms = LOGIN_UNREAD_MS;
	else if (login->state != LOGIN_STATE_NEW)
		limit_ms = (int64_t)realm->config->login_timeout_s * 1000;
	return since_ms(login->decided ? login->decided_at_us
				       : login->begun_at_us) > limit_ms;
}

/* Ends a login that took too long, or whose end nobody came to read. */
static void
give_up(struct login *login)
{
	if (login->state == LOGIN_STATE_NEW || login->decided)
		login_free(login);
	else
		conclude_simply(login, LOGIN_EXPIRED, "expired-login");
}

static int
tick(sd_event_source *source, uint64_t usec, void *userdata)
{
	const struct login_message wait = {.type = LOGIN_WAIT};
	struct login *login = userdata;

	(void)usec;
	if (is_overdue(login)) {
		give_up(login);
		return 0;
	}
	(void)sd_event_source_set_time_relative(
	    source, LOGIN_HEARTBEAT_MS * 1000);
	(void)sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	if (login->state != LOGIN_STATE_WORKING)
		return 0;
	if (login->dialogue == CONFIG_DIALOGUE_HELD && login->user_code[0] &&
	    since_ms(login->asked_at_us) > LOGIN_REMIND_MS)
		remind(login);
	else if (send_message(login, &wait))
		hang_up(login);
	return 0;
}

static int
watch(struct login *login)
{
	sd_event *event = login->broker->event;
	int error;

	error = sd_event_add_io(
	    event, &login->input, login->fd, EPOLLIN, readable, login);
	if (error >= 0)
		error = sd_event_add_time_relative(event, &login->tick,
		    CLOCK_BOOTTIME, LOGIN_HEARTBEAT_MS * 1000, 0, tick, login);
	return error < 0 ? error : 0;
}

int
login_serve(struct broker *broker, int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);
	struct login *login;
	int error;

	login = calloc(1, sizeof(*login));
	if (!login) {
		(void)close(fd);
		return -ENOMEM;
	}
	login->broker = broker;
	login->fd = fd;
	login->begun_at_us = clock_boot_us();
	broker->logins++;
	frame_reader_init(&login->reader, LOGIN_FRAME_SIZE_MAX);
	error =
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) ? -errno : 0;
	login->peer = error ? (uid_t)-1 : peer.uid;
	if (!error)
		error = watch(login);
	if (error)
		login_free(login);
	return error;
}
