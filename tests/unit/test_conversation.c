/*
 * Turns, hang-ups and deadlines of a conversation, with a module at the other
 * end of a socket pair, and a clock and a heartbeat that are this test's.
 */
#include "broker/login/conversation.h"
#include "lib/frame.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct {
	sd_event *event;
	struct conversation *conversation;
	int module;
	int64_t now_ms;
	sd_event_time_handler_t beat;
	/* what the owner was told */
	int begun;
	int answered;
	size_t token_size;
	int idle;
	int expired;
	int over;
} world;

int __wrap_clock_gettime(clockid_t id, struct timespec *ret_now);
int __wrap_sd_event_add_time_relative(sd_event *event,
    sd_event_source **ret_source, clockid_t clock, uint64_t usec,
    uint64_t accuracy, sd_event_time_handler_t callback, void *userdata);
int __wrap_sd_event_source_set_time_relative(
    sd_event_source *source, uint64_t usec);

int
__wrap_clock_gettime(clockid_t id, struct timespec *ret_now)
{
	(void)id;
	*ret_now = (struct timespec){
	    .tv_sec = world.now_ms / 1000,
	    .tv_nsec = world.now_ms % 1000 * 1000000,
	};
	return 0;
}

static int
never(sd_event_source *source, void *userdata)
{
	(void)source;
	(void)userdata;
	return 0;
}

/* The heartbeat becomes a source that never fires; the test beats itself. */
int
__wrap_sd_event_add_time_relative(sd_event *event, sd_event_source **ret_source,
    clockid_t clock, uint64_t usec, uint64_t accuracy,
    sd_event_time_handler_t callback, void *userdata)
{
	int error = sd_event_add_defer(event, ret_source, never, userdata);

	(void)clock;
	(void)usec;
	(void)accuracy;
	world.beat = callback;
	if (error < 0)
		return error;
	return sd_event_source_set_enabled(*ret_source, SD_EVENT_OFF);
}

int
__wrap_sd_event_source_set_time_relative(sd_event_source *source, uint64_t usec)
{
	(void)source;
	(void)usec;
	return 0;
}

static void
begin(const struct login_message *message, void *userdata)
{
	(void)userdata;
	assert_string_equal(message->begin.user, "kari");
	conversation_limit(world.conversation, 60000);
	world.begun++;
}

static void
answered(void *userdata)
{
	(void)userdata;
	world.answered++;
}

static void
token_came(const char *token, size_t size, void *userdata)
{
	(void)userdata;
	assert_int_equal(token[size - 1], 'x');
	world.token_size = size;
}

static bool
idle(void *userdata)
{
	(void)userdata;
	world.idle++;
	return false;
}

static void
expired(void *userdata)
{
	(void)userdata;
	world.expired++;
	conversation_finish(world.conversation, LOGIN_EXPIRED, "", "");
}

static void
over(void *userdata)
{
	(void)userdata;
	world.over++;
	world.conversation = conversation_free(world.conversation);
}

static int
start(void **state)
{
	static const struct conversation_owner owner = {
	    .begin = begin,
	    .answered = answered,
	    .token = token_came,
	    .idle = idle,
	    .expired = expired,
	    .over = over,
	};
	int pair[2];

	(void)state;
	memset(&world, 0, sizeof(world));
	world.now_ms = 1000000;
	if (sd_event_new(&world.event) < 0 ||
	    socketpair(
		AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair))
		return -1;
	world.module = pair[1];
	return conversation_new(
	    world.event, pair[0], &owner, &world.conversation);
}

static int
stop(void **state)
{
	(void)state;
	conversation_free(world.conversation);
	(void)close(world.module);
	sd_event_unref(world.event);
	return 0;
}

static void
run(void)
{
	while (sd_event_run(world.event, 0) > 0)
		continue;
}

static void
say(enum login_message_type type)
{
	struct login_message message = {.type = type};
	uint8_t body[LOGIN_FRAME_SIZE_MAX];
	size_t size;

	if (type == LOGIN_BEGIN) {
		message.begin.phase = LOGIN_PHASE_AUTHENTICATE;
		strcpy(message.begin.service, "sshd");
		strcpy(message.begin.user, "kari");
	}
	assert_int_equal(
	    login_message_put(&message, body, sizeof(body), &size), 0);
	assert_int_equal(frame_send(world.module, body, size, 0), 0);
}

static void
say_and_run(enum login_message_type type)
{
	say(type);
	run();
}

/* The type of what the module hears next; 0: nothing, or the end. */
static int
hear(void)
{
	struct login_message message;
	uint8_t body[LOGIN_FRAME_SIZE_MAX];
	size_t size;

	if (frame_receive(world.module, body, sizeof(body), 0, &size))
		return 0;
	assert_int_equal(login_message_get(body, size, &message), 0);
	return (int)message.type;
}

