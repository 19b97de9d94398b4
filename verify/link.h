/*
 * Whose a pairwise subject is. ID-porten and Ansattporten call the same person
 * by another subject at each client, so a service's own token is linked to an
 * account by the identity number in it. The key of those links is not in the
 * trust image: portvakt-api is asked, once for a token, and what it answered is
 * kept until the token ends.
 */
#pragma once

#include "lib/name.h"
#include "verify/slice.h"

#include <stddef.h>
#include <stdint.h>

enum {
	LINK_NOBODY_S = 10, /* it is asked again whose a number is */
};

/* Of a token that was found good so far; borrowed for the length of a call. */
struct link_query {
	const char *issuer; /* its name */
	struct slice subject;
	struct slice person_number; /* never empty */
	struct slice token; /* as it came */
	const char *audience;
	int64_t expires_at_s;
	int64_t now_s;
};

/*
 * 0 with the name of the account; -ENOENT: nobody's of ours, or not ours to
 * know; -EAGAIN: nobody can say at present, and the token is no good for it.
 */
typedef int (*link_find_fn)(void *userdata, const struct link_query *query,
    char ret_account[static NAME_MAX_SIZE]);

struct linker {
	link_find_fn find; /* NULL: subjects are never linked */
	void *userdata;
};
