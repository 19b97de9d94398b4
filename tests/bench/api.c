/*
 * What portvakt-api costs over the HTTP server that it is made of: the same
 * requests to it and to a libmicrohttpd that answers "hello" and reads
 * nothing, one worker each, over a Unix socket with keep-alive. The figure is
 * the server's own processor time, which the load does not share.
 *
 *	make tests/bench/api && top_srcdir=. tests/bench/api
 */
#include "broker/clock.h"
#include "tests/unit/service_world.h"
#include "tests/vectors/mint.h"

#include <err.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <microhttpd.h>

enum {
	CONNECTIONS = 16,
	FRESH = 6000, /* tokens that were never seen */
	REPEATED = 60000,
	ROUNDS = 3,
	REQUEST_SIZE_MAX = 4096,
	LIFE_S = 600,
};

struct text {
	char *bytes;
	size_t size;
};

static int
listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	(void)unlink(path);
	if (fd < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, CONNECTIONS) < 0)
		err(1, "%s", path);
	return fd;
}

static int
connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), tries;

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	for (tries = 0; tries < 200; tries++) {
		if (connect(fd, (struct sockaddr *)&address, sizeof(address)) ==
		    0)
			return fd;
		(void)usleep(10000);
	}
	err(1, "%s", path);
}

static enum MHD_Result
say_hello(void *userdata, struct MHD_Connection *connection, const char *path,
    const char *method, const char *version, const char *bytes, size_t *size,
    void **context)
{
	struct MHD_Response *response = userdata;

	(void)path;
	(void)method;
	(void)version;
	(void)bytes;
	if (!*context) {
		*context = userdata;
		return MHD_YES;
	}
	if (*size > 0) {
		*size = 0;
		return MHD_YES;
	}
	return MHD_queue_response(connection, MHD_HTTP_OK, response);
}

static _Noreturn void
be_hello(int listener)
{
	static char text[] = "hello\n";
	struct MHD_Response *response = MHD_create_response_from_buffer(
	    strlen(text), text, MHD_RESPMEM_PERSISTENT);
	struct MHD_Daemon *daemon =
	    MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_TURBO, 0, NULL, NULL,
		say_hello, response, MHD_OPTION_LISTEN_SOCKET, listener,
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);

	if (!daemon)
		errx(1, "no daemon");
	for (;;)
		(void)MHD_run_wait(daemon, 1000);
}

static pid_t
start_hello(const char *path)
{
	int listener = listen_at(path);
	pid_t pid = fork();

	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		be_hello(listener);
	}
	(void)close(listener);
	return pid;
}

static pid_t
start_api(const struct service_world *world, const char *path)
{
	char config[128];
	FILE *file;
	pid_t pid;

	(void)snprintf(config, sizeof(config), "%s/api.conf", world->folder);
	file = fopen(config, "w");
	if (!file)
		err(1, "%s", config);
	(void)fprintf(file,
	    "server { workers = 1 }\nclient \"bench\" { uid = %u\n"
	    "audiences = { \"%s\" }\n"
	    "claims = { \"username\", \"access_groups\" } }\n",
	    (unsigned int)getuid(), WORLD_AUDIENCE);
	(void)fclose(file);
	(void)chmod(config, 0644);
	pid = fork();
	if (pid == 0) {
		(void)execl("broker/api/portvakt-api", "portvakt-api",
		    "--config", world->folder, "--socket", path, "--trust",
		    world->path, (char *)NULL);
		err(1, "broker/api/portvakt-api");
	}
	return pid;
}

/* One worker: the only child. */
static pid_t
worker_of(pid_t pid)
{
	char path[64];
	int worker = 0, tries;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
	    (int)pid, (int)pid);
	for (tries = 0; tries < 200 && worker == 0; tries++) {
		file = fopen(path, "r");
		if (!file || fscanf(file, "%d", &worker) != 1)
			(void)usleep(10000);
		if (file)
			(void)fclose(file);
	}
	return worker;
}

/* Processor time of a process, µs. */
static int64_t
spent_us(pid_t pid)
{
	struct timespec spent;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 ||
	    clock_gettime(clock, &spent) != 0)
		errx(1, "process %d has gone", (int)pid);
	return (int64_t)spent.tv_sec * 1000000 + spent.tv_nsec / 1000;
}

static struct text
make_request(int64_t issued_s, unsigned int number)
{
	char change[96], *payload, *token;
	struct text request;
	int size;

	(void)snprintf(change, sizeof(change),
	    "\"iat\":%" PRId64 ",\"exp\":%" PRId64 ",\"n\":%u", issued_s,
	    issued_s + LIFE_S, number);
	payload = mint_replace(world_payloads[WORLD_STAFF],
	    "\"iat\":1678375492,\"exp\":1678376092", change);
	token = mint_token(
	    MINT_RS256, "{\"kid\":\"rsa\",\"alg\":\"RS256\"}", payload);
	size = asprintf(&request.bytes,
	    "POST /introspect HTTP/1.1\r\nHost: localhost\r\n"
	    "Content-Type: application/x-www-form-urlencoded\r\n"
	    "Content-Length: %zu\r\n\r\ntoken=%s",
	    strlen(token) + 6, token);
	if (size < 0)
		errx(1, "no memory");
	request.size = (size_t)size;
	free(payload);
	free(token);
	return request;
}

