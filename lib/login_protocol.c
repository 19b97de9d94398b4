#include "lib/login_protocol.h"

#include "lib/buf.h"

#include <errno.h>
#include <string.h>

/*
 * What a peer's text must be before it reaches a terminal, a log or a look-up.
 * Both directions check: a message that cannot be read is not sent either.
 */

/* Printable ASCII: what a PAM application calls itself and its peers. */
static bool
is_fact(const char *string)
{
	for (; *string; string++) {
		if (*string < ' ' || *string > '~')
			return false;
	}
	return true;
}

/* Lines of text without C0 and C1 controls: no escape sequence in a terminal.*/
static bool
is_text(const char *string)
{
	const unsigned char *at = (const unsigned char *)string;

	for (; *at; at++) {
		if ((*at < ' ' && *at != '\n' && *at != '\t') || *at == 0x7f)
			return false;
		if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f)
			return false;
	}
	return true;
}

bool
login_handle_is_valid(const char *handle)
{
	size_t length = strlen(handle);

	if (length == 0)
		return true;
	return length == LOGIN_HANDLE_SIZE - 1 &&
	       strspn(handle, "0123456789abcdef") == length;
}

static bool
is_phase(enum login_phase phase)
{
	switch (phase) {
	case LOGIN_PHASE_AUTHENTICATE:
	case LOGIN_PHASE_ACCOUNT:
	case LOGIN_PHASE_OPEN_SESSION:
	case LOGIN_PHASE_CLOSE_SESSION:
		return true;
	}
	return false;
}

static bool
is_style(enum login_style style)
{
	switch (style) {
	case LOGIN_STYLE_INFO:
	case LOGIN_STYLE_ERROR:
		return true;
	}
	return false;
}

static bool
is_verdict(enum login_verdict verdict)
{
	switch (verdict) {
	case LOGIN_DENY:
	case LOGIN_ALLOW:
	case LOGIN_UNKNOWN_USER:
	case LOGIN_OUTAGE:
	case LOGIN_MISCONFIGURED:
	case LOGIN_NO_DIALOGUE:
	case LOGIN_EXPIRED:
		return true;
	}
	return false;
}

static bool
is_begin(const struct login_message *m)
{
	return is_phase(m->begin.phase) && m->begin.with_token <= 1 &&
	       (!m->begin.with_token ||
		   m->begin.phase == LOGIN_PHASE_AUTHENTICATE) &&
	       is_fact(m->begin.service) && name_is_valid(m->begin.user) &&
	       is_fact(m->begin.tty) && is_fact(m->begin.rhost) &&
	       login_handle_is_valid(m->begin.handle);
}

/* Whatever people type where a token is asked for. */
static bool
is_token(const char *text, size_t size)
{
	return size > 0 && size <= LOGIN_TOKEN_SIZE_MAX &&
	       !memchr(text, '\0', size);
}

static bool
is_well_formed(const struct login_message *m)
{
	switch (m->type) {
	case LOGIN_BEGIN:
		return is_begin(m);
	case LOGIN_TOKEN:
		return is_token(m->token.text, m->token.size);
	case LOGIN_ANSWER:
	case LOGIN_WAIT:
	case LOGIN_WANT:
		return true;
	case LOGIN_SHOW:
		return is_style(m->show.style) && is_text(m->show.text);
	case LOGIN_ASK:
		return m->ask.echo <= 1 && is_text(m->ask.text);
	case LOGIN_DONE:
		return is_verdict(m->done.verdict) && is_text(m->done.text) &&
		       login_handle_is_valid(m->done.handle);
	}
	return false;
}

static int
put_begin(struct buf_writer *w, const struct login_message *m)
{
	int error;

	error = buf_put_u8(w, LOGIN_PROTOCOL_VERSION);
	if (!error)
		error = buf_put_u8(w, (uint8_t)m->begin.phase);
	if (!error)
		error = buf_put_u8(w, m->begin.with_token);
	if (!error)
		error = buf_put_string(w, m->begin.service);
	if (!error)
		error = buf_put_string(w, m->begin.user);
	if (!error)
		error = buf_put_string(w, m->begin.tty);
	if (!error)
		error = buf_put_string(w, m->begin.rhost);
	if (!error)
		error = buf_put_string(w, m->begin.handle);
	return error;
}

static int
get_begin(struct buf_reader *r, struct login_message *m)
{
	uint8_t version, phase;
	int error;

	error = buf_get_u8(r, &version);
	if (error)
		return error;
	if (version != LOGIN_PROTOCOL_VERSION)
		return -EPROTONOSUPPORT;
	error = buf_get_u8(r, &phase);
	if (error)
		return error;
	m->begin.phase = phase;
	error = buf_get_u8(r, &m->begin.with_token);
	if (!error)
		error = buf_get_string(
		    r, m->begin.service, sizeof(m->begin.service));
	if (!error)
		error = buf_get_string(r, m->begin.user, sizeof(m->begin.user));
	if (!error)
		error = buf_get_string(r, m->begin.tty, sizeof(m->begin.tty));
	if (!error)
		error =
		    buf_get_string(r, m->begin.rhost, sizeof(m->begin.rhost));
	if (!error)
		error =
		    buf_get_string(r, m->begin.handle, sizeof(m->begin.handle));
	return error;
}

