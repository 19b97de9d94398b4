/* The Date header of an answer (RFC 9110, 5.6.7). */
#pragma once

#include <stdint.h>

/*
 * 0 or -EBADMSG. Takes the one form that may be sent, IMF-fixdate, and only a
 * date that there is: "Sun, 06 Nov 1994 08:49:37 GMT".
 */
int http_date_parse(const char *text, int64_t *ret_at_s);
