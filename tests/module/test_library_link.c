/*
 * libportvakt asks portvakt-api whose a pairwise subject is: once for a token,
 * in threads and in forked children, and never longer than its time. A process
 * of the test's own stands for the API, and answers what a test wants.
 */
#include "tests/unit/as_root.h"
#include "tests/unit/service_world.h"
#include "tests/unit/unit.h"
#include "tests/vectors/mint.h"
#include "verify/link_client.h"
#include "verify/portvakt.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ANSWER(status, size, body) \
	"HTTP/1.1 " status "\r\nContent-Length: " #size "\r\n\r\n" body
#define HOLDER(name, uid, epoch) \
	"{\"account\":\"" name "\",\"uid\":" uid ",\"links_epoch\":" epoch "}"
#define KARI ANSWER("200 OK", 51, HOLDER("kari", "2000000001", "0"))
#define KARI_LATER ANSWER("200 OK", 51, HOLDER("kari", "2000000001", "1"))
#define FORMER_KARI ANSWER("200 OK", 51, HOLDER("kari", "2000000009", "1"))
#define LAST ANSWER("200 OK", 56, HOLDER("user99999", "2000000001", "0"))
#define REFUSED(status) ANSWER(status, 0, "")
#define NOBODY ANSWER("200 OK", 16, "{\"account\":null}")

enum {
	ASKERS = 3,
	QUESTIONS = 300, /* of each */
	REQUEST_MAX = 32768,
	TICK_MS = 300,
	FLEET = 100000, /* accounts */
	/* It takes some 20; a sanitizer on a busy machine, ten times that. */
	OPENS_IN_MS = 1000,
};

enum manner {
	AT_ONCE,
	NEVER, /* takes the question, and says nothing */
	BY_BYTES, /* one in a while: each in time, all of them not */
	TOO_MUCH,
};

/* Shared with the process that answers. */
struct desk {
	_Atomic(const char *) answer;
	_Atomic(enum manner) manner;
	atomic_uint asked;
	char request[REQUEST_MAX]; /* the last one */
};

static struct {
	char above[32];
	char directory[40];
	char path[64];
	int listener;
	pid_t pid;
	struct desk *desk;
} api;

static struct service_world *world;
static char *token;

