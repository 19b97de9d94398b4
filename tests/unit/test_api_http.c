/*
 * HTTP connections that sleep until the broker has answered. What is answered
 * is the test's: an endpoint that asks for one link.
 */
#include "broker/api/http.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CLIENTS = 3 };

static struct {
	struct api api;
	struct api_config config; /* of one client, which this process is */
	char path[64];
	struct http *http;
	int clients[CLIENTS];
	upstream_fn told[8];
	void *userdata[8];
	uint64_t asked;
	unsigned int dropped;
	char original[128]; /* method and URI of the last call */
} world;

bool __wrap_api_answer(
    struct api *api, const struct api_call *call, struct answer *ret_answer);
int __wrap_upstream_ask(struct upstream *upstream, json_t *question,
    int deadline_ms, upstream_fn told, void *userdata, uint64_t *ret_id);
void __wrap_upstream_drop(struct upstream *upstream, uint64_t id);

bool
__wrap_api_answer(
    struct api *api, const struct api_call *call, struct answer *ret_answer)
{
	const struct errand_reply *reply;

	(void)api;
	(void)snprintf(world.original, sizeof(world.original), "%s %s",
	    call->original_method ? call->original_method : "-",
	    call->original_uri ? call->original_uri : "-");
	reply = errand_ask(call->errand, ERRAND_LINK, json_object(), 1000);
	if (!reply)
		return false;
	answer_status(ret_answer, reply->answer ? 204 : 503);
	return true;
}

int
__wrap_upstream_ask(struct upstream *upstream, json_t *question,
    int deadline_ms, upstream_fn told, void *userdata, uint64_t *ret_id)
{
	(void)upstream;
	(void)deadline_ms;
	json_decref(question);
	world.told[world.asked] = told;
	world.userdata[world.asked] = userdata;
	*ret_id = ++world.asked;
	return 0;
}

void
__wrap_upstream_drop(struct upstream *upstream, uint64_t id)
{
	(void)upstream;
	world.told[id - 1] = NULL;
	world.dropped++;
}

static void
connect_client(size_t i)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	(void)strcpy(address.sun_path, world.path);
	world.clients[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(world.clients[i] >= 0);
	assert_int_equal(
	    connect(world.clients[i], (const struct sockaddr *)&address,
		sizeof(address)),
	    0);
}

static int
set_up(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener =
	    socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	size_t i;

	(void)state;
	memset(&world, 0, sizeof(world));
	(void)snprintf(
	    world.path, sizeof(world.path), "/tmp/test-http-%d", (int)getpid());
	(void)strcpy(address.sun_path, world.path);
	(void)unlink(world.path);
	assert_int_equal(
	    bind(listener, (const struct sockaddr *)&address, sizeof(address)),
	    0);
	assert_int_equal(listen(listener, 8), 0);
	assert_int_equal(metrics_new(1, &world.api.metrics), 0);
	world.config.clients[0] = (struct api_client){
	    .name = "test", .has_uid = true, .uid = getuid()};
	world.config.clients_count = 1;
	world.api.config = &world.config;
	assert_int_equal(http_new(&world.api, listener, true, &world.http), 0);
	for (i = 0; i < CLIENTS; i++)
		connect_client(i);
	return 0;
}

static int
tear_down(void **state)
{
	size_t i;

	(void)state;
	http_free(world.http);
	metrics_free(world.api.metrics);
	for (i = 0; i < CLIENTS; i++) {
		if (world.clients[i] >= 0)
			(void)close(world.clients[i]);
	}
	(void)unlink(world.path);
	return 0;
}

static void
run(void)
{
	int i;

	for (i = 0; i < 10; i++)
		(void)http_run(world.http);
}

static void
send_request(size_t i)
{
	static const char text[] = "GET /x HTTP/1.1\r\nHost: x\r\n\r\n";

	assert_int_equal(
	    send(world.clients[i], text, strlen(text), 0), strlen(text));
}

/* 0: nothing was said yet. */
static int
status_of(size_t i)
{
	char text[512] = "";
	ssize_t size;

	size = recv(world.clients[i], text, sizeof(text) - 1, MSG_DONTWAIT);
	if (size <= 0)
		return 0;
	assert_memory_equal(text, "HTTP/1.1 ", 9);
	return (int)strtol(text + 9, NULL, 10);
}

