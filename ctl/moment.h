/*
 * Points and lengths of time as people write them: a date, which is its
 * 00:00 UTC, or RFC 3339 with its zone; a number of s, min, h or d. The rules
 * of access.d are written the same way.
 */
#pragma once

#include <stdint.h>

enum {
	MOMENT_SIZE = 32,
};

/* "2026-11-22", "2026-11-22T08:30:00+01:00", of 1970 to 9999. 0 or -EINVAL. */
int moment_parse(const char *text, int64_t *ret_s);

/* "15min". 0 or -EINVAL. */
int moment_parse_length(const char *text, int64_t *ret_s);

/* RFC 3339 in UTC, which moment_parse reads again. */
void moment_print(int64_t at_s, char ret_text[static MOMENT_SIZE]);
