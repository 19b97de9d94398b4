/*
 * The service protocol over socket pairs: who may ask, what is asked of a real
 * register, and what a peer that breaks the rules costs.
 */
#include "broker/service/service.h"

#include "lib/frame.h"
#include "lib/service_protocol.h"
#include "tests/unit/register_machine.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <jansson.h>

#define KARIS "15869000016"
#define OLAS "15869000024"

enum { API = 990, STRANGER = 1000, DEADLINE_MS = 2000, TURNS_MAX = 10000 };

static uid_t peer_uid;

int __wrap_frame_peer(int fd, struct ucred *ret_peer);
int __wrap_lstat(const char *path, struct stat *ret_st);
int __real_lstat(const char *path, struct stat *ret_st);
int __wrap_sd_event_source_set_time_relative(
    sd_event_source *source, uint64_t usec);
int __real_sd_event_source_set_time_relative(
    sd_event_source *source, uint64_t usec);

int __wrap_issuer_refresh_keys(struct issuer *issuer, issuer_ready_fn ready,
    void *userdata, struct issuer_wait **ret_wait);
void __wrap_issuer_wait_cancel(struct issuer_wait *wait);
int __wrap_trust_publication_catch_up(struct broker *broker);

int
__wrap_frame_peer(int fd, struct ucred *ret_peer)
{
	(void)fd;
	*ret_peer = (struct ucred){.pid = getpid(), .uid = peer_uid};
	return 0;
}

/* The socket's file as its unit would have made it. */
int
__wrap_lstat(const char *path, struct stat *ret_st)
{
	int error = __real_lstat(path, ret_st);

	if (!error && strstr(path, "service.sock"))
		ret_st->st_uid = API;
	return error;
}

/* Ten seconds are a tenth of one here. */
int
__wrap_sd_event_source_set_time_relative(sd_event_source *source, uint64_t usec)
{
	return __real_sd_event_source_set_time_relative(source, usec / 100);
}

static struct {
	int begun;
	int cancelled;
	issuer_ready_fn ready; /* of the last one */
	void *userdata;
} waits;

int
__wrap_issuer_refresh_keys(struct issuer *issuer, issuer_ready_fn ready,
    void *userdata, struct issuer_wait **ret_wait)
{
	(void)issuer;
	waits.begun++;
	waits.ready = ready;
	waits.userdata = userdata;
	*ret_wait = (struct issuer_wait *)&waits;
	return 0;
}

void
__wrap_issuer_wait_cancel(struct issuer_wait *wait)
{
	waits.cancelled += wait != NULL;
}

int
__wrap_trust_publication_catch_up(struct broker *broker)
{
	(void)broker;
	return 0;
}

struct world {
	struct register_machine *machine;
	struct config config;
	struct realm realm;
	struct broker broker;
	char socket_path[128];
	int listener;
};

static void
make_socket_file(struct world *world)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	(void)snprintf(world->socket_path, sizeof(world->socket_path),
	    "%s/service.sock", world->machine->dir);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%.100s",
	    world->socket_path);
	world->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(
	    bind(world->listener, (struct sockaddr *)&address, sizeof(address)),
	    0);
	world->broker.paths.service_socket = world->socket_path;
}

static void
configure(struct world *world)
{
	struct config_issuer *issuers = world->config.issuers;

	issuers[0].name = "staff";
	issuers[0].profile.issuer = "https://idp.example";
	issuers[0].profile.test = true;
	issuers[0].links_persons = true;
	issuers[1].name = "real";
	issuers[1].profile.issuer = "https://real.example";
	issuers[1].links_persons = true;
	issuers[2].name = "internal";
	issuers[2].profile.issuer = "https://internal.example";
	world->config.issuers_count = 3;
	world->realm.references = 1;
	world->realm.config = &world->config;
	world->realm.issuers[0] = (struct issuer *)world;
	world->broker.realm = &world->realm;
}

