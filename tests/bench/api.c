/*
 * What portvakt-api costs over the HTTP server that it is made of: the same
 * requests to it and to a libmicrohttpd that reads them and answers a body of
 * the same size, one worker each, in turns, over a Unix socket with
 * keep-alive. The figure is the server's own processor time, which the load
 * does not share.
 *
 *	make tests/bench/api && top_srcdir=. tests/bench/api [same]
 */
#include "broker/clock.h"
#include "tests/bench/http_load.h"
#include "tests/bench/raw_limit.h"
#include "tests/unit/service_world.h"
#include "tests/vectors/mint.h"

#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
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
	IDLE = 64,
	STRANGER = 65534, /* whose the idle connections are */
	FRESH = 6000, /* tokens that were never seen */
	REPEATED = 60000,
	ALONE = 20000, /* one after another on one connection */
	ROUNDS = 8,
	WORKERS = 2,
	FLEET = 100000,
	BACKLOG = 256, /* as portvakt-api's */
	BODY_SIZE = 348, /* of an answer to these requests */
	LIFE_S = 600,
};

struct server {
	char path[96];
	pid_t pid;
	pid_t workers[WORKERS];
	size_t workers_count;
};

struct bench {
	struct service_world *world;
	struct http_text *requests;
	double raw_us; /* what an RS256 check takes by itself */
	struct server hello, api, pair;
};

static int
listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	(void)unlink(path);
	if (fd < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, BACKLOG) < 0)
		err(1, "%s", path);
	return fd;
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

static struct MHD_Response *
make_hello(void)
{
	static char text[BODY_SIZE];
	struct MHD_Response *response;

	memset(text, 'o', sizeof(text));
	memcpy(text, "hello", 5);
	response = MHD_create_response_from_buffer(
	    sizeof(text), text, MHD_RESPMEM_PERSISTENT);
	(void)MHD_add_response_header(response, "Cache-Control", "no-store");
	(void)MHD_add_response_header(
	    response, "Content-Type", "application/json");
	return response;
}

static _Noreturn void
be_hello(int listener)
{
	struct MHD_Daemon *daemon =
	    MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_TURBO, 0, NULL, NULL,
		say_hello, make_hello(), MHD_OPTION_LISTEN_SOCKET, listener,
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);

	if (!daemon)
		errx(1, "no daemon");
	for (;;)
		(void)MHD_run_wait(daemon, 1000);
}

static void
start_hello(struct bench *bench)
{
	struct server *hello = &bench->hello;
	int listener;

	(void)snprintf(
	    hello->path, sizeof(hello->path), "%s/hello", bench->world->folder);
	listener = listen_at(hello->path);
	hello->pid = fork();
	if (hello->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		be_hello(listener);
	}
	(void)close(listener);
	hello->workers[0] = hello->pid;
	hello->workers_count = 1;
}

static void
write_config(const struct bench *bench, size_t workers, const char *name)
{
	char folder[128], path[160];
	FILE *file;

	(void)snprintf(
	    folder, sizeof(folder), "%s/%s.d", bench->world->folder, name);
	(void)snprintf(path, sizeof(path), "%s/api.conf", folder);
	if (mkdir(folder, 0755) < 0)
		err(1, "%s", folder);
	file = fopen(path, "w");
	if (!file)
		err(1, "%s", path);
	(void)fprintf(file,
	    "server { workers = %zu }\nclient \"bench\" { uid = %u\n"
	    "audiences = { \"%s\" }\n"
	    "claims = { \"username\", \"access_groups\" } }\n",
	    workers, (unsigned int)getuid(), WORLD_AUDIENCE);
	(void)fclose(file);
	(void)chmod(path, 0644);
}

/* The only children of the one who watches over them. */
static void
find_workers(struct server *server, size_t count)
{
	char path[64];
	int tries, found;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
	    (int)server->pid, (int)server->pid);
	for (tries = 0; tries < 200 && server->workers_count < count; tries++) {
		(void)usleep(10000);
		file = fopen(path, "r");
		server->workers_count = 0;
		while (file && server->workers_count < count &&
		       fscanf(file, "%d", &found) == 1)
			server->workers[server->workers_count++] = found;
		if (file)
			(void)fclose(file);
	}
	if (server->workers_count < count)
		errx(1, "portvakt-api has too few workers");
}

static void
start_api(
    struct bench *bench, struct server *api, size_t workers, const char *name)
{
	char config[128];

	write_config(bench, workers, name);
	(void)snprintf(
	    api->path, sizeof(api->path), "%s/%s", bench->world->folder, name);
	(void)snprintf(
	    config, sizeof(config), "%s/%s.d", bench->world->folder, name);
	api->pid = fork();
	if (api->pid == 0) {
		(void)execl("broker/api/portvakt-api", "portvakt-api",
		    "--config", config, "--socket", api->path, "--trust",
		    bench->world->path, (char *)NULL);
		err(1, "broker/api/portvakt-api");
	}
	find_workers(api, workers);
}

