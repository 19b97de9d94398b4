/*
 * The two clocks of the broker: the wall, for tokens and records, and the time
 * since boot, suspend included, for everything that waits.
 */
#pragma once

#include <stdint.h>
#include <time.h>

static inline int64_t
clock_us(clockid_t id)
{
	struct timespec now;

	(void)clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static inline int64_t
clock_wall_s(void)
{
	return clock_us(CLOCK_REALTIME) / 1000000;
}

static inline int64_t
clock_wall_us(void)
{
	return clock_us(CLOCK_REALTIME);
}

static inline int64_t
clock_boot_us(void)
{
	return clock_us(CLOCK_BOOTTIME);
}

static inline int64_t
clock_boot_s(void)
{
	return clock_boot_us() / 1000000;
}
