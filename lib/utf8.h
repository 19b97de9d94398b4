/* UTF-8, strictly: no overlong forms, no surrogates, nothing past U+10FFFF. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
	UTF8_SIZE_MAX = 4,
};

/*
 * Decodes the character at text[size] (RFC 3629). Returns its length in bytes,
 * 1 to 4, or 0 for what is no character, and for a size of 0. NUL is one.
 */
size_t utf8_decode(const char *text, size_t size, uint32_t *ret_character);
