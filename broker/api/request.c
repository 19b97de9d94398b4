#include "broker/api/request.h"

#include "broker/json_document.h"
#include "verify/base64url.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum request_form
request_form_of(const char *content_type)
{
	static const struct {
		const char *type;
		enum request_form form;
	} known[] = {
	    {"application/x-www-form-urlencoded", REQUEST_FORM_URLENCODED},
	    {"application/json", REQUEST_FORM_JSON}};
	size_t i, size;

	for (i = 0; content_type && i < sizeof(known) / sizeof(*known); i++) {
		size = strlen(known[i].type);
		if (strncasecmp(content_type, known[i].type, size) == 0 &&
		    strchr("; \t", content_type[size]))
			return known[i].form;
	}
	return REQUEST_FORM_NONE;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* One character of a form from text, which ends at end. 0: there is none. */
static size_t
decode_character(const char *text, const char *end, char *ret_character)
{
	int high, low;

	*ret_character = *text;
	if (*text != '%')
		return *text == '\0' ? 0 : 1;
	if (end - text < 3)
		return 0;
	high = hex_value(text[1]);
	low = hex_value(text[2]);
	if (high < 0 || low < 0 || (high == 0 && low == 0))
		return 0;
	*ret_character = (char)(uint8_t)(high << 4 | low);
	return 3;
}

/* Nearly all there is in a token stands for itself. */
static size_t
skip_plain(const char *text, const char *end)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const char *at = text;

	for (; end - at >= 8; at += 8) {
		uint64_t word, flags;

		memcpy(&word, at, sizeof(word));
		/* The high bit of each byte that is 0, '%' or '+'. */
		flags = (word - ones) | ((word ^ ones * '%') - ones) |
			((word ^ ones * '+') - ones);
		if (flags & ones * 0x80)
			break;
	}
	return (size_t)(at - text);
}

static int
decode_value(
    const char *text, const char *end, bool plus_is_space, char **ret_value)
{
	char *value = malloc((size_t)(end - text) + 1);
	size_t used, filled = skip_plain(text, end);

	if (!value)
		return -ENOMEM;
	memcpy(value, text, filled);
	for (text += filled; text < end; text += used) {
		used = decode_character(text, end, &value[filled]);
		if (used == 0) {
			explicit_bzero(value, filled);
			free(value);
			return -EBADMSG;
		}
		if (plus_is_space && *text == '+')
			value[filled] = ' ';
		filled++;
	}
	value[filled] = '\0';
	*ret_value = value;
	return 0;
}

int
request_unescape(const char *text, char **ret_text)
{
	return decode_value(text, text + strlen(text), false, ret_text);
}

/* Where a member of this name goes; NULL: nobody asked for it. */
static char **
place_of(const struct request_text *texts, const char *name, size_t size)
{
	for (; texts->name; texts++) {
		if (size == strlen(texts->name) &&
		    memcmp(name, texts->name, size) == 0)
			return texts->place;
	}
	return NULL;
}

static int
read_pair(const char *pair, const char *end, const struct request_text *texts)
{
	const char *equals = memchr(pair, '=', (size_t)(end - pair));
	size_t size = (size_t)((equals ? equals : end) - pair);
	char **place = place_of(texts, pair, size);

	if (!place)
		return 0;
	if (!equals || *place)
		return -EBADMSG;
	return decode_value(equals + 1, end, true, place);
}

int
request_form_read(
    const char *body, size_t size, const struct request_text *texts)
{
	const char *end = body + size, *at = body, *next;
	int error = 0;

	while (!error && at < end) {
		next = memchr(at, '&', (size_t)(end - at));
		if (!next)
			next = end;
		error = read_pair(at, next, texts);
		at = next < end ? next + 1 : end;
	}
	return error;
}

int
request_member_read(const json_t *document, const char *name, char **ret_text)
{
	const json_t *member = json_object_get(document, name);

	if (!member || json_is_null(member))
		return 0;
	if (!json_is_string(member) ||
	    strlen(json_string_value(member)) != json_string_length(member))
		return -EBADMSG;
	*ret_text = strdup(json_string_value(member));
	return *ret_text ? 0 : -ENOMEM;
}

static int
read_json(const char *body, size_t size, const struct request_text *texts)
{
	json_document *document = json_document_parse(body, size);
	int error = 0;

	if (!document)
		return -EBADMSG;
	for (; !error && texts->name; texts++)
		error =
		    request_member_read(document, texts->name, texts->place);
	return error;
}

int
request_texts_read(enum request_form form, const char *body, size_t size,
    const struct request_text *texts)
{
	switch (form) {
	case REQUEST_FORM_NONE:
		break;
	case REQUEST_FORM_URLENCODED:
		return request_form_read(body, size, texts);
	case REQUEST_FORM_JSON:
		return read_json(body, size, texts);
	}
	return -EBADMSG;
}

