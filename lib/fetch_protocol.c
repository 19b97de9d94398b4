#include "lib/fetch_protocol.h"
#include "lib/buf.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* What may stand in a string, and how long it may be with its terminator. */
struct text_rule {
	size_t size;
	char lowest; /* 0: anything but NUL */
	bool may_be_empty;
};

static const struct text_rule path_rule = {FETCH_PATH_SIZE, ' ', true};
static const struct text_rule proxy_rule = {FETCH_HOST_SIZE, '!', true};
static const struct text_rule host_rule = {FETCH_HOST_SIZE, '!', false};
static const struct text_rule url_rule = {FETCH_URL_SIZE, '!', false};
static const struct text_rule authorization_rule = {
    FETCH_AUTHORIZATION_SIZE, ' ', true};
static const struct text_rule name_rule = {FETCH_FORM_SIZE, '!', false};
static const struct text_rule value_rule = {FETCH_FORM_SIZE, 0, true};
static const struct text_rule content_type_rule = {
    FETCH_CONTENT_TYPE_SIZE, ' ', true};
static const struct text_rule date_rule = {FETCH_DATE_SIZE, ' ', true};
static const struct text_rule detail_rule = {FETCH_DETAIL_SIZE, ' ', true};

/* Printable ASCII from the lowest on: no line break reaches a header or log. */
static bool
is_allowed(const struct text_rule *rule, const char *text, size_t length)
{
	size_t i;

	if (length >= rule->size || (length == 0 && !rule->may_be_empty))
		return false;
	for (i = 0; rule->lowest && i < length; i++) {
		if (text[i] < rule->lowest || text[i] > '~')
			return false;
	}
	return true;
}

static int
put_text(struct buf_writer *w, const struct text_rule *rule, const char *text)
{
	if (!text)
		text = "";
	if (!is_allowed(rule, text, strlen(text)))
		return -EINVAL;
	return buf_put_string(w, text);
}

static int
get_text(struct buf_reader *r, const struct text_rule *rule,
    struct fetch_text *text, const char **ret_text)
{
	char *at = text->bytes + text->used;
	size_t left = sizeof(text->bytes) - text->used;
	int error;

	if (left == 0)
		return -EBADMSG;
	error = buf_get_string(r, at, left < rule->size ? left : rule->size);
	if (error)
		return error;
	text->used += strlen(at) + 1; /* also what is refused gets wiped */
	if (!is_allowed(rule, at, strlen(at)))
		return -EBADMSG;
	*ret_text = at;
	return 0;
}

static int
put_hosts(struct buf_writer *w, const struct fetch_message *message)
{
	size_t i;
	int error;

	if (message->hosts.hosts_count > FETCH_HOSTS_MAX)
		return -EINVAL;
	error = buf_put_u8(w, FETCH_PROTOCOL_VERSION);
	if (!error)
		error = put_text(w, &path_rule, message->hosts.ca_file);
	if (!error)
		error = put_text(w, &proxy_rule, message->hosts.proxy);
	if (!error)
		error = buf_put_u8(w, (uint8_t)message->hosts.hosts_count);
	for (i = 0; !error && i < message->hosts.hosts_count; i++)
		error = put_text(w, &host_rule, message->hosts.hosts[i]);
	return error;
}

static int
get_hosts(struct buf_reader *r, struct fetch_text *text,
    struct fetch_message *message)
{
	uint8_t version, count;
	size_t i;
	int error;

	error = buf_get_u8(r, &version);
	if (!error && version != FETCH_PROTOCOL_VERSION)
		return -EPROTONOSUPPORT;
	if (!error)
		error = get_text(r, &path_rule, text, &message->hosts.ca_file);
	if (!error)
		error = get_text(r, &proxy_rule, text, &message->hosts.proxy);
	if (!error)
		error = buf_get_u8(r, &count);
	if (!error && count > FETCH_HOSTS_MAX)
		return -EBADMSG;
	for (i = 0; !error && i < count; i++)
		error = get_text(r, &host_rule, text, &message->hosts.hosts[i]);
	message->hosts.hosts_count = error ? 0 : count;
	return error;
}

