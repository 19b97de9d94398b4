/* What get accepts, put writes, byte for byte: there is one spelling. */
#include "lib/fetch_protocol.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t again[FETCH_ANSWER_FRAME_SIZE_MAX];
	static struct fetch_text text;
	struct fetch_message message;
	size_t again_size;

	if (size > sizeof(again) ||
	    fetch_message_get(data, size, &text, &message) < 0)
		return 0;
	if (fetch_message_put(&message, again, sizeof(again), &again_size) < 0)
		abort();
	if (again_size != size || memcmp(again, data, size) != 0)
		abort();
	return 0;
}
