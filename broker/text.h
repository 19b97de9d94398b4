/*
 * Text that people and providers wrote, before it is stored or shown: valid
 * UTF-8 and nothing in it that moves a cursor, ends a line or turns the
 * direction of writing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Not a control character, a line or paragraph separator, or a change of
 * direction.
 */
bool text_is_shown(uint32_t codepoint);

/* Fits into size bytes with its terminator, and is all characters to show. */
bool text_is_clean(const char *text, size_t size);

/* The same, ASCII alone. */
bool text_is_ascii(const char *text, size_t size);

/* An https address, as ASCII; what stands behind "https://" is not read. */
bool text_is_https(const char *text, size_t size);

/* An absolute, clean path without ':' (it stands in passwd) and without "..". */
bool text_is_path(const char *text, size_t size);
