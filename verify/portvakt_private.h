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

/*
 * Of the next question alone: who presents the token was asked before, for this
 * very request (a proof is used up by a yes) or by a service that is told no
 * more than the token itself says. What the token is bound to is not looked at.
 */
void portvakt_next_is_confirmed(struct portvakt *portvakt);

/* The last question had been answered before, and that was kept. */
bool portvakt_was_known(const struct portvakt *portvakt);

/* What an issuer answered about a token of its own (RFC 7662). Borrowed. */
struct portvakt_introspected {
	const char *issuer; /* that was asked: its name in portvakt.conf */
	const char *answer; /* the JSON object */
	size_t answer_size;
	const char *token; /* opaque, as it was presented */
	size_t token_size;
};

/*
 * As portvakt_verify(), of an opaque token (verify/introspection.h). The issuer
 * must be one of which the configuration says introspection = true, else
 * ISSUER_WRONG. Nothing is kept: the caller keeps it, until it expires, for
 * the same client, issuer, audience and options alone.
 */
bool portvakt_verify_claims(struct portvakt *portvakt,
    const struct portvakt_introspected *introspected, const char *audience,
    const struct portvakt_options *options,
    struct portvakt_result **ret_result);