static void
beat_after(int64_t ms)
{
	world.now_ms += ms;
	(void)world.beat(NULL, 0, world.conversation);
}

static void
finish(void)
{
	conversation_finish(world.conversation, LOGIN_DENY, "nei", "");
}

static void
test_begins_and_decides(void **state)
{
	(void)state;
	say_and_run(LOGIN_BEGIN);
	assert_int_equal(world.begun, 1);
	assert_int_equal(conversation_peer(world.conversation), geteuid());
	assert_true(conversation_show(world.conversation, "se"));
	finish();
	assert_int_equal(world.over, 1);
	assert_int_equal(hear(), LOGIN_SHOW);
	assert_int_equal(hear(), LOGIN_DONE);
	assert_int_equal(hear(), 0);
}

static void
test_a_decision_waits_for_the_answer(void **state)
{
	(void)state;
	say_and_run(LOGIN_BEGIN);
	assert_true(conversation_ask(world.conversation, "Enter?"));
	finish();
	assert_int_equal(world.over, 0);
	assert_int_equal(hear(), LOGIN_ASK);
	assert_int_equal(hear(), 0);
	say_and_run(LOGIN_ANSWER);
	assert_int_equal(world.answered, 0);
	assert_int_equal(world.over, 1);
	assert_int_equal(hear(), LOGIN_DONE);
}

static void
test_an_answer_is_told_and_asked_for_again(void **state)
{
	(void)state;
	say_and_run(LOGIN_BEGIN);
	assert_true(conversation_ask(world.conversation, "Enter?"));
	say_and_run(LOGIN_ANSWER);
	assert_int_equal(world.answered, 1);
	assert_true(conversation_ask(world.conversation, "Enter?"));
	say_and_run(LOGIN_ANSWER);
	assert_int_equal(world.answered, 2);
	assert_int_equal(world.over, 0);
}

static void
say_token(size_t size)
{
	static char text[LOGIN_TOKEN_SIZE_MAX];
	static uint8_t body[LOGIN_TOKEN_FRAME_SIZE_MAX];
	struct login_message message = {
	    .type = LOGIN_TOKEN, .token = {text, size}};

	memset(text, 'x', sizeof(text));
	assert_int_equal(
	    login_message_put(&message, body, sizeof(body), &size), 0);
	assert_int_equal(frame_send(world.module, body, size, 0), 0);
	run();
}

static void
test_a_token_comes_when_it_is_wanted(void **state)
{
	say_and_run(LOGIN_BEGIN);
	assert_true(conversation_want_token(world.conversation));
	assert_int_equal(hear(), LOGIN_WANT);
	say_token(LOGIN_TOKEN_SIZE_MAX);
	assert_int_equal(world.token_size, LOGIN_TOKEN_SIZE_MAX);
	beat_after(2000);
	assert_int_equal(hear(), LOGIN_WAIT);
	finish();
	assert_int_equal(hear(), LOGIN_DONE);
	assert_int_equal(world.over, 1);

	(void)stop(state);
	(void)start(state);
	say_and_run(LOGIN_BEGIN);
	assert_true(conversation_want_token(world.conversation));
	finish();
	assert_int_equal(world.over, 0);
	say_token(1);
	assert_int_equal(world.token_size, 0);
	assert_int_equal(world.over, 1);
	assert_int_equal(hear(), LOGIN_WANT);
	assert_int_equal(hear(), LOGIN_DONE);
}

/* Whatever a login may take, for who announced a token has it. */
static void
test_a_token_that_is_held_back_is_the_end(void **state)
{
	(void)state;
	say_and_run(LOGIN_BEGIN);
	conversation_limit(world.conversation, 300000);
	assert_true(conversation_want_token(world.conversation));
	beat_after(CONVERSATION_TOKEN_MS);
	assert_int_equal(world.over, 0);
	beat_after(1);
	assert_int_equal(world.over, 1);
	assert_int_equal(world.expired, 0);
}

static void
test_a_token_that_nobody_wants_is_the_end(void **state)
{
	say_token(1);
	assert_int_equal(world.over, 1);

	(void)stop(state);
	(void)start(state);
	say_and_run(LOGIN_BEGIN);
	say_token(1);
	assert_int_equal(world.over, 1);

	(void)stop(state);
	(void)start(state);
	say_and_run(LOGIN_BEGIN);
	assert_true(conversation_ask(world.conversation, "Enter?"));
	say_token(1);
	assert_int_equal(world.over, 1);

	(void)stop(state);
	(void)start(state);
	say_and_run(LOGIN_BEGIN);
	assert_true(conversation_want_token(world.conversation));
	say_and_run(LOGIN_ANSWER);
	assert_int_equal(world.over, 1);

	/* A frame of that size is for a token alone. */
	(void)stop(state);
	(void)start(state);
	say_and_run(LOGIN_BEGIN);
	assert_true(conversation_ask(world.conversation, "Enter?"));
	say_token(LOGIN_FRAME_SIZE_MAX);
	assert_int_equal(world.over, 1);
	assert_int_equal(world.token_size, 0);
}

