/*
 * An inquiry: a token, what a service asks of it, how it came, and when. All
 * of it is borrowed, and it is not moved.
 */
#pragma once

#include "verify/confirmation.h"
#include "verify/question.h"

#include <stdint.h>

struct inquiry {
	struct slice token;
	/* What its issuer said about it; at NULL: it is a signed one. */
	struct slice answer;
	const char *answerer; /* the name of that issuer */
	const char *audience;
	struct portvakt_options options;
	struct dpop_request dpop;
	struct presentation presentation;
	char storage[QUESTION_SIZE_MAX];
	struct slice question; /* at NULL: too long to keep its answer */
	int64_t now_s;
	int64_t boot_s; /* CLOCK_BOOTTIME */
};

/* The proofs that were used, and since when that is remembered. */
struct inquiry_proofs {
	struct replay replay;
	int64_t since_s;
};

/*
 * Of a token and an audience that are set; given: of the caller, or NULL.
 * -EINVAL when these are no options, or a proof comes without its request.
 */
int inquiry_begin(struct inquiry *inquiry, struct inquiry_proofs *proofs,
    const struct portvakt_options *given);
