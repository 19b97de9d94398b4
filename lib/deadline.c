#include "lib/deadline.h"

#include <time.h>

int64_t
deadline_after(int in_ms)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + in_ms;
}

int
deadline_left_ms(int64_t deadline_ms)
{
	int64_t left = deadline_ms - deadline_after(0);

	return left > 0 ? (int)left : 0;
}
