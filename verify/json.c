#include "verify/json.h"

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

struct reader {
	char *text;
	char *at;
	char *end;
	struct json_node *nodes;
	size_t nodes_count;
	size_t nodes_max;
};

static int read_value(struct reader *r, unsigned int depth);

/* NUL at the end: no JSON text may hold one where this is asked. */
static char
peek(const struct reader *r)
{
	return r->at < r->end ? *r->at : '\0';
}

static void
skip_space(struct reader *r)
{
	while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' ||
				     *r->at == '\n' || *r->at == '\r'))
		r->at++;
}

static bool
take(struct reader *r, char wanted)
{
	skip_space(r);
	if (peek(r) != wanted)
		return false;
	r->at++;
	return true;
}

static int
add_node(struct reader *r, enum json_kind kind, const char *start, size_t size)
{
	struct json_node *node;

	if (r->nodes_count == r->nodes_max)
		return -E2BIG;
	node = &r->nodes[r->nodes_count++];
	node->start = (uint32_t)(start - r->text);
	node->size = (uint32_t)size;
	node->next = (uint32_t)r->nodes_count;
	node->kind = (uint8_t)kind;
	node->mark = 0;
	return 0;
}

/* Length and both ends tell most names apart. */
static uint8_t
mark_of(const char *text, size_t size)
{
	unsigned int first, last;

	if (size == 0)
		return 0;
	first = (unsigned char)text[0];
	last = (unsigned char)text[size - 1];
	return (uint8_t)(size + first * 7 + last * 29);
}

static bool
is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/*
 * Eight bytes at a time to the first one that is not plain: a quote, a
 * backslash, a control character, or outside ASCII. In the arithmetic a byte
 * can be flagged wrongly only above one that is flagged rightly, so the lowest
 * flag is true (and without a flag there is nothing).
 */
static char *
skip_plain(char *at, const char *end)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);

	for (; end - at >= 8; at += 8) {
		uint64_t word, flags;

		memcpy(&word, at, sizeof(word));
		word = le64toh(word);
		flags = (word | (word - ones * 0x20) |
			    ((word ^ ones * '"') - ones) |
			    ((word ^ ones * '\\') - ones)) &
			ones * 0x80;
		if (flags)
			return at + __builtin_ctzll(flags) / 8;
	}
	while (at < end && is_plain((unsigned char)*at))
		at++;
	return at;
}

/* The bytes of the shortest-form UTF-8 character here; 0: it is not one. */
static size_t
utf8_size(const char *text, const char *end)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t left = (size_t)(end - text);
	unsigned char low = 0x80, high = 0xbf;
	size_t size, i;

	if (left == 0 || s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	size = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (left < size)
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0;
	if (s[0] == 0xed)
		high = 0x9f; /* surrogates are not characters */
	if (s[0] == 0xf0)
		low = 0x90;
	if (s[0] == 0xf4)
		high = 0x8f; /* Unicode ends at U+10FFFF */
	if (s[1] < low || s[1] > high)
		return 0;
	for (i = 2; i < size; i++) {
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	}
	return size;
}

static int
copy_character(struct reader *r, char **out)
{
	size_t size = utf8_size(r->at, r->end);

	if (size == 0)
		return -EBADMSG;
	memmove(*out, r->at, size);
	*out += size;
	r->at += size;
	return 0;
}

static char *
put_utf8(char *out, uint32_t c)
{
	if (c < 0x80) {
		*out++ = (char)c;
		return out;
	}
	if (c < 0x800) {
		*out++ = (char)(0xc0 | c >> 6);
	} else if (c < 0x10000) {
		*out++ = (char)(0xe0 | c >> 12);
		*out++ = (char)(0x80 | (c >> 6 & 63));
	} else {
		*out++ = (char)(0xf0 | c >> 18);
		*out++ = (char)(0x80 | (c >> 12 & 63));
		*out++ = (char)(0x80 | (c >> 6 & 63));
	}
	*out++ = (char)(0x80 | (c & 63));
	return out;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -EBADMSG;
}

/* The four digits after \u. */
static int
read_hex(struct reader *r, uint32_t *ret_value)
{
	uint32_t value = 0;
	int i;

	if (r->end - r->at < 4)
		return -EBADMSG;
	for (i = 0; i < 4; i++) {
		int digit = hex_digit(r->at[i]);

		if (digit < 0)
			return digit;
		value = value << 4 | (uint32_t)digit;
	}
	r->at += 4;
	*ret_value = value;
	return 0;
}

