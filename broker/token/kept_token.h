/*
 * What issuers answered, kept by the digest of the question. The digest is all
 * there is of it: a person's token does not stay because one for it does.
 */
#pragma once

#include "broker/token/token_question.h"
#include "broker/token/token_result.h"

#include <stddef.h>
#include <stdint.h>

struct kept_tokens;

struct kept_until {
	int64_t fresh_us; /* since boot: from then on it is asked for anew */
	int64_t wall_s; /* since 1970; it is not given out from then on */
};

enum kept_age {
	KEPT_FRESH = 1,
	KEPT_ANY, /* good still, for as long as there is no newer one */
};

int kept_tokens_new(size_t max, struct kept_tokens **ret_kept);
struct kept_tokens *kept_tokens_free(struct kept_tokens *kept);
void kept_tokens_clear(struct kept_tokens *kept);

/*
 * Takes a reference, in the place of what was kept for this digest. The oldest
 * makes room, and what has expired goes. 0 or -ENOMEM.
 */
int kept_tokens_put(struct kept_tokens *kept,
    const uint8_t digest[static TOKEN_DIGEST_SIZE], struct token_result *result,
    const struct kept_until *until);

/* Borrowed; NULL: there is none of that age. */
struct token_result *kept_tokens_find(const struct kept_tokens *kept,
    const uint8_t digest[static TOKEN_DIGEST_SIZE], enum kept_age age);
