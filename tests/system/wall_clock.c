/*
 * A wall clock that a test steps: preloaded, it adds the seconds that the file
 * $WALL_CLOCK holds at that moment. The clocks since boot stay as they are,
 * and so do timers on them, which libfaketime would move as well.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long long
step_s(void)
{
	const char *path = getenv("WALL_CLOCK");
	FILE *file = path ? fopen(path, "re") : NULL;
	char text[32] = "";

	if (!file)
		return 0;
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	(void)fclose(file);
	return strtoll(text, NULL, 10);
}

int
clock_gettime(clockid_t id, struct timespec *ret_now)
{
	if (syscall(SYS_clock_gettime, id, ret_now))
		return -1;
	if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)
		ret_now->tv_sec += step_s();
	return 0;
}

int
gettimeofday(struct timeval *restrict ret_now, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	*ret_now = (struct timeval){
	    .tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
	return 0;
}

time_t
time(time_t *ret_now)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (ret_now)
		*ret_now = now.tv_sec;
	return now.tv_sec;
}
