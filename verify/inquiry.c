#include "verify/inquiry.h"

#include <errno.h>

/* A proof stays good that long, before and after its time. */
enum { PROOF_WINDOW_S = 60 };

int
inquiry_begin(struct inquiry *inquiry, struct inquiry_proofs *proofs,
    const struct portvakt_options *given)
{
	const struct portvakt_options *options = &inquiry->options;

	if (question_options(given, &inquiry->options) < 0)
		return -EINVAL;
	inquiry->dpop = (struct dpop_request){
	    .proof = options->dpop,
	    .proof_size = options->dpop_size,
	    .method = options->method,
	    .uri = options->url,
	    .nonce = options->nonce,
	    .window_s = PROOF_WINDOW_S,
	    .remembered_since_s = proofs->since_s,
	    .replay = &proofs->replay,
	};
	inquiry->presentation = (struct presentation){
	    .scheme = options->scheme == PORTVAKT_SCHEME_DPOP
			  ? PRESENTED_AS_DPOP
			  : PRESENTED_AS_BEARER,
	    .dpop = options->dpop ? &inquiry->dpop : NULL,
	    .certificate_sha256 = options->certificate_sha256,
	};
	if (options->dpop && (!options->method || !options->url))
		return -EINVAL;
	inquiry->question = (struct slice){0};
	(void)question_put(
	    inquiry->audience, options, inquiry->storage, &inquiry->question);
	return 0;
}