static void
send_one(int fd, const struct text *request)
{
	if (write(fd, request->bytes, request->size) != (ssize_t)request->size)
		err(1, "write");
}

/* An answer that is small comes at once. */
static void
take_one(int fd, const char *wanted)
{
	char answer[REQUEST_SIZE_MAX];
	ssize_t size = read(fd, answer, sizeof(answer) - 1);

	if (size <= 0)
		err(1, "read");
	answer[size] = '\0';
	if (!strstr(answer, wanted))
		errx(1, "not %s: %s", wanted, answer);
}

/* µs of the server for one request. */
static double
load(const char *path, pid_t pid, const struct text *requests, size_t distinct,
    size_t count, const char *wanted, double *ret_per_s)
{
	struct pollfd fds[CONNECTIONS];
	size_t i, sent = 0, taken = 0;
	int64_t begun_us, spent;

	for (i = 0; i < CONNECTIONS; i++)
		fds[i] = (struct pollfd){connect_to(path), POLLIN, 0};
	begun_us = clock_us(CLOCK_MONOTONIC);
	spent = spent_us(pid);
	for (i = 0; i < CONNECTIONS; i++)
		send_one(fds[i].fd, &requests[sent++ % distinct]);
	while (taken < count) {
		if (poll(fds, CONNECTIONS, -1) < 0)
			err(1, "poll");
		for (i = 0; i < CONNECTIONS; i++) {
			if (!fds[i].revents)
				continue;
			take_one(fds[i].fd, wanted);
			taken++;
			if (sent < count)
				send_one(
				    fds[i].fd, &requests[sent++ % distinct]);
		}
	}
	spent = spent_us(pid) - spent;
	*ret_per_s = (double)count * 1e6 /
		     (double)(clock_us(CLOCK_MONOTONIC) - begun_us);
	for (i = 0; i < CONNECTIONS; i++)
		(void)close(fds[i].fd);
	return (double)spent / (double)count;
}

static void
report(const char *what, double us, double per_s, double hello_us)
{
	(void)printf("%-28s %7.2f us %9.0f/s  %5.1f %% of hello\n", what, us,
	    per_s, hello_us * 100 / us);
}

static void
measure(const char *hello, pid_t hello_pid, const char *api, pid_t api_pid,
    const struct text *requests)
{
	double best_hello = 1e9, best = 1e9, us, per_s = 0, hello_s = 0,
	       best_s = 0, fresh_s;
	double fresh = load(
	    api, api_pid, requests, FRESH, FRESH, "\"active\":true", &fresh_s);
	int i;

	for (i = 0; i < ROUNDS; i++) {
		us = load(
		    hello, hello_pid, requests, 1, REPEATED, "hello", &per_s);
		if (us < best_hello) {
			best_hello = us;
			hello_s = per_s;
		}
		us = load(api, api_pid, requests, 1, REPEATED,
		    "\"active\":true", &per_s);
		if (us < best) {
			best = us;
			best_s = per_s;
		}
	}
	report("hello", best_hello, hello_s, best_hello);
	report("introspect, same token", best, best_s, best_hello);
	report("introspect, fresh RS256", fresh, fresh_s, best_hello);
}

static struct text *
make_requests(void)
{
	struct text *requests = calloc(FRESH, sizeof(*requests));
	int64_t now_s = clock_wall_s();
	unsigned int i;

	if (!requests)
		errx(1, "no memory");
	for (i = 0; i < FRESH; i++)
		requests[i] = make_request(now_s, i);
	return requests;
}

static void
clean_up(struct service_world *world, struct text *requests)
{
	char path[160];
	unsigned int i;

	for (i = 0; i < FRESH; i++)
		free(requests[i].bytes);
	free(requests);
	(void)snprintf(path, sizeof(path), "%s/api.conf", world->folder);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/hello", world->folder);
	(void)unlink(path);
	service_world_free(world);
}

int
main(void)
{
	struct service_world *world = service_world_new();
	char hello[96], api[96];
	struct text *requests;
	pid_t hello_pid, api_pid;
	size_t i;

	for (i = 0; i < WORLD_ISSUERS; i++) {
		world->content.keys[i].at_s = clock_boot_s() - 100;
		world->content.keys[i].until_s = clock_boot_s() + LIFE_S;
	}
	service_world_publish(world);
	requests = make_requests();
	(void)snprintf(hello, sizeof(hello), "%s/hello", world->folder);
	(void)snprintf(api, sizeof(api), "%s/api", world->folder);
	hello_pid = start_hello(hello);
	api_pid = start_api(world, api);
	measure(hello, hello_pid, api, worker_of(api_pid), requests);
	(void)kill(hello_pid, SIGKILL);
	(void)kill(api_pid, SIGTERM);
	while (wait(NULL) > 0)
		;
	clean_up(world, requests);
	return 0;
}