static void
tell(size_t question, json_t *answer)
{
	upstream_fn told = world.told[question];

	assert_non_null(told);
	world.told[question] = NULL;
	told(answer, world.userdata[question]);
	json_decref(answer);
}

static void
test_each_waits_for_its_own(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < CLIENTS; i++) {
		send_request(i);
		run();
	}
	assert_int_equal(world.asked, CLIENTS);
	assert_int_equal(http_waiting(world.http), CLIENTS);
	tell(1, json_object());
	run();
	assert_int_equal(status_of(0), 0);
	assert_int_equal(status_of(1), 204);
	tell(0, json_object());
	tell(2, NULL);
	run();
	assert_int_equal(status_of(0), 204);
	assert_int_equal(status_of(2), 503);
	assert_int_equal(http_waiting(world.http), 0);
	/* And the connection serves on. */
	send_request(1);
	run();
	tell(3, json_object());
	run();
	assert_int_equal(status_of(1), 204);
}

/* nginx and Apache call them so, Traefik so; the first are ours. */
static void
test_what_the_client_called(void **state)
{
	static const struct {
		const char *headers;
		const char *original;
	} cases[] = {
	    {"", "- -"},
	    {"X-Original-Method: PUT\r\nX-Original-URI: /a?b=1\r\n",
		"PUT /a?b=1"},
	    {"X-Forwarded-Method: PUT\r\nX-Forwarded-Uri: /a?b=1\r\n",
		"PUT /a?b=1"},
	    /* What a client has made up, beside what the web server says. */
	    {"X-Forwarded-Method: GET\r\nX-Forwarded-Uri: /forged\r\n"
	     "X-Original-Method: PUT\r\nX-Original-URI: /a\r\n",
		"PUT /a"},
	    {"X-Original-Method: PUT\r\nX-Original-URI: /a\r\n"
	     "x-forwarded-method: GET\r\nx-forwarded-uri: /forged\r\n",
		"PUT /a"},
	};
	char text[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(text, sizeof(text),
		    "GET /auth HTTP/1.1\r\nHost: x\r\n%s\r\n",
		    cases[i].headers);
		assert_int_equal(send(world.clients[0], text, strlen(text), 0),
		    strlen(text));
		run();
		assert_string_equal(world.original, cases[i].original);
		tell(i, json_object());
		run();
		assert_int_equal(status_of(0), 204);
	}
}

/* Twice the same one is of two authors. */
static void
test_what_the_client_called_is_said_once(void **state)
{
	static const char text[] = "GET /auth HTTP/1.1\r\nHost: x\r\n"
				   "X-Forwarded-Uri: /a\r\n"
				   "X-Forwarded-Uri: /forged\r\n\r\n";

	(void)state;
	assert_int_equal(
	    send(world.clients[0], text, strlen(text), 0), strlen(text));
	run();
	assert_int_equal(status_of(0), 400);
	assert_int_equal(world.asked, 0);
}

static void
test_end_answers_those_who_wait(void **state)
{
	(void)state;
	send_request(0);
	send_request(2);
	run();
	assert_int_equal(http_waiting(world.http), 2);
	assert_false(http_leave(world.http));
	world.http = http_free(world.http);
	assert_int_equal(status_of(0), 503);
	assert_int_equal(status_of(2), 503);
	assert_int_equal(world.dropped, 2);
}

static void
test_leaving_waits(void **state)
{
	(void)state;
	send_request(0);
	run();
	(void)close(world.clients[1]);
	(void)close(world.clients[2]);
	world.clients[1] = world.clients[2] = -1;
	run();
	assert_false(http_leave(world.http));
	tell(0, json_object());
	run();
	assert_int_equal(status_of(0), 204);
	/* Its answer was its connection's last. */
	assert_true(http_leave(world.http));
}

static void
test_who_goes_takes_the_question_along(void **state)
{
	(void)state;
	send_request(0);
	send_request(1);
	run();
	(void)close(world.clients[0]);
	world.clients[0] = -1;
	(void)usleep(1100000); /* looked for once a second */
	run();
	assert_int_equal(world.dropped, 1);
	assert_null(world.told[0]);
	/* Who waits is still there. */
	tell(1, json_object());
	run();
	assert_int_equal(status_of(1), 204);
}

#define test(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {test(test_each_waits_for_its_own),
	    test(test_what_the_client_called),
	    test(test_what_the_client_called_is_said_once),
	    test(test_end_answers_those_who_wait), test(test_leaving_waits),
	    test(test_who_goes_takes_the_question_along)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
