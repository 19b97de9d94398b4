/*
 * The part of an http or https URI that says what is asked for: scheme, host,
 * port and path, in the one spelling that RFC 3986 sections 6.2.2 and 6.2.3
 * lead to. Query and fragment are left out. Refused: user names, other
 * schemes, characters that no URI has.
 */
#pragma once

#include "verify/slice.h"

/*
 * Writes it terminated. 0, -EBADMSG (no such URI) or -EMSGSIZE. What was
 * written before a refusal means nothing.
 */
int http_uri_normalize(struct slice uri, char *ret_text, size_t room);