static int64_t
clock_ms(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
read_request(int fd)
{
	char *request = api.desk->request, *form;
	size_t size = 0, wanted;
	ssize_t received;

	memset(request, 0, REQUEST_MAX);
	while (size < REQUEST_MAX - 1 && (received = read(fd, request + size,
					      REQUEST_MAX - 1 - size)) > 0) {
		size += (size_t)received;
		form = strstr(request, "\r\n\r\n");
		if (!form)
			continue;
		wanted =
		    strtoul(strstr(request, "Content-Length: ") + 16, NULL, 10);
		if (strlen(form + 4) >= wanted)
			return;
	}
}

static void
answer_by_bytes(int fd, const char *answer)
{
	const struct timespec tick = {.tv_nsec = TICK_MS * 1000000L};

	for (; *answer; answer++) {
		if (send(fd, answer, 1, MSG_NOSIGNAL) != 1)
			return;
		(void)nanosleep(&tick, NULL);
	}
}

static void
answer_too_much(int fd)
{
	static const char field[] = "X-Filler: 0123456789\r\n";

	(void)send(fd, "HTTP/1.1 200 OK\r\n", 17, MSG_NOSIGNAL);
	while (send(fd, field, sizeof(field) - 1, MSG_NOSIGNAL) > 0)
		;
}

static void
serve(int fd)
{
	const char *answer = atomic_load(&api.desk->answer);
	char nothing;

	read_request(fd);
	if (api.desk->request[0] == '\0') {
		(void)close(fd);
		return;
	}
	atomic_fetch_add(&api.desk->asked, 1);
	switch (atomic_load(&api.desk->manner)) {
	case AT_ONCE:
		(void)send(fd, answer, strlen(answer), MSG_NOSIGNAL);
		break;
	case NEVER:
		while (read(fd, &nothing, 1) > 0)
			;
		break;
	case BY_BYTES:
		answer_by_bytes(fd, answer);
		break;
	case TOO_MUCH:
		answer_too_much(fd);
		break;
	}
	(void)close(fd);
}

static void
listen_there(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	(void)strcpy(api.above, "/tmp/test_link.XXXXXX");
	assert_non_null(mkdtemp(api.above));
	(void)snprintf(api.directory, sizeof(api.directory), "%s/d", api.above);
	assert_int_equal(mkdir(api.directory, 0755), 0);
	(void)snprintf(api.path, sizeof(api.path), "%s/s", api.directory);
	memcpy(address.sun_path, api.path, strlen(api.path));
	api.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(
	    bind(api.listener, (struct sockaddr *)&address, sizeof(address)),
	    0);
	assert_int_equal(listen(api.listener, 16), 0);
}

static void
open_api(void)
{
	api.desk = mmap(NULL, sizeof(*api.desk), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(api.desk != MAP_FAILED);
	atomic_store(&api.desk->answer, KARI);
	listen_there();
	api.pid = fork();
	assert_true(api.pid >= 0);
	while (api.pid == 0) {
		int fd = accept(api.listener, NULL, NULL);

		if (fd >= 0)
			serve(fd);
	}
}

static void
close_api(void)
{
	(void)kill(api.pid, SIGKILL);
	(void)waitpid(api.pid, NULL, 0);
	(void)close(api.listener);
	(void)unlink(api.path);
	(void)rmdir(api.directory);
	(void)rmdir(api.above);
	(void)munmap(api.desk, sizeof(*api.desk));
}

/* Of a person whose subject the register does not know. */
static char *
new_token(const char *subject)
{
	char *now = world_payload_now(WORLD_STAFF);
	char *payload = mint_replace(now, "sub-kari", subject);
	char *signed_token = world_token(payload);

	free(payload);
	free(now);
	return signed_token;
}

static int
set_up(void **state)
{
	(void)state;
	open_api();
	world = service_world_new();
	world->content.issuers[WORLD_STAFF].links_persons = true;
	service_world_publish_now(world);
	token = new_token("pairwise-1");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	free(token);
	service_world_free(world);
	close_api();
	return 0;
}

static struct portvakt *
open_library(void)
{
	struct portvakt *portvakt = NULL;

	if (portvakt_open(world->path, &portvakt) < 0 ||
	    portvakt_set_api(portvakt, api.path) < 0)
		abort();
	return portvakt;
}

/* The reason, and GOOD only of Kari's; NOT_JUDGED: good, of nobody. */
static enum portvakt_reason
ask(struct portvakt *portvakt, const char *asked)
{
	struct portvakt_result *result = NULL;
	enum portvakt_reason reason;
	const char *account;

	(void)portvakt_verify(
	    portvakt, asked, strlen(asked), WORLD_AUDIENCE, NULL, &result);
	reason = portvakt_result_reason(result);
	account = portvakt_result_account(result);
	if (reason == PORTVAKT_GOOD && (!account || strcmp(account, "kari")))
		reason = PORTVAKT_NOT_JUDGED;
	portvakt_result_free(result);
	return reason;
}

static void
asks_once_for_a_token(void **state)
{
	struct portvakt *portvakt = open_library();
	char expected[256];
	int i;

	(void)state;
	assert_int_equal(ask(portvakt, token), PORTVAKT_GOOD);
	(void)snprintf(expected, sizeof(expected),
	    "POST /link HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
	    "Content-Type: application/x-www-form-urlencoded\r\n"
	    "Content-Length: %zu\r\n\r\ntoken=",
	    strlen("token=&audience=https%3A%2F%2Fsaker.example") +
		strlen(token));
	assert_memory_equal(api.desk->request, expected, strlen(expected));
	assert_memory_equal(
	    api.desk->request + strlen(expected), token, strlen(token));
	assert_string_equal(
	    api.desk->request + strlen(expected) + strlen(token),
	    "&audience=https%3A%2F%2Fsaker.example");
	for (i = 0; i < 3; i++) {
		service_world_publish(world);
		assert_int_equal(ask(portvakt, token), PORTVAKT_GOOD);
	}
	assert_int_equal(atomic_load(&api.desk->asked), 1);
	portvakt_close(portvakt);
}

static void
asks_nobody_where_nobody_links(void **state)
{
	struct portvakt *portvakt = open_library();

	(void)state;
	world->content.issuers[WORLD_STAFF].links_persons = false;
	service_world_publish(world);
	assert_int_equal(ask(portvakt, token), PORTVAKT_NOT_JUDGED);
	world->content.issuers[WORLD_STAFF].links_persons = true;
	service_world_publish(world);
	assert_int_equal(portvakt_set_api(portvakt, NULL), 0);
	assert_int_equal(ask(portvakt, token), PORTVAKT_NOT_JUDGED);
	assert_int_equal(portvakt_set_api(portvakt, "api.sock"), -EINVAL);
	assert_int_equal(atomic_load(&api.desk->asked), 0);
	assert_int_equal(portvakt_set_api(portvakt, api.path), 0);
	assert_int_equal(ask(portvakt, token), PORTVAKT_GOOD);
	portvakt_close(portvakt);
}

static void
takes_a_no_for_a_person_without_an_account(void **state)
{
	static const char *const answers[] = {
	    NOBODY, ANSWER("403 Forbidden", 0, "")};
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct portvakt *portvakt = open_library();

		atomic_store(&api.desk->answer, answers[i]);
		assert_int_equal(ask(portvakt, token), PORTVAKT_NOT_JUDGED);
		service_world_publish(world);
		assert_int_equal(ask(portvakt, token), PORTVAKT_NOT_JUDGED);
		assert_int_equal(atomic_load(&api.desk->asked), i + 1);
		portvakt_close(portvakt);
	}
}

/* It is not asked again before the pause is over, and then it is. */
static void
silence_is_an_outage_that_ends(void **state)
{
	const struct timespec pause = {.tv_sec = 1, .tv_nsec = 100 * 1000000};
	struct portvakt *portvakt = open_library();
	int64_t begun_ms = clock_ms();

	(void)state;
	atomic_store(&api.desk->manner, NEVER);
	assert_int_equal(ask(portvakt, token), PORTVAKT_LINK_UNAVAILABLE);
	assert_in_range(clock_ms() - begun_ms, LINK_CLIENT_DEADLINE_MS - 10,
	    LINK_CLIENT_DEADLINE_MS + 500);
	atomic_store(&api.desk->manner, AT_ONCE);
	begun_ms = clock_ms();
	assert_int_equal(ask(portvakt, token), PORTVAKT_LINK_UNAVAILABLE);
	assert_in_range(clock_ms() - begun_ms, 0, 200);
	assert_int_equal(atomic_load(&api.desk->asked), 1);
	(void)nanosleep(&pause, NULL);
	assert_int_equal(ask(portvakt, token), PORTVAKT_GOOD);
	portvakt_close(portvakt);
}

/* Only where it is needed: the others are served without it. */
static void
others_do_not_wait(void **state)
{
	struct portvakt *portvakt = open_library();
	char *known = new_token("sub-kari");

	(void)state;
	atomic_store(&api.desk->manner, NEVER);
	assert_int_equal(ask(portvakt, known), PORTVAKT_GOOD);
	assert_int_equal(atomic_load(&api.desk->asked), 0);
	free(known);
	portvakt_close(portvakt);
}

/* The link was changed: what is kept from before it is not believed. */
static void
asks_anew_when_links_change(void **state)
{
	struct portvakt *portvakt = open_library();

	(void)state;
	assert_int_equal(ask(portvakt, token), PORTVAKT_GOOD);
	world->content.links_epoch = 1;
	service_world_publish(world);
	/* An API that has not seen it yet is no help. */
	assert_int_equal(ask(portvakt, token), PORTVAKT_LINK_UNAVAILABLE);
	assert_int_equal(atomic_load(&api.desk->asked), 2);
	atomic_store(&api.desk->answer, KARI_LATER);
	assert_int_equal(ask(portvakt, token), PORTVAKT_GOOD);
	service_world_publish(world);
	assert_int_equal(ask(portvakt, token), PORTVAKT_GOOD);
	assert_int_equal(atomic_load(&api.desk->asked), 3);
	/* Nor is one that has seen it when we have not: that is not kept. */
	world->content.links_epoch = 0;
	service_world_publish(world);
	assert_int_equal(ask(portvakt, token), PORTVAKT_GOOD);
	service_world_publish(world);
	assert_int_equal(ask(portvakt, token), PORTVAKT_GOOD);
	assert_int_equal(atomic_load(&api.desk->asked), 5);
	portvakt_close(portvakt);
}

/* The old account's name was given to another person. */
static void
a_name_alone_is_nobody(void **state)
{
	struct portvakt *portvakt = open_library();

	(void)state;
	world->content.links_epoch = 1;
	service_world_publish(world);
	atomic_store(&api.desk->answer, FORMER_KARI);
	assert_int_equal(ask(portvakt, token), PORTVAKT_NOT_JUDGED);
	portvakt_close(portvakt);
}

/* What the API will not say of one token is no reason to ask of no other. */
static void
a_refusal_is_of_one_token(void **state)
{
	static const char *const answers[] = {REFUSED("401 Unauthorized"),
	    REFUSED("400 Bad Request"), REFUSED("413 Content Too Large")};
	struct portvakt *portvakt = open_library();
	char *another, subject[32];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		(void)snprintf(subject, sizeof(subject), "pairwise-%zu", i + 7);
		another = new_token(subject);
		atomic_store(&api.desk->answer, answers[i]);
		assert_int_equal(
		    ask(portvakt, token), PORTVAKT_LINK_UNAVAILABLE);
		atomic_store(&api.desk->answer, KARI);
		assert_int_equal(ask(portvakt, another), PORTVAKT_GOOD);
		free(another);
	}
	atomic_store(&api.desk->answer, REFUSED("500 Internal Server Error"));
	assert_int_equal(ask(portvakt, token), PORTVAKT_LINK_UNAVAILABLE);
	atomic_store(&api.desk->answer, KARI);
	assert_int_equal(ask(portvakt, token), PORTVAKT_LINK_UNAVAILABLE);
	portvakt_close(portvakt);
}

