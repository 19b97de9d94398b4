/*
 * The input is what a token endpoint answers. What is taken from it is bounded
 * and safe in a header and on a terminal, and no text holds a number as long
 * as a person's; whatever is refused names the member at fault.
 */
#include "broker/text.h"
#include "broker/token/token_answer.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

enum { PERSON_DIGITS = 11 };

static void
must(bool condition)
{
	if (!condition)
		abort();
}

static void
check_token(const struct token_answer *answer)
{
	const char *token = secret_reveal(answer->access_token);
	size_t i, size = secret_size(answer->access_token);

	must(size > 0 && size <= TOKEN_SIZE_MAX && strlen(token) == size);
	for (i = 0; i < size; i++)
		must(token[i] > 0x20 && token[i] < 0x7f);
	must(answer->expires_in_s > 0 &&
	     answer->expires_in_s <= TOKEN_LIFETIME_MAX_S);
}

static void
check_answer(const char *json, size_t size, bool exchanged)
{
	struct token_answer answer = {0};
	const char *detail = NULL;

	if (token_answer_parse(json, size, exchanged, &answer, &detail)) {
		must(detail && !answer.access_token);
		return;
	}
	check_token(&answer);
	secret_free(answer.access_token);
}

static void
check_refusal(const struct token_refusal *refusal)
{
	const char *at;

	must(refusal->error[0] &&
	     text_is_ascii(refusal->error, sizeof(refusal->error)));
	must(text_is_clean(refusal->description, sizeof(refusal->description)));
	for (at = refusal->description; *at; at++)
		must(strspn(at, "0123456789") < PERSON_DIGITS);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *json = (const char *)data;
	struct token_refusal refusal;

	check_answer(json, size, false);
	check_answer(json, size, true);
	if (token_refusal_parse(json, size, &refusal) == 0)
		check_refusal(&refusal);
	return 0;
}
