/* Asking the broker, which is the other end of a socket pair here. */
#include "broker/api/errand.h"
#include "broker/json_document.h"
#include "lib/frame.h"
#include "lib/service_protocol.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct world {
	struct upstream *upstream;
	struct metrics *metrics;
	int broker; /* -1: nobody listens */
	unsigned int connects;
	bool refuses;
	unsigned int told;
	unsigned int outages;
	char last[64]; /* what an answer said */
};

static struct world *world;

int __wrap_frame_connect(const char *path, int deadline_ms, int *ret_fd);

int
__wrap_frame_connect(const char *path, int deadline_ms, int *ret_fd)
{
	int pair[2];

	assert_string_equal(path, "/run/x/service.sock");
	assert_int_equal(deadline_ms, 0);
	world->connects++;
	if (world->refuses)
		return -ECONNREFUSED;
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	world->broker = pair[1];
	*ret_fd = pair[0];
	return 0;
}

static int
set_up(void **state)
{
	(void)state;
	world = calloc(1, sizeof(*world));
	assert_non_null(world);
	world->broker = -1;
	assert_int_equal(metrics_new(1, &world->metrics), 0);
	return upstream_new(
	    "/run/x/service.sock", world->metrics, 0, &world->upstream);
}

static int
tear_down(void **state)
{
	(void)state;
	upstream_free(world->upstream);
	metrics_free(world->metrics);
	if (world->broker >= 0)
		(void)close(world->broker);
	free(world);
	return 0;
}

static void
on_told(json_t *answer, void *userdata)
{
	const char *text = json_string_value(json_object_get(answer, "what"));

	assert_ptr_equal(userdata, world);
	world->told++;
	world->outages += answer == NULL;
	(void)snprintf(
	    world->last, sizeof(world->last), "%s", text ? text : "");
}

static uint64_t
ask(int deadline_ms)
{
	uint64_t id = 0;

	assert_int_equal(
	    upstream_ask(world->upstream, json_pack("{s:s}", "ask", "link"),
		deadline_ms, on_told, world, &id),
	    0);
	return id;
}

static json_int_t
heard(void)
{
	char body[256];
	size_t size;

	assert_int_equal(
	    frame_receive(world->broker, body, sizeof(body), 1000, &size), 0);
	json_document *question = json_document_parse(body, size);
	assert_string_equal(
	    json_string_value(json_object_get(question, "ask")), "link");
	return json_integer_value(json_object_get(question, "id"));
}

static void
say(const char *text)
{
	assert_int_equal(
	    frame_send(world->broker, text, strlen(text), 1000), 0);
}

static void
reply(json_int_t id, const char *what)
{
	json_document *answer =
	    json_pack("{s:I, s:b, s:s}", "id", id, "ok", 1, "what", what);
	char *text = json_dumps(answer, JSON_COMPACT);

	say(text);
	free(text);
}

static void
test_answers_come_in_any_order(void **state)
{
	json_int_t first, second;

	(void)state;
	(void)ask(1000);
	(void)ask(1000);
	assert_int_equal(world->connects, 1);
	first = heard();
	second = heard();
	assert_true(first != second);
	reply(second, "second");
	upstream_run(world->upstream);
	assert_int_equal(world->told, 1);
	assert_string_equal(world->last, "second");
	reply(first, "first");
	upstream_run(world->upstream);
	assert_int_equal(world->told, 2);
	assert_string_equal(world->last, "first");
	assert_int_equal(world->outages, 0);
}

