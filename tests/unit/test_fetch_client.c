#include "broker/issuer/fetch_client.h"
#include "lib/frame.h"
#include "tests/unit/as_root.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	LONG_MS = 5000,
	LONG_US = LONG_MS * 1000,
};

/* What became of a call, as its done saw it. */
struct seen {
	int count;
	enum fetch_outcome outcome;
	unsigned int status;
	char body[64];
	size_t body_size;
	char detail[FETCH_DETAIL_SIZE];
	char content_type[FETCH_CONTENT_TYPE_SIZE];
	char date[FETCH_DATE_SIZE];

	/* What done does, beyond looking. */
	struct fetch_client **free_client;
	struct fetch_call **cancel;
	struct fetch_client *start_again;
};

/* The test plays the fetcher, on a listening socket of its own. */
struct world {
	char above[40];
	char directory[48];
	char path[64];
	int listener;
	int fetcher;
	sd_event *event;
	struct fetch_client *client;
	struct fetch_text text;
	uint8_t frame[FETCH_ANSWER_FRAME_SIZE_MAX];
};

static const char *const one_host[] = {"idp.example"};

static void
listen_at(struct world *world)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	memcpy(address.sun_path, world->path, strlen(world->path));
	world->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_true(world->listener >= 0);
	assert_int_equal(
	    bind(world->listener, (struct sockaddr *)&address, sizeof(address)),
	    0);
	assert_int_equal(listen(world->listener, 4), 0);
}

static void
stop_listening(struct world *world)
{
	if (world->listener >= 0)
		assert_int_equal(close(world->listener), 0);
	(void)unlink(world->path);
	world->listener = -1;
}

static void
hang_up(struct world *world)
{
	if (world->fetcher >= 0)
		assert_int_equal(close(world->fetcher), 0);
	world->fetcher = -1;
}

static int
setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	strcpy(world->above, "/tmp/test_fetch_client.XXXXXX");
	assert_non_null(mkdtemp(world->above));
	(void)snprintf(
	    world->directory, sizeof(world->directory), "%s/d", world->above);
	assert_int_equal(mkdir(world->directory, 0755), 0);
	(void)snprintf(world->path, sizeof(world->path), "%s/fetch.sock",
	    world->directory);
	world->fetcher = -1;
	listen_at(world);
	assert_true(sd_event_new(&world->event) >= 0);
	assert_int_equal(
	    fetch_client_new(world->event, world->path, &world->client), 0);
	assert_int_equal(
	    fetch_client_hosts(world->client, NULL, NULL, one_host, 1), 0);
	*state = world;
	return 0;
}

static int
teardown(void **state)
{
	struct world *world = *state;

	fetch_client_free(world->client);
	(void)sd_event_unref(world->event);
	hang_up(world);
	stop_listening(world);
	(void)rmdir(world->directory);
	(void)rmdir(world->above);
	free(world);
	return 0;
}

static const struct fetch_request a_get = {
    .method = FETCH_GET,
    .url = "https://idp.example/jwks",
    .timeout_ms = LONG_MS,
};

static void
on_done(const struct fetch_answer *answer, void *userdata)
{
	struct seen *seen = userdata;

	seen->count++;
	seen->outcome = answer->outcome;
	seen->status = answer->status;
	seen->body_size = answer->body_size;
	assert_true(answer->body_size < sizeof(seen->body));
	memcpy(seen->body, answer->body, answer->body_size + 1);
	(void)snprintf(
	    seen->detail, sizeof(seen->detail), "%s", answer->detail);
	(void)snprintf(seen->content_type, sizeof(seen->content_type), "%s",
	    answer->content_type);
	(void)snprintf(seen->date, sizeof(seen->date), "%s", answer->date);
	if (seen->start_again)
		assert_int_equal(fetch_client_start(seen->start_again, &a_get,
				     on_done, seen, NULL),
		    0);
	seen->start_again = NULL;
	if (seen->cancel)
		fetch_call_cancel(*seen->cancel);
	seen->cancel = NULL;
	if (seen->free_client)
		*seen->free_client = fetch_client_free(*seen->free_client);
	seen->free_client = NULL;
}

