#include "lib/buf.h"
#include "lib/login_protocol.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

static const char handle[] = "0123456789abcdef0123456789abcdef";

static struct login_message
begin(void)
{
	return (struct login_message){
	    .type = LOGIN_BEGIN,
	    .begin = {.phase = LOGIN_PHASE_AUTHENTICATE,
		.service = "sshd",
		.user = "kari",
		.tty = "ssh",
		.rhost = "10.0.0.7",
		.handle = ""},
	};
}

static struct login_message
show(const char *text)
{
	struct login_message m = {
	    .type = LOGIN_SHOW, .show.style = LOGIN_STYLE_INFO};

	strncpy(m.show.text, text, sizeof(m.show.text) - 1);
	return m;
}

static size_t
put(const struct login_message *m, uint8_t storage[LOGIN_FRAME_SIZE_MAX])
{
	size_t size = 0;

	assert_int_equal(
	    login_message_put(m, storage, LOGIN_FRAME_SIZE_MAX, &size), 0);
	return size;
}

static void
assert_unsendable(const struct login_message *m)
{
	uint8_t storage[LOGIN_FRAME_SIZE_MAX];
	size_t size = 77;

	assert_int_equal(
	    login_message_put(m, storage, sizeof(storage), &size), -EBADMSG);
	assert_int_equal(size, 77);
}

static void
assert_unreadable(const uint8_t *body, size_t size, int error)
{
	struct login_message m;

	memset(&m, 0x5a, sizeof(m));
	assert_int_equal(login_message_get(body, size, &m), error);
	assert_int_equal(((const uint8_t *)&m)[0], 0x5a);
}

/* Every message is read back as written, and no prefix of it is a message. */
static void
assert_travels(const struct login_message *m)
{
	uint8_t body[LOGIN_FRAME_SIZE_MAX + 1], again[LOGIN_FRAME_SIZE_MAX];
	struct login_message read;
	size_t size = put(m, body), i;

	assert_int_equal(login_message_get(body, size, &read), 0);
	assert_int_equal(read.type, m->type);
	assert_int_equal(put(&read, again), size);
	assert_memory_equal(again, body, size);
	for (i = 0; i < size; i++)
		assert_unreadable(body, i, -EBADMSG);
	body[size] = 0;
	assert_unreadable(body, size + 1, -EBADMSG);
}

static void
test_all_messages_travel(void **state)
{
	struct login_message m = begin();

	(void)state;
	assert_travels(&m);
	m = show("Gå til https://login.example/device\nKode: ABCD-EFGH\t▀▄");
	assert_travels(&m);
	m = (struct login_message){
	    .type = LOGIN_ASK, .ask = {.echo = 1, .text = "Trykk Enter: "}};
	assert_travels(&m);
	m = (struct login_message){
	    .type = LOGIN_ANSWER, .answer.text = "any \x1b bytes \xff"};
	assert_travels(&m);
	m = (struct login_message){.type = LOGIN_WAIT};
	assert_travels(&m);
	m = (struct login_message){.type = LOGIN_WANT};
	assert_travels(&m);
	m = (struct login_message){
	    .type = LOGIN_TOKEN, .token = {"eyJh.e30.c2ln", 13}};
	assert_travels(&m);
	m = (struct login_message){.type = LOGIN_DONE,
	    .done = {.verdict = LOGIN_EXPIRED, .text = "For sent."}};
	strcpy(m.done.handle, handle);
	assert_travels(&m);
}

static void
test_begin_carries_each_fact_in_its_place(void **state)
{
	struct login_message m = begin(), read;
	uint8_t body[LOGIN_FRAME_SIZE_MAX];
	size_t size;

	(void)state;
	m.begin.phase = LOGIN_PHASE_OPEN_SESSION;
	strcpy(m.begin.handle, handle);
	size = put(&m, body);
	assert_int_equal(login_message_get(body, size, &read), 0);
	assert_int_equal(read.begin.phase, LOGIN_PHASE_OPEN_SESSION);
	assert_string_equal(read.begin.service, "sshd");
	assert_string_equal(read.begin.user, "kari");
	assert_string_equal(read.begin.tty, "ssh");
	assert_string_equal(read.begin.rhost, "10.0.0.7");
	assert_string_equal(read.begin.handle, handle);
}

