/*
 * base64url as RFC 7515 section 2 wants it, and nothing else: no padding, no
 * line breaks, no other alphabet, no length of 4n + 1, no stray bits after the
 * last byte. So each sequence of bytes has exactly one spelling.
 */
#pragma once

#include <stddef.h>

/* How many bytes size characters decode to. */
#define BASE64URL_DECODED_SIZE(size) ((size) / 4 * 3 + (size) % 4 * 3 / 4)

/*
 * Writes BASE64URL_DECODED_SIZE(size) bytes to ret_bytes, which has room for
 * room bytes and may be written to before a refusal. 0, -EBADMSG, or
 * -EMSGSIZE when they do not fit.
 */
int base64url_decode(const char *text, size_t size, size_t room,
    void *ret_bytes, size_t *ret_size);

/* How many characters size bytes encode to. */
#define BASE64URL_ENCODED_SIZE(size) (((size)*4 + 2) / 3)

/* Writes BASE64URL_ENCODED_SIZE(size) characters, not terminated. */
void base64url_encode(const void *bytes, size_t size, char *ret_text);
