#include "cli/json_text.h"

#include <inttypes.h>
#include <stdio.h>

static void
put_string(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	putchar('"');
	for (; *at; at++) {
		if (*at == '"' || *at == '\\')
			printf("\\%c", *at);
		else if (*at < ' ' || *at == 0x7f)
			printf("\\u%04x", (unsigned int)*at);
		else
			putchar(*at);
	}
	putchar('"');
}

static void
begin(struct json_text *json, const char *name)
{
	if (json->has_value)
		fputs(", ", stdout);
	json->has_value = true;
	if (name) {
		put_string(name);
		fputs(": ", stdout);
	}
}

void
json_open(struct json_text *json, const char *name, char bracket)
{
	begin(json, name);
	putchar(bracket);
	json->has_value = false;
}

void
json_close(struct json_text *json, char bracket)
{
	putchar(bracket);
	json->has_value = true;
}

void
json_put_text(struct json_text *json, const char *name, const char *text)
{
	if (!text)
		return;
	begin(json, name);
	put_string(text);
}

void
json_put_integer(struct json_text *json, const char *name, int64_t value)
{
	begin(json, name);
	printf("%" PRId64, value);
}

void
json_put_bool(struct json_text *json, const char *name, bool value)
{
	begin(json, name);
	fputs(value ? "true" : "false", stdout);
}