static void
test_a_token_has_a_frame_of_its_own(void **state)
{
	static char token[LOGIN_TOKEN_SIZE_MAX + 1];
	static uint8_t body[LOGIN_TOKEN_FRAME_SIZE_MAX];
	struct login_message m = {.type = LOGIN_TOKEN}, read;
	size_t size = 0;

	(void)state;
	memset(token, 'x', sizeof(token));
	m.token.text = token;
	m.token.size = LOGIN_TOKEN_SIZE_MAX;
	assert_int_equal(login_message_put(&m, body, sizeof(body), &size), 0);
	assert_int_equal(login_message_get(body, size, &read), 0);
	assert_int_equal(read.token.size, LOGIN_TOKEN_SIZE_MAX);
	assert_memory_equal(read.token.text, token, LOGIN_TOKEN_SIZE_MAX);
	m.token.size++;
	assert_int_equal(
	    login_message_put(&m, body, sizeof(body), &size), -EBADMSG);
	m.token.size = 0;
	assert_int_equal(
	    login_message_put(&m, body, sizeof(body), &size), -EBADMSG);
	token[7] = '\0';
	m.token.size = 8;
	assert_int_equal(
	    login_message_put(&m, body, sizeof(body), &size), -EBADMSG);
}

static void
test_a_token_is_for_authentication_alone(void **state)
{
	struct login_message m = begin();
	uint8_t body[LOGIN_FRAME_SIZE_MAX];
	size_t size = 0;

	(void)state;
	m.begin.with_token = 1;
	assert_travels(&m);
	m.begin.with_token = 2;
	assert_int_equal(
	    login_message_put(&m, body, sizeof(body), &size), -EBADMSG);
	m.begin.with_token = 1;
	m.begin.phase = LOGIN_PHASE_ACCOUNT;
	assert_int_equal(
	    login_message_put(&m, body, sizeof(body), &size), -EBADMSG);
}

static void
test_the_longest_texts_fit_one_frame(void **state)
{
	struct login_message m = {
	    .type = LOGIN_DONE, .done.verdict = LOGIN_DENY};
	uint8_t body[LOGIN_FRAME_SIZE_MAX];
	size_t size = 0;

	(void)state;
	memset(m.done.text, 'x', sizeof(m.done.text) - 1);
	strcpy(m.done.handle, handle);
	assert_travels(&m);
	assert_int_equal(
	    login_message_put(&m, body, LOGIN_TEXT_SIZE, &size), -EMSGSIZE);
	assert_int_equal(size, 0);
}

static void
test_a_text_over_its_size_is_refused(void **state)
{
	uint8_t body[LOGIN_FRAME_SIZE_MAX], text[LOGIN_TEXT_SIZE];
	struct buf_writer w;

	(void)state;
	memset(text, 'x', sizeof(text));
	buf_writer_init(&w, body, sizeof(body));
	assert_int_equal(buf_put_u8(&w, LOGIN_SHOW), 0);
	assert_int_equal(buf_put_u8(&w, LOGIN_STYLE_INFO), 0);
	assert_int_equal(buf_put_bytes(&w, text, sizeof(text)), 0);
	assert_unreadable(body, buf_writer_size(&w), -EBADMSG);
}

static void
test_a_length_beyond_the_frame_is_refused(void **state)
{
	static const uint8_t body[] = {
	    LOGIN_ANSWER, 0xff, 0xff, 0xff, 0xff, 'x'};

	(void)state;
	assert_unreadable(body, sizeof(body), -EBADMSG);
}

static void
test_unknown_types_and_values_are_refused(void **state)
{
	uint8_t body[LOGIN_FRAME_SIZE_MAX];
	struct login_message m = begin();
	size_t size = put(&m, body);
	int type;

	(void)state;
	body[2] = LOGIN_PHASE_CLOSE_SESSION + 1;
	assert_unreadable(body, size, -EBADMSG);
	body[2] = 0;
	assert_unreadable(body, size, -EBADMSG);
	body[1] = LOGIN_PROTOCOL_VERSION + 1;
	assert_unreadable(body, size, -EPROTONOSUPPORT);

	m = show("x");
	size = put(&m, body);
	body[1] = LOGIN_STYLE_ERROR + 1;
	assert_unreadable(body, size, -EBADMSG);

	m = (struct login_message){.type = LOGIN_DONE};
	size = put(&m, body);
	body[1] = LOGIN_EXPIRED + 1;
	assert_unreadable(body, size, -EBADMSG);

	m = (struct login_message){.type = LOGIN_ASK};
	size = put(&m, body);
	body[1] = 2;
	assert_unreadable(body, size, -EBADMSG);

	for (type = 0; type < 256; type++) {
		body[0] = (uint8_t)type;
		if (type != LOGIN_WAIT && type != LOGIN_WANT)
			assert_unreadable(body, 1, -EBADMSG);
	}
}

