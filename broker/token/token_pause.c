#include "broker/token/token_pause.h"

#include "broker/clock.h"

#include <string.h>

enum {
	TOO_MANY_REQUESTS = 429,
	SECOND_US = 1000000,
};

void
token_pause_done(struct token_pause *pause)
{
	token_result_unref(pause->last);
	*pause = (struct token_pause){0};
}

/* RFC 6585 section 4: it told us to ask less. */
static int64_t
overload_s(struct token_pause *pause)
{
	int64_t pause_s = (int64_t)TOKEN_PAUSE_S << pause->times;

	if (pause_s >= TOKEN_PAUSE_MAX_S)
		return TOKEN_PAUSE_MAX_S;
	pause->times++;
	return pause_s;
}

/* Whether so many different questions failed that the issuer is ill. */
static bool
is_ill(
    struct token_pause *pause, const uint8_t digest[static TOKEN_DIGEST_SIZE])
{
	unsigned int i;

	for (i = 0; i < pause->failures; i++) {
		if (memcmp(pause->failed[i], digest, TOKEN_DIGEST_SIZE) == 0)
			return pause->failures == TOKEN_FAILURES;
	}
	if (pause->failures < TOKEN_FAILURES)
		memcpy(pause->failed[pause->failures++], digest,
		    TOKEN_DIGEST_SIZE);
	return pause->failures == TOKEN_FAILURES;
}

void
token_pause_follow(struct token_pause *pause,
    const uint8_t digest[static TOKEN_DIGEST_SIZE], struct token_result *result)
{
	int64_t pause_s = TOKEN_PAUSE_S;

	if (result->outcome != TOKEN_OUTAGE) {
		token_pause_done(pause);
		return;
	}
	if (result->of_question && !is_ill(pause, digest))
		return;
	if (result->of_question || result->status == TOO_MANY_REQUESTS)
		pause_s = overload_s(pause);
	token_result_unref(pause->last);
	pause->last = token_result_ref(result);
	pause->until_us = clock_boot_us() + pause_s * SECOND_US;
}

struct token_result *
token_pause_result(const struct token_pause *pause)
{
	return clock_boot_us() < pause->until_us ? pause->last : NULL;
}