static int
ask_client(const char *path, const char *audience)
{
	static const char *const scopes[] = {"ko:saker.read", "a b"};
	const struct link_query query = {
	    .issuer = "staff",
	    .token = slice_of(token),
	    .audience = audience,
	    .scopes = scopes,
	    .scopes_count = 2,
	};
	struct link_holder holder;

	return link_client_ask(path, &query, &holder);
}

static void
no_answer_is_waited_for_longer(void **state)
{
	int64_t begun_ms = clock_ms();

	(void)state;
	atomic_store(&api.desk->manner, BY_BYTES);
	assert_int_equal(ask_client(api.path, "a"), -ETIMEDOUT);
	assert_in_range(clock_ms() - begun_ms, LINK_CLIENT_DEADLINE_MS - 10,
	    LINK_CLIENT_DEADLINE_MS + 500);
}

/* A signal of ours would be that of the program we are in: SIGPIPE ends it. */
static void
what_is_no_answer_is_none(void **state)
{
	char long_audience[4 * LINK_CLIENT_AUDIENCE_MAX * 3];

	(void)state;
	assert_int_equal(ask_client(api.path, NULL), 0);
	assert_null(strstr(api.desk->request, "audience"));
	assert_non_null(
	    strstr(api.desk->request, "&scope=ko%3Asaker.read+a%20b"));
	atomic_store(&api.desk->answer, "");
	assert_int_equal(ask_client(api.path, "a"), -EBADMSG);
	atomic_store(
	    &api.desk->answer, ANSWER("503 Service Unavailable", 0, ""));
	assert_int_equal(ask_client(api.path, "a"), -EAGAIN);
	atomic_store(&api.desk->manner, TOO_MUCH);
	assert_int_equal(ask_client(api.path, "a"), -EMSGSIZE);
	memset(long_audience, '/', sizeof(long_audience) - 1);
	long_audience[sizeof(long_audience) - 1] = '\0';
	assert_int_equal(ask_client(api.path, long_audience), -ENOTSUP);
}

