#include "verify/slice.h"

#include <openssl/crypto.h>
#include <string.h>
#include <strings.h>

struct slice
slice_of(const char *string)
{
	return (struct slice){string, strlen(string)};
}

bool
slice_equal(struct slice slice, const char *string)
{
	if (strlen(string) != slice.size)
		return false;
	return slice.size == 0 || memcmp(slice.at, string, slice.size) == 0;
}

bool
slice_equal_secret(struct slice slice, const char *string)
{
	if (strlen(string) != slice.size)
		return false;
	return CRYPTO_memcmp(slice.at, string, slice.size) == 0;
}

int
slice_compare(struct slice slice, const char *string)
{
	size_t size = strlen(string);
	size_t common = size < slice.size ? size : slice.size;
	int order = common ? memcmp(slice.at, string, common) : 0;

	if (order != 0)
		return order;
	return (slice.size > size) - (slice.size < size);
}

bool
slice_equal_nocase(struct slice slice, const char *string)
{
	if (strlen(string) != slice.size)
		return false;
	return slice.size == 0 ||
	       strncasecmp(slice.at, string, slice.size) == 0;
}

bool
slice_is_printable(struct slice slice)
{
	size_t i;

	for (i = 0; i < slice.size; i++) {
		if (slice.at[i] < 0x20 || slice.at[i] > 0x7e)
			return false;
	}
	return slice.size > 0;
}

bool
slice_has_no_control(struct slice slice)
{
	size_t i;

	for (i = 0; i < slice.size; i++) {
		unsigned char c = (unsigned char)slice.at[i];

		if (c < 0x20 || c == 0x7f)
			return false;
	}
	return true;
}
