/*
 * Who judges tokens by a trust image: what one question takes, found out, and
 * what was found good, kept. By one thread.
 */
#pragma once

#include "verify/inquiry.h"
#include "verify/issuer_guess.h"
#include "verify/link.h"
#include "verify/result.h"
#include "verify/service_token.h"
#include "verify/token_cache.h"
#include "verify/trust.h"

struct judge {
	struct trust *trust; /* borrowed */
	struct token_cache *cache;
	struct linker linker;
	struct issuer_guess guess;
	/* What one question is judged with; too large for a caller's stack. */
	struct service_token token;
	struct service_bearer bearer; /* of one that was refused */
	struct trust_account account;
	int64_t account_until_s; /* known until then */
	bool checked; /* the token is good in itself, and read */
	bool known; /* the last answer was one that was kept */
	struct decision decisions[POLICY_GROUPS_MAX];
};

/*
 * The rung of a level on the issuer's ladder, as portvakt_options has it: low,
 * substantial, high, or an acr; from 1. 0: the issuer has no such level.
 */
int judge_level_rank(const struct trust_issuer *issuer, const char *level);

/* Of a zeroed one. 0, -ENOMEM or -EAGAIN; done in each case. */
int judge_init(struct judge *judge);
void judge_done(struct judge *judge);

/* linker: NULL, and subjects are never linked. */
void judge_set_linker(struct judge *judge, const struct linker *linker);

/* Another image, or NULL: what was found of the last one is forgotten. */
void judge_take_trust(struct judge *judge, struct trust *trust);

/* There is an image. For the caller to free. */
struct portvakt_result *judge_answer(
    struct judge *judge, const struct inquiry *inquiry);