static void
nobody_else_is_shown_the_token(void **state)
{
	(void)state;
	assert_int_equal(ask_client("/tmp/nowhere/s", "a"), -ECONNREFUSED);
	assert_int_equal(chmod(api.directory, 0777), 0);
	assert_int_equal(ask_client(api.path, "a"), -EPERM);
	assert_int_equal(chmod(api.directory, 0755), 0);
	assert_int_equal(chmod(api.above, 0777), 0);
	assert_int_equal(ask_client(api.path, "a"), -EPERM);
	assert_int_equal(chmod(api.above, 0700), 0);
	assert_int_equal(atomic_load(&api.desk->asked), 0);
	assert_int_equal(ask_client(api.path, "a"), 0);
}

static void
ask_many(struct portvakt *portvakt, atomic_ulong *wrong)
{
	int i;

	for (i = 0; i < QUESTIONS; i++) {
		if (ask(portvakt, token) != PORTVAKT_GOOD)
			atomic_fetch_add(wrong, 1);
	}
}

static void *
run_thread(void *argument)
{
	struct portvakt *portvakt = open_library();

	ask_many(portvakt, argument);
	portvakt_close(portvakt);
	return NULL;
}

static void
threads_ask_once_each(void **state)
{
	pthread_t threads[ASKERS];
	atomic_ulong wrong = 0;
	size_t i;

	(void)state;
	for (i = 0; i < ASKERS; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, run_thread, &wrong), 0);
	for (i = 0; i < ASKERS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(wrong, 0);
	assert_int_equal(atomic_load(&api.desk->asked), ASKERS);
}

