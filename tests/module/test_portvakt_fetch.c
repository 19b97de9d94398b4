/*
 * The real portvakt-fetch, asked by the broker's real client, against servers
 * on loopback (fetch_server.py) that behave well and badly.
 */
#include "broker/issuer/fetch_client.h"
#include "lib/frame.h"
#include "tests/module/certificates.h"
#include "tests/unit/as_root.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <oauth2/http.h>
#include <oauth2/mem.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	SHORT_MS = 400,
	LONG_MS = 20000,
	SERVERS_MAX = 16,
	PATH_SIZE = 108, /* of a socket */
	URL_SIZE = 256,
};

struct server {
	char name[32];
	char port[8];
};

/* What became of a call. */
struct seen {
	bool done;
	enum fetch_outcome outcome;
	unsigned int status;
	char body[FETCH_BODY_SIZE_MAX + 1];
	size_t body_size;
	char content_type[FETCH_CONTENT_TYPE_SIZE];
	char date[FETCH_DATE_SIZE];
	char detail[FETCH_DETAIL_SIZE];
};

/* The servers live for all tests, the fetcher for one. */
static struct world {
	char above[32];
	char directory[40];
	char ca_file[PATH_SIZE];
	char socket_path[PATH_SIZE];
	pid_t servers_pid;
	FILE *servers_in;
	FILE *servers_out;
	struct server servers[SERVERS_MAX];
	size_t servers_count;
	pid_t fetcher_pid;
	sd_event *event;
	struct fetch_client *client;
	struct seen seen;
} world;

static void
in_directory(char *path, const char *name)
{
	(void)snprintf(path, PATH_SIZE, "%s/%s", world.directory, name);
}

static const char *
from_environment(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value ? value : otherwise;
}

static void
run_servers(int in, int out)
{
	char script[512];

	(void)snprintf(script, sizeof(script), "%s/tests/module/%s",
	    from_environment("top_srcdir", "."), "fetch_server.py");
	if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
		(void)execlp("python3", "python3", script, world.directory,
		    (char *)NULL);
	_exit(127);
}

static void
read_ports(void)
{
	char line[1024], *word, *rest = NULL;
	struct server *server = world.servers;

	assert_non_null(fgets(line, sizeof(line), world.servers_out));
	for (word = strtok_r(line, " \n", &rest); word;
	     word = strtok_r(NULL, " \n", &rest)) {
		(void)snprintf(server->name, sizeof(server->name), "%s", word);
		word = strtok_r(NULL, " \n", &rest);
		assert_non_null(word);
		(void)snprintf(server->port, sizeof(server->port), "%s", word);
		server++;
		world.servers_count++;
		assert_true(world.servers_count < SERVERS_MAX);
	}
}

static int
start_servers(void **state)
{
	int in[2], out[2];

	(void)state;
	strcpy(world.above, "/tmp/test_fetch.XXXXXX");
	if (!mkdtemp(world.above))
		return -1;
	(void)snprintf(
	    world.directory, sizeof(world.directory), "%s/d", world.above);
	if (mkdir(world.directory, 0700) < 0 || pipe(in) < 0 || pipe(out) < 0)
		return -1;
	in_directory(world.ca_file, "ca.pem");
	in_directory(world.socket_path, "fetch.sock");
	certificates_write(world.directory);
	world.servers_pid = fork();
	if (world.servers_pid == 0) {
		(void)close(in[1]);
		(void)close(out[0]);
		run_servers(in[0], out[1]);
	}
	(void)close(in[0]);
	(void)close(out[1]);
	world.servers_in = fdopen(in[1], "w");
	world.servers_out = fdopen(out[0], "r");
	read_ports();
	return 0;
}

static int
stop_servers(void **state)
{
	static const char *const files[] = {"ca.pem", "good.pem",
	    "wrong-name.pem", "expired.pem", "other-ca.pem", "keys.log"};
	char path[PATH_SIZE];
	size_t i;

	(void)state;
	(void)fclose(world.servers_in);
	(void)fclose(world.servers_out);
	(void)waitpid(world.servers_pid, NULL, 0);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		in_directory(path, files[i]);
		(void)unlink(path);
	}
	(void)rmdir(world.directory);
	(void)rmdir(world.above);
	return 0;
}

