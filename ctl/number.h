/* Whole numbers that people write. */
#pragma once

#include <stdint.h>

/* Decimal digits and nothing else, at most UINT32_MAX. 0 or -EINVAL. */
int number_parse(const char *text, uint32_t *ret_number);
