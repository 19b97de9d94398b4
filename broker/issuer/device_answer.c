#include "broker/issuer/device_answer.h"

#include "broker/json_document.h"
#include "broker/text.h"

#include <errno.h>
#include <string.h>

/* Copies a member of printable ASCII, so that no terminal is told anything. */
static int
read_text(
    const json_t *document, const char *member, char *ret_text, size_t size)
{
	const json_t *value = json_object_get(document, member);
	const char *text = json_string_value(value);

	if (!value)
		return -ENOENT;
	if (!text || text[0] == '\0' || !text_is_ascii(text, size))
		return -EBADMSG;
	strcpy(ret_text, text);
	return 0;
}

static int
read_uri(const json_t *document, const char *member, char *ret_uri)
{
	int error = read_text(document, member, ret_uri, DEVICE_URI_SIZE);

	if (error)
		return error;
	return text_is_https(ret_uri, DEVICE_URI_SIZE) ? 0 : -EBADMSG;
}

static int
read_seconds(const json_t *document, const char *member, unsigned int max,
    unsigned int *ret_seconds)
{
	const json_t *value = json_object_get(document, member);
	json_int_t seconds = json_integer_value(value);

	if (!value)
		return -ENOENT;
	if (!json_is_integer(value) || seconds <= 0)
		return -EBADMSG;
	*ret_seconds = seconds < max ? (unsigned int)seconds : max;
	return 0;
}

static int
read_secret(const json_t *document, const char *member, size_t size_max,
    struct secret **ret_secret)
{
	const json_t *value = json_object_get(document, member);
	size_t size = json_string_length(value);

	if (!json_is_string(value) || size == 0 || size > size_max)
		return -EBADMSG;
	return secret_new(json_string_value(value), size, ret_secret);
}

static int
parse_authorization(const json_t *document, struct device_authorization *a,
    const char **ret_detail)
{
	int error;

	*ret_detail = "user_code";
	if (read_text(
		document, *ret_detail, a->user_code, sizeof(a->user_code)))
		return -EBADMSG;
	*ret_detail = "verification_uri";
	if (read_uri(document, *ret_detail, a->verification_uri))
		return -EBADMSG;
	*ret_detail = "verification_uri_complete";
	error = read_uri(document, *ret_detail, a->verification_uri_complete);
	if (error == -ENOENT)
		a->verification_uri_complete[0] = '\0';
	else if (error)
		return error;
	*ret_detail = "expires_in";
	if (read_seconds(
		document, *ret_detail, DEVICE_EXPIRES_MAX_S, &a->expires_in_s))
		return -EBADMSG;
	*ret_detail = "interval";
	error = read_seconds(
	    document, *ret_detail, DEVICE_INTERVAL_MAX_S, &a->interval_s);
	if (error == -ENOENT)
		a->interval_s = DEVICE_INTERVAL_DEFAULT_S;
	else if (error)
		return error;
	*ret_detail = "device_code";
	return read_secret(
	    document, *ret_detail, DEVICE_CODE_SIZE_MAX, &a->device_code);
}

int
device_authorization_parse(const char *json, size_t size,
    struct device_authorization *ret_authorization, const char **ret_detail)
{
	json_document *document = json_document_parse(json, size);
	struct device_authorization authorization = {0};
	int error;

	*ret_detail = "answer";
	if (!document)
		return -EBADMSG;
	error = parse_authorization(document, &authorization, ret_detail);
	if (error)
		return error;
	*ret_authorization = authorization;
	return 0;
}

void
device_authorization_done(struct device_authorization *authorization)
{
	authorization->device_code = secret_free(authorization->device_code);
}

int
device_token_parse(const char *json, size_t size, struct secret **ret_id_token,
    const char **ret_detail)
{
	json_document *document = json_document_parse(json, size);

	*ret_detail = "answer";
	if (!document)
		return -EBADMSG;
	*ret_detail = "id_token";
	return read_secret(
	    document, *ret_detail, DEVICE_TOKEN_SIZE_MAX, ret_id_token);
}

void
device_error_parse(
    const char *json, size_t size, char ret_error[static DEVICE_ERROR_SIZE])
{
	json_document *document = json_document_parse(json, size);

	if (!document ||
	    read_text(document, "error", ret_error, DEVICE_ERROR_SIZE))
		ret_error[0] = '\0';
}