void
request_wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

void
request_strip(char *text)
{
	static const char blanks[] = " \t\r\n";
	size_t whole = text ? strlen(text) : 0, start, size;

	if (whole == 0)
		return;
	start = strspn(text, blanks);
	size = whole - start;
	while (size > 0 && strchr(blanks, text[start + size - 1]))
		size--;
	memmove(text, text + start, size);
	/* Whoever wipes it later sees no further than its end. */
	explicit_bzero(text + size, whole - size);
}

void
introspection_done(struct introspection *asked)
{
	request_wipe(asked->token);
	request_wipe(asked->provider);
	*asked = (struct introspection){0};
}

int
introspection_read(enum request_form form, const char *body, size_t size,
    struct introspection *ret_asked)
{
	struct introspection asked = {0};
	const struct request_text texts[] = {{"token", &asked.token},
	    {"identity_provider", &asked.provider}, {NULL, NULL}};
	int error = request_texts_read(form, body, size, texts);

	if (error) {
		introspection_done(&asked);
		return error;
	}
	request_strip(asked.token);
	*ret_asked = asked;
	return 0;
}

/* What stands behind the scheme and one space or more; NULL: another one. */
static const char *
behind_scheme(const char *header, const char *scheme)
{
	size_t size = strlen(scheme);

	if (strncasecmp(header, scheme, size) != 0 || header[size] != ' ')
		return NULL;
	return header + size + strspn(header + size, " ");
}

size_t
request_b64token(const char *text)
{
	size_t size = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "abcdefghijklmnopqrstuvwxyz"
				   "0123456789-._~+/");

	return size > 0 ? size + strspn(text + size, "=") : 0;
}

int
request_credentials(const char *header, enum portvakt_scheme *ret_scheme,
    const char **ret_token, size_t *ret_size)
{
	enum portvakt_scheme scheme = PORTVAKT_SCHEME_BEARER;
	const char *token = behind_scheme(header, "Bearer");
	size_t size;

	if (!token) {
		scheme = PORTVAKT_SCHEME_DPOP;
		token = behind_scheme(header, "DPoP");
	}
	if (!token)
		return -EBADMSG;
	size = request_b64token(token);
	if (size == 0 || token[size + strspn(token + size, " ")] != '\0')
		return -EBADMSG;
	*ret_scheme = scheme;
	*ret_token = token;
	*ret_size = size;
	return 0;
}

/* From base64 with its padding to base64url: what is left to refuse is. */
static int
to_base64url(const char *text, char *ret_text, size_t room)
{
	size_t i, size = strlen(text), padding = 0;

	if (size == 0 || size % 4 != 0 || size >= room)
		return -EBADMSG;
	while (padding < 2 && text[size - 1 - padding] == '=')
		padding++;
	for (i = 0; i < size - padding; i++) {
		if (text[i] == '-' || text[i] == '_')
			return -EBADMSG;
		ret_text[i] = text[i];
		if (text[i] == '+')
			ret_text[i] = '-';
		if (text[i] == '/')
			ret_text[i] = '_';
	}
	ret_text[size - padding] = '\0';
	return 0;
}

/* One half of a login, as a form would carry it. */
static int
decode_login_part(
    const char *text, const char *end, char *ret_part, size_t room)
{
	size_t used, filled = 0;

	for (; text < end; text += used) {
		used = decode_character(text, end, &ret_part[filled]);
		if (used == 0 || ++filled == room)
			return -EBADMSG;
	}
	ret_part[filled] = '\0';
	return 0;
}

/*
 * RFC 6749 section 2.3.1: the name and the secret of a client are written as
 * in a form, though not all do so. Neither has a '%' or a '+' in it, so that
 * both ways of writing are read alike.
 */
static int
split_login(const char *text, size_t size, struct request_login *ret_login)
{
	const char *colon = memchr(text, ':', size);
	int error;

	if (!colon)
		return -EBADMSG;
	error = decode_login_part(
	    text, colon, ret_login->name, sizeof(ret_login->name));
	return error ? error
		     : decode_login_part(colon + 1, text + size,
			   ret_login->secret, sizeof(ret_login->secret));
}

int
request_basic(const char *header, struct request_login *ret_login)
{
	/* Three characters for one, and base64 of those. */
	char login[3 * sizeof(*ret_login)];
	char text[sizeof(login) / 3 * 4 + 1];
	const char *encoded = behind_scheme(header, "Basic");
	size_t size = 0;
	int error;

	if (!encoded)
		return -EBADMSG;
	error = to_base64url(encoded, text, sizeof(text));
	if (!error && base64url_decode(
			  text, strlen(text), sizeof(login), login, &size) != 0)
		error = -EBADMSG;
	if (!error)
		error = split_login(login, size, ret_login);
	explicit_bzero(text, sizeof(text));
	explicit_bzero(login, sizeof(login));
	return error;
}
