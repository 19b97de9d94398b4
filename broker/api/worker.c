#include "broker/api/worker.h"

#include "broker/api/http.h"
#include "broker/clock.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum {
	TICK_MS = 1000, /* deadlines are looked at so often */
	LEAVE_TICK_MS = 20,
	LEAVE_US = 5000000, /* for what is under way at the end */
};

struct worker {
	struct http *https[LISTENERS_MAX];
	struct pollfd fds[LISTENERS_MAX + 1]; /* the last one: signals */
	size_t count;
};

static int
open_signals(int *ret_fd)
{
	sigset_t set;
	int fd;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

static int
open_worker(struct worker *worker, struct api *api,
    const struct listener *listeners, size_t count)
{
	int error, signals = -1;

	for (; worker->count < count; worker->count++) {
		error = http_new(api, listeners[worker->count].fd,
		    listeners[worker->count].local,
		    &worker->https[worker->count]);
		if (error)
			return error;
		worker->fds[worker->count] =
		    (struct pollfd){.fd = http_fd(worker->https[worker->count]),
			.events = POLLIN};
	}
	error = open_signals(&signals);
	if (!error)
		worker->fds[count] =
		    (struct pollfd){.fd = signals, .events = POLLIN};
	return error;
}

static void
run_all(struct worker *worker)
{
	size_t i;

	for (i = 0; i < worker->count; i++)
		http_run(worker->https[i]);
}

static int
timeout_ms(const struct worker *worker, int longest_ms)
{
	size_t i;

	for (i = 0; i < worker->count; i++)
		longest_ms = http_timeout_ms(worker->https[i], longest_ms);
	return longest_ms;
}

static void
serve(struct worker *worker)
{
	for (;;) {
		if (poll(worker->fds, worker->count + 1,
			timeout_ms(worker, TICK_MS)) < 0 &&
		    errno != EINTR)
			return;
		if (worker->fds[worker->count].revents)
			return;
		run_all(worker);
	}
}

static void
leave(struct worker *worker)
{
	int64_t end_us = clock_us(CLOCK_MONOTONIC) + LEAVE_US;
	size_t i, left;

	do {
		left = 0;
		for (i = 0; i < worker->count; i++)
			left += !http_leave(worker->https[i]);
		if (left > 0)
			(void)poll(worker->fds, worker->count,
			    timeout_ms(worker, LEAVE_TICK_MS));
	} while (left > 0 && clock_us(CLOCK_MONOTONIC) < end_us);
}

int
worker_run(struct api *api, const struct listener *listeners, size_t count)
{
	struct worker worker = {0};
	size_t i;
	int error;

	/* Nobody would reap or replace us without the one who forked us. */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	error = open_worker(&worker, api, listeners, count);
	if (error) {
		(void)fprintf(stderr, SD_ERR "a worker cannot serve: %s\n",
		    strerrordesc_np(-error));
		return EX_OSERR;
	}
	serve(&worker);
	leave(&worker);
	for (i = 0; i < worker.count; i++)
		http_free(worker.https[i]);
	(void)close(worker.fds[worker.count].fd);
	return EX_OK;
}
