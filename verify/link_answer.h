/*
 * What portvakt-api answers to POST /link, as it comes: HTTP/1.1 with a body of
 * {"account": "kari"} or {"account": null}. What is not exactly one that the
 * API gives, whole and with its size, is no answer.
 */
#pragma once

#include "lib/name.h"

#include <stddef.h>

enum {
	LINK_ANSWER_SIZE_MAX = 4096,
};

/*
 * 0 with the name; -ENOENT: nobody's, or not for us to know (403); -EAGAIN: it
 * says that it cannot say (any other status); -EBADMSG: none. The bytes are
 * changed.
 */
int link_answer_read(
    char *answer, size_t size, char ret_account[static NAME_MAX_SIZE]);