static char *
make_token(int64_t issued_s, unsigned int number)
{
	char change[96], *payload, *token;

	(void)snprintf(change, sizeof(change),
	    "\"iat\":%" PRId64 ",\"exp\":%" PRId64 ",\"n\":%u", issued_s,
	    issued_s + LIFE_S, number);
	payload = mint_replace(world_payloads[WORLD_STAFF],
	    "\"iat\":1678375492,\"exp\":1678376092", change);
	token = world_token(payload);
	free(payload);
	return token;
}

static struct http_text
make_request(const char *token)
{
	struct http_text request;
	int size;

	size = asprintf(&request.bytes,
	    "POST /introspect HTTP/1.1\r\nHost: localhost\r\n"
	    "Content-Type: application/x-www-form-urlencoded\r\n"
	    "Content-Length: %zu\r\n\r\ntoken=%s",
	    strlen(token) + 6, token);
	if (size < 0)
		errx(1, "no memory");
	request.size = (size_t)size;
	return request;
}

static void
make_requests(struct bench *bench)
{
	int64_t now_s = clock_wall_s();
	unsigned int i;

	bench->requests = calloc(FRESH, sizeof(*bench->requests));
	if (!bench->requests)
		errx(1, "no memory");
	for (i = 0; i < FRESH; i++) {
		char *token = make_token(now_s, i);

		bench->requests[i] = make_request(token);
		if (i == 0)
			bench->raw_us = raw_limit_us(
			    bench->world->keys, "rsa", MINT_RS256, token);
		free(token);
	}
}

static struct http_load
load_on(const struct bench *bench, const struct server *server)
{
	struct http_load load = {
	    .path = server->path,
	    .connections = CONNECTIONS,
	    .requests = bench->requests,
	    .distinct = 1,
	    .count = REPEATED,
	    .wanted = server == &bench->hello ? "hellooo" : "\"active\":true",
	};

	for (; load.pids_count < server->workers_count; load.pids_count++)
		load.pids[load.pids_count] = server->workers[load.pids_count];
	return load;
}

/* The least of each, over some rounds. */
static void
take_best(struct http_figures *best, const struct http_load *load)
{
	struct http_figures now = http_load_run(load);

	if (best->per_s == 0 || now.server_us < best->server_us)
		best->server_us = now.server_us;
	if (best->per_s == 0 || now.p99_us < best->p99_us) {
		best->p50_us = now.p50_us;
		best->p99_us = now.p99_us;
	}
	if (now.per_s > best->per_s)
		best->per_s = now.per_s;
}

/* Another image, and nothing is known of any token. */
static void
forget(struct bench *bench, size_t fleet)
{
	bench->world->fleet = fleet;
	service_world_publish(bench->world);
}

static void
take_best_fresh(struct http_figures *best, struct bench *bench,
    const struct server *api, size_t fleet)
{
	struct http_load load = load_on(bench, api);

	forget(bench, fleet);
	load.distinct = load.count = FRESH;
	take_best(best, &load);
}

static void
report(const char *what, const struct http_figures *figures,
    const struct http_figures *hello)
{
	(void)printf("%-32s %7.2f us %5.1f %%  %8.0f/s %5.1f %%  "
		     "p50 %5.0f us  p99 %5.0f us\n",
	    what, figures->server_us,
	    hello->server_us * 100 / figures->server_us, figures->per_s,
	    figures->per_s * 100 / hello->per_s, figures->p50_us,
	    figures->p99_us);
}

static struct http_figures
measure_one_worker(struct bench *bench)
{
	struct http_load load;
	struct http_figures hello = {0}, same = {0}, fresh = {0}, far = {0};
	int i;

	for (i = 0; i < ROUNDS; i++) {
		load = load_on(bench, &bench->hello);
		take_best(&hello, &load);
		load = load_on(bench, &bench->api);
		take_best(&same, &load);
		take_best_fresh(&fresh, bench, &bench->api, 0);
		take_best_fresh(&far, bench, &bench->api, FLEET);
	}
	report("hello", &hello, &hello);
	report("same token", &same, &hello);
	report("fresh RS256", &fresh, &hello);
	(void)printf("%-32s %7.2f us, fresh is %.1f %% of that\n",
	    "hello and an RS256 check", hello.server_us + bench->raw_us,
	    (hello.server_us + bench->raw_us) * 100 / fresh.server_us);
	report("fresh RS256, 100,000 accounts", &far, &hello);
	return hello;
}

static void
measure_alone(struct bench *bench, const struct http_figures *hello)
{
	struct http_load load = load_on(bench, &bench->hello);
	struct http_figures alone = {0}, same = {0};

	load.connections = 1;
	load.count = ALONE;
	take_best(&alone, &load);
	load = load_on(bench, &bench->api);
	load.connections = 1;
	load.count = ALONE;
	take_best(&same, &load);
	report("hello, 1 connection", &alone, hello);
	report("same token, 1 connection", &same, hello);
}

