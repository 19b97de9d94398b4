/* How rules write a point in time. */
#pragma once

#include <stdint.h>

/*
 * "2026-01-31", which is 00:00 UTC, or RFC 3339 with its zone and without
 * fractions: "2026-01-31T08:00:00+01:00". Only a time that there is, from 1970
 * on. 0 or -EINVAL.
 */
int policy_time_parse(const char *text, int64_t *ret_at_s);
