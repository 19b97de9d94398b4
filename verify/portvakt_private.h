/*
 * What the broker's own services ask of libportvakt beyond portvakt.h: they
 * link it statically, and are no strangers. Not installed, not exported.
 */
#pragma once

#include "verify/link.h"
#include "verify/portvakt.h"

/*
 * Who says whose a pairwise subject is: instead of the library's own, which
 * asks portvakt-api. NULL: nobody. Copied; what it points to is borrowed.
 * find() may say -EAGAIN (PORTVAKT_LINK_UNAVAILABLE) and remember the query:
 * the same question is judged anew the next time.
 */
void portvakt_set_linker(
    struct portvakt *portvakt, const struct linker *linker);

/* The last question had been answered before, and that was kept. */
bool portvakt_was_known(const struct portvakt *portvakt);

/* A token, and what is known of it already. Borrowed. */
struct portvakt_presented {
	const char *token;
	size_t token_size;
	/*
	 * Of an opaque token: what its issuer answered about it (RFC 7662), and
	 * the name of that issuer in portvakt.conf. NULL: the token says it.
	 */
	const char *answer;
	size_t answer_size;
	const char *issuer;
	/*
	 * Who presents it was asked before, for this very request (a proof is
	 * used up by a yes), or by a service that is told no more than the
	 * token itself says: what the token is bound to is not looked at.
	 */
	bool confirmed;
};

/*
 * As portvakt_verify(). An issuer that answered must be one of which the
 * configuration says introspection = true, else ISSUER_WRONG; of such an answer
 * (verify/introspection.h) nothing is kept: the caller keeps it, until it
 * expires, for the same client, issuer, audience and options alone.
 */
bool portvakt_verify_presented(struct portvakt *portvakt,
    const struct portvakt_presented *presented, const char *audience,
    const struct portvakt_options *options,
    struct portvakt_result **ret_result);
