#include "broker/token/token_answer.h"

#include "broker/text.h"
#include "lib/utf8.h"
#include "verify/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	NODES_MAX = 512,
	PERSON_DIGITS = 11,
};

/* The JSON is changed as it is read, and there are tokens in it. */
struct document {
	struct json json;
	struct json_node nodes[NODES_MAX];
	char *text;
	size_t size;
};

static void
document_done(struct document *document)
{
	if (document->text)
		explicit_bzero(document->text, document->size);
	free(document->text);
}

static int
document_read(struct document *document, const char *json, size_t size)
{
	int error;

	document->text = malloc(size + 1);
	if (!document->text)
		return -ENOMEM;
	document->size = size;
	memcpy(document->text, json, size);
	error = json_read(
	    document->text, size, document->nodes, NODES_MAX, &document->json);
	if (error || document->json.nodes->kind != JSON_KIND_OBJECT)
		return -EBADMSG;
	return 0;
}

/* -EBADMSG when it is missing or no string. */
static int
get_text(const struct document *document, const char *name, struct slice *ret)
{
	const struct json_node *node =
	    json_member(&document->json, document->json.nodes, name);

	return node ? json_get_text(&document->json, node, ret) : -EBADMSG;
}

/* RFC 6749, appendix A.12, without the space: it stands in a header. */
static bool
is_token(struct slice text)
{
	return text.size > 0 && text.size <= TOKEN_SIZE_MAX &&
	       slice_is_printable(text) && !memchr(text.at, ' ', text.size);
}

static int
get_lifetime(const struct document *document, int64_t *ret_seconds)
{
	const struct json_node *node =
	    json_member(&document->json, document->json.nodes, "expires_in");
	uint64_t seconds;

	if (!node || json_get_unsigned(&document->json, node, &seconds) ||
	    seconds == 0)
		return -EBADMSG;
	*ret_seconds = seconds < TOKEN_LIFETIME_MAX_S ? (int64_t)seconds
						      : TOKEN_LIFETIME_MAX_S;
	return 0;
}

/* RFC 8693, 2.2.1: an id_token or a refresh token would be no use. */
static bool
is_access_token_type(struct slice type)
{
	return slice_equal(
		   type, "urn:ietf:params:oauth:token-type:access_token") ||
	       slice_equal(type, "urn:ietf:params:oauth:token-type:jwt");
}

static int
take_answer(const struct document *document, bool exchanged,
    struct token_answer *ret_answer, const char **ret_detail)
{
	struct slice text;
	int64_t expires_in_s;

	*ret_detail = "token_type";
	if (get_text(document, *ret_detail, &text) ||
	    !slice_equal_nocase(text, "Bearer"))
		return -EBADMSG;
	*ret_detail = "issued_token_type";
	if (exchanged && (get_text(document, *ret_detail, &text) ||
			     !is_access_token_type(text)))
		return -EBADMSG;
	*ret_detail = "expires_in";
	if (get_lifetime(document, &expires_in_s))
		return -EBADMSG;
	*ret_detail = "access_token";
	if (get_text(document, *ret_detail, &text) || !is_token(text))
		return -EBADMSG;
	if (secret_new(text.at, text.size, &ret_answer->access_token))
		return -ENOMEM;
	ret_answer->expires_in_s = expires_in_s;
	return 0;
}

int
token_answer_parse(const char *json, size_t size, bool exchanged,
    struct token_answer *ret_answer, const char **ret_detail)
{
	__attribute__((cleanup(document_done))) struct document document;
	int error;

	*ret_detail = "JSON object";
	error = document_read(&document, json, size);
	if (error)
		return error;
	return take_answer(&document, exchanged, ret_answer, ret_detail);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* From the digit at text: also "010190 12345", as people write them. */
static size_t
number_size(const char *text, size_t *ret_digits)
{
	size_t i = 0, digits = 0;

	while (is_digit(text[i]) ||
	       (text[i] && strchr(" -.", text[i]) && is_digit(text[i + 1])))
		digits += is_digit(text[i++]);
	*ret_digits = digits;
	return i;
}

static void
mask_numbers(char *text)
{
	size_t i, digits, size;

	for (; *text; text += size) {
		size = 1;
		if (!is_digit(*text))
			continue;
		size = number_size(text, &digits);
		for (i = 0; i < size && digits >= PERSON_DIGITS; i++) {
			if (is_digit(text[i]))
				text[i] = '*';
		}
	}
}

/* As much of it as there is room for, whole characters. */
static void
copy_clean(struct slice from, char ret_text[static TOKEN_DESCRIPTION_SIZE])
{
	uint32_t codepoint = 0;
	size_t at = 0, step, used = 0;

	while (at < from.size) {
		step = utf8_decode(from.at + at, from.size - at, &codepoint);
		if (step == 0 || used + step >= TOKEN_DESCRIPTION_SIZE)
			break;
		if (text_is_shown(codepoint)) {
			memcpy(ret_text + used, from.at + at, step);
			used += step;
		} else {
			ret_text[used++] = ' ';
		}
		at += step;
	}
	ret_text[used] = '\0';
	mask_numbers(ret_text);
}

/* RFC 6749, 5.2, and 8.5 for words of others: names of one piece. */
static bool
is_error_word(struct slice text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-.";
	size_t i;

	if (text.size == 0 || text.size >= TOKEN_ERROR_SIZE)
		return false;
	for (i = 0; i < text.size; i++) {
		if (!memchr(letters, text.at[i], sizeof(letters) - 1))
			return false;
	}
	return true;
}

int
token_refusal_parse(
    const char *json, size_t size, struct token_refusal *ret_refusal)
{
	__attribute__((cleanup(document_done))) struct document document;
	struct slice text;
	int error;

	error = document_read(&document, json, size);
	if (error)
		return error;
	if (get_text(&document, "error", &text) || !is_error_word(text))
		return -EBADMSG;
	memcpy(ret_refusal->error, text.at, text.size);
	ret_refusal->error[text.size] = '\0';
	if (get_text(&document, "error_description", &text))
		text = (struct slice){"", 0};
	copy_clean(text, ret_refusal->description);
	return 0;
}