static int
unescape_unicode(struct reader *r, char **out)
{
	uint32_t c, low;

	if (read_hex(r, &c) < 0 || c == 0 || (c >= 0xdc00 && c <= 0xdfff))
		return -EBADMSG;
	if (c >= 0xd800 && c <= 0xdbff) {
		if (r->end - r->at < 2 || memcmp(r->at, "\\u", 2) != 0)
			return -EBADMSG;
		r->at += 2;
		if (read_hex(r, &low) < 0 || low < 0xdc00 || low > 0xdfff)
			return -EBADMSG;
		c = 0x10000 + ((c - 0xd800) << 10 | (low - 0xdc00));
	}
	*out = put_utf8(*out, c);
	return 0;
}

static int
unescape(struct reader *r, char **out)
{
	static const char names[] = "\"\\/bfnrt";
	static const char values[] = "\"\\/\b\f\n\r\t";
	const char *found;
	char name;

	r->at++;
	name = peek(r);
	if (name == '\0')
		return -EBADMSG;
	r->at++;
	if (name == 'u')
		return unescape_unicode(r, out);
	found = strchr(names, name);
	if (!found)
		return -EBADMSG;
	*(*out)++ = values[found - names];
	return 0;
}

/* What is unescaped is never longer than it was, so it fits in its place. */
static int
read_string(struct reader *r)
{
	char *start, *out;
	int error;

	if (!take(r, '"'))
		return -EBADMSG;
	start = out = r->at;
	for (;;) {
		char *plain = skip_plain(r->at, r->end);

		if (out != r->at)
			memmove(out, r->at, (size_t)(plain - r->at));
		out += plain - r->at;
		r->at = plain;
		if (peek(r) == '"')
			break;
		error = peek(r) == '\\' ? unescape(r, &out)
					: copy_character(r, &out);
		if (error < 0)
			return error;
	}
	r->at++;
	error = add_node(r, JSON_KIND_STRING, start, (size_t)(out - start));
	if (error < 0)
		return error;
	r->nodes[r->nodes_count - 1].mark =
	    mark_of(start, (size_t)(out - start));
	return 0;
}

static size_t
skip_digits(struct reader *r)
{
	const char *start = r->at;

	while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
		r->at++;
	return (size_t)(r->at - start);
}

static int
read_number(struct reader *r)
{
	const char *start = r->at;

	if (peek(r) == '-')
		r->at++;
	if (peek(r) == '0')
		r->at++;
	else if (skip_digits(r) == 0)
		return -EBADMSG;
	if (peek(r) == '.') {
		r->at++;
		if (skip_digits(r) == 0)
			return -EBADMSG;
	}
	if (peek(r) == 'e' || peek(r) == 'E') {
		r->at++;
		if (peek(r) == '+' || peek(r) == '-')
			r->at++;
		if (skip_digits(r) == 0)
			return -EBADMSG;
	}
	return add_node(r, JSON_KIND_NUMBER, start, (size_t)(r->at - start));
}

static int
read_word(struct reader *r, const char *word, enum json_kind kind)
{
	size_t size = strlen(word);

	if ((size_t)(r->end - r->at) < size || memcmp(r->at, word, size) != 0)
		return -EBADMSG;
	r->at += size;
	return add_node(r, kind, r->at - size, size);
}

static bool
same_text(const struct reader *r, const struct json_node *a,
    const struct json_node *b)
{
	return a->mark == b->mark && a->size == b->size &&
	       memcmp(r->text + a->start, r->text + b->start, a->size) == 0;
}

/* Is the name in the last node a member already? Asked when it may be. */
static bool
is_repeated(const struct reader *r, size_t first)
{
	size_t name = r->nodes_count - 1;
	size_t i;

	for (i = first; i < name; i = r->nodes[i + 1].next) {
		if (same_text(r, &r->nodes[i], &r->nodes[name]))
			return true;
	}
	return false;
}

/* seen has one bit for each mark met: most names need no comparison. */
static int
read_member(struct reader *r, size_t first, uint64_t *seen, unsigned int depth)
{
	uint64_t bit;
	int error;

	error = read_string(r);
	if (error < 0)
		return error;
	bit = UINT64_C(1) << (r->nodes[r->nodes_count - 1].mark & 63);
	if ((*seen & bit) && is_repeated(r, first))
		return -EBADMSG;
	*seen |= bit;
	if (!take(r, ':'))
		return -EBADMSG;
	return read_value(r, depth);
}

