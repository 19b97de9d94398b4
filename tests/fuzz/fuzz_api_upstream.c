/*
 * What the broker says to portvakt-api, as it comes: frames and answers, or
 * what they may not be. Each of the questions under way is told once.
 */
#include "broker/api/upstream.h"
#include "lib/frame.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	QUESTIONS = 4,
	INPUT_MAX = 64 * 1024, /* what a socket takes at once */
};

static int broker = -1;

int __wrap_frame_connect(const char *path, int deadline_ms, int *ret_fd);

int
__wrap_frame_connect(const char *path, int deadline_ms, int *ret_fd)
{
	int pair[2];

	(void)path;
	(void)deadline_ms;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		abort();
	broker = pair[1];
	*ret_fd = pair[0];
	return 0;
}

static void
on_told(json_t *answer, void *userdata)
{
	unsigned int *told = userdata;

	if (upstream_is_good(answer) && !json_is_object(answer))
		abort();
	++*told;
}

/* Ids begin with 256: a corpus can name them. */
static void
ask(struct upstream *upstream, unsigned int *told)
{
	uint64_t id;
	size_t i;

	for (i = 0; i < QUESTIONS; i++) {
		if (upstream_ask(upstream, json_object(), 60000, on_told,
			&told[i], &id) != 0)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int told[QUESTIONS] = {0};
	struct upstream *upstream;
	struct metrics *metrics;
	size_t i;

	if (size > INPUT_MAX)
		return 0;
	if (metrics_new(1, &metrics) != 0 ||
	    upstream_new("/", metrics, 0, &upstream) != 0)
		abort();
	ask(upstream, told);
	if (send(broker, data, size, MSG_NOSIGNAL) != (ssize_t)size && size > 0)
		abort();
	upstream_run(upstream);
	(void)close(broker);
	upstream_run(upstream);
	for (i = 0; i < QUESTIONS; i++) {
		if (told[i] != 1)
			abort();
	}
	upstream_free(upstream);
	metrics_free(metrics);
	return 0;
}