static int
set_up(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	const char *problem = "";
	char path[128];
	void *machine;

	if (!world || register_machine_set_up(&machine))
		return -1;
	peer_uid = API;
	memset(&waits, 0, sizeof(waits));
	world->machine = machine;
	world->broker.db = world->machine->db;
	(void)snprintf(path, sizeof(path), "%s/keys", world->machine->dir);
	if (person_keys_create(path, &world->broker.person_keys, &problem) ||
	    sd_event_new(&world->broker.event) < 0)
		return -1;
	make_socket_file(world);
	configure(world);
	*state = world;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *world = *state;
	void *machine = world->machine;

	assert_int_equal(world->broker.services, 0);
	person_keys_free(world->broker.person_keys);
	sd_event_unref(world->broker.event);
	(void)close(world->listener);
	free(world);
	return register_machine_tear_down(&machine);
}

static int
try_to_come(struct world *world, uid_t uid, int *ret_error)
{
	int ends[2];

	assert_int_equal(
	    socketpair(
		AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends),
	    0);
	peer_uid = uid;
	*ret_error = service_serve(&world->broker, ends[0]);
	return ends[1];
}

static int
come(struct world *world)
{
	int fd, error;

	fd = try_to_come(world, API, &error);
	assert_int_equal(error, 0);
	return fd;
}

/* Until nothing is left to do. */
static void
turn(struct world *world)
{
	int i = 0;

	while (sd_event_run(world->broker.event, 0) > 0)
		assert_true(i++ < TURNS_MAX);
}

static void
leave(struct world *world, int fd)
{
	assert_int_equal(close(fd), 0);
	turn(world);
}

static void
tell(int fd, const char *text)
{
	assert_int_equal(frame_send(fd, text, strlen(text), DEADLINE_MS), 0);
}

