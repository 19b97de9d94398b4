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
	const char *audience; /* NULL: it is good by its scopes */
	const char *const *scopes; /* that the service asks for */
	size_t scopes_count;
	int64_t links_epoch; /* of the image that it is judged by */
	int64_t expires_at_s;
	int64_t now_s;
};

/* A name may be given to another when its account is gone, a uid never. */
struct link_holder {
	char account[NAME_MAX_SIZE];
	uint32_t uid;
	int64_t links_epoch; /* when that was so */
};

/*
 * 0 with the account; -ENOENT: nobody's of ours, or not ours to know; -EAGAIN:
 * nobody can say at present, and the token is no good for it.
 */
typedef int (*link_find_fn)(void *userdata, const struct link_query *query,
    struct link_holder *ret_holder);

struct linker {
	link_find_fn find; /* NULL: subjects are never linked */
	void *userdata;
};
