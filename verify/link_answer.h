/*
 * What portvakt-api answers to POST /link, as it comes: HTTP/1.1 with a body of
 * {"account": "kari", "uid": n, "links_epoch": n} or {"account": null}. What is
 * not exactly one that the API gives, whole and with its size, is no answer.
 */
#pragma once

#include "verify/link.h"

#include <stddef.h>

enum {
	LINK_ANSWER_SIZE_MAX = 4096,
};

/*
 * 0 with the account; -ENOENT: nobody's, or not for us to know (403); -ENOTSUP:
 * it does not say of this token (another 4xx); -EAGAIN: it says that it cannot
 * say (any other status); -EBADMSG: none. The bytes are changed.
 */
int link_answer_read(char *answer, size_t size, struct link_holder *ret_holder);
