#include "broker/text.h"

#include "lib/utf8.h"

#include <string.h>

bool
text_is_shown(uint32_t codepoint)
{
	return codepoint >= 0x20 && !(codepoint >= 0x7f && codepoint <= 0x9f) &&
	       !(codepoint >= 0x200e && codepoint <= 0x200f) &&
	       !(codepoint >= 0x2028 && codepoint <= 0x202e) &&
	       !(codepoint >= 0x2066 && codepoint <= 0x2069) &&
	       codepoint != 0xfeff;
}

bool
text_is_clean(const char *text, size_t size)
{
	uint32_t codepoint = 0;
	size_t at, step;

	if (strnlen(text, size) == size)
		return false;
	for (at = 0; text[at]; at += step) {
		step = utf8_decode(
		    text + at, strnlen(text + at, UTF8_SIZE_MAX), &codepoint);
		if (step == 0 || !text_is_shown(codepoint))
			return false;
	}
	return true;
}

bool
text_is_ascii(const char *text, size_t size)
{
	size_t i;

	if (strnlen(text, size) == size)
		return false;
	for (i = 0; text[i]; i++) {
		if (text[i] < 0x20 || text[i] > 0x7e)
			return false;
	}
	return true;
}

bool
text_is_https(const char *text, size_t size)
{
	return strncmp(text, "https://", 8) == 0 && text_is_ascii(text, size);
}

static bool
climbs(const char *path)
{
	const char *at = path;

	while ((at = strstr(at, "/.."))) {
		if (at[3] == '/' || at[3] == '\0')
			return true;
		at += 3;
	}
	return false;
}

bool
text_is_path(const char *text, size_t size)
{
	return text[0] == '/' && text_is_clean(text, size) &&
	       !strchr(text, ':') && !climbs(text);
}
