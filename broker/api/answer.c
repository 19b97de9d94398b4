#include "broker/api/answer.h"

#include "broker/api/json_writer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
answer_status(struct answer *answer, unsigned int status)
{
	*answer = (struct answer){.status = status};
}

static void
out_of_memory(struct answer *answer)
{
	answer_done(answer);
	answer_status(answer, 500);
}

static int
is_value(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return 0;
	}
	return 1;
}

void
answer_header(struct answer *answer, const char *name, const char *format, ...)
{
	va_list arguments;
	char *value;
	int size;

	va_start(arguments, format);
	size = vasprintf(&value, format, arguments);
	va_end(arguments);
	if (size < 0) {
		out_of_memory(answer);
		return;
	}
	if (answer->headers_count == ANSWER_HEADERS_MAX || !is_value(value)) {
		free(value);
		return;
	}
	answer->headers[answer->headers_count++] =
	    (struct answer_header){name, value};
}

void
answer_text(struct answer *answer, unsigned int status,
    const char *content_type, char *text)
{
	answer_status(answer, status);
	if (!text) {
		out_of_memory(answer);
		return;
	}
	answer->body = text;
	answer->size = strlen(text);
	answer->content_type = content_type;
}

void
answer_object(struct answer *answer, unsigned int status, char *text)
{
	answer_text(answer, status, "application/json", text);
	/* RFC 7662 section 2.2: tokens end, and so do answers about them. */
	answer_header(answer, "Cache-Control", "no-store");
}

void
answer_json(struct answer *answer, unsigned int status, json_t *object)
{
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

	json_decref(object);
	answer_object(answer, status, text);
}

static void
put_member(struct json_writer *writer, const char *name, const char *text)
{
	json_writer_name(writer, slice_of(name));
	json_writer_text(writer, slice_of(text));
}

void
answer_error(struct answer *answer, unsigned int status, const char *error,
    const char *description)
{
	struct json_writer writer = {0};

	json_writer_open(&writer, '{');
	put_member(&writer, "error", error);
	put_member(&writer, "error_description", description);
	json_writer_close(&writer, '}');
	answer_object(answer, status, json_writer_take(&writer));
}

void
answer_busy(struct answer *answer)
{
	answer_status(answer, 503);
	answer_header(answer, "Retry-After", "1");
}

void
answer_done(struct answer *answer)
{
	size_t i;

	for (i = 0; i < answer->headers_count; i++)
		free(answer->headers[i].value);
	free(answer->body);
	*answer = (struct answer){0};
}
