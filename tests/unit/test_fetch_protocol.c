#include "lib/fetch_protocol.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	STORAGE_SIZE = FETCH_ANSWER_FRAME_SIZE_MAX,
};

/* One message on the wire, and what get makes of it. */
struct wire {
	uint8_t bytes[STORAGE_SIZE + 1];
	size_t size;
	struct fetch_text text;
	struct fetch_message got;
};

static int
setup(void **state)
{
	*state = calloc(1, sizeof(struct wire));
	return *state ? 0 : -1;
}

static int
teardown(void **state)
{
	free(*state);
	return 0;
}

static struct fetch_message
a_hosts(void)
{
	return (struct fetch_message){.type = FETCH_HOSTS,
	    .hosts = {.ca_file = "/etc/portvakt/ca.pem",
		.hosts = {"idp.example", "api.example:8443"},
		.hosts_count = 2}};
}

static struct fetch_message
a_call(void)
{
	return (struct fetch_message){.type = FETCH_CALL,
	    .call = {.id = 7,
		.method = FETCH_POST,
		.url = "https://idp.example/token",
		.authorization = "Basic a2FyaQ==",
		.timeout_ms = 5000,
		.body_size_max = 65536,
		.form = {{"grant_type", "a b&c=\xc3\xa6\n"}, {"empty", NULL}},
		.form_count = 2}};
}

static struct fetch_message
an_answer(void)
{
	return (struct fetch_message){.type = FETCH_ANSWER,
	    .answer = {.id = 7,
		.outcome = FETCH_DONE,
		.status = 400,
		.content_type = "application/json",
		.date = "Sun, 06 Nov 1994 08:49:37 GMT",
		.body = "{\0}",
		.body_size = 3}};
}

static void
put(struct wire *wire, const struct fetch_message *message)
{
	assert_int_equal(
	    fetch_message_put(message, wire->bytes, STORAGE_SIZE, &wire->size),
	    0);
}

static int
get(struct wire *wire)
{
	return fetch_message_get(
	    wire->bytes, wire->size, &wire->text, &wire->got);
}

static void
round_trip(struct wire *wire, struct fetch_message message)
{
	put(wire, &message);
	assert_int_equal(get(wire), 0);
	assert_int_equal(wire->got.type, message.type);
}

static void
test_hosts_come_back(void **state)
{
	struct wire *wire = *state;

	round_trip(wire, a_hosts());
	assert_string_equal(wire->got.hosts.ca_file, "/etc/portvakt/ca.pem");
	assert_string_equal(wire->got.hosts.proxy, "");
	assert_int_equal(wire->got.hosts.hosts_count, 2);
	assert_string_equal(wire->got.hosts.hosts[0], "idp.example");
	assert_string_equal(wire->got.hosts.hosts[1], "api.example:8443");
}

static void
test_call_comes_back(void **state)
{
	struct wire *wire = *state;

	round_trip(wire, a_call());
	assert_int_equal(wire->got.call.id, 7);
	assert_int_equal(wire->got.call.method, FETCH_POST);
	assert_string_equal(wire->got.call.url, "https://idp.example/token");
	assert_string_equal(wire->got.call.authorization, "Basic a2FyaQ==");
	assert_int_equal(wire->got.call.timeout_ms, 5000);
	assert_int_equal(wire->got.call.body_size_max, 65536);
	assert_int_equal(wire->got.call.form_count, 2);
	assert_string_equal(wire->got.call.form[0].name, "grant_type");
	assert_string_equal(wire->got.call.form[0].value, "a b&c=\xc3\xa6\n");
	assert_string_equal(wire->got.call.form[1].name, "empty");
	assert_string_equal(wire->got.call.form[1].value, "");
}

static void
test_answer_comes_back(void **state)
{
	struct wire *wire = *state;

	round_trip(wire, an_answer());
	assert_int_equal(wire->got.answer.id, 7);
	assert_int_equal(wire->got.answer.outcome, FETCH_DONE);
	assert_int_equal(wire->got.answer.status, 400);
	assert_string_equal(wire->got.answer.content_type, "application/json");
	assert_string_equal(
	    wire->got.answer.date, "Sun, 06 Nov 1994 08:49:37 GMT");
	assert_string_equal(wire->got.answer.detail, "");
	assert_int_equal(wire->got.answer.body_size, 3);
	assert_memory_equal(wire->got.answer.body, "{\0}", 3);
}

