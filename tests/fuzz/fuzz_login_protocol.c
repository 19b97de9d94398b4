/* What get accepts, put writes, byte for byte: there is one spelling. */
#include "lib/login_protocol.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t again[LOGIN_TOKEN_FRAME_SIZE_MAX];
	struct login_message message;
	size_t again_size;

	if (size > LOGIN_TOKEN_FRAME_SIZE_MAX ||
	    login_message_get(data, size, &message) < 0)
		return 0;
	if (login_message_put(&message, again, sizeof(again), &again_size) < 0)
		abort();
	if (again_size != size || memcmp(again, data, size) != 0)
		abort();
	return 0;
}