/* As callers of somebody else, since one may have no more than these. */
static void
open_idle(const char *path, int fds[IDLE])
{
	size_t i;

	if (seteuid(STRANGER) < 0)
		err(1, "idle connections need root");
	for (i = 0; i < IDLE; i++)
		fds[i] = http_load_connect(path);
	if (seteuid(0) < 0)
		err(1, "root");
}

static void
measure_idle(struct bench *bench, const struct http_figures *hello)
{
	struct http_load load = load_on(bench, &bench->api);
	struct http_figures without = {0}, with = {0};
	int fds[IDLE], i;
	size_t k;

	if (geteuid() != 0) {
		(void)puts("idle connections: not measured, needs root");
		return;
	}
	for (i = 0; i < ROUNDS; i++) {
		take_best(&without, &load);
		open_idle(bench->api.path, fds);
		take_best(&with, &load);
		for (k = 0; k < IDLE; k++)
			(void)close(fds[k]);
	}
	report("same token, nobody idle", &without, hello);
	report("same token, 64 idle connections", &with, hello);
}

static void
report_pair(const char *what, const struct http_figures *one,
    const struct http_figures *two, const struct http_figures *hello)
{
	report(what, two, hello);
	(void)printf("%-32s x %.2f by processor time, x %.2f by the clock\n",
	    "  of one worker", WORKERS * one->server_us / two->server_us,
	    two->per_s / one->per_s);
}

static void
measure_two_workers(struct bench *bench, const struct http_figures *hello)
{
	struct http_figures one_same = {0}, one = {0}, two_same = {0},
			    two = {0};
	struct http_load load;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		load = load_on(bench, &bench->api);
		take_best(&one_same, &load);
		load = load_on(bench, &bench->pair);
		take_best(&two_same, &load);
		take_best_fresh(&one, bench, &bench->api, 0);
		take_best_fresh(&two, bench, &bench->pair, 0);
	}
	report_pair("same token, 2 workers", &one_same, &two_same, hello);
	report_pair("fresh RS256, 2 workers", &one, &two, hello);
}

static long
status_kib(pid_t pid, const char *name)
{
	char path[64], line[128];
	long kib = 0;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, name, strlen(name)) == 0)
			kib = strtol(line + strlen(name) + 1, NULL, 10);
	}
	if (file)
		(void)fclose(file);
	return kib;
}

static void
report_memory(const char *when, const struct server *api)
{
	(void)printf("memory of the worker, %s: %.1f MB, %.1f its own\n", when,
	    (double)status_kib(api->workers[0], "VmRSS") / 1000,
	    (double)status_kib(api->workers[0], "RssAnon") / 1000);
}

static void
start(struct bench *bench)
{
	size_t i;

	bench->world = service_world_new();
	for (i = 0; i < WORLD_ISSUERS; i++) {
		bench->world->content.keys[i].at_s = clock_boot_s() - 100;
		bench->world->content.keys[i].until_s = clock_boot_s() + LIFE_S;
	}
	/* For the connections of others. */
	(void)chmod(bench->world->folder, 0711);
	service_world_publish(bench->world);
	make_requests(bench);
	start_hello(bench);
	start_api(bench, &bench->api, 1, "api");
	start_api(bench, &bench->pair, WORKERS, "pair");
}

static void
remove_files(const struct bench *bench)
{
	static const char *const files[] = {
	    "hello", "api.d/api.conf", "api.d", "pair.d/api.conf", "pair.d"};
	char path[160];
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s",
		    bench->world->folder, files[i]);
		(void)remove(path);
	}
}

static void
stop(struct bench *bench)
{
	unsigned int i;

	(void)kill(bench->hello.pid, SIGKILL);
	(void)kill(bench->api.pid, SIGTERM);
	(void)kill(bench->pair.pid, SIGTERM);
	while (wait(NULL) > 0)
		;
	for (i = 0; i < FRESH; i++)
		free(bench->requests[i].bytes);
	free(bench->requests);
	remove_files(bench);
	service_world_free(bench->world);
}

static void
measure_all(struct bench *bench)
{
	struct http_figures hello;

	report_memory("idle", &bench->api);
	hello = measure_one_worker(bench);
	report_memory("after these, 100,000 accounts", &bench->api);
	measure_alone(bench, &hello);
	measure_idle(bench, &hello);
	measure_two_workers(bench, &hello);
}

/* For a profiler. */
static void
measure_same(struct bench *bench)
{
	const struct http_load hello_load = load_on(bench, &bench->hello);
	const struct http_load load = load_on(bench, &bench->api);
	struct http_figures hello = {0}, same = {0};
	int i;

	for (i = 0; i < ROUNDS; i++) {
		take_best(&hello, &hello_load);
		take_best(&same, &load);
	}
	report("hello", &hello, &hello);
	report("same token", &same, &hello);
}

int
main(int argc, char *argv[])
{
	struct bench bench = {0};

	start(&bench);
	if (argc == 2 && strcmp(argv[1], "same") == 0)
		measure_same(&bench);
	else
		measure_all(&bench);
	stop(&bench);
	return 0;
}
