/* Why the issuer cannot be used, as check-issuer tells it, and what to do. */
#pragma once

#include <stdbool.h>

/*
 * Whether portvakt-fetch refused because its hosts, ca_file or proxy are those
 * from before: it takes others only when it starts.
 */
bool issuer_trouble_is_stale(const char *detail);

/* Never NULL. */
const char *issuer_trouble_remedy(const char *detail);
