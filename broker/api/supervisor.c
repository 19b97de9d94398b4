#include "broker/api/supervisor.h"

#include "broker/api/misnomer.h"
#include "broker/clock.h"
#include "verify/portvakt_private.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

enum {
	/* One that dies again and again is started so often, no more. */
	RESPAWN_US = 1000000,
	LEAVE_S = 20, /* for all workers to finish at the end */
};

struct place {
	pid_t pid; /* 0: nobody */
	int64_t born_us;
};

struct supervisor {
	const struct supervisor_options *options;
	struct api_config *config;
	struct portvakt *portvakt;
	struct metrics *metrics;
	struct place places[API_WORKERS_MAX];
	unsigned int places_count;
	int told; /* of the trust image: what it was when it was last told */
	/* Workers that leave count on in their blocks while new ones begin. */
	bool odd;
};

static unsigned int
count_workers(const struct api_config *config)
{
	long cores;

	if (config->workers > 0)
		return config->workers;
	cores = sysconf(_SC_NPROCESSORS_ONLN);
	if (cores < 1)
		return 1;
	return cores > API_WORKERS_MAX ? API_WORKERS_MAX : (unsigned int)cores;
}

static int
be_worker(const struct supervisor *supervisor, unsigned int place)
{
	struct api api = {
	    .config = supervisor->config,
	    .portvakt = supervisor->portvakt,
	    .issuers = {.path = supervisor->options->trust},
	    .metrics = supervisor->metrics,
	    .worker = place + (supervisor->odd ? API_WORKERS_MAX : 0),
	    .service_path = supervisor->options->service,
	};
	int status;

	/* Without memory for it, each answer is made anew. */
	(void)answer_cache_new(&api.answers);
	status = worker_run(&api, supervisor->options->listeners,
	    supervisor->options->listeners_count);
	answer_cache_free(api.answers);
	issuers_done(&api.issuers);
	return status;
}

static void
start_worker(struct supervisor *supervisor, unsigned int place)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(be_worker(supervisor, place));
	if (pid < 0)
		(void)fprintf(stderr, SD_ERR "cannot start a worker: %s\n",
		    strerror(errno));
	supervisor->places[place] =
	    (struct place){pid > 0 ? pid : 0, clock_us(CLOCK_MONOTONIC)};
}

static void
start_missing(struct supervisor *supervisor)
{
	int64_t now_us = clock_us(CLOCK_MONOTONIC);
	unsigned int i;

	for (i = 0; i < supervisor->places_count; i++) {
		const struct place *place = &supervisor->places[i];

		if (place->pid == 0 &&
		    (place->born_us == 0 ||
			now_us - place->born_us >= RESPAWN_US))
			start_worker(supervisor, i);
	}
}

static void
stop_workers(const struct supervisor *supervisor)
{
	unsigned int i;

	for (i = 0; i < supervisor->places_count; i++) {
		if (supervisor->places[i].pid > 0)
			(void)kill(supervisor->places[i].pid, SIGTERM);
	}
}

static void
report_death(pid_t pid, int status)
{
	if (WIFSIGNALED(status))
		(void)fprintf(stderr, SD_ERR "worker %d died of signal %d\n",
		    (int)pid, WTERMSIG(status));
	else
		(void)fprintf(stderr, SD_WARNING "worker %d ended with %d\n",
		    (int)pid, WEXITSTATUS(status));
}

static void
reap(struct supervisor *supervisor)
{
	unsigned int i;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (i = 0; i < supervisor->places_count; i++) {
			if (supervisor->places[i].pid != pid)
				continue;
			report_death(pid, status);
			supervisor->places[i].pid = 0;
		}
	}
}

static int
read_config(struct supervisor *supervisor)
{
	struct api_config *config;
	struct config_error why;
	int error;

	error = api_config_read(supervisor->options->config_dir, &config, &why);
	if (error) {
		(void)fprintf(stderr, SD_ERR "%s\n", why.text);
		return error;
	}
	api_config_free(supervisor->config);
	supervisor->config = config;
	return 0;
}

