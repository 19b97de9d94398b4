/*
 * A question of a service about a token, apart from how the token came: for
 * which audience, with which options. Two questions with the same bytes have
 * the same answer.
 */
#pragma once

#include "verify/portvakt.h"
#include "verify/slice.h"

enum {
	QUESTION_SIZE_MAX = 1024, /* a longer one is judged anew each time */
	QUESTION_SCOPES_MAX = 64,
};

/*
 * The options as this version knows them; NULL: none. -EINVAL when they are
 * none of ours, or ask for something that we do not know: what cannot be
 * checked is not passed over.
 */
int question_options(const struct portvakt_options *options,
    struct portvakt_options *ret_options);

/* 0 or -EMSGSIZE. */
int question_put(const char *audience, const struct portvakt_options *options,
    char storage[QUESTION_SIZE_MAX], struct slice *ret_question);
