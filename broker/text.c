#include "broker/text.h"

#include <string.h>

/* The lead byte's share of the code point, and the number of bytes. */
static size_t
lead_byte(unsigned char byte, uint32_t *ret_bits)
{
	if (byte < 0x80) {
		*ret_bits = byte;
		return byte == 0 ? 0 : 1;
	}
	if (byte >= 0xc2 && byte <= 0xdf) {
		*ret_bits = byte & 0x1fu;
		return 2;
	}
	if (byte >= 0xe0 && byte <= 0xef) {
		*ret_bits = byte & 0x0fu;
		return 3;
	}
	if (byte >= 0xf0 && byte <= 0xf4) {
		*ret_bits = byte & 0x07u;
		return 4;
	}
	return 0;
}

static bool
is_scalar(uint32_t codepoint, size_t size)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};

	return codepoint >= smallest[size] && codepoint <= 0x10ffff &&
	       !(codepoint >= 0xd800 && codepoint <= 0xdfff);
}

size_t
text_character(const char *text, uint32_t *ret_codepoint)
{
	uint32_t codepoint = 0;
	size_t i, size;

	size = lead_byte((unsigned char)text[0], &codepoint);
	for (i = 1; i < size; i++) {
		unsigned char byte = (unsigned char)text[i];

		if ((byte & 0xc0) != 0x80)
			return 0;
		codepoint = codepoint << 6 | (byte & 0x3fu);
	}
	if (size == 0 || !is_scalar(codepoint, size))
		return 0;
	*ret_codepoint = codepoint;
	return size;
}

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
		step = text_character(text + at, &codepoint);
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
