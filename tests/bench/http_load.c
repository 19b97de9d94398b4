#include "tests/bench/http_load.h"

#include <err.h>
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
	CONNECTIONS_MAX = 64,
	ANSWER_SIZE_MAX = 4096,
	TRIES = 200,
	TRY_US = 10000,
};

struct run {
	const struct http_load *load;
	int fds[CONNECTIONS_MAX];
	int64_t sent_ns[CONNECTIONS_MAX];
	size_t sent;
	size_t taken;
	float *latencies_us;
};

static int64_t
now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000 + now.tv_nsec;
}

int
http_load_connect(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), tries;

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	for (tries = 0; tries < TRIES; tries++) {
		if (connect(fd, (struct sockaddr *)&address, sizeof(address)) ==
		    0)
			return fd;
		(void)usleep(TRY_US);
	}
	err(1, "%s", path);
}

/* Of all processes of the server, µs. */
static int64_t
spent_us(const struct http_load *load)
{
	struct timespec spent;
	int64_t sum_us = 0;
	clockid_t clock;
	size_t i;

	for (i = 0; i < load->pids_count; i++) {
		if (clock_getcpuclockid(load->pids[i], &clock) != 0 ||
		    clock_gettime(clock, &spent) != 0)
			errx(1, "process %d has gone", (int)load->pids[i]);
		sum_us +=
		    (int64_t)spent.tv_sec * 1000000 + spent.tv_nsec / 1000;
	}
	return sum_us;
}

static void
send_next(struct run *run, size_t i)
{
	const struct http_load *load = run->load;
	const struct http_text *request;

	if (run->sent == load->count)
		return;
	request = &load->requests[run->sent++ % load->distinct];
	run->sent_ns[i] = now_ns();
	if (send(run->fds[i], request->bytes, request->size, 0) !=
	    (ssize_t)request->size)
		err(1, "send");
}

/* An answer that is small comes at once. */
static bool
take_one(struct run *run, size_t i)
{
	char answer[ANSWER_SIZE_MAX];
	ssize_t size =
	    recv(run->fds[i], answer, sizeof(answer) - 1, MSG_DONTWAIT);

	if (size < 0 && errno == EAGAIN)
		return false;
	if (size <= 0)
		err(1, "recv");
	answer[size] = '\0';
	if (!strstr(answer, run->load->wanted))
		errx(1, "not %s: %s", run->load->wanted, answer);
	run->latencies_us[run->taken++] =
	    (float)(now_ns() - run->sent_ns[i]) / 1000;
	return true;
}

/* In turns: where one answer is late, those behind it come together. */
static void
exchange_all(struct run *run)
{
	size_t i;

	for (i = 0; i < run->load->connections; i++)
		send_next(run, i);
	for (i = 0; run->taken < run->load->count; i++) {
		size_t at = i % run->load->connections;

		while (!take_one(run, at))
			(void)sched_yield();
		send_next(run, at);
	}
}

static int
compare(const void *a, const void *b)
{
	float one = *(const float *)a, other = *(const float *)b;

	return (one > other) - (one < other);
}

static double
percentile(const struct run *run, size_t percent)
{
	return run->latencies_us[(run->taken - 1) * percent / 100];
}

static struct http_figures
measure(struct run *run)
{
	const struct http_load *load = run->load;
	struct http_figures figures;
	int64_t begun_ns = now_ns(), before_us = spent_us(load);

	exchange_all(run);
	figures.per_s =
	    (double)load->count * 1e9 / (double)(now_ns() - begun_ns);
	figures.server_us =
	    (double)(spent_us(load) - before_us) / (double)load->count;
	qsort(run->latencies_us, run->taken, sizeof(float), compare);
	figures.p50_us = percentile(run, 50);
	figures.p99_us = percentile(run, 99);
	return figures;
}

struct http_figures
http_load_run(const struct http_load *load)
{
	struct run run = {
	    .load = load, .latencies_us = calloc(load->count, sizeof(float))};
	struct http_figures figures;
	size_t i;

	if (!run.latencies_us || load->connections > CONNECTIONS_MAX)
		errx(1, "too much");
	for (i = 0; i < load->connections; i++)
		run.fds[i] = http_load_connect(load->path);
	figures = measure(&run);
	for (i = 0; i < load->connections; i++)
		(void)close(run.fds[i]);
	free(run.latencies_us);
	return figures;
}