static const char *
port_of(const char *name)
{
	size_t i;

	for (i = 0; i < world.servers_count; i++)
		if (strcmp(world.servers[i].name, name) == 0)
			return world.servers[i].port;
	fail_msg("no server %s", name);
	return NULL;
}

/* What would lead it astray if it looked. */
static void
run_fetcher(const char *uid)
{
	char program[512], key_log[PATH_SIZE];

	(void)snprintf(program, sizeof(program), "%s/broker/fetch/%s",
	    from_environment("top_builddir", "."), "portvakt-fetch");
	in_directory(key_log, "keys.log");
	(void)setenv("https_proxy", "http://127.0.0.1:1", 1);
	(void)setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	(void)setenv("SSLKEYLOGFILE", key_log, 1);
	(void)execl(program, program, "--socket", world.socket_path, "--broker",
	    uid, (char *)NULL);
	_exit(127);
}

static void
start_fetcher(void)
{
	char uid[16];
	int fd, i;

	(void)snprintf(uid, sizeof(uid), "%u", getuid());
	world.fetcher_pid = fork();
	if (world.fetcher_pid == 0)
		run_fetcher(uid);
	for (i = 0; i < 1000; i++) {
		if (frame_connect(world.socket_path, 0, &fd) == 0) {
			(void)close(fd);
			return;
		}
		(void)usleep(10000);
	}
	fail_msg("portvakt-fetch does not start");
}

