#include "pam_module/dialogue.h"

#include "lib/frame.h"
#include "lib/paths.h"
#include "pam_module/failure.h"

#include <errno.h>
#include <security/pam_ext.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

struct dialogue {
	pam_handle_t *pamh;
	enum login_phase phase;
	const char *token; /* until it is handed over */
	int fd;
};

static void
dialogue_done(struct dialogue *d)
{
	if (d->fd >= 0)
		(void)close(d->fd);
}

static bool
can_converse(pam_handle_t *pamh)
{
	const void *item;
	const struct pam_conv *conv;

	if (pam_get_item(pamh, PAM_CONV, &item) != PAM_SUCCESS || !item)
		return false;
	conv = item;
	return conv->conv != NULL;
}

/*
 * PAM_SILENT is not looked at: sudo always passes it, and without the address
 * and the code nobody could log in.
 */
bool
dialogue_say(pam_handle_t *pamh, enum login_style style, const char *text)
{
	int pam_style =
	    style == LOGIN_STYLE_INFO ? PAM_TEXT_INFO : PAM_ERROR_MSG;

	return can_converse(pamh) &&
	       pam_prompt(pamh, pam_style, NULL, "%s", text) == PAM_SUCCESS;
}

static int
send_message(struct dialogue *d, const struct login_message *m)
{
	uint8_t body[LOGIN_TOKEN_FRAME_SIZE_MAX];
	size_t size;
	int error;

	error = login_message_put(m, body, sizeof(body), &size);
	/* Only what the application or the person gave us can be at fault. */
	if (error)
		return -EINVAL;
	error = frame_send(d->fd, body, size, LOGIN_FIRST_DEADLINE_MS);
	explicit_bzero(body, size);
	return error;
}

static int
receive_message(
    struct dialogue *d, int deadline_ms, struct login_message *ret_message)
{
	uint8_t body[LOGIN_FRAME_SIZE_MAX];
	size_t size;
	int error;

	error = frame_receive(d->fd, body, sizeof(body), deadline_ms, &size);
	if (error)
		return error;
	return login_message_get(body, size, ret_message);
}

/* A fact that is too long is refused, never cut: -EINVAL. */
static int
copy_fact(char *ret, size_t size, const char *string)
{
	size_t length = strlen(string);

	if (length >= size)
		return -EINVAL;
	memcpy(ret, string, length + 1);
	return 0;
}

static int
copy_item(pam_handle_t *pamh, int type, char *ret, size_t size)
{
	const void *item = NULL;

	if (pam_get_item(pamh, type, &item) != PAM_SUCCESS || !item)
		item = "";
	return copy_fact(ret, size, item);
}

static int
begin(struct dialogue *d, const struct dialogue_call *call)
{
	struct login_message m = {.type = LOGIN_BEGIN,
	    .begin.phase = call->phase,
	    .begin.with_token = call->token != NULL};
	int error;

	error = copy_fact(m.begin.user, sizeof(m.begin.user), call->user);
	if (!error)
		error = copy_fact(
		    m.begin.handle, sizeof(m.begin.handle), call->handle);
	if (!error)
		error = copy_item(d->pamh, PAM_SERVICE, m.begin.service,
		    sizeof(m.begin.service));
	if (!error)
		error = copy_item(
		    d->pamh, PAM_TTY, m.begin.tty, sizeof(m.begin.tty));
	if (!error)
		error = copy_item(
		    d->pamh, PAM_RHOST, m.begin.rhost, sizeof(m.begin.rhost));
	if (!error)
		error = frame_connect(
		    PORTVAKT_LOGIN_SOCKET, LOGIN_FIRST_DEADLINE_MS, &d->fd);
	if (!error)
		error = send_message(d, &m);
	return error;
}

/* Only a login depends on what the person reads. */
static int
show(struct dialogue *d, enum login_style style, const char *text)
{
	if (!dialogue_say(d->pamh, style, text) &&
	    d->phase == LOGIN_PHASE_AUTHENTICATE)
		return -ECANCELED;
	return 0;
}

static int
send_answer(struct dialogue *d, const char *text)
{
	struct login_message m = {.type = LOGIN_ANSWER};
	int error;

	if (copy_fact(m.answer.text, sizeof(m.answer.text), text))
		return -E2BIG;
	error = send_message(d, &m);
	explicit_bzero(&m, sizeof(m));
	/*
	 * The broker may have ended the login while the person was typing. Its
	 * last word then stands in the socket and is read next.
	 */
	return error == -ECONNRESET ? 0 : error;
}

