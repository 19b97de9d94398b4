/* An answer as libmicrohttpd sends it. */
#pragma once

#include "broker/api/answer.h"

struct MHD_Response;

/*
 * Takes the body over; NULL: out of memory. It may be queued on many
 * connections, at once and again: it has all that it says.
 */
struct MHD_Response *response_new(struct answer *answer);