static json_t *
hear(int fd)
{
	char body[SERVICE_FRAME_SIZE_MAX];
	json_t *answer;
	size_t size;

	assert_int_equal(
	    frame_receive(fd, body, sizeof(body), DEADLINE_MS, &size), 0);
	answer = json_loadb(body, size, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(answer);
	return answer;
}

static json_t *
ask(struct world *world, int fd, const char *question)
{
	tell(fd, question);
	turn(world);
	return hear(fd);
}

static void
assert_answer(
    struct world *world, int fd, const char *question, const char *expected)
{
	json_auto_t *answer = ask(world, fd, question);
	char *text = json_dumps(answer, JSON_COMPACT);

	assert_string_equal(text, expected);
	free(text);
}

static void
assert_error(
    struct world *world, int fd, const char *question, const char *word)
{
	json_auto_t *answer = ask(world, fd, question);

	assert_true(json_is_false(json_object_get(answer, "ok")));
	assert_string_equal(
	    json_string_value(json_object_get(answer, "error")), word);
	assert_true(json_string_length(json_object_get(answer, "text")) > 0);
}

static struct account
add(struct world *world, const char *name, const char *issuer,
    const char *number)
{
	const struct account_request request = {
	    .name = name,
	    .issuer = issuer,
	    .subject = name,
	    .home = "/home/x",
	    .shell = "/bin/sh",
	};
	const struct person_keys *keys = world->broker.person_keys;
	struct person_link link;
	struct account account;

	assert_int_equal(
	    register_account_add(world->broker.db, &request, 1000, &account),
	    REGISTER_OK);
	assert_int_equal(
	    person_key_link(keys, person_keys_number(keys, 0), number, &link),
	    0);
	assert_int_equal(
	    person_link_set(world->broker.db, account.id, &link), REGISTER_OK);
	return account;
}

#define LINK(issuer, pid)                                                      \
	"{\"id\":7,\"ask\":\"link\",\"client\":\"saker\",\"issuer\":\"" issuer \
	"\",\"subject\":\"pairwise\",\"pid\":\"" pid "\"}"
#define NOBODY "{\"id\":7,\"ok\":true,\"account\":null}"
#define NAMES(name, uid, epoch)                                       \
	"{\"id\":7,\"ok\":true,\"account\":\"" name "\",\"uid\":" uid \
	",\"links_epoch\":" epoch "}"

static void
test_strangers_are_dropped(void **state)
{
	struct world *world = *state;
	char byte;
	int fd, error;

	fd = try_to_come(world, STRANGER, &error);
	assert_int_equal(error, -EACCES);
	assert_int_equal(read(fd, &byte, 1), 0);
	assert_int_equal(close(fd), 0);
	/* Whoever takes the socket's place with a file has gained nothing. */
	world->broker.paths.service_socket = world->machine->path;
	(void)close(try_to_come(world, API, &error));
	assert_int_equal(error, -EACCES);
	world->broker.paths.service_socket = "/nonexistent/service.sock";
	(void)close(try_to_come(world, API, &error));
	assert_int_equal(error, -EACCES);
	fd = try_to_come(world, 0, &error);
	assert_int_equal(error, 0);
	leave(world, fd);
}

static void
test_connections_are_bounded(void **state)
{
	struct world *world = *state;
	int kept[SERVICE_CONNECTIONS_MAX], i, error;

	for (i = 0; i < SERVICE_CONNECTIONS_MAX; i++)
		kept[i] = come(world);
	(void)close(try_to_come(world, API, &error));
	assert_int_equal(error, -EBUSY);
	leave(world, kept[0]);
	kept[0] = come(world);
	for (i = 0; i < SERVICE_CONNECTIONS_MAX; i++)
		leave(world, kept[i]);
}

static void
test_links_by_number(void **state)
{
	struct world *world = *state;
	int fd = come(world);

	(void)add(world, "kari", "https://idp.example", KARIS);
	(void)add(world, "per", "https://real.example", OLAS);
	assert_answer(
	    world, fd, LINK("staff", KARIS), NAMES("kari", "2000000000", "3"));
	assert_int_equal(
	    register_account_lock(world->broker.db, "kari", "gone", 1001),
	    REGISTER_OK);
	assert_answer(
	    world, fd, LINK("staff", KARIS), NAMES("kari", "2000000000", "3"));
	/* Another issuer's account is not led to. */
	assert_answer(world, fd, LINK("staff", OLAS), NOBODY);
	assert_int_equal(
	    register_account_remove(world->broker.db, "kari", 1002, NULL),
	    REGISTER_OK);
	assert_answer(world, fd, LINK("staff", KARIS), NOBODY);
	leave(world, fd);
}

static void
test_links_over_a_rotation(void **state)
{
	struct world *world = *state;
	const char *problem = "";
	struct account kari;
	struct person_link before, after;
	int fd = come(world);

	kari = add(world, "kari", "https://idp.example", KARIS);
	assert_int_equal(
	    person_link_get(world->broker.db, kari.id, &before), REGISTER_OK);
	assert_int_equal(
	    person_keys_rotate(world->broker.person_keys, &problem), 0);
	assert_answer(
	    world, fd, LINK("staff", KARIS), NAMES("kari", "2000000000", "2"));
	/* Asking writes nothing. */
	assert_int_equal(
	    person_link_get(world->broker.db, kari.id, &after), REGISTER_OK);
	assert_int_equal(after.key, before.key);
	/* Two that have the same number under two keys are nobody. */
	(void)add(world, "kari2", "https://idp.example", KARIS);
	assert_answer(world, fd, LINK("staff", KARIS), NOBODY);
	leave(world, fd);
}

static void
test_links_only_where_it_may(void **state)
{
	struct world *world = *state;
	struct person_keys *keys = world->broker.person_keys;
	int fd = come(world);

	(void)add(world, "kari", "https://internal.example", KARIS);
	(void)add(world, "per", "https://real.example", OLAS);
	assert_error(world, fd, LINK("nobody", KARIS), "issuer-unknown");
	assert_error(world, fd, LINK("internal", KARIS), "misconfigured");
	/* Synthetic numbers are people at a test issuer alone. */
	assert_error(world, fd, LINK("real", OLAS), "bad-request");
	assert_error(world, fd, LINK("staff", "15869000017"), "bad-request");
	world->broker.person_keys = NULL;
	assert_error(world, fd, LINK("staff", KARIS), "outage");
	world->broker.person_keys = keys;
	world->broker.realm = NULL;
	assert_error(world, fd, LINK("staff", KARIS), "not-configured");
	world->broker.realm = &world->realm;
	leave(world, fd);
}

/* However many connections: who may ask cannot try all numbers there are. */
static void
test_links_are_not_tried_out(void **state)
{
	struct world *world = *state;
	bool busy = false;
	json_t *answer;
	int i, fd;

	for (i = 0; i < 6000 && !busy; i++) {
		fd = come(world);
		answer = ask(world, fd, LINK("staff", KARIS));
		busy = json_is_false(json_object_get(answer, "ok"));
		json_decref(answer);
		leave(world, fd);
	}
	assert_in_range(i, 5000, 5999);
	world->broker.links_rate.at_us -= 1000000;
	fd = come(world);
	assert_answer(world, fd, LINK("staff", KARIS), NOBODY);
	leave(world, fd);
}

static void
test_answers_each_of_many(void **state)
{
	struct world *world = *state;
	char question[256];
	json_t *answer;
	int i, fd = come(world);

	for (i = 0; i < 100; i++) {
		(void)snprintf(question, sizeof(question),
		    "{\"id\":%d,\"ask\":\"link\",\"client\":\"s\",\"issuer\":"
		    "\"staff\",\"subject\":\"x\",\"pid\":\"" KARIS "\"}",
		    i);
		tell(fd, question);
	}
	turn(world);
	for (i = 0; i < 100; i++) {
		answer = hear(fd);
		assert_int_equal(
		    json_integer_value(json_object_get(answer, "id")), i);
		json_decref(answer);
	}
	leave(world, fd);
}

static void
test_refuses_what_is_not_exactly_right(void **state)
{
	static const char *const questions[] = {
	    "",
	    "[]",
	    "{}",
	    "{\"id\":1}",
	    "{\"id\":1,\"ask\":\"links\"}",
	    "{\"id\":-1,\"ask\":\"link\"}",
	    "{\"id\":\"1\",\"ask\":\"link\"}",
	    "{\"id\":1,\"id\":2,\"ask\":\"link\"}",
	    "{\"id\":1,\"ask\":\"link\"}",
	    "{\"id\":1,\"ask\":\"link\",\"client\":\"s\",\"issuer\":\"staff\","
	    "\"subject\":\"x\"}",
	    "{\"id\":1,\"ask\":\"link\",\"client\":\"s\",\"issuer\":\"staff\","
	    "\"subject\":\"x\",\"pid\":1815012341}",
	    "{\"id\":1,\"ask\":\"link\",\"client\":\"s\",\"issuer\":\"staff\","
	    "\"subject\":\"\",\"pid\":\"" KARIS "\"}",
	    "{\"id\":1,\"ask\":\"link\",\"client\":\"s\",\"issuer\":\"staff\","
	    "\"subject\":\"x\",\"pid\":\"" KARIS "1\"}",
	    "{\"id\":1,\"ask\":\"link\",\"client\":\"s\",\"issuer\":\"staff\","
	    "\"subject\":\"x\",\"pid\":\"" KARIS "\",\"target\":\"y\"}",
	};
	struct world *world = *state;
	size_t i;
	int fd;

	for (i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		fd = come(world);
		assert_error(world, fd, questions[i], "bad-request");
		leave(world, fd);
	}
}

static void
test_hangs_up_on_those_who_go_on(void **state)
{
	struct world *world = *state;
	int i, fd = come(world);
	char byte;

	for (i = 0; i < SERVICE_BAD_REQUESTS_MAX; i++)
		assert_error(world, fd, "{}", "bad-request");
	turn(world);
	assert_int_equal(world->broker.services, 0);
	assert_int_equal(read(fd, &byte, 1), 0);
	assert_int_equal(close(fd), 0);
	/* What is of the right form may have been others' to choose. */
	fd = come(world);
	for (i = 0; i < 3 * SERVICE_BAD_REQUESTS_MAX; i++) {
		assert_error(
		    world, fd, LINK("staff", "15869000016-1"), "bad-request");
		assert_error(world, fd, LINK("staff", "1"), "bad-request");
		assert_error(world, fd,
		    "{\"id\":7,\"ask\":\"token\",\"client\":\"s\","
		    "\"issuer\":\"staff\",\"target\":\"\",\"resource\":"
		    "[\"\"],\"authorization_details\":[]}",
		    "bad-request");
		assert_error(world, fd,
		    "{\"id\":7,\"ask\":\"record\",\"records\":[{}]}",
		    "bad-request");
	}
	leave(world, fd);
	/* But not what lacks a member beside it. */
	fd = come(world);
	for (i = 0; i < SERVICE_BAD_REQUESTS_MAX; i++)
		assert_error(world, fd,
		    "{\"id\":7,\"ask\":\"token\",\"target\":\"\"}",
		    "bad-request");
	turn(world);
	assert_int_equal(world->broker.services, 0);
	assert_int_equal(close(fd), 0);
	/* A frame that is too long is no question at all. */
	fd = come(world);
	assert_int_equal(write(fd, "\x7f\xff\xff\xff", 4), 4);
	turn(world);
	assert_int_equal(world->broker.services, 0);
	assert_int_equal(close(fd), 0);
}

#define KEYS "{\"id\":9,\"ask\":\"keys\",\"issuer\":\"staff\"}"

/* An issuer that does not answer: the questions wait, and nobody else. */
static void
test_bounds_what_is_under_way(void **state)
{
	struct world *world = *state;
	int i, fd = come(world), other = come(world);

	(void)add(world, "kari", "https://idp.example", KARIS);
	for (i = 0; i < SERVICE_QUESTIONS_MAX; i++) {
		tell(fd, KEYS);
		turn(world);
	}
	assert_int_equal(waits.begun, SERVICE_QUESTIONS_MAX);
	assert_error(world, fd, KEYS, "busy");
	assert_answer(
	    world, fd, LINK("staff", KARIS), NAMES("kari", "2000000000", "2"));
	assert_answer(world, other, LINK("staff", KARIS),
	    NAMES("kari", "2000000000", "2"));
	/* One that is answered makes room for one. */
	waits.ready(ISSUER_READY, "", waits.userdata);
	turn(world);
	json_decref(hear(fd));
	tell(fd, KEYS);
	turn(world);
	assert_int_equal(waits.begun, SERVICE_QUESTIONS_MAX + 1);
	/* What nobody waits for any more is not waited for. */
	assert_int_equal(waits.cancelled, 0);
	leave(world, fd);
	assert_int_equal(waits.cancelled, SERVICE_QUESTIONS_MAX);
	assert_int_equal(world->realm.references, 1);
	leave(world, other);
}

static void
test_ends_what_is_cancelled(void **state)
{
	struct world *world = *state;
	int fd = come(world), other = come(world);

	(void)add(world, "kari", "https://idp.example", KARIS);
	tell(fd, KEYS);
	turn(world);
	/* Of another connection, another id, or none. */
	tell(other, "{\"cancel\":9}");
	tell(fd, "{\"cancel\":8}");
	tell(fd, "{\"cancel\":9223372036854775807}");
	turn(world);
	assert_int_equal(waits.cancelled, 0);
	tell(fd, "{\"cancel\":9}");
	tell(fd, "{\"cancel\":9}");
	turn(world);
	assert_int_equal(waits.cancelled, 1);
	assert_int_equal(world->realm.references, 1);
	/* It has no answer: the next one is of the next question. */
	assert_answer(
	    world, fd, LINK("staff", KARIS), NAMES("kari", "2000000000", "2"));
	leave(world, fd);
	leave(world, other);
}

/* Its own questions wait, nobody else's, and then it is gone. */
static void
test_a_peer_that_does_not_read(void **state)
{
	static const char question[] = LINK("nobody", KARIS);
	struct world *world = *state;
	int fd = come(world), other, i;

	for (i = 0; i < 100000; i++) {
		if (frame_send(fd, question, strlen(question), 0))
			break;
		(void)sd_event_run(world->broker.event, 0);
	}
	assert_in_range(i, 100, 99999);
	other = come(world);
	(void)add(world, "kari", "https://idp.example", KARIS);
	world->broker.links_rate.spent_us = 0;
	assert_answer(world, other, LINK("staff", KARIS),
	    NAMES("kari", "2000000000", "2"));
	assert_int_equal(world->broker.services, 2);
	for (i = 0; i < 200 && world->broker.services == 2; i++)
		(void)sd_event_run(world->broker.event, 10000);
	assert_int_equal(world->broker.services, 1);
	assert_int_equal(close(fd), 0);
	leave(world, other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	    TEST(test_strangers_are_dropped),
	    TEST(test_connections_are_bounded),
	    TEST(test_links_by_number),
	    TEST(test_links_over_a_rotation),
	    TEST(test_links_only_where_it_may),
	    TEST(test_links_are_not_tried_out),
	    TEST(test_answers_each_of_many),
	    TEST(test_refuses_what_is_not_exactly_right),
	    TEST(test_hangs_up_on_those_who_go_on),
	    TEST(test_bounds_what_is_under_way),
	    TEST(test_ends_what_is_cancelled),
	    TEST(test_a_peer_that_does_not_read),
	};

	return cmocka_run_group_tests_name("service", tests, NULL, NULL);
}
