#include "broker/random.h"

#include <sys/random.h>

void
random_bytes(void *ret_bytes, size_t size)
{
	/* So few come whole, or not at all when a signal came first. */
	while (getrandom(ret_bytes, size, 0) != (ssize_t)size)
		continue;
}

void
random_hex(char ret_text[static RANDOM_HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[(RANDOM_HEX_SIZE - 1) / 2];
	size_t i;

	random_bytes(bytes, sizeof(bytes));
	for (i = 0; i < sizeof(bytes); i++) {
		ret_text[2 * i] = digits[bytes[i] >> 4];
		ret_text[2 * i + 1] = digits[bytes[i] & 15];
	}
	ret_text[2 * sizeof(bytes)] = '\0';
}