static int
ask(struct dialogue *d, bool echo, const char *text)
{
	int style = echo ? PAM_PROMPT_ECHO_ON : PAM_PROMPT_ECHO_OFF;
	char *answer = NULL;
	int error = -ECANCELED;

	if (d->phase != LOGIN_PHASE_AUTHENTICATE)
		return -EBADMSG;
	if (pam_prompt(d->pamh, style, &answer, "%s", text) == PAM_SUCCESS &&
	    answer)
		error = send_answer(d, answer);
	if (answer)
		explicit_bzero(answer, strlen(answer));
	free(answer);
	return error;
}

/* Once, and only one that was announced. */
static int
give_token(struct dialogue *d)
{
	struct login_message m = {.type = LOGIN_TOKEN};
	int error;

	if (!d->token)
		return -EBADMSG;
	m.token.text = d->token;
	m.token.size = strlen(d->token);
	d->token = NULL;
	error = send_message(d, &m);
	return error == -ECONNRESET ? 0 : error;
}

static int
obey(struct dialogue *d, const struct login_message *m)
{
	switch (m->type) {
	case LOGIN_SHOW:
		return show(d, m->show.style, m->show.text);
	case LOGIN_ASK:
		return ask(d, m->ask.echo, m->ask.text);
	case LOGIN_WAIT:
		return 0;
	case LOGIN_WANT:
		return give_token(d);
	case LOGIN_BEGIN:
	case LOGIN_ANSWER:
	case LOGIN_TOKEN:
	case LOGIN_DONE:
		break;
	}
	return -EBADMSG;
}

/* Until the broker is done. Every wait has its deadline, and so has the sum. */
static int
follow(struct dialogue *d, struct login_message *ret_done)
{
	int deadline_ms = LOGIN_FIRST_DEADLINE_MS;
	int frames, error;

	for (frames = 0; frames < LOGIN_FRAMES_MAX; frames++) {
		error = receive_message(d, deadline_ms, ret_done);
		if (error || ret_done->type == LOGIN_DONE)
			return error;
		error = obey(d, ret_done);
		if (error)
			return error;
		deadline_ms = LOGIN_SILENCE_DEADLINE_MS;
	}
	return -ETIMEDOUT;
}

/*
 * An outage does not end the account phase, where the directory image decides,
 * nor a session: then only the log hears of it.
 */
static enum login_verdict
report(const struct dialogue *d, int error)
{
	const struct failure *failure = failure_find(error);
	bool stops = d->phase == LOGIN_PHASE_AUTHENTICATE ||
		     (d->phase == LOGIN_PHASE_ACCOUNT &&
			 failure->verdict != LOGIN_OUTAGE);

	pam_syslog(d->pamh, LOG_ERR, "%s: %s; %s", PORTVAKT_LOGIN_SOCKET,
	    strerrordesc_np(-error), failure->remedy);
	if (stops && failure->person)
		(void)dialogue_say(d->pamh, LOGIN_STYLE_ERROR, failure->person);
	return failure->verdict;
}

/* Who can show nothing is refused before anybody waits. */
static int
check_call(pam_handle_t *pamh, const struct dialogue_call *call)
{
	if (call->token)
		return strlen(call->token) > LOGIN_TOKEN_SIZE_MAX ? -E2BIG : 0;
	return call->phase == LOGIN_PHASE_AUTHENTICATE && !can_converse(pamh)
		   ? -ENOTTY
		   : 0;
}

enum login_verdict
dialogue_run(pam_handle_t *pamh, const struct dialogue_call *call,
    char ret_handle[static LOGIN_HANDLE_SIZE])
{
	__attribute__((cleanup(dialogue_done))) struct dialogue d = {
	    .pamh = pamh, .phase = call->phase, .token = call->token, .fd = -1};
	struct login_message m;
	int error;

	ret_handle[0] = '\0';
	error = check_call(pamh, call);
	if (!error)
		error = begin(&d, call);
	if (!error)
		error = follow(&d, &m);
	if (error)
		return report(&d, error);
	if (m.done.text[0])
		(void)dialogue_say(pamh,
		    m.done.verdict == LOGIN_ALLOW ? LOGIN_STYLE_INFO
						  : LOGIN_STYLE_ERROR,
		    m.done.text);
	if (m.done.verdict == LOGIN_ALLOW)
		memcpy(ret_handle, m.done.handle, LOGIN_HANDLE_SIZE);
	return m.done.verdict;
}
