#include "lib/utf8.h"

#include <stdbool.h>

static bool
is_scalar(uint32_t character, size_t length)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};

	return character >= smallest[length] && character <= 0x10ffff &&
	       !(character >= 0xd800 && character <= 0xdfff);
}

size_t
utf8_decode(const char *text, size_t size, uint32_t *ret_character)
{
	uint8_t first;
	uint32_t character;
	size_t length, i;

	if (size == 0)
		return 0;
	first = (uint8_t)text[0];
	if (first < 0x80) {
		*ret_character = first;
		return 1;
	}
	length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	if (first < 0xc2 || first > 0xf4 || length > size)
		return 0;
	character = first & (0xffU >> (length + 1));
	for (i = 1; i < length; i++) {
		if (((uint8_t)text[i] & 0xc0) != 0x80)
			return 0;
		character = character << 6 | ((uint8_t)text[i] & 0x3f);
	}
	if (!is_scalar(character, length))
		return 0;
	*ret_character = character;
	return length;
}