/* Each of these ends it, and tells the owner once. */
static void
test_out_of_turn_is_the_end(void **state)
{
	say_and_run(LOGIN_ANSWER);
	assert_int_equal(world.over, 1);
	assert_int_equal(world.begun, 0);

	(void)stop(state);
	(void)start(state);
	say_and_run(LOGIN_BEGIN);
	say_and_run(LOGIN_BEGIN);
	assert_int_equal(world.over, 1);
	assert_int_equal(world.begun, 1);

	(void)stop(state);
	(void)start(state);
	say_and_run(LOGIN_BEGIN);
	say_and_run(LOGIN_ANSWER);
	assert_int_equal(world.over, 1);
	assert_int_equal(world.answered, 0);

	(void)stop(state);
	(void)start(state);
	say_and_run(LOGIN_DONE);
	assert_int_equal(world.over, 1);
}

static void
test_rubbish_is_the_end(void **state)
{
	static const uint8_t huge[] = {0xff, 0xff, 0xff, 0xff};
	static const uint8_t odd[] = {0, 0, 0, 1, 99};

	assert_int_equal(write(world.module, huge, sizeof(huge)), 4);
	run();
	assert_int_equal(world.over, 1);

	(void)stop(state);
	(void)start(state);
	assert_int_equal(write(world.module, odd, sizeof(odd)), 5);
	run();
	assert_int_equal(world.over, 1);
}

static void
test_a_hang_up_is_the_end(void **state)
{
	(void)state;
	say_and_run(LOGIN_BEGIN);
	assert_true(conversation_ask(world.conversation, "Enter?"));
	(void)shutdown(world.module, SHUT_RDWR);
	run();
	assert_int_equal(world.over, 1);
}

static void
test_a_heartbeat_only_while_it_listens(void **state)
{
	(void)state;
	say_and_run(LOGIN_BEGIN);
	beat_after(2000);
	assert_int_equal(world.idle, 1);
	assert_int_equal(hear(), LOGIN_WAIT);
	assert_true(conversation_ask(world.conversation, "Enter?"));
	assert_int_equal(hear(), LOGIN_ASK);
	beat_after(2000);
	assert_int_equal(world.idle, 1);
	assert_int_equal(hear(), 0);
}

static void
test_silence_at_the_start_is_the_end(void **state)
{
	(void)state;
	beat_after(CONVERSATION_BEGIN_MS);
	assert_int_equal(world.over, 0);
	beat_after(1);
	assert_int_equal(world.over, 1);
	assert_int_equal(world.expired, 0);
}

static void
test_expires_once(void **state)
{
	(void)state;
	say_and_run(LOGIN_BEGIN);
	assert_true(conversation_ask(world.conversation, "Enter?"));
	beat_after(60000);
	assert_int_equal(world.expired, 0);
	beat_after(1);
	beat_after(1);
	assert_int_equal(world.expired, 1);
	assert_int_equal(world.over, 0);
	beat_after(CONVERSATION_UNREAD_MS);
	assert_int_equal(world.over, 1);
}

static void
test_a_module_that_does_not_read_is_the_end(void **state)
{
	char text[LOGIN_TEXT_SIZE];
	int shown;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	say_and_run(LOGIN_BEGIN);
	for (shown = 0; shown < 10000 && world.over == 0; shown++)
		(void)conversation_show(world.conversation, text);
	assert_int_equal(world.over, 1);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_begins_and_decides),
	    CASE(test_a_decision_waits_for_the_answer),
	    CASE(test_an_answer_is_told_and_asked_for_again),
	    CASE(test_out_of_turn_is_the_end),
	    CASE(test_rubbish_is_the_end),
	    CASE(test_a_token_comes_when_it_is_wanted),
	    CASE(test_a_token_that_is_held_back_is_the_end),
	    CASE(test_a_token_that_nobody_wants_is_the_end),
	    CASE(test_a_hang_up_is_the_end),
	    CASE(test_a_heartbeat_only_while_it_listens),
	    CASE(test_silence_at_the_start_is_the_end),
	    CASE(test_expires_once),
	    CASE(test_a_module_that_does_not_read_is_the_end),
	};

	return cmocka_run_group_tests_name("conversation", tests, NULL, NULL);
}
