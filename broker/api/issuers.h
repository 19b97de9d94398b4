/*
 * The issuers of the trust image, for what no result of a verification says:
 * whose a refused token claims to be, which words a provider goes by, how old
 * its keys are. Decisions are libportvakt's alone.
 */
#pragma once

#include "verify/link.h"
#include "verify/trust.h"

#include <stddef.h>
#include <stdio.h>

struct issuers {
	const char *path; /* of the image */
	struct trust *trust; /* NULL: there is none to read */
};

/* Looks for a newer image; to be called before each use of the others. */
void issuers_refresh(struct issuers *issuers);
void issuers_done(struct issuers *issuers);

/*
 * What portvakt.conf calls the issuer that a token names, which nobody has
 * verified; NULL: none of ours.
 */
const char *issuers_claimed(
    const struct issuers *issuers, const char *token, size_t size);

/*
 * The issuer that a caller means with a provider's word: the name that
 * portvakt.conf gives it, or the kind that exactly one of them is of. NULL:
 * there is none.
 */
const char *issuers_by_word(const struct issuers *issuers, const char *word);

/*
 * Who is asked about an opaque token (RFC 7662): the issuer of that name when
 * it answers such questions, or, with NULL, the only one that does. NULL:
 * nobody.
 */
const char *issuers_introspecting(
    const struct issuers *issuers, const char *name);

/*
 * The acr values that meet a level (RFC 9470 section 3), best first: those of
 * one issuer, or, with NULL, of all; text has room for size bytes. Empty when
 * none has such a level.
 */
void issuers_acr_values(const struct issuers *issuers, const char *name,
    const char *level, char *ret_text, size_t size);

/* An account of the image, as a link would lead to it. 0, -ENOENT, -EBADMSG. */
int issuers_account(const struct issuers *issuers, const char *name,
    struct link_holder *ret_holder);

/* The families of the image, in OpenMetrics. */
void issuers_print(const struct issuers *issuers, FILE *file);
