#include "broker/token/kept_token.h"

#include "broker/clock.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

enum {
	BUCKETS = 256, /* by the first byte of the digest */
	/* Who is given a token needs a moment to use it. */
	LAST_MOMENT_US = 5 * 1000000,
};

struct kept_token {
	LIST_ENTRY(kept_token) bucket;
	TAILQ_ENTRY(kept_token) age;
	uint8_t digest[TOKEN_DIGEST_SIZE];
	struct token_result *result;
	struct kept_until until;
};

struct kept_tokens {
	LIST_HEAD(, kept_token) buckets[BUCKETS];
	TAILQ_HEAD(, kept_token) by_age; /* the oldest first */
	size_t count;
	size_t max;
};

int
kept_tokens_new(size_t max, struct kept_tokens **ret_kept)
{
	struct kept_tokens *kept = calloc(1, sizeof(*kept));

	if (!kept)
		return -ENOMEM;
	kept->max = max;
	TAILQ_INIT(&kept->by_age);
	*ret_kept = kept;
	return 0;
}

static void
drop(struct kept_tokens *kept, struct kept_token *token)
{
	LIST_REMOVE(token, bucket);
	TAILQ_REMOVE(&kept->by_age, token, age);
	kept->count--;
	token_result_unref(token->result);
	free(token);
}

void
kept_tokens_clear(struct kept_tokens *kept)
{
	struct kept_token *token;

	while ((token = TAILQ_FIRST(&kept->by_age)))
		drop(kept, token);
}

struct kept_tokens *
kept_tokens_free(struct kept_tokens *kept)
{
	if (kept)
		kept_tokens_clear(kept);
	free(kept);
	return NULL;
}

static struct kept_token *
find(const struct kept_tokens *kept,
    const uint8_t digest[static TOKEN_DIGEST_SIZE])
{
	struct kept_token *token;

	LIST_FOREACH(token, &kept->buckets[digest[0]], bucket)
	{
		if (memcmp(token->digest, digest, TOKEN_DIGEST_SIZE) == 0)
			return token;
	}
	return NULL;
}

/* The wall too, for it may have been stepped since. */
static bool
is_good(const struct kept_token *token, enum kept_age age)
{
	const int64_t now_us = clock_boot_us();

	if (clock_wall_s() >= token->until.wall_s)
		return false;
	switch (age) {
	case KEPT_FRESH:
		return now_us < token->until.fresh_us;
	case KEPT_ANY:
		return now_us + LAST_MOMENT_US < token->result->expires_at_us;
	}
	return false;
}

static void
drop_expired(struct kept_tokens *kept)
{
	struct kept_token *token, *next;

	for (token = TAILQ_FIRST(&kept->by_age); token; token = next) {
		next = TAILQ_NEXT(token, age);
		if (!is_good(token, KEPT_FRESH) && !is_good(token, KEPT_ANY))
			drop(kept, token);
	}
}

static void
make_room(
    struct kept_tokens *kept, const uint8_t digest[static TOKEN_DIGEST_SIZE])
{
	struct kept_token *before = find(kept, digest);

	if (before)
		drop(kept, before);
	drop_expired(kept);
	while (kept->count >= kept->max)
		drop(kept, TAILQ_FIRST(&kept->by_age));
}

int
kept_tokens_put(struct kept_tokens *kept,
    const uint8_t digest[static TOKEN_DIGEST_SIZE], struct token_result *result,
    const struct kept_until *until)
{
	struct kept_token *token = malloc(sizeof(*token));

	if (!token)
		return -ENOMEM;
	make_room(kept, digest);
	memcpy(token->digest, digest, TOKEN_DIGEST_SIZE);
	token->result = token_result_ref(result);
	token->until = *until;
	LIST_INSERT_HEAD(&kept->buckets[digest[0]], token, bucket);
	TAILQ_INSERT_TAIL(&kept->by_age, token, age);
	kept->count++;
	return 0;
}

struct token_result *
kept_tokens_find(const struct kept_tokens *kept,
    const uint8_t digest[static TOKEN_DIGEST_SIZE], enum kept_age age)
{
	struct kept_token *token = find(kept, digest);

	return token && is_good(token, age) ? token->result : NULL;
}