enum { NOT_TOLD = 1 };

/*
 * What the trust image does not know of the configuration, or why there is no
 * image to ask; once for each of these, until the configuration is another.
 */
static void
tell_misnomers(struct supervisor *supervisor)
{
	int count = portvakt_groups_count(supervisor->portvakt);
	int now = count < 0 ? count : 0;

	if (now == supervisor->told)
		return;
	supervisor->told = misnomers_print(supervisor->portvakt,
	    supervisor->options->trust, supervisor->config, SD_WARNING, stderr);
}

/* A configuration that cannot be used changes nothing. */
static void
reload(struct supervisor *supervisor)
{
	(void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld",
	    (long long)clock_us(CLOCK_MONOTONIC));
	if (read_config(supervisor) == 0) {
		supervisor->told = NOT_TOLD;
		stop_workers(supervisor);
		memset(supervisor->places, 0, sizeof(supervisor->places));
		supervisor->places_count = count_workers(supervisor->config);
		supervisor->odd = !supervisor->odd;
		start_missing(supervisor);
	}
	(void)sd_notify(0, "READY=1");
}

static void
supervise(struct supervisor *supervisor, const sigset_t *signals)
{
	const struct timespec tick = {.tv_sec = 1};

	for (;;) {
		start_missing(supervisor);
		tell_misnomers(supervisor);
		switch (sigtimedwait(signals, NULL, &tick)) {
		case SIGTERM:
		case SIGINT:
			return;
		case SIGHUP:
			reload(supervisor);
			break;
		case SIGCHLD:
			reap(supervisor);
			break;
		default:
			break; /* the time is up */
		}
	}
}

/* Also those that a reload has sent away; who stays too long, is left. */
static void
wait_for_workers(void)
{
	const struct timespec tick = {.tv_sec = 1};
	sigset_t child;
	int i;

	(void)sigemptyset(&child);
	(void)sigaddset(&child, SIGCHLD);
	for (i = 0; i < LEAVE_S; i++) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			i = 0;
		if (waitpid(-1, NULL, WNOHANG) < 0)
			return;
		(void)sigtimedwait(&child, NULL, &tick);
	}
}

static int
open_supervisor(struct supervisor *supervisor)
{
	int error;

	error = metrics_new(2 * API_WORKERS_MAX, &supervisor->metrics);
	/* Before the fork: workers share which proofs were used. */
	if (!error)
		error = portvakt_open(
		    supervisor->options->trust, &supervisor->portvakt);
	if (!error) /* It is who the library would ask. */
		portvakt_set_linker(supervisor->portvakt, NULL);
	if (error)
		(void)fprintf(stderr, SD_ERR "cannot start: %s\n",
		    strerrordesc_np(-error));
	return error;
}

static void
block_signals(sigset_t *ret_signals)
{
	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigemptyset(ret_signals);
	(void)sigaddset(ret_signals, SIGTERM);
	(void)sigaddset(ret_signals, SIGINT);
	(void)sigaddset(ret_signals, SIGHUP);
	(void)sigaddset(ret_signals, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, ret_signals, NULL);
}

static int
run(struct supervisor *supervisor)
{
	sigset_t signals;

	block_signals(&signals);
	if (read_config(supervisor) < 0)
		return EX_CONFIG;
	if (open_supervisor(supervisor) < 0)
		return EX_OSERR;
	supervisor->places_count = count_workers(supervisor->config);
	start_missing(supervisor);
	(void)sd_notify(0, "READY=1");
	supervise(supervisor, &signals);
	(void)sd_notify(0, "STOPPING=1");
	stop_workers(supervisor);
	wait_for_workers();
	return EX_OK;
}

int
supervisor_run(const struct supervisor_options *options)
{
	struct supervisor supervisor = {.options = options, .told = NOT_TOLD};
	int status;

	status = run(&supervisor);
	portvakt_close(supervisor.portvakt);
	metrics_free(supervisor.metrics);
	api_config_free(supervisor.config);
	return status;
}
