/* Random bits of the kernel's, for what nobody may guess. */
#pragma once

#include <stddef.h>

enum {
	RANDOM_HEX_SIZE = 33, /* 128 bits and the terminator */
};

/* At most 256, which the kernel gives whole. At boot it waits until there are enough. */
void random_bytes(void *ret_bytes, size_t size);

/* 128 random bits in lower case: for handles, sessions, nonces and jti. */
void random_hex(char ret_text[static RANDOM_HEX_SIZE]);
