#include "broker/api/worker.h"

#include "broker/api/http.h"
#include "broker/api/opaque.h"
#include "broker/clock.h"
#include "lib/service_protocol.h"
#include "verify/portvakt_private.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum {
	TICK_MS = 1000, /* deadlines are looked at so often */
	LEAVE_TICK_MS = 20,
	TURNS_MAX = 16, /* without a look at signals and at the broker */
	/* At the end, for what callers still send, and read. */
	LEAVE_MS = 5000,
	/* For what the broker was asked: its longest time, and once more. */
	LEAVE_WAITING_MS = SERVICE_DEADLINE_MS + SERVICE_LOCAL_DEADLINE_MS,
};

enum source {
	SOURCE_LISTENER,
	SOURCE_UPSTREAM,
	SOURCE_SIGNALS,
};

enum { SOURCES_MAX = LISTENERS_MAX + 2 };

struct worker {
	struct http *https[LISTENERS_MAX];
	size_t count;
	int signals;
	int epoll; /* of listeners, signals and the broker */
	struct upstream *upstream;
	struct recorder *recorder;
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
open_broker(struct worker *worker, struct api *api)
{
	const struct linker linker = {link_find, &api->linking};
	int error;

	error = upstream_new(
	    api->service_path, api->metrics, api->worker, &worker->upstream);
	if (!error)
		error = recorder_new(worker->upstream, api->metrics,
		    api->worker, &worker->recorder);
	if (!error)
		error = opaque_cache_new(&api->opaque);
	if (!error)
		error = link_cache_new(&api->linking.cache);
	api->upstream = worker->upstream;
	api->recorder = worker->recorder;
	portvakt_set_linker(api->portvakt, &linker);
	return error;
}

static int
watch(const struct worker *worker, int operation, int fd, enum source source,
    uint32_t events)
{
	struct epoll_event event = {.events = events, .data.u32 = source};

	return epoll_ctl(worker->epoll, operation, fd, &event) < 0 ? -errno : 0;
}

static int
open_listeners(struct worker *worker, struct api *api,
    const struct listener *listeners, size_t count)
{
	int error = 0;

	for (; !error && worker->count < count; worker->count++) {
		error = http_new(api, listeners[worker->count].fd,
		    listeners[worker->count].local,
		    &worker->https[worker->count]);
		if (error)
			break;
		error = watch(worker, EPOLL_CTL_ADD,
		    http_fd(worker->https[worker->count]), SOURCE_LISTENER,
		    EPOLLIN);
	}
	return error;
}

static int
open_worker(struct worker *worker, struct api *api,
    const struct listener *listeners, size_t count)
{
	int error;

	error = open_broker(worker, api);
	if (error)
		return error;
	worker->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (worker->epoll < 0)
		return -errno;
	error = open_signals(&worker->signals);
	if (!error)
		error = watch(worker, EPOLL_CTL_ADD, worker->signals,
		    SOURCE_SIGNALS, EPOLLIN);
	return error ? error : open_listeners(worker, api, listeners, count);
}

static unsigned int
run_listeners(struct worker *worker)
{
	unsigned int answered = 0;
	size_t i;

	for (i = 0; i < worker->count; i++)
		answered += http_run(worker->https[i]);
	return answered;
}

/*
 * The broker first: those who waited for it are answered in the same turn.
 * While several ask at once, more have asked meanwhile, and there is no need
 * to look for whom to wait.
 */
static void
run_all(struct worker *worker)
{
	int turns = 0;

	upstream_run(worker->upstream);
	while (run_listeners(worker) > 1 && ++turns < TURNS_MAX)
		;
	recorder_run(worker->recorder);
}

/* It comes and goes, and what it waits for with it. */
static void
watch_upstream(const struct worker *worker)
{
	int fd = upstream_fd(worker->upstream);
	uint32_t events = (uint32_t)upstream_events(worker->upstream);

	if (fd >= 0 && watch(worker, EPOLL_CTL_MOD, fd, SOURCE_UPSTREAM,
			   events) == -ENOENT)
		(void)watch(worker, EPOLL_CTL_ADD, fd, SOURCE_UPSTREAM, events);
}

/* Waits until there is something to do. 0, -EINTR: a signal; or an error. */
static int
wait_for_work(struct worker *worker, int longest_ms)
{
	struct epoll_event events[SOURCES_MAX];
	int count, i;
	size_t k;

	longest_ms = upstream_timeout_ms(worker->upstream, longest_ms);
	longest_ms = recorder_timeout_ms(worker->recorder, longest_ms);
	for (k = 0; k < worker->count; k++)
		longest_ms = http_timeout_ms(worker->https[k], longest_ms);
	watch_upstream(worker);
	count = epoll_wait(worker->epoll, events, SOURCES_MAX, longest_ms);
	if (count < 0 && errno != EINTR)
		return -errno;
	for (i = 0; i < count; i++) {
		if (events[i].data.u32 == SOURCE_SIGNALS)
			return -EINTR;
	}
	return 0;
}

static void
serve(struct worker *worker)
{
	while (wait_for_work(worker, TICK_MS) == 0)
		run_all(worker);
}

/* Whether anybody is left who may still take time. */
static bool
leave_all(struct worker *worker, int64_t begun_us)
{
	int64_t took_ms = (clock_us(CLOCK_MONOTONIC) - begun_us) / 1000;
	unsigned int waiting = 0;
	bool left = false;
	size_t i;

	upstream_run(worker->upstream);
	recorder_run(worker->recorder);
	for (i = 0; i < worker->count; i++) {
		left |= !http_leave(worker->https[i]);
		waiting += http_waiting(worker->https[i]);
	}
	return left && took_ms < (waiting > 0 ? LEAVE_WAITING_MS : LEAVE_MS);
}

/* What is recorded by then is told to nobody any more. */
static void
finish_records(struct worker *worker)
{
	int64_t end_us = clock_us(CLOCK_MONOTONIC) +
			 (int64_t)SERVICE_LOCAL_DEADLINE_MS * 1000;

	while (recorder_left(worker->recorder) > 0 &&
	       clock_us(CLOCK_MONOTONIC) < end_us) {
		recorder_finish(worker->recorder);
		(void)wait_for_work(worker, LEAVE_TICK_MS);
		upstream_run(worker->upstream);
	}
	if (recorder_left(worker->recorder) > 0)
		(void)fprintf(stderr,
		    SD_ERR "%zu records of the use of tokens are lost: the "
			   "broker did not take them\n",
		    recorder_left(worker->recorder));
}

static void
leave(struct worker *worker)
{
	int64_t begun_us = clock_us(CLOCK_MONOTONIC);

	(void)watch(worker, EPOLL_CTL_DEL, worker->signals, SOURCE_SIGNALS, 0);
	while (leave_all(worker, begun_us))
		(void)wait_for_work(worker, LEAVE_TICK_MS);
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
	worker.count = 0;
	finish_records(&worker);
	recorder_free(worker.recorder);
	portvakt_set_linker(api->portvakt, NULL);
	api->opaque = opaque_cache_free(api->opaque);
	api->linking.cache = link_cache_free(api->linking.cache);
	upstream_free(worker.upstream);
	opaque_done(api);
	(void)close(worker.signals);
	(void)close(worker.epoll);
	return EX_OK;
}
