#include "broker/config/config_error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void
mask_controls(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
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
	mask_controls(error->text);
	return code;
}
