/* Moments by which something must be done, on the monotonic clock. */
#pragma once

#include <stdint.h>

/* The moment that is in_ms from now. */
int64_t deadline_after(int in_ms);

/* What is left until then; 0 when it has passed. */
int deadline_left_ms(int64_t deadline_ms);