static void
stop_fetcher(void)
{
	int status;

	assert_int_equal(kill(world.fetcher_pid, SIGTERM), 0);
	assert_int_equal(
	    waitpid(world.fetcher_pid, &status, 0), world.fetcher_pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(access(world.socket_path, F_OK), -1);
}

/* All servers but "second" under both names of this machine. */
static void
name_hosts(const char *ca_file, const char *proxy)
{
	static char entries[FETCH_HOSTS_MAX][FETCH_HOST_SIZE];
	const char *hosts[FETCH_HOSTS_MAX];
	size_t i, count = 0;

	for (i = 0; i < world.servers_count; i++) {
		if (strcmp(world.servers[i].name, "second") == 0)
			continue;
		(void)snprintf(entries[count], FETCH_HOST_SIZE, "localhost:%s",
		    world.servers[i].port);
		hosts[count] = entries[count];
		count++;
	}
	(void)snprintf(
	    entries[count], FETCH_HOST_SIZE, "127.0.0.1:%s", port_of("good"));
	hosts[count] = entries[count];
	count++;
	hosts[count++] = "name.invalid";
	hosts[count++] = "localhost:1";
	assert_int_equal(
	    fetch_client_hosts(world.client, ca_file, proxy, hosts, count), 0);
}

static int
setup(void **state)
{
	(void)state;
	start_fetcher();
	assert_true(sd_event_new(&world.event) >= 0);
	assert_int_equal(
	    fetch_client_new(world.event, world.socket_path, &world.client), 0);
	name_hosts(world.ca_file, NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	world.client = fetch_client_free(world.client);
	world.event = sd_event_unref(world.event);
	stop_fetcher();
	return 0;
}

static void
on_done(const struct fetch_answer *answer, void *userdata)
{
	struct seen *seen = userdata;

	seen->done = true;
	seen->outcome = answer->outcome;
	seen->status = answer->status;
	seen->body_size = answer->body_size;
	memcpy(seen->body, answer->body, answer->body_size + 1);
	(void)snprintf(seen->content_type, sizeof(seen->content_type), "%s",
	    answer->content_type);
	(void)snprintf(seen->date, sizeof(seen->date), "%s", answer->date);
	(void)snprintf(
	    seen->detail, sizeof(seen->detail), "%s", answer->detail);
}

static struct fetch_call *
start(const struct fetch_request *request, struct seen *seen)
{
	struct fetch_call *call = NULL;

	seen->done = false;
	assert_int_equal(
	    fetch_client_start(world.client, request, on_done, seen, &call), 0);
	return call;
}

static void
wait_for(const struct seen *seen)
{
	while (!seen->done)
		assert_true(sd_event_run(world.event, UINT64_MAX) >= 0);
}

static const struct seen *
run(const struct fetch_request *request)
{
	(void)start(request, &world.seen);
	wait_for(&world.seen);
	return &world.seen;
}

static const struct seen *
get_url(const char *url, unsigned int timeout_ms, size_t body_size_max)
{
	return run(&(struct fetch_request){.method = FETCH_GET,
	    .url = url,
	    .timeout_ms = timeout_ms,
	    .body_size_max = body_size_max});
}

static const char *
url_of(const char *server, const char *path)
{
	static char url[URL_SIZE];

	(void)snprintf(
	    url, sizeof(url), "https://localhost:%s/%s", port_of(server), path);
	return url;
}

static const struct seen *
get(const char *server, const char *path)
{
	return get_url(url_of(server, path), LONG_MS, 0);
}

static void
ends(const struct seen *seen, enum fetch_outcome outcome)
{
	if (seen->outcome != outcome)
		fail_msg("%s, not %s: %s", fetch_outcome_word(seen->outcome),
		    fetch_outcome_word(outcome), seen->detail);
}

static void
says(const struct seen *seen, enum fetch_outcome outcome, const char *detail)
{
	ends(seen, outcome);
	if (!strstr(seen->detail, detail))
		fail_msg("'%s' without '%s'", seen->detail, detail);
	assert_int_equal(seen->status, 0);
	assert_int_equal(seen->body_size, 0);
}

static void
test_gets_an_answer(void **state)
{
	const struct seen *seen;

	(void)state;
	seen = get("good", "ok");
	ends(seen, FETCH_DONE);
	assert_int_equal(seen->status, 200);
	assert_string_equal(seen->body, "{}");
	assert_string_equal(seen->content_type, "application/json");
	seen = get("good", "status/401");
	ends(seen, FETCH_DONE);
	assert_int_equal(seen->status, 401);
	seen = get("good", "nul");
	ends(seen, FETCH_DONE);
	assert_int_equal(seen->body_size, 3);
	assert_memory_equal(seen->body, "a\0b", 3);
	assert_int_equal(
	    strlen(seen->content_type), FETCH_CONTENT_TYPE_SIZE - 1);
}

/* One that says what time it is there now, or none. */
static void
test_brings_the_date(void **state)
{
	(void)state;
	assert_string_equal(
	    get("good", "dated/0")->date, "Sun, 06 Nov 1994 08:49:37 GMT");
	assert_string_equal(get("good", "ok")->date, "");
	assert_string_equal(get("good", "dated/twice")->date, "");
	assert_string_equal(get("good", "dated/cached")->date, "");
	assert_int_equal(
	    strlen(get("good", "dated/long")->date), FETCH_DATE_SIZE - 1);
}

static void
test_posts_a_form(void **state)
{
	static const struct fetch_parameter form[] = {
	    {"client_assertion", "a.b-c_d"}, {"scope", "openid profile&=\xc3"}};
	const struct fetch_request request = {.method = FETCH_POST,
	    .url = url_of("good", "echo"),
	    .authorization = "Basic a2FyaTpw",
	    .form = form,
	    .form_count = 2,
	    .timeout_ms = LONG_MS};
	const struct seen *seen;

	(void)state;
	seen = run(&request);
	ends(seen, FETCH_DONE);
	assert_ptr_equal(strstr(seen->body, "POST\n"), seen->body);
	assert_non_null(
	    strstr(seen->body, "\nauthorization: Basic a2FyaTpw\n"));
	assert_non_null(strstr(
	    seen->body, "\ncontent-type: application/x-www-form-urlencoded\n"));
	assert_non_null(strstr(seen->body,
	    "\n\nclient_assertion=a.b-c_d&scope=openid%20profile%26%3D%C3"));
	assert_null(strstr(seen->body, "cookie:"));
	assert_null(strstr(seen->body, "accept-encoding:"));
}

static void
test_certificates_are_verified(void **state)
{
	(void)state;
	says(get("wrong-name", "ok"), FETCH_TLS_REFUSED, "subject name");
	says(get("expired", "ok"), FETCH_TLS_REFUSED, "expired");
	says(get("other-ca", "ok"), FETCH_TLS_REFUSED, "issuer");
	says(get("old-tls", "ok"), FETCH_TLS_REFUSED, "protocol version");
	says(get("plain", "ok"), FETCH_TLS_REFUSED, "SSL");
}

static void
test_the_configured_authorities_are_the_only_ones(void **state)
{
	(void)state;
	name_hosts(NULL, NULL); /* the system's */
	says(get("good", "ok"), FETCH_TLS_REFUSED, "issuer");
}

static void
test_no_redirect_is_followed(void **state)
{
	static const char *const kinds[] = {"301", "302", "303", "307", "308"};
	const struct seen *seen;
	char path[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		(void)snprintf(path, sizeof(path), "redirect/%s/%s/https",
		    kinds[i], port_of("good"));
		seen = get("good", path);
		ends(seen, FETCH_REDIRECTED);
		assert_int_equal(seen->status, atol(kinds[i]));
		assert_int_equal(seen->body_size, 0);
	}
}

/* Why the calls are not liboauth2's: it cannot be told to stay. */
static void
test_liboauth2_would_have_followed(void **state)
{
	oauth2_http_call_ctx_t *context = oauth2_http_call_ctx_init(NULL);
	oauth2_http_status_code_t status = 0;
	char *response = NULL;
	char path[64];

	(void)state;
	assert_true(
	    oauth2_http_call_ctx_ca_info_set(NULL, context, world.ca_file));
	assert_true(oauth2_http_call_ctx_timeout_set(NULL, context, 10));
	assert_true(oauth2_http_call_ctx_ssl_verify_set(NULL, context, true));
	(void)snprintf(
	    path, sizeof(path), "redirect/302/%s/http", port_of("plain"));
	assert_true(oauth2_http_get(
	    NULL, url_of("good", path), NULL, context, &response, &status));
	assert_int_equal(status, 200);
	assert_string_equal(response, "{}");
	oauth2_mem_free(response);
	oauth2_http_call_ctx_free(NULL, context);
}

static void
test_only_listed_hosts_are_called(void **state)
{
	char url[URL_SIZE];
	long before;

	(void)state;
	before = atol(get("good", "requests/second")->body);
	says(get("second", "ok"), FETCH_HOST_REFUSED, "not among");
	(void)snprintf(
	    url, sizeof(url), "https://127.0.0.1:%s/ok", port_of("plain"));
	says(get_url(url, LONG_MS, 0), FETCH_HOST_REFUSED, "not among");
	(void)snprintf(
	    url, sizeof(url), "http://localhost:%s/ok", port_of("plain"));
	says(get_url(url, LONG_MS, 0), FETCH_HOST_REFUSED, "not https");
	(void)snprintf(url, sizeof(url), "https://kari:p@localhost:%s/ok",
	    port_of("good"));
	says(get_url(url, LONG_MS, 0), FETCH_HOST_REFUSED, "user name");
	says(get_url("nonsense", LONG_MS, 0), FETCH_HOST_REFUSED, "not a URL");
	assert_int_equal(atol(get("good", "requests/second")->body), before);
}

static void
test_answers_have_a_size(void **state)
{
	const struct seen *seen;

	(void)state;
	seen = get_url(url_of("good", "announced/5000"), LONG_MS, 5000);
	ends(seen, FETCH_DONE);
	assert_int_equal(seen->body_size, 5000);
	seen = get_url(url_of("good", "chunked/5000"), LONG_MS, 5000);
	ends(seen, FETCH_DONE);
	assert_int_equal(seen->body_size, 5000);
	seen = get("good", "chunked/262144");
	ends(seen, FETCH_DONE);
	assert_int_equal(seen->body_size, FETCH_BODY_SIZE_MAX);
	says(get_url(url_of("good", "announced/5001"), LONG_MS, 5000),
	    FETCH_TOO_LARGE, "");
	says(get_url(url_of("good", "chunked/5001"), LONG_MS, 5000),
	    FETCH_TOO_LARGE, "larger than allowed");
	says(get("good", "chunked/262145"), FETCH_TOO_LARGE, "");
	says(get("good", "until-close"), FETCH_TOO_LARGE, "");
	says(get("good", "many-headers"), FETCH_TOO_LARGE, "");
	says(get("good", "many-interim"), FETCH_TOO_LARGE, "");
}

static void
test_calls_have_a_deadline(void **state)
{
	static const char *const slow[] = {
	    "slow-header", "slow-body", "silence"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(slow) / sizeof(slow[0]); i++)
		says(get_url(url_of("good", slow[i]), SHORT_MS, 0),
		    FETCH_TIMED_OUT, "timed out");
	says(get_url(url_of("silent", "ok"), SHORT_MS, 0), FETCH_TIMED_OUT,
	    "timed out");
}

static void
test_broken_connections_have_names(void **state)
{
	(void)state;
	says(get("good", "reset"), FETCH_UNREACHABLE, "reset");
	says(get("good", "truncate"), FETCH_UNREACHABLE, "closed");
	/* Which call meets the reset, and so the words, is a race. */
	ends(get("resetting", "ok"), FETCH_UNREACHABLE);
	says(get_url("https://localhost:1/", LONG_MS, 0), FETCH_UNREACHABLE,
	    "connect");
	says(get("good", "garbage"), FETCH_FAILED, "HTTP/0.9");
	says(get_url("https://name.invalid/", LONG_MS, 0), FETCH_UNRESOLVED,
	    "resolve");
}

static void
test_the_environment_is_ignored(void **state)
{
	char key_log[PATH_SIZE];

	(void)state;
	/* run_fetcher named a dead proxy and a file for keys. */
	ends(get("good", "ok"), FETCH_DONE);
	in_directory(key_log, "keys.log");
	assert_int_equal(access(key_log, F_OK), -1);
}

static void
test_a_configured_proxy_is_used(void **state)
{
	(void)state;
	name_hosts(world.ca_file, "http://localhost:1");
	says(get("good", "ok"), FETCH_UNREACHABLE, "connect");
}

static void
test_connections_are_used_again(void **state)
{
	long before, after;
	int i;

	(void)state;
	before = atol(get("good", "connections")->body);
	for (i = 0; i < 20; i++)
		after = atol(get("good", "connections")->body);
	assert_true(before > 0);
	assert_int_equal(after, before);
}

static void
test_calls_run_side_by_side(void **state)
{
	struct seen *seen = calloc(FETCH_CALLS_MAX, sizeof(*seen));
	const struct fetch_request request = {.method = FETCH_GET,
	    .url = url_of("good", "crowd"),
	    .timeout_ms = LONG_MS};
	int i;

	(void)state;
	assert_non_null(seen);
	/* The server answers nobody before all of them are there. */
	for (i = 0; i < FETCH_CALLS_MAX; i++)
		(void)start(&request, &seen[i]);
	for (i = 0; i < FETCH_CALLS_MAX; i++) {
		wait_for(&seen[i]);
		ends(&seen[i], FETCH_DONE);
	}
	free(seen);
}

static void
test_a_slow_call_holds_up_nobody(void **state)
{
	struct seen *slow = calloc(1, sizeof(*slow));
	const struct fetch_request request = {.method = FETCH_GET,
	    .url = url_of("good", "silence"),
	    .timeout_ms = LONG_MS};
	struct fetch_call *call;

	(void)state;
	assert_non_null(slow);
	call = start(&request, slow);
	ends(get("good", "ok"), FETCH_DONE);
	assert_false(slow->done);
	fetch_call_cancel(call);
	ends(get("good", "ok"), FETCH_DONE);
	assert_false(slow->done);
	free(slow);
}

/* One more than FETCH_CALLS_MAX, which the client itself would not send. */
static void
send_raw(int fd, const struct fetch_message *message)
{
	uint8_t frame[FETCH_CALL_FRAME_SIZE_MAX];
	size_t size;

	assert_int_equal(
	    fetch_message_put(message, frame, sizeof(frame), &size), 0);
	assert_int_equal(frame_send(fd, frame, size, LONG_MS), 0);
}

static void
receive_raw(int fd, struct fetch_message *ret_message)
{
	static uint8_t frame[FETCH_ANSWER_FRAME_SIZE_MAX];
	static struct fetch_text text;
	size_t size;

	assert_int_equal(
	    frame_receive(fd, frame, sizeof(frame), LONG_MS, &size), 0);
	assert_int_equal(fetch_message_get(frame, size, &text, ret_message), 0);
}

static int
connect_raw(const char *port)
{
	char host[32];
	struct fetch_message message = {.type = FETCH_HOSTS,
	    .hosts = {
		.ca_file = world.ca_file, .hosts = {host}, .hosts_count = 1}};
	int fd;

	(void)snprintf(host, sizeof(host), "localhost:%s", port);
	assert_int_equal(frame_connect(world.socket_path, LONG_MS, &fd), 0);
	send_raw(fd, &message);
	receive_raw(fd, &message);
	assert_int_equal(message.type, FETCH_READY);
	return fd;
}

static struct fetch_message
a_silent_call(uint32_t id)
{
	return (struct fetch_message){.type = FETCH_CALL,
	    .call = {.id = id,
		.method = FETCH_GET,
		.url = url_of("good", "silence"),
		.timeout_ms = LONG_MS}};
}

static void
test_one_more_is_busy_and_cancel_makes_room(void **state)
{
	int fd = connect_raw(port_of("good"));
	struct fetch_message message;
	uint32_t id;

	(void)state;
	for (id = 1; id <= FETCH_CALLS_MAX + 1; id++) {
		message = a_silent_call(id);
		send_raw(fd, &message);
	}
	receive_raw(fd, &message);
	assert_int_equal(message.type, FETCH_ANSWER);
	assert_int_equal(message.answer.id, FETCH_CALLS_MAX + 1);
	assert_int_equal(message.answer.outcome, FETCH_BUSY);
	message = (struct fetch_message){.type = FETCH_CANCEL, .cancel = {1}};
	send_raw(fd, &message);
	message = a_silent_call(1000);
	message.call.url = url_of("good", "ok");
	message.call.body_size_max = 100;
	send_raw(fd, &message);
	receive_raw(fd, &message);
	assert_int_equal(message.answer.id, 1000);
	assert_int_equal(message.answer.outcome, FETCH_DONE);
	assert_int_equal(close(fd), 0);
}

static void
is_hung_up(int fd)
{
	char byte;

	assert_int_equal(recv(fd, &byte, 1, 0), 0);
	assert_int_equal(close(fd), 0);
}

static void
test_who_breaks_the_protocol_is_hung_up_on(void **state)
{
	struct fetch_message message = a_silent_call(7);
	int fd;

	(void)state;
	/* A call before the hosts. */
	assert_int_equal(frame_connect(world.socket_path, LONG_MS, &fd), 0);
	send_raw(fd, &message);
	is_hung_up(fd);

	fd = connect_raw(port_of("good"));
	assert_int_equal(frame_send(fd, "\xff", 1, LONG_MS), 0);
	is_hung_up(fd);

	fd = connect_raw(port_of("good"));
	message = (struct fetch_message){.type = FETCH_HOSTS};
	send_raw(fd, &message);
	is_hung_up(fd);

	fd = connect_raw(port_of("good"));
	message = (struct fetch_message){.type = FETCH_READY};
	send_raw(fd, &message);
	is_hung_up(fd);

	fd = connect_raw(port_of("good"));
	message = a_silent_call(7);
	send_raw(fd, &message);
	send_raw(fd, &message);
	is_hung_up(fd);

	fd = connect_raw(port_of("good"));
	assert_int_equal(send(fd, "\xff\xff\xff\xff", 4, 0), 4);
	is_hung_up(fd);
	/* And the next one is served. */
	assert_int_equal(close(connect_raw(port_of("good"))), 0);
}

static void
test_there_is_one_broker_at_a_time(void **state)
{
	int first = connect_raw(port_of("good")), second;

	(void)state;
	assert_int_equal(frame_connect(world.socket_path, LONG_MS, &second), 0);
	is_hung_up(second);
	assert_int_equal(close(first), 0);
	ends(get_url("https://localhost:1/", LONG_MS, 0), FETCH_HOST_REFUSED);
}

static void
test_the_first_hosts_count_for_life(void **state)
{
	const char *const others[] = {"localhost:1", "other.example"};

	(void)state;
	ends(get("good", "ok"), FETCH_DONE);
	assert_int_equal(
	    fetch_client_hosts(world.client, world.ca_file, NULL, others, 2),
	    0);
	says(get("good", "ok"), FETCH_HOST_REFUSED, "restart it");
	name_hosts(NULL, NULL);
	says(get("good", "ok"), FETCH_HOST_REFUSED, "restart it");
	/* Back to the first ones, and it serves again. */
	name_hosts(world.ca_file, NULL);
	ends(get("good", "ok"), FETCH_DONE);
}

static void
test_hosts_that_cannot_be_used_are_refused(void **state)
{
	const char *bad[] = {"a/b"};

	(void)state;
	name_hosts("/nonexistent/ca.pem", NULL);
	says(get("good", "ok"), FETCH_HOST_REFUSED, "/nonexistent/ca.pem");
	name_hosts("ca.pem", NULL);
	says(get("good", "ok"), FETCH_HOST_REFUSED, "ca.pem");
	name_hosts(world.ca_file, "socks5://localhost:1");
	says(get("good", "ok"), FETCH_HOST_REFUSED, "proxy");
	assert_int_equal(
	    fetch_client_hosts(world.client, world.ca_file, NULL, bad, 1), 0);
	says(get("good", "ok"), FETCH_HOST_REFUSED, "not a host");
	/* None of them counted as the first. */
	name_hosts(world.ca_file, NULL);
	ends(get("good", "ok"), FETCH_DONE);
}

static void
test_strangers_are_turned_away(void **state)
{
	enum { NO_STRANGER = 77 }; /* a namespace with one user */
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(chmod(world.above, 0755), 0);
	assert_int_equal(chmod(world.directory, 0755), 0);
	pid = fork();
	if (pid == 0) {
		char byte;
		int fd;

		if (setuid(65534) < 0)
			_exit(NO_STRANGER);
		if (frame_connect(world.socket_path, LONG_MS, &fd) < 0)
			_exit(2);
		_exit(recv(fd, &byte, 1, 0) == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == NO_STRANGER)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
	ends(get("good", "ok"), FETCH_DONE);
}

static void
test_a_fetcher_that_was_killed_can_be_replaced(void **state)
{
	(void)state;
	ends(get("good", "ok"), FETCH_DONE);
	assert_int_equal(kill(world.fetcher_pid, SIGKILL), 0);
	assert_int_equal(
	    waitpid(world.fetcher_pid, NULL, 0), world.fetcher_pid);
	ends(get("good", "ok"), FETCH_FAILED);
	says(get("good", "ok"), FETCH_UNREACHABLE, "not running");
	start_fetcher();
	ends(get("good", "ok"), FETCH_DONE);
}

/* As systemd starts it: a listening socket at 3, a place to say "ready". */
static void
run_activated(int listener, int fds)
{
	char program[512], pid[16], count[8], notify[PATH_SIZE];

	if (dup2(listener, 3) < 0)
		_exit(126);
	in_directory(notify, "notify");
	(void)snprintf(program, sizeof(program), "%s/broker/fetch/%s",
	    from_environment("top_builddir", "."), "portvakt-fetch");
	(void)snprintf(pid, sizeof(pid), "%d", getpid());
	(void)snprintf(count, sizeof(count), "%d", fds);
	(void)setenv("LISTEN_PID", pid, 1);
	(void)setenv("LISTEN_FDS", count, 1);
	(void)setenv("NOTIFY_SOCKET", notify, 1);
	(void)execl(program, program, "--broker", "0", (char *)NULL);
	_exit(127);
}

static int
bind_at(const char *name, int type)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval patience = {.tv_sec = LONG_MS / 1000};
	int fd = socket(AF_UNIX, type, 0);

	in_directory(address.sun_path, name);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
			     sizeof(patience)),
	    0);
	assert_int_equal(
	    bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void
unlink_in_directory(const char *name)
{
	char path[PATH_SIZE];

	in_directory(path, name);
	assert_int_equal(unlink(path), 0);
}

static int
run_until_it_ends(int listener, int fds)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		run_activated(listener, fds);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
test_serves_the_socket_that_it_was_passed(void **state)
{
	int listener = bind_at("passed.sock", SOCK_STREAM);
	int notify = bind_at("notify", SOCK_DGRAM), fd, status;
	char path[PATH_SIZE], said[64] = "";
	pid_t pid;

	(void)state;
	/* Not listening, or not alone: it does not guess. */
	assert_int_equal(run_until_it_ends(listener, 1), 71);
	assert_int_equal(listen(listener, 4), 0);
	assert_int_equal(run_until_it_ends(listener, 2), 71);
	pid = fork();
	if (pid == 0)
		run_activated(listener, 1);
	assert_true(recv(notify, said, sizeof(said) - 1, 0) > 0);
	assert_string_equal(said, "READY=1");
	in_directory(path, "passed.sock");
	assert_int_equal(frame_connect(path, LONG_MS, &fd), 0);
	send_raw(fd, &(struct fetch_message){.type = FETCH_HOSTS});
	assert_int_equal(close(fd), 0);
	assert_int_equal(kill(pid, SIGTERM), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	/* The socket is systemd's: it stays. */
	unlink_in_directory("passed.sock");
	unlink_in_directory("notify");
	assert_int_equal(close(listener), 0);
	assert_int_equal(close(notify), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_gets_an_answer),
	    TEST(test_brings_the_date),
	    TEST(test_posts_a_form),
	    TEST(test_certificates_are_verified),
	    TEST(test_the_configured_authorities_are_the_only_ones),
	    TEST(test_no_redirect_is_followed),
	    TEST(test_liboauth2_would_have_followed),
	    TEST(test_only_listed_hosts_are_called),
	    TEST(test_answers_have_a_size),
	    TEST(test_calls_have_a_deadline),
	    TEST(test_broken_connections_have_names),
	    TEST(test_the_environment_is_ignored),
	    TEST(test_a_configured_proxy_is_used),
	    TEST(test_connections_are_used_again),
	    TEST(test_calls_run_side_by_side),
	    TEST(test_a_slow_call_holds_up_nobody),
	    TEST(test_one_more_is_busy_and_cancel_makes_room),
	    TEST(test_who_breaks_the_protocol_is_hung_up_on),
	    TEST(test_there_is_one_broker_at_a_time),
	    TEST(test_the_first_hosts_count_for_life),
	    TEST(test_hosts_that_cannot_be_used_are_refused),
	    TEST(test_strangers_are_turned_away),
	    TEST(test_a_fetcher_that_was_killed_can_be_replaced),
	    cmocka_unit_test(test_serves_the_socket_that_it_was_passed),
	};

	if (!as_root()) {
		(void)puts("1..0 # SKIP nobody here can be root");
		return 0;
	}
	return cmocka_run_group_tests_name(
	    "portvakt-fetch", tests, start_servers, stop_servers);
}
