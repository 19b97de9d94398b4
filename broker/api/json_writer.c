#include "broker/api/json_writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ROOM_MIN = 512, /* most answers fit */
	ESCAPE_SIZE_MAX = 6, /* \u001f */
	NUMBER_SIZE = 24,
};

/* Where so many more bytes go; NULL: there is no memory for them. */
static char *
make_room(struct json_writer *writer, size_t size)
{
	size_t room = writer->room > 0 ? writer->room : ROOM_MIN;
	char *text;

	if (writer->failed)
		return NULL;
	while (room - writer->size < size)
		room *= 2;
	if (room != writer->room) {
		text = realloc(writer->text, room);
		if (!text) {
			writer->failed = true;
			return NULL;
		}
		writer->text = text;
		writer->room = room;
	}
	return writer->text + writer->size;
}

static void
put(struct json_writer *writer, const char *text, size_t size)
{
	char *at = make_room(writer, size);

	if (!at)
		return;
	memcpy(at, text, size);
	writer->size += size;
}

static void
put_comma(struct json_writer *writer)
{
	if (writer->follows)
		put(writer, ",", 1);
	writer->follows = true;
}

void
json_writer_open(struct json_writer *writer, char bracket)
{
	put_comma(writer);
	put(writer, &bracket, 1);
	writer->follows = false;
}

void
json_writer_close(struct json_writer *writer, char bracket)
{
	put(writer, &bracket, 1);
	writer->follows = true;
}

/* RFC 8259 section 7: quotes, backslashes and control characters. */
static char *
put_character(char *at, char c)
{
	static const char digits[] = "0123456789abcdef";

	if (c == '"' || c == '\\') {
		*at++ = '\\';
	} else if ((unsigned char)c < 0x20) {
		memcpy(at, "\\u00", 4);
		at[4] = digits[(unsigned char)c >> 4];
		at[5] = digits[c & 15];
		return at + ESCAPE_SIZE_MAX;
	}
	*at++ = c;
	return at;
}

static void
put_text(struct json_writer *writer, struct slice text)
{
	char *start = make_room(writer, text.size * ESCAPE_SIZE_MAX + 2);
	char *at = start;
	size_t i;

	if (!start)
		return;
	*at++ = '"';
	for (i = 0; i < text.size; i++)
		at = put_character(at, text.at[i]);
	*at++ = '"';
	writer->size += (size_t)(at - start);
}

void
json_writer_name(struct json_writer *writer, struct slice name)
{
	put_comma(writer);
	put_text(writer, name);
	put(writer, ":", 1);
	writer->follows = false;
}

void
json_writer_text(struct json_writer *writer, struct slice text)
{
	put_comma(writer);
	put_text(writer, text);
}

void
json_writer_number(struct json_writer *writer, int64_t number)
{
	char text[NUMBER_SIZE];
	int size = snprintf(text, sizeof(text), "%" PRId64, number);

	put_comma(writer);
	put(writer, text, (size_t)size);
}

static void
put_word(struct json_writer *writer, const char *word)
{
	put_comma(writer);
	put(writer, word, strlen(word));
}

void
json_writer_bool(struct json_writer *writer, bool value)
{
	put_word(writer, value ? "true" : "false");
}

static struct slice
text_of(const struct json *json, const struct json_node *string)
{
	struct slice text = {"", 0};

	(void)json_get_text(json, string, &text);
	return text;
}

static void
write_array(struct json_writer *writer, const struct json *json,
    const struct json_node *array)
{
	const struct json_node *element = NULL;

	json_writer_open(writer, '[');
	while ((element = json_element(json, array, element)))
		json_writer_value(writer, json, element);
	json_writer_close(writer, ']');
}

static void
write_object(struct json_writer *writer, const struct json *json,
    const struct json_node *object)
{
	const struct json_node *name = NULL;

	json_writer_open(writer, '{');
	while ((name = json_member_after(json, object, name))) {
		json_writer_name(writer, text_of(json, name));
		json_writer_value(writer, json, name + 1);
	}
	json_writer_close(writer, '}');
}

/* As deep as the reader lets a text be. */
void
json_writer_value(struct json_writer *writer, const struct json *json,
    const struct json_node *node)
{
	switch ((enum json_kind)node->kind) {
	case JSON_KIND_NULL:
		put_word(writer, "null");
		return;
	case JSON_KIND_FALSE:
	case JSON_KIND_TRUE:
		json_writer_bool(writer, node->kind == JSON_KIND_TRUE);
		return;
	case JSON_KIND_NUMBER:
		put_comma(writer);
		put(writer, json->text + node->start, node->size);
		return;
	case JSON_KIND_STRING:
		json_writer_text(writer, text_of(json, node));
		return;
	case JSON_KIND_ARRAY:
		write_array(writer, json, node);
		return;
	case JSON_KIND_OBJECT:
		write_object(writer, json, node);
		return;
	}
}

char *
json_writer_take(struct json_writer *writer)
{
	char *text;

	put(writer, "", 1);
	text = writer->failed ? NULL : writer->text;
	if (writer->failed)
		free(writer->text);
	*writer = (struct json_writer){0};
	return text;
}