static void
test_deadline_is_an_outage(void **state)
{
	json_int_t id;

	(void)state;
	(void)ask(30);
	(void)ask(5000);
	id = heard();
	assert_in_range(upstream_timeout_ms(world->upstream, 1000), 1, 30);
	upstream_run(world->upstream);
	assert_int_equal(world->told, 0);
	(void)usleep(40000);
	assert_int_equal(upstream_timeout_ms(world->upstream, 1000), 0);
	upstream_run(world->upstream);
	assert_int_equal(world->told, 1);
	assert_int_equal(world->outages, 1);
	/* What comes too late is nobody's, and the place may be another's. */
	(void)ask(5000);
	reply(id, "late");
	upstream_run(world->upstream);
	assert_int_equal(world->told, 1);
	/* The connection is as good as before. */
	assert_int_equal(world->connects, 1);
}

static void
test_dropped_is_not_told(void **state)
{
	uint64_t id = ask(20);
	json_int_t asked = heard();
	char body[64], cancel[64];
	size_t size;

	(void)state;
	upstream_drop(world->upstream, id);
	upstream_drop(world->upstream, id);
	/* The broker is told, once, that it need not go on. */
	assert_int_equal(
	    frame_receive(world->broker, body, sizeof(body), 1000, &size), 0);
	(void)snprintf(
	    cancel, sizeof(cancel), "{\"cancel\":%lld}", (long long)asked);
	assert_int_equal(size, strlen(cancel));
	assert_memory_equal(body, cancel, size);
	assert_int_equal(
	    frame_receive(world->broker, body, sizeof(body), 0, &size),
	    -ETIMEDOUT);
	reply(asked, "x");
	upstream_run(world->upstream);
	(void)usleep(25000);
	upstream_run(world->upstream);
	assert_int_equal(world->told, 0);
	assert_int_equal(upstream_timeout_ms(world->upstream, 77), 77);
}

static void
test_end_is_an_outage_at_once(void **state)
{
	(void)state;
	(void)ask(5000);
	(void)ask(5000);
	(void)close(world->broker);
	world->broker = -1;
	upstream_run(world->upstream);
	assert_int_equal(world->told, 2);
	assert_int_equal(world->outages, 2);
	assert_int_equal(upstream_fd(world->upstream), -1);
	/* And it is there again, a moment later. */
	(void)usleep(60000);
	(void)ask(5000);
	reply(heard(), "again");
	upstream_run(world->upstream);
	assert_string_equal(world->last, "again");
}

static void
test_nobody_listens(void **state)
{
	uint64_t id = 0;
	unsigned int i;

	(void)state;
	world->refuses = true;
	/* A thousand questions are a handful of connects. */
	for (i = 0; i < 1000; i++) {
		assert_int_equal(upstream_ask(world->upstream, json_object(),
				     1000, on_told, world, &id),
		    -ECONNREFUSED);
		(void)usleep(200);
	}
	assert_in_range(world->connects, 2, 8);
	assert_int_equal(world->told, 0);
	assert_int_equal(
	    upstream_ask(NULL, json_object(), 1000, on_told, world, &id),
	    -ENOTCONN);
}

static void
test_too_many(void **state)
{
	uint64_t id = 0;
	unsigned int i;

	(void)state;
	for (i = 0; i < SERVICE_QUESTIONS_MAX; i++)
		(void)ask(5000);
	assert_int_equal(upstream_ask(world->upstream, json_object(), 1000,
			     on_told, world, &id),
	    -EBUSY);
}

static void
test_question_over_the_frame(void **state)
{
	char *large = malloc(SERVICE_FRAME_SIZE_MAX + 1);
	uint64_t id = 0;

	(void)state;
	assert_non_null(large);
	memset(large, 'a', SERVICE_FRAME_SIZE_MAX);
	large[SERVICE_FRAME_SIZE_MAX] = '\0';
	assert_int_equal(
	    upstream_ask(world->upstream, json_pack("{s:s}", "token", large),
		1000, on_told, world, &id),
	    -EMSGSIZE);
	free(large);
	assert_int_equal(upstream_timeout_ms(world->upstream, 77), 77);
}

