#include "broker/config/config_error.h"

#include "broker/text.h"
#include "lib/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What was cut in the middle of a character, or never was one, becomes '?'. */
static void
mask_unshown(char *text)
{
	uint32_t codepoint;
	size_t size;

	for (; *text; text += size) {
		size = utf8_decode(text, strlen(text), &codepoint);
		if (size > 0 && text_is_shown(codepoint))
			continue;
		memset(text, '?', size > 0 ? size : 1);
		size = size > 0 ? size : 1;
	}
}

int
config_error_set(struct config_error *error, int code, const char *file,
    unsigned int line, const char *format, ...)
{
	char where[16] = "";
	va_list arguments;
	size_t length;

	if (line > 0)
		(void)snprintf(where, sizeof(where), "%u:", line);
	(void)snprintf(error->text, sizeof(error->text), "%s:%s ", file, where);
	length = strlen(error->text);
	va_start(arguments, format);
	(void)vsnprintf(error->text + length, sizeof(error->text) - length,
	    format, arguments);
	va_end(arguments);
	mask_unshown(error->text);
	return code;
}