static struct fetch_call *
start(
    struct world *world, const struct fetch_request *request, struct seen *seen)
{
	struct fetch_call *call = NULL;

	assert_int_equal(
	    fetch_client_start(world->client, request, on_done, seen, &call),
	    0);
	assert_int_equal(seen->count, 0);
	return call;
}

/* Lets the client do what it has to do now. */
static void
settle(struct world *world)
{
	int result;

	do {
		result = sd_event_run(world->event, 0);
		assert_true(result >= 0);
	} while (result > 0);
}

static void
wait_for(struct world *world, const struct seen *seen)
{
	int i;

	for (i = 0; i < 100 && seen->count == 0; i++)
		assert_true(sd_event_run(world->event, LONG_US / 100) >= 0);
	assert_int_equal(seen->count, 1);
}

static void
receive(struct world *world, struct fetch_message *ret_message)
{
	size_t size;

	assert_int_equal(frame_receive(world->fetcher, world->frame,
			     sizeof(world->frame), LONG_MS, &size),
	    0);
	assert_int_equal(
	    fetch_message_get(world->frame, size, &world->text, ret_message),
	    0);
}

static void
send_message(struct world *world, const struct fetch_message *message)
{
	size_t size;

	assert_int_equal(fetch_message_put(message, world->frame,
			     sizeof(world->frame), &size),
	    0);
	assert_int_equal(
	    frame_send(world->fetcher, world->frame, size, LONG_MS), 0);
}

static void
accept_client(struct world *world)
{
	struct fetch_message message;

	settle(world);
	world->fetcher = accept(world->listener, NULL, NULL);
	assert_true(world->fetcher >= 0);
	receive(world, &message);
	assert_int_equal(message.type, FETCH_HOSTS);
	send_message(world, &(struct fetch_message){.type = FETCH_READY});
}

/* Accepts, and takes one call. */
static uint32_t
take_call(struct world *world)
{
	struct fetch_message message;

	if (world->fetcher < 0)
		accept_client(world);
	settle(world);
	receive(world, &message);
	assert_int_equal(message.type, FETCH_CALL);
	return message.call.id;
}

static void
answer(struct world *world, uint32_t id, const char *body)
{
	send_message(world, &(struct fetch_message){.type = FETCH_ANSWER,
				.answer = {.id = id,
				    .outcome = FETCH_DONE,
				    .status = 200,
				    .content_type = "application/json",
				    .date = "Sun, 06 Nov 1994 08:49:37 GMT",
				    .body = body,
				    .body_size = strlen(body)}});
}

static void
test_a_call_is_carried_and_answered(void **state)
{
	static const struct fetch_parameter form[] = {{"scope", "openid"}};
	const struct fetch_request request = {
	    .method = FETCH_POST,
	    .url = "https://idp.example/token",
	    .authorization = "Basic eA==",
	    .form = form,
	    .form_count = 1,
	    .timeout_ms = 1234,
	    .body_size_max = 4321,
	};
	struct world *world = *state;
	struct fetch_message message;
	struct seen seen = {0};

	(void)start(world, &request, &seen);
	accept_client(world);
	receive(world, &message);
	assert_int_equal(message.type, FETCH_CALL);
	assert_int_equal(message.call.method, FETCH_POST);
	assert_string_equal(message.call.url, "https://idp.example/token");
	assert_string_equal(message.call.authorization, "Basic eA==");
	assert_int_equal(message.call.timeout_ms, 1234);
	assert_int_equal(message.call.body_size_max, 4321);
	assert_int_equal(message.call.form_count, 1);
	assert_string_equal(message.call.form[0].name, "scope");
	assert_string_equal(message.call.form[0].value, "openid");
	answer(world, message.call.id, "{}");
	wait_for(world, &seen);
	assert_int_equal(seen.outcome, FETCH_DONE);
	assert_int_equal(seen.status, 200);
	assert_string_equal(seen.body, "{}");
	assert_string_equal(seen.content_type, "application/json");
	assert_string_equal(seen.date, "Sun, 06 Nov 1994 08:49:37 GMT");
}

