/* The forms of an answer of the service protocol. NULL: out of memory. */
#pragma once

#include <stdint.h>

#include <jansson.h>

/* {"id": id, "ok": true}, to which a caller adds. SERVICE_NO_ID: null. */
json_t *service_done(int64_t id);

/* {"id": id, "ok": false, "error": word, "text": text} */
json_t *service_error(int64_t id, const char *word, const char *text);
