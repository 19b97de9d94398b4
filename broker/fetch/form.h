/* application/x-www-form-urlencoded, as liboauth2 encodes it. */
#pragma once

#include "lib/fetch_protocol.h"

#include <stddef.h>

/* The body of a request, for form_free. 0 or -ENOMEM. */
int form_encode(
    const struct fetch_parameter *form, size_t count, char **ret_body);

/* Accepts NULL; wipes. */
char *form_free(char *body);
