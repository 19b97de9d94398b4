#include "ctl/text.h"

#include "lib/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

/* Explicit directions reorder what stands around them: shown as '?' too. */
static bool
is_shown(uint32_t character)
{
	return wcwidth((wchar_t)character) >= 0 &&
	       !(character >= 0x200e && character <= 0x200f) &&
	       !(character >= 0x202a && character <= 0x202e) &&
	       !(character >= 0x2066 && character <= 0x2069);
}

/* One character as shown: *ret_size 0 stands for '?'. Returns the columns. */
static size_t
take(const char **text, size_t *ret_size)
{
	uint32_t character = 0;
	size_t size;

	size = utf8_decode(*text, strlen(*text), &character);
	*text += size ? size : 1;
	if (!size || !is_shown(character)) {
		*ret_size = 0;
		return 1;
	}
	*ret_size = size;
	return (size_t)wcwidth((wchar_t)character);
}

size_t
text_width(const char *text)
{
	size_t width = 0, size;

	while (*text)
		width += take(&text, &size);
	return width;
}

size_t
text_put(FILE *file, const char *text, size_t width_max)
{
	bool cut = text_width(text) > width_max;
	size_t width = 0;

	while (*text) {
		const char *start = text;
		size_t size, columns = take(&text, &size);

		if (cut && width + columns + 1 > width_max) {
			fputs("…", file);
			return width + 1;
		}
		if (size == 0)
			fputc('?', file);
		else
			(void)fwrite(start, 1, size, file);
		width += columns;
	}
	return width;
}

/* A word longer than size ends before the character that does not fit. */
static size_t
word_length(const char *text, size_t size)
{
	size_t length = strcspn(text, " "), start = size - 1;

	if (length < size)
		return length;
	while (start > 0 && ((uint8_t)text[start] & 0xc0) == 0x80)
		start--;
	/* Nothing but continuations: no character to keep whole. */
	return start > 0 ? start : size - 1;
}

void
text_fold(FILE *file, const char *text, size_t indent, size_t width)
{
	char word[256];
	size_t at = indent, columns, length;

	for (;;) {
		text += strspn(text, " ");
		length = word_length(text, sizeof(word));
		if (length == 0)
			break;
		memcpy(word, text, length);
		word[length] = '\0';
		text += length;
		columns = text_width(word);
		if (at > indent && at + 1 + columns > width) {
			fprintf(file, "\n%*s", (int)indent, "");
			at = indent;
		} else if (at > indent) {
			fputc(' ', file);
			at++;
		}
		at += text_put(file, word, columns);
	}
	fputc('\n', file);
}

bool
text_colour(FILE *file)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return isatty(fileno(file)) && !(no_color && *no_color) && term &&
	       strcmp(term, "dumb") != 0;
}