static void
test_short_messages_come_back(void **state)
{
	struct wire *wire = *state;

	round_trip(wire, (struct fetch_message){.type = FETCH_READY});
	round_trip(
	    wire, (struct fetch_message){.type = FETCH_CANCEL, .cancel = {9}});
	assert_int_equal(wire->got.cancel.id, 9);
	round_trip(wire, (struct fetch_message){
			     .type = FETCH_REFUSED, .refused = {"restart it"}});
	assert_string_equal(wire->got.refused.detail, "restart it");
}

/* Cut anywhere, or with one byte more: refused, and nothing is written. */
static void
test_get_wants_the_whole_message_and_no_more(void **state)
{
	struct wire *wire = *state;
	const struct fetch_message messages[] = {a_hosts(), a_call(),
	    an_answer(), {.type = FETCH_READY}, {.type = FETCH_CANCEL},
	    {.type = FETCH_REFUSED}};
	size_t i, whole;

	for (i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		put(wire, &messages[i]);
		whole = wire->size;
		memset(&wire->got, 0x5a, sizeof(wire->got));
		for (wire->size = 0; wire->size < whole; wire->size++)
			assert_int_equal(get(wire), -EBADMSG);
		wire->bytes[whole] = 0;
		wire->size = whole + 1;
		assert_int_equal(get(wire), -EBADMSG);
		assert_int_equal(wire->got.type, 0x5a5a5a5a);
	}
}

static void
test_get_refuses_what_it_does_not_know(void **state)
{
	struct wire *wire = *state;
	struct fetch_message message = a_hosts();

	put(wire, &message);
	wire->bytes[1] = FETCH_PROTOCOL_VERSION + 1;
	assert_int_equal(get(wire), -EPROTONOSUPPORT);
	wire->bytes[0] = 0;
	assert_int_equal(get(wire), -EBADMSG);
	wire->bytes[0] = FETCH_CANCEL + 1;
	assert_int_equal(get(wire), -EBADMSG);

	message = a_call();
	put(wire, &message);
	wire->bytes[5] = 0; /* method */
	assert_int_equal(get(wire), -EBADMSG);
	wire->bytes[5] = FETCH_GET; /* with a form */
	assert_int_equal(get(wire), -EBADMSG);

	message = an_answer();
	put(wire, &message);
	wire->bytes[5] = FETCH_BUSY + 1; /* outcome */
	assert_int_equal(get(wire), -EBADMSG);
	wire->bytes[5] = FETCH_FAILED; /* with a status and a body */
	assert_int_equal(get(wire), -EBADMSG);
}

static void
refuses(struct wire *wire, struct fetch_message message)
{
	size_t size = 99;

	assert_int_equal(
	    fetch_message_put(&message, wire->bytes, STORAGE_SIZE, &size),
	    -EINVAL);
	assert_int_equal(size, 99);
}

static void
test_put_refuses_what_get_would(void **state)
{
	struct wire *wire = *state;
	struct fetch_message message;

	message = a_call();
	message.call.url = "https://idp.example/\r\nX-Evil: 1";
	refuses(wire, message);
	message.call.url = "https://idp.example/ ";
	refuses(wire, message);
	message.call.url = "";
	refuses(wire, message);
	message = a_call();
	message.call.authorization = "Basic x\r\nX-Evil: 1";
	refuses(wire, message);
	message = a_call();
	message.call.timeout_ms = 0;
	refuses(wire, message);
	message.call.timeout_ms = FETCH_TIMEOUT_MS_MAX + 1;
	refuses(wire, message);
	message = a_call();
	message.call.body_size_max = FETCH_BODY_SIZE_MAX + 1;
	refuses(wire, message);
	message = a_call();
	message.call.form[1].name = NULL;
	refuses(wire, message);
	message = a_call();
	message.call.form_count = FETCH_PARAMETERS_MAX + 1;
	refuses(wire, message);
	message = a_hosts();
	message.hosts.hosts[1] = "";
	refuses(wire, message);
	message.hosts.hosts_count = FETCH_HOSTS_MAX + 1;
	refuses(wire, message);
	message = an_answer();
	message.answer.detail = "two\nlines";
	refuses(wire, message);
	message = an_answer();
	message.answer.date = "Sun\n";
	refuses(wire, message);
	message = an_answer();
	message.answer.status = 0;
	refuses(wire, message);
	message = an_answer();
	message.answer.body_size = FETCH_BODY_SIZE_MAX + 1;
	refuses(wire, message);
}