/* What the parent knew its children know; what a child learns is its own. */
static void
children_know_what_their_parent_knew(void **state)
{
	struct portvakt *portvakt = open_library();
	char *another = new_token("pairwise-2");
	int i, status;

	(void)state;
	assert_int_equal(ask(portvakt, token), PORTVAKT_GOOD);
	for (i = 0; i < ASKERS; i++) {
		atomic_ulong wrong = 0;

		if (fork() != 0)
			continue;
		ask_many(portvakt, &wrong);
		wrong += ask(portvakt, another) != PORTVAKT_GOOD;
		portvakt_close(portvakt);
		_exit(wrong == 0 ? 0 : 1);
	}
	for (i = 0; i < ASKERS; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(atomic_load(&api.desk->asked), 1 + ASKERS);
	assert_int_equal(ask(portvakt, another), PORTVAKT_GOOD);
	assert_int_equal(atomic_load(&api.desk->asked), 2 + ASKERS);
	free(another);
	portvakt_close(portvakt);
}

/* The first question opens the image, and every account in it is linked. */
static void
a_fleet_is_as_fast(void **state)
{
	struct portvakt_result *result = NULL;
	struct portvakt *portvakt;
	int64_t begun_ms;

	(void)state;
	world->fleet = FLEET;
	service_world_publish(world);
	atomic_store(&api.desk->answer, LAST);
	begun_ms = clock_ms();
	portvakt = open_library();
	assert_true(portvakt_verify(
	    portvakt, token, strlen(token), WORLD_AUDIENCE, NULL, &result));
	print_message("# the first answer of %d accounts took %d ms\n", FLEET,
	    (int)(clock_ms() - begun_ms));
	assert_in_range(clock_ms() - begun_ms, 0, OPENS_IN_MS);
	assert_string_equal(portvakt_result_account(result), "user99999");
	assert_true(portvakt_result_has_group(result, "ko-arkiv"));
	portvakt_result_free(result);
	portvakt_close(portvakt);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(asks_once_for_a_token),
	    TEST(asks_nobody_where_nobody_links),
	    TEST(takes_a_no_for_a_person_without_an_account),
	    TEST(asks_anew_when_links_change),
	    TEST(a_name_alone_is_nobody),
	    TEST(a_refusal_is_of_one_token),
	    TEST(silence_is_an_outage_that_ends),
	    TEST(others_do_not_wait),
	    TEST(no_answer_is_waited_for_longer),
	    TEST(what_is_no_answer_is_none),
	    TEST(nobody_else_is_shown_the_token),
	    TEST(threads_ask_once_each),
	    TEST(children_know_what_their_parent_knew),
	    TEST(a_fleet_is_as_fast),
	};

	if (!as_root()) {
		(void)puts("1..0 # SKIP nobody here is root");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