static int
put_answer(struct buf_writer *w, const struct login_message *m)
{
	return buf_put_string(w, m->answer.text);
}

static int
get_answer(struct buf_reader *r, struct login_message *m)
{
	return buf_get_string(r, m->answer.text, sizeof(m->answer.text));
}

static int
put_show(struct buf_writer *w, const struct login_message *m)
{
	int error;

	error = buf_put_u8(w, (uint8_t)m->show.style);
	if (!error)
		error = buf_put_string(w, m->show.text);
	return error;
}

static int
get_show(struct buf_reader *r, struct login_message *m)
{
	uint8_t style;
	int error;

	error = buf_get_u8(r, &style);
	if (error)
		return error;
	m->show.style = style;
	return buf_get_string(r, m->show.text, sizeof(m->show.text));
}

static int
put_ask(struct buf_writer *w, const struct login_message *m)
{
	int error;

	error = buf_put_u8(w, m->ask.echo);
	if (!error)
		error = buf_put_string(w, m->ask.text);
	return error;
}

static int
get_ask(struct buf_reader *r, struct login_message *m)
{
	int error;

	error = buf_get_u8(r, &m->ask.echo);
	if (!error)
		error = buf_get_string(r, m->ask.text, sizeof(m->ask.text));
	return error;
}

static int
put_done(struct buf_writer *w, const struct login_message *m)
{
	int error;

	error = buf_put_u8(w, (uint8_t)m->done.verdict);
	if (!error)
		error = buf_put_string(w, m->done.text);
	if (!error)
		error = buf_put_string(w, m->done.handle);
	return error;
}

static int
get_done(struct buf_reader *r, struct login_message *m)
{
	uint8_t verdict;
	int error;

	error = buf_get_u8(r, &verdict);
	if (error)
		return error;
	m->done.verdict = verdict;
	error = buf_get_string(r, m->done.text, sizeof(m->done.text));
	if (!error)
		error =
		    buf_get_string(r, m->done.handle, sizeof(m->done.handle));
	return error;
}

static int
get_token(struct buf_reader *r, struct login_message *m)
{
	const uint8_t *bytes;
	int error;

	error = buf_get_bytes(r, LOGIN_TOKEN_SIZE_MAX, &bytes, &m->token.size);
	if (!error)
		m->token.text = (const char *)bytes;
	return error;
}

static int
put_fields(struct buf_writer *w, const struct login_message *m)
{
	switch (m->type) {
	case LOGIN_BEGIN:
		return put_begin(w, m);
	case LOGIN_ANSWER:
		return put_answer(w, m);
	case LOGIN_SHOW:
		return put_show(w, m);
	case LOGIN_ASK:
		return put_ask(w, m);
	case LOGIN_WAIT:
	case LOGIN_WANT:
		return 0;
	case LOGIN_DONE:
		return put_done(w, m);
	case LOGIN_TOKEN:
		return buf_put_bytes(w, m->token.text, m->token.size);
	}
	return -EBADMSG;
}

static int
get_fields(struct buf_reader *r, struct login_message *m)
{
	switch (m->type) {
	case LOGIN_BEGIN:
		return get_begin(r, m);
	case LOGIN_ANSWER:
		return get_answer(r, m);
	case LOGIN_SHOW:
		return get_show(r, m);
	case LOGIN_ASK:
		return get_ask(r, m);
	case LOGIN_WAIT:
	case LOGIN_WANT:
		return 0;
	case LOGIN_DONE:
		return get_done(r, m);
	case LOGIN_TOKEN:
		return get_token(r, m);
	}
	return -EBADMSG;
}

int
login_message_put(const struct login_message *message, void *storage,
    size_t size, size_t *ret_size)
{
	struct buf_writer w;
	int error;

	if (!is_well_formed(message))
		return -EBADMSG;
	buf_writer_init(&w, storage, size);
	error = buf_put_u8(&w, (uint8_t)message->type);
	if (!error)
		error = put_fields(&w, message);
	if (error)
		return error;
	*ret_size = buf_writer_size(&w);
	return 0;
}

int
login_message_get(
    const void *body, size_t size, struct login_message *ret_message)
{
	struct login_message m;
	struct buf_reader r;
	uint8_t type;
	int error;

	memset(&m, 0, sizeof(m));
	buf_reader_init(&r, body, size);
	error = buf_get_u8(&r, &type);
	if (error)
		return error;
	m.type = type;
	error = get_fields(&r, &m);
	if (!error)
		error = buf_get_end(&r);
	if (!error && !is_well_formed(&m))
		error = -EBADMSG;
	if (!error)
		*ret_message = m;
	explicit_bzero(&m, sizeof(m)); /* an answer may be a secret */
	return error;
}