static int
put_form(struct buf_writer *w, const struct fetch_parameter *form, size_t count)
{
	size_t i, size = 0;
	int error;

	error = buf_put_u8(w, (uint8_t)count);
	for (i = 0; !error && i < count; i++) {
		error = put_text(w, &name_rule, form[i].name);
		if (!error)
			error = put_text(w, &value_rule, form[i].value);
		if (!error)
			size += strlen(form[i].name) + 2 +
				(form[i].value ? strlen(form[i].value) : 0);
		if (size > FETCH_FORM_SIZE)
			error = -EINVAL;
	}
	return error;
}

static int
get_form(struct buf_reader *r, struct fetch_text *text,
    struct fetch_parameter *form, size_t *ret_count)
{
	size_t i, start = text->used;
	uint8_t count;
	int error;

	error = buf_get_u8(r, &count);
	if (!error && count > FETCH_PARAMETERS_MAX)
		return -EBADMSG;
	for (i = 0; !error && i < count; i++) {
		error = get_text(r, &name_rule, text, &form[i].name);
		if (!error)
			error = get_text(r, &value_rule, text, &form[i].value);
		if (text->used - start > FETCH_FORM_SIZE)
			return -EBADMSG;
	}
	if (!error)
		*ret_count = count;
	return error;
}

/* The whole of a CALL, beyond what the type of each field says. */
static bool
is_sound_call(const struct fetch_message *message)
{
	if (message->call.timeout_ms == 0 ||
	    message->call.timeout_ms > FETCH_TIMEOUT_MS_MAX ||
	    message->call.body_size_max > FETCH_BODY_SIZE_MAX)
		return false;
	switch (message->call.method) {
	case FETCH_GET:
		return message->call.form_count == 0;
	case FETCH_POST:
		return message->call.form_count <= FETCH_PARAMETERS_MAX;
	}
	return false;
}

static int
put_call(struct buf_writer *w, const struct fetch_message *message)
{
	int error;

	if (!is_sound_call(message))
		return -EINVAL;
	error = buf_put_u32(w, message->call.id);
	if (!error)
		error = buf_put_u8(w, (uint8_t)message->call.method);
	if (!error)
		error = put_text(w, &url_rule, message->call.url);
	if (!error)
		error = put_text(
		    w, &authorization_rule, message->call.authorization);
	if (!error)
		error = buf_put_u32(w, message->call.timeout_ms);
	if (!error)
		error = buf_put_u32(w, message->call.body_size_max);
	if (!error)
		error =
		    put_form(w, message->call.form, message->call.form_count);
	return error;
}

static int
get_call(struct buf_reader *r, struct fetch_text *text,
    struct fetch_message *message)
{
	uint8_t method;
	int error;

	error = buf_get_u32(r, &message->call.id);
	if (!error)
		error = buf_get_u8(r, &method);
	if (!error)
		error = get_text(r, &url_rule, text, &message->call.url);
	if (!error)
		error = get_text(
		    r, &authorization_rule, text, &message->call.authorization);
	if (!error)
		error = buf_get_u32(r, &message->call.timeout_ms);
	if (!error)
		error = buf_get_u32(r, &message->call.body_size_max);
	if (!error)
		error = get_form(
		    r, text, message->call.form, &message->call.form_count);
	if (error)
		return error;
	message->call.method = method;
	return is_sound_call(message) ? 0 : -EBADMSG;
}

static bool
is_sound_answer(const struct fetch_message *message)
{
	bool has_status =
	    message->answer.status >= 100 && message->answer.status <= 999;

	if (message->answer.body_size > FETCH_BODY_SIZE_MAX)
		return false;
	switch (message->answer.outcome) {
	case FETCH_DONE:
	case FETCH_REDIRECTED:
		return has_status;
	case FETCH_FAILED:
	case FETCH_HOST_REFUSED:
	case FETCH_UNRESOLVED:
	case FETCH_UNREACHABLE:
	case FETCH_TLS_REFUSED:
	case FETCH_TIMED_OUT:
	case FETCH_TOO_LARGE:
	case FETCH_BUSY:
		return message->answer.status == 0 &&
		       message->answer.body_size == 0;
	}
	return false;
}