static void
test_names_that_are_no_names_are_refused(void **state)
{
	static const char *const refused[] = {
	    "", "Kari", "kari\n", "../kari", "-rf", "kari:0"};
	struct login_message m = begin();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		strcpy(m.begin.user, refused[i]);
		assert_unsendable(&m);
	}
}

/* The same check guards both directions: turn a good byte into a bad one. */
static void
test_bad_bytes_are_refused_when_read(void **state)
{
	uint8_t body[LOGIN_FRAME_SIZE_MAX];
	struct login_message m = begin();
	size_t size, at;

	(void)state;
	size = put(&m, body);
	for (at = 7; at < size; at++) {
		if (body[at] < ' ')
			continue;
		body[at] = (uint8_t)(body[at] ^ 0x80);
		assert_unreadable(body, size, -EBADMSG);
		body[at] = (uint8_t)(body[at] ^ 0x80);
	}
	m = show("text");
	size = put(&m, body);
	body[size - 1] = '\x1b';
	assert_unreadable(body, size, -EBADMSG);
	body[size - 1] = '\0';
	assert_unreadable(body, size, -EBADMSG);
}

static void
test_control_characters_never_travel(void **state)
{
	static const char *const refused[] = {
	    "\x1b[2J", "a\rb", "\x07", "\x7f", "\xc2\x9b"};
	struct login_message m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		m = show(refused[i]);
		assert_unsendable(&m);
		m = (struct login_message){.type = LOGIN_ASK};
		strcpy(m.ask.text, refused[i]);
		assert_unsendable(&m);
		m = (struct login_message){.type = LOGIN_DONE};
		strcpy(m.done.text, refused[i]);
		assert_unsendable(&m);
		m = begin();
		strcpy(m.begin.rhost, refused[i]);
		assert_unsendable(&m);
	}
	m = begin();
	strcpy(m.begin.tty, "\n");
	assert_unsendable(&m);
	m = begin();
	strcpy(m.begin.service, "sshd\tx");
	assert_unsendable(&m);
}

static void
test_a_handle_is_nothing_or_32_hex_digits(void **state)
{
	static const char *const refused[] = {"0",
	    "0123456789abcdef0123456789abcde",
	    "0123456789ABCDEF0123456789ABCDEF",
	    "0123456789abcdef0123456789abcdeg"};
	struct login_message m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		m = begin();
		strcpy(m.begin.handle, refused[i]);
		assert_unsendable(&m);
		m = (struct login_message){.type = LOGIN_DONE};
		strcpy(m.done.handle, refused[i]);
		assert_unsendable(&m);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_all_messages_travel),
	    cmocka_unit_test(test_begin_carries_each_fact_in_its_place),
	    cmocka_unit_test(test_a_token_has_a_frame_of_its_own),
	    cmocka_unit_test(test_a_token_is_for_authentication_alone),
	    cmocka_unit_test(test_the_longest_texts_fit_one_frame),
	    cmocka_unit_test(test_a_text_over_its_size_is_refused),
	    cmocka_unit_test(test_a_length_beyond_the_frame_is_refused),
	    cmocka_unit_test(test_unknown_types_and_values_are_refused),
	    cmocka_unit_test(test_names_that_are_no_names_are_refused),
	    cmocka_unit_test(test_bad_bytes_are_refused_when_read),
	    cmocka_unit_test(test_control_characters_never_travel),
	    cmocka_unit_test(test_a_handle_is_nothing_or_32_hex_digits),
	};

	return cmocka_run_group_tests_name("login_protocol", tests, NULL, NULL);
}