static void
test_answers_come_in_any_order(void **state)
{
	struct world *world = *state;
	struct seen seen[3] = {0};
	uint32_t ids[3];
	int i;

	for (i = 0; i < 3; i++)
		(void)start(world, &a_get, &seen[i]);
	for (i = 0; i < 3; i++)
		ids[i] = take_call(world);
	answer(world, ids[2], "c");
	answer(world, ids[0], "a");
	answer(world, ids[1], "b");
	for (i = 0; i < 3; i++)
		wait_for(world, &seen[i]);
	assert_string_equal(seen[0].body, "a");
	assert_string_equal(seen[1].body, "b");
	assert_string_equal(seen[2].body, "c");
}

static void
test_no_fetcher_is_said_at_once(void **state)
{
	struct world *world = *state;
	struct seen seen = {0}, again = {0};

	stop_listening(world);
	(void)start(world, &a_get, &seen);
	wait_for(world, &seen);
	assert_int_equal(seen.outcome, FETCH_UNREACHABLE);
	assert_non_null(strstr(seen.detail, "portvakt-fetch is not running"));
	assert_non_null(strstr(seen.detail, world->path));
	listen_at(world);
	(void)start(world, &a_get, &again);
	answer(world, take_call(world), "{}");
	wait_for(world, &again);
	assert_int_equal(again.outcome, FETCH_DONE);
}

static void
test_a_fetcher_that_dies_fails_its_calls(void **state)
{
	struct world *world = *state;
	struct seen seen[2] = {0}, again = {0};

	(void)start(world, &a_get, &seen[0]);
	(void)start(world, &a_get, &seen[1]);
	(void)take_call(world);
	hang_up(world);
	wait_for(world, &seen[0]);
	wait_for(world, &seen[1]);
	assert_int_equal(seen[0].outcome, FETCH_FAILED);
	assert_non_null(strstr(seen[0].detail, "ended the connection"));
	(void)start(world, &a_get, &again);
	answer(world, take_call(world), "{}");
	wait_for(world, &again);
	assert_int_equal(again.outcome, FETCH_DONE);
}

static void
test_a_silent_fetcher_meets_the_deadline(void **state)
{
	struct world *world = *state;
	struct fetch_request request = a_get;
	struct fetch_message message;
	struct seen seen = {0};
	uint32_t id;

	request.timeout_ms = 50;
	(void)start(world, &request, &seen);
	id = take_call(world);
	wait_for(world, &seen);
	assert_int_equal(seen.outcome, FETCH_TIMED_OUT);
	settle(world);
	receive(world, &message);
	assert_int_equal(message.type, FETCH_CANCEL);
	assert_int_equal(message.cancel.id, id);
}

static void
test_a_cancelled_call_is_not_done(void **state)
{
	struct world *world = *state;
	struct fetch_message message;
	struct seen seen = {0}, other = {0};
	struct fetch_call *call;
	uint32_t id;

	call = start(world, &a_get, &seen);
	id = take_call(world);
	fetch_call_cancel(call);
	settle(world);
	receive(world, &message);
	assert_int_equal(message.type, FETCH_CANCEL);
	assert_int_equal(message.cancel.id, id);
	/* It crossed with the answer. */
	answer(world, id, "late");
	(void)start(world, &a_get, &other);
	answer(world, take_call(world), "{}");
	wait_for(world, &other);
	assert_int_equal(seen.count, 0);
	fetch_call_cancel(NULL);
}

