/*
 * Asks portvakt-api whose a subject is: POST /link with the token and the
 * audience and the scopes that it was good for, over its Unix socket. One short connection for
 * each question; no state, no signal, no other thread's.
 *
 * Whoever answers must be root or the owner of the socket's directory, as
 * frame_connect() has it: the token is shown to nobody else.
 */
#pragma once

#include "verify/link.h"

enum {
	LINK_CLIENT_DEADLINE_MS = 1000, /* from the question to the answer */
	LINK_CLIENT_AUDIENCE_MAX = 2048,
	LINK_CLIENT_SCOPES_MAX = 2048,
};

/*
 * 0 with the account; -ENOENT: nobody's of ours, or not for us to know (403);
 * -ENOTSUP: of this token alone it does not say (another 4xx), or the question
 * is too long; or another negative errno: nobody has said.
 */
int link_client_ask(const char *path, const struct link_query *query,
    struct link_holder *ret_holder);