static int
read_object(struct reader *r, unsigned int depth)
{
	size_t object = r->nodes_count;
	uint64_t seen = 0;
	uint32_t members = 0;
	int error;

	error = add_node(r, JSON_KIND_OBJECT, r->at++, 0);
	if (error < 0)
		return error;
	if (take(r, '}'))
		return 0;
	do {
		if (members++ == JSON_MEMBERS_MAX)
			return -E2BIG;
		error = read_member(r, object + 1, &seen, depth);
		if (error < 0)
			return error;
	} while (take(r, ','));
	if (!take(r, '}'))
		return -EBADMSG;
	r->nodes[object].size = members;
	r->nodes[object].next = (uint32_t)r->nodes_count;
	return 0;
}

static int
read_array(struct reader *r, unsigned int depth)
{
	size_t array = r->nodes_count;
	uint32_t elements = 0;
	int error;

	error = add_node(r, JSON_KIND_ARRAY, r->at++, 0);
	if (error < 0)
		return error;
	if (take(r, ']'))
		return 0;
	do {
		error = read_value(r, depth);
		if (error < 0)
			return error;
		elements++;
	} while (take(r, ','));
	if (!take(r, ']'))
		return -EBADMSG;
	r->nodes[array].size = elements;
	r->nodes[array].next = (uint32_t)r->nodes_count;
	return 0;
}

/* depth: how many containers this value stands in. */
static int
read_value(struct reader *r, unsigned int depth)
{
	skip_space(r);
	switch (peek(r)) {
	case '{':
		return depth < JSON_DEPTH_MAX ? read_object(r, depth + 1)
					      : -E2BIG;
	case '[':
		return depth < JSON_DEPTH_MAX ? read_array(r, depth + 1)
					      : -E2BIG;
	case '"':
		return read_string(r);
	case 't':
		return read_word(r, "true", JSON_KIND_TRUE);
	case 'f':
		return read_word(r, "false", JSON_KIND_FALSE);
	case 'n':
		return read_word(r, "null", JSON_KIND_NULL);
	default:
		return read_number(r);
	}
}

int
json_read(char *text, size_t size, struct json_node *nodes, size_t nodes_max,
    struct json *ret_json)
{
	struct reader r = {.text = text,
	    .at = text,
	    .end = text + size,
	    .nodes = nodes,
	    .nodes_max = nodes_max};
	int error;

	if (size > JSON_SIZE_MAX)
		return -E2BIG;
	error = read_value(&r, 0);
	if (error < 0)
		return error;
	skip_space(&r);
	if (r.at != r.end)
		return -EBADMSG;
	ret_json->text = text;
	ret_json->nodes = nodes;
	return 0;
}

const struct json_node *
json_member(
    const struct json *json, const struct json_node *object, const char *name)
{
	const struct json_node *end = json->nodes + object->next;
	const struct json_node *at;
	size_t size = strlen(name);
	uint8_t mark = mark_of(name, size);

	if (object->kind != JSON_KIND_OBJECT)
		return NULL;
	for (at = object + 1; at < end; at = json->nodes + at[1].next) {
		if (at->mark == mark && at->size == size &&
		    memcmp(json->text + at->start, name, size) == 0)
			return at + 1;
	}
	return NULL;
}

const struct json_node *
json_member_after(const struct json *json, const struct json_node *object,
    const struct json_node *previous)
{
	const struct json_node *next;

	if (object->kind != JSON_KIND_OBJECT)
		return NULL;
	next = previous ? json->nodes + previous[1].next : object + 1;
	return next < json->nodes + object->next ? next : NULL;
}

const struct json_node *
json_element(const struct json *json, const struct json_node *array,
    const struct json_node *previous)
{
	const struct json_node *next;

	if (array->kind != JSON_KIND_ARRAY)
		return NULL;
	next = previous ? json->nodes + previous->next : array + 1;
	return next < json->nodes + array->next ? next : NULL;
}

int
json_get_text(const struct json *json, const struct json_node *node,
    struct slice *ret_text)
{
	if (node->kind != JSON_KIND_STRING)
		return -EBADMSG;
	ret_text->at = json->text + node->start;
	ret_text->size = node->size;
	return 0;
}

int
json_get_unsigned(
    const struct json *json, const struct json_node *node, uint64_t *ret_value)
{
	const char *digits = json->text + node->start;
	uint64_t value = 0;
	uint32_t i;

	if (node->kind != JSON_KIND_NUMBER)
		return -EBADMSG;
	for (i = 0; i < node->size; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return -EBADMSG;
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(
			value, (uint64_t)(digits[i] - '0'), &value))
			return -EBADMSG;
	}
	*ret_value = value;
	return 0;
}