static void
test_a_call_can_be_cancelled_after_it_failed(void **state)
{
	struct world *world = *state;
	struct seen seen = {0};
	struct fetch_call *call;

	stop_listening(world);
	call = start(world, &a_get, &seen);
	fetch_call_cancel(call);
	settle(world);
	assert_int_equal(seen.count, 0);
}

static void
test_done_may_free_the_client(void **state)
{
	struct world *world = *state;
	struct seen seen[2] = {0};
	uint32_t ids[2];

	seen[0].free_client = &world->client;
	(void)start(world, &a_get, &seen[0]);
	(void)start(world, &a_get, &seen[1]);
	ids[0] = take_call(world);
	ids[1] = take_call(world);
	answer(world, ids[0], "a");
	answer(world, ids[1], "b");
	wait_for(world, &seen[0]);
	settle(world);
	assert_null(world->client);
	assert_int_equal(seen[1].count, 0);
}

/* Both end in one go; whichever is first cancels the other. */
static void
test_done_may_cancel_and_start(void **state)
{
	struct world *world = *state;
	struct fetch_call *calls[2];
	struct seen seen[2] = {0}, *first;
	int i;

	for (i = 0; i < 2; i++) {
		calls[i] = start(world, &a_get, &seen[i]);
		seen[i].cancel = &calls[1 - i];
		seen[i].start_again = world->client;
	}
	(void)take_call(world);
	hang_up(world);
	settle(world);
	assert_int_equal(seen[0].count + seen[1].count, 1);
	first = seen[0].count ? &seen[0] : &seen[1];
	assert_int_equal(first->outcome, FETCH_FAILED);
	first->count = 0;
	answer(world, take_call(world), "again");
	wait_for(world, first);
	assert_string_equal(first->body, "again");
}

static void
test_refused_hosts_are_said(void **state)
{
	struct world *world = *state;
	struct fetch_message message;
	struct seen seen = {0};

	(void)start(world, &a_get, &seen);
	settle(world);
	world->fetcher = accept(world->listener, NULL, NULL);
	receive(world, &message);
	send_message(world, &(struct fetch_message){.type = FETCH_REFUSED,
				.refused = {"restart it"}});
	hang_up(world);
	wait_for(world, &seen);
	assert_int_equal(seen.outcome, FETCH_HOST_REFUSED);
	assert_string_equal(seen.detail, "restart it");
}

static void
test_changed_hosts_connect_anew(void **state)
{
	static const char *const two_hosts[] = {"idp.example", "b.example:8"};
	struct world *world = *state;
	struct fetch_message message;
	struct seen seen = {0}, again = {0};

	(void)start(world, &a_get, &seen);
	(void)take_call(world);
	assert_int_equal(
	    fetch_client_hosts(world->client, NULL, NULL, one_host, 1), 0);
	settle(world);
	assert_int_equal(seen.count, 0);
	assert_int_equal(fetch_client_hosts(world->client, "/ca.pem",
			     "http://proxy:1", two_hosts, 2),
	    0);
	wait_for(world, &seen);
	assert_int_equal(seen.outcome, FETCH_FAILED);
	hang_up(world);
	(void)start(world, &a_get, &again);
	settle(world);
	world->fetcher = accept(world->listener, NULL, NULL);
	receive(world, &message);
	assert_int_equal(message.type, FETCH_HOSTS);
	assert_string_equal(message.hosts.ca_file, "/ca.pem");
	assert_string_equal(message.hosts.proxy, "http://proxy:1");
	assert_int_equal(message.hosts.hosts_count, 2);
	assert_string_equal(message.hosts.hosts[1], "b.example:8");
}

static void
test_nonsense_ends_the_connection(void **state)
{
	struct world *world = *state;
	struct seen seen = {0};

	(void)start(world, &a_get, &seen);
	(void)take_call(world);
	assert_int_equal(frame_send(world->fetcher, "\xff", 1, LONG_MS), 0);
	wait_for(world, &seen);
	assert_int_equal(seen.outcome, FETCH_FAILED);
	assert_non_null(strstr(seen.detail, "not its protocol"));
}