static void
test_no_answers_of_ours(void **state)
{
	static const char *const bad[] = {"", "{", "[]", "{}", "{\"id\":1}",
	    "{\"id\":-1,\"ok\":true}", "{\"id\":\"1\",\"ok\":true}",
	    "{\"id\":1,\"ok\":1}", "{\"id\":1,\"id\":1,\"ok\":true}"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)usleep(i > 0 ? 60000 : 0);
		world->told = world->outages = 0;
		/* It resets the pause. */
		(void)ask(5000);
		reply(heard(), "good");
		upstream_run(world->upstream);
		assert_int_equal(world->outages, 0);
		(void)ask(5000);
		say(bad[i]);
		upstream_run(world->upstream);
		assert_int_equal(world->outages, 1);
		assert_int_equal(upstream_fd(world->upstream), -1);
		(void)close(world->broker);
		world->broker = -1;
	}
}

static void
on_wake(void *userdata)
{
	++*(unsigned int *)userdata;
}

static const struct errand_reply *
ask_link(struct errand *errand)
{
	return errand_ask(
	    errand, ERRAND_LINK, json_pack("{s:s}", "ask", "link"), 1000);
}

static void
test_errand(void **state)
{
	unsigned int woken = 0;
	struct errand errand = {
	    .upstream = world->upstream, .wake = on_wake, .userdata = &woken};
	const struct errand_reply *reply_of;

	(void)state;
	assert_null(ask_link(&errand));
	assert_true(errand_waits(&errand));
	/* Asked again, it is the same question. */
	assert_null(ask_link(&errand));
	reply(heard(), "kari");
	upstream_run(world->upstream);
	assert_int_equal(woken, 1);
	assert_false(errand_waits(&errand));
	reply_of = ask_link(&errand);
	assert_non_null(reply_of);
	assert_true(upstream_is_good(reply_of->answer));
	errand_done(&errand);
	assert_false(errand_waits(NULL));
}

static void
test_errand_without_a_broker(void **state)
{
	unsigned int woken = 0;
	struct errand errand = {
	    .upstream = world->upstream, .wake = on_wake, .userdata = &woken};
	const struct errand_reply *reply_of;

	(void)state;
	world->refuses = true;
	reply_of = ask_link(&errand);
	assert_non_null(reply_of);
	assert_null(reply_of->answer);
	assert_false(upstream_is_good(reply_of->answer));
	assert_non_null(ask_link(NULL));
	assert_null(ask_link(NULL)->answer);
	assert_int_equal(woken, 0);
	errand_done(&errand);
}

static void
test_errand_abandoned(void **state)
{
	unsigned int woken = 0;
	struct errand errand = {
	    .upstream = world->upstream, .wake = on_wake, .userdata = &woken};
	json_int_t id;

	(void)state;
	assert_null(ask_link(&errand));
	id = heard();
	errand_abandon(&errand);
	assert_int_equal(woken, 1);
	assert_non_null(ask_link(&errand));
	/* It asks no more either. */
	assert_non_null(errand_ask(&errand, ERRAND_TOKEN, json_object(), 1000));
	reply(id, "late");
	upstream_run(world->upstream);
	assert_int_equal(woken, 1);
	errand_done(&errand);
}

static void
test_errand_done_early(void **state)
{
	unsigned int woken = 0;
	struct errand errand = {
	    .upstream = world->upstream, .wake = on_wake, .userdata = &woken};

	(void)state;
	assert_null(ask_link(&errand));
	errand_done(&errand);
	reply(heard(), "late");
	upstream_run(world->upstream);
	assert_int_equal(woken, 0);
}

#define test(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {test(test_answers_come_in_any_order),
	    test(test_deadline_is_an_outage), test(test_dropped_is_not_told),
	    test(test_end_is_an_outage_at_once), test(test_nobody_listens),
	    test(test_too_many), test(test_question_over_the_frame),
	    test(test_no_answers_of_ours), test(test_errand),
	    test(test_errand_without_a_broker), test(test_errand_abandoned),
	    test(test_errand_done_early)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