static int
put_answer(struct buf_writer *w, const struct fetch_message *message)
{
	int error;

	if (!is_sound_answer(message))
		return -EINVAL;
	error = buf_put_u32(w, message->answer.id);
	if (!error)
		error = buf_put_u8(w, (uint8_t)message->answer.outcome);
	if (!error)
		error = buf_put_u16(w, message->answer.status);
	if (!error)
		error = put_text(
		    w, &content_type_rule, message->answer.content_type);
	if (!error)
		error = put_text(w, &date_rule, message->answer.date);
	if (!error)
		error = put_text(w, &detail_rule, message->answer.detail);
	if (!error)
		error = buf_put_bytes(
		    w, message->answer.body, message->answer.body_size);
	return error;
}

static int
get_answer(struct buf_reader *r, struct fetch_text *text,
    struct fetch_message *message)
{
	const uint8_t *body;
	uint8_t outcome;
	int error;

	error = buf_get_u32(r, &message->answer.id);
	if (!error)
		error = buf_get_u8(r, &outcome);
	if (!error)
		error = buf_get_u16(r, &message->answer.status);
	if (!error)
		error = get_text(
		    r, &content_type_rule, text, &message->answer.content_type);
	if (!error)
		error = get_text(r, &date_rule, text, &message->answer.date);
	if (!error)
		error =
		    get_text(r, &detail_rule, text, &message->answer.detail);
	if (!error)
		error = buf_get_bytes(
		    r, FETCH_BODY_SIZE_MAX, &body, &message->answer.body_size);
	if (error)
		return error;
	message->answer.outcome = outcome;
	message->answer.body = body;
	return is_sound_answer(message) ? 0 : -EBADMSG;
}

int
fetch_message_put(const struct fetch_message *message, void *storage,
    size_t size, size_t *ret_size)
{
	struct buf_writer w;
	int error;

	buf_writer_init(&w, storage, size);
	error = buf_put_u8(&w, (uint8_t)message->type);
	if (error)
		return error;
	switch (message->type) {
	case FETCH_HOSTS:
		error = put_hosts(&w, message);
		break;
	case FETCH_READY:
		break;
	case FETCH_REFUSED:
		error = put_text(&w, &detail_rule, message->refused.detail);
		break;
	case FETCH_CALL:
		error = put_call(&w, message);
		break;
	case FETCH_ANSWER:
		error = put_answer(&w, message);
		break;
	case FETCH_CANCEL:
		error = buf_put_u32(&w, message->cancel.id);
		break;
	}
	if (error)
		return error;
	*ret_size = buf_writer_size(&w);
	return 0;
}

static int
get_fields(struct buf_reader *r, struct fetch_text *text,
    struct fetch_message *message)
{
	switch (message->type) {
	case FETCH_HOSTS:
		return get_hosts(r, text, message);
	case FETCH_READY:
		return 0;
	case FETCH_REFUSED:
		return get_text(
		    r, &detail_rule, text, &message->refused.detail);
	case FETCH_CALL:
		return get_call(r, text, message);
	case FETCH_ANSWER:
		return get_answer(r, text, message);
	case FETCH_CANCEL:
		return buf_get_u32(r, &message->cancel.id);
	}
	return -EBADMSG;
}

int
fetch_message_get(const void *body, size_t size, struct fetch_text *ret_text,
    struct fetch_message *ret_message)
{
	struct fetch_message message = {0};
	struct buf_reader r;
	uint8_t type;
	int error;

	ret_text->used = 0;
	buf_reader_init(&r, body, size);
	error = buf_get_u8(&r, &type);
	if (error)
		return error;
	message.type = type;
	error = get_fields(&r, ret_text, &message);
	if (!error)
		error = buf_get_end(&r);
	if (error)
		return error;
	*ret_message = message;
	return 0;
}

void
fetch_text_wipe(struct fetch_text *text)
{
	explicit_bzero(text->bytes, text->used);
	text->used = 0;
}
