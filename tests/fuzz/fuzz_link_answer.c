/*
 * Any bytes as the answer to POST /link: no name comes of it but one that may
 * be an account's. With libFuzzer:
 *   tests/fuzz/run link_answer 60 verify/link_answer.c verify/json.c \
 *       verify/slice.c -lcrypto
 */
#include "lib/id.h"
#include "tests/fuzz/fuzz.h"
#include "verify/link_answer.h"

#include <stdlib.h>
#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct link_holder holder;
	char *answer;

	if (size > LINK_ANSWER_SIZE_MAX)
		return 0;
	answer = malloc(size ? size : 1);
	if (!answer)
		return 0;
	if (size > 0)
		memcpy(answer, data, size);
	if (link_answer_read(answer, size, &holder) == 0 &&
	    (!name_is_valid(holder.account) || holder.uid < ID_FLOOR ||
		holder.links_epoch < 0))
		abort();
	free(answer);
	return 0;
}