/* The same, when the peer puts it on the wire all the same. */
static void
test_get_refuses_line_breaks(void **state)
{
	struct wire *wire = *state;
	struct fetch_message message = a_call();
	uint8_t *at;

	put(wire, &message);
	at = memmem(wire->bytes, wire->size, "/token", 6);
	assert_non_null(at);
	*at = '\n';
	assert_int_equal(get(wire), -EBADMSG);
	*at = '/';
	assert_int_equal(get(wire), 0);
	at = memmem(wire->bytes, wire->size, "Basic ", 6);
	assert_non_null(at);
	*at = '\r';
	assert_int_equal(get(wire), -EBADMSG);
}

static void
test_the_largest_form_passes_and_no_larger(void **state)
{
	struct wire *wire = *state;
	struct fetch_message message = a_call();
	char *value = calloc(1, FETCH_FORM_SIZE + 1);

	assert_non_null(value);
	memset(value, 'x', FETCH_FORM_SIZE - 3);
	message.call.form[0] = (struct fetch_parameter){"n", value};
	message.call.form_count = 1;
	round_trip(wire, message);
	assert_string_equal(wire->got.call.form[0].value, value);
	assert_true(wire->size <= FETCH_CALL_FRAME_SIZE_MAX);
	message.call.form[1] = (struct fetch_parameter){"m", ""};
	message.call.form_count = 2;
	refuses(wire, message);
	free(value);
}

static void
test_the_largest_answer_fits_the_frame(void **state)
{
	struct wire *wire = *state;
	struct fetch_message message = an_answer();
	char type[FETCH_CONTENT_TYPE_SIZE] = {0};
	char date[FETCH_DATE_SIZE] = {0};
	char detail[FETCH_DETAIL_SIZE] = {0};
	uint8_t *body = calloc(1, FETCH_BODY_SIZE_MAX);

	assert_non_null(body);
	memset(type, 't', sizeof(type) - 1);
	memset(date, 'D', sizeof(date) - 1);
	memset(detail, 'd', sizeof(detail) - 1);
	message.answer.content_type = type;
	message.answer.date = date;
	message.answer.detail = detail;
	message.answer.body = body;
	message.answer.body_size = FETCH_BODY_SIZE_MAX;
	round_trip(wire, message);
	assert_true(wire->size <= FETCH_ANSWER_FRAME_SIZE_MAX);
	free(body);
}

static void
test_wiped_text_is_gone(void **state)
{
	struct wire *wire = *state;
	size_t i;

	round_trip(wire, a_call());
	fetch_text_wipe(&wire->text);
	for (i = 0; i < sizeof(wire->text.bytes); i++)
		assert_int_equal(wire->text.bytes[i], 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_hosts_come_back),
	    TEST(test_call_comes_back),
	    TEST(test_answer_comes_back),
	    TEST(test_short_messages_come_back),
	    TEST(test_get_wants_the_whole_message_and_no_more),
	    TEST(test_get_refuses_what_it_does_not_know),
	    TEST(test_put_refuses_what_get_would),
	    TEST(test_get_refuses_line_breaks),
	    TEST(test_the_largest_form_passes_and_no_larger),
	    TEST(test_the_largest_answer_fits_the_frame),
	    TEST(test_wiped_text_is_gone),
	};

	return cmocka_run_group_tests_name("fetch_protocol", tests, NULL, NULL);
}