static void
test_more_than_was_asked_for_is_refused(void **state)
{
	struct world *world = *state;
	struct fetch_request request = a_get;
	struct seen seen = {0};

	request.body_size_max = 3;
	(void)start(world, &request, &seen);
	answer(world, take_call(world), "1234");
	wait_for(world, &seen);
	assert_int_equal(seen.outcome, FETCH_TOO_LARGE);
	assert_int_equal(seen.status, 0);
	assert_int_equal(seen.body_size, 0);
}

static void
test_there_is_a_limit_for_calls(void **state)
{
	struct world *world = *state;
	struct seen seen[FETCH_CALLS_MAX] = {0};
	struct fetch_call *call = NULL;
	int i;

	for (i = 0; i < FETCH_CALLS_MAX; i++)
		(void)start(world, &a_get, &seen[i]);
	assert_int_equal(
	    fetch_client_start(world->client, &a_get, on_done, &seen[0], &call),
	    -EBUSY);
	assert_null(call);
	/* Free for all of them: nothing leaks, no done. */
	world->client = fetch_client_free(world->client);
	settle(world);
	for (i = 0; i < FETCH_CALLS_MAX; i++)
		assert_int_equal(seen[i].count, 0);
}

static void
test_start_refuses_what_cannot_be_sent(void **state)
{
	struct world *world = *state;
	struct fetch_request request = a_get;
	struct seen seen = {0};

	request.url = "https://idp.example/\n";
	assert_int_equal(
	    fetch_client_start(world->client, &request, on_done, &seen, NULL),
	    -EINVAL);
	request = a_get;
	request.body_size_max = FETCH_BODY_SIZE_MAX + 1;
	assert_int_equal(
	    fetch_client_start(world->client, &request, on_done, &seen, NULL),
	    -EINVAL);
	request = a_get;
	request.form_count = FETCH_PARAMETERS_MAX + 1;
	assert_int_equal(
	    fetch_client_start(world->client, &request, on_done, &seen, NULL),
	    -EINVAL);
	request = a_get;
	request.timeout_ms = 0;
	assert_int_equal(
	    fetch_client_start(world->client, &request, on_done, &seen, NULL),
	    -EINVAL);
	settle(world);
	assert_int_equal(seen.count, 0);
}

static void
test_hosts_come_before_calls(void **state)
{
	struct world *world = *state;
	struct fetch_client *client = NULL;
	struct seen seen = {0};

	assert_int_equal(
	    fetch_client_new(world->event, world->path, &client), 0);
	assert_int_equal(
	    fetch_client_start(client, &a_get, on_done, &seen, NULL), -EINVAL);
	fetch_client_free(client);
	assert_null(fetch_client_free(NULL));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_a_call_is_carried_and_answered),
	    TEST(test_answers_come_in_any_order),
	    TEST(test_no_fetcher_is_said_at_once),
	    TEST(test_a_fetcher_that_dies_fails_its_calls),
	    TEST(test_a_silent_fetcher_meets_the_deadline),
	    TEST(test_a_cancelled_call_is_not_done),
	    TEST(test_a_call_can_be_cancelled_after_it_failed),
	    TEST(test_done_may_free_the_client),
	    TEST(test_done_may_cancel_and_start),
	    TEST(test_refused_hosts_are_said),
	    TEST(test_changed_hosts_connect_anew),
	    TEST(test_nonsense_ends_the_connection),
	    TEST(test_more_than_was_asked_for_is_refused),
	    TEST(test_there_is_a_limit_for_calls),
	    TEST(test_start_refuses_what_cannot_be_sent),
	    TEST(test_hosts_come_before_calls),
	};

	if (!as_root()) {
		(void)puts("1..0 # SKIP nobody here can be root");
		return 0;
	}
	return cmocka_run_group_tests_name("fetch_client", tests, NULL, NULL);
}
