#include "lib/frame.h"
#include "tests/unit/as_root.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
	SOON_MS = 60,
	LONG_MS = 5000,
};

struct pair {
	int ours;
	int peers;
};

static int
setup_pair(void **state)
{
	struct pair *pair = malloc(sizeof(*pair));
	int fds[2];

	assert_non_null(pair);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	*pair = (struct pair){.ours = fds[0], .peers = fds[1]};
	*state = pair;
	return 0;
}

static int
teardown_pair(void **state)
{
	struct pair *pair = *state;

	(void)close(pair->ours);
	(void)close(pair->peers);
	free(pair);
	return 0;
}

static int64_t
now_ms(void)
{
	struct timespec now;

	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
write_peer(struct pair *pair, const char *bytes, size_t size)
{
	assert_int_equal(write(pair->peers, bytes, size), (ssize_t)size);
}

static void
test_what_is_sent_is_received(void **state)
{
	struct pair *pair = *state;
	char body[8];
	size_t size = 99;

	assert_int_equal(frame_send(pair->ours, "hello", 5, LONG_MS), 0);
	assert_int_equal(frame_send(pair->ours, NULL, 0, LONG_MS), 0);
	assert_int_equal(
	    frame_receive(pair->peers, body, sizeof(body), LONG_MS, &size), 0);
	assert_int_equal(size, 5);
	assert_memory_equal(body, "hello", 5);
	assert_int_equal(
	    frame_receive(pair->peers, body, sizeof(body), LONG_MS, &size), 0);
	assert_int_equal(size, 0);
}

static void
test_the_wire_is_length_and_bytes(void **state)
{
	struct pair *pair = *state;
	char wire[16];

	assert_int_equal(frame_send(pair->ours, "abc", 3, LONG_MS), 0);
	assert_int_equal(recv(pair->peers, wire, sizeof(wire), 0), 7);
	assert_memory_equal(wire, "\0\0\0\3abc", 7);
}

static void
test_receive_refuses_more_than_the_maximum(void **state)
{
	struct pair *pair = *state;
	char body[4] = "abc";
	size_t size = 99;

	write_peer(pair, "\0\0\0\5hello", 9);
	assert_int_equal(
	    frame_receive(pair->ours, body, 4, LONG_MS, &size), -EMSGSIZE);
	assert_int_equal(size, 99);
	assert_string_equal(body, "abc");
}

static void
test_receive_keeps_its_deadline(void **state)
{
	struct pair *pair = *state;
	int64_t start = now_ms();
	char body[8];
	size_t size;

	/* Half a frame must not buy more time. */
	write_peer(pair, "\0\0\0\5he", 6);
	assert_int_equal(
	    frame_receive(pair->ours, body, sizeof(body), SOON_MS, &size),
	    -ETIMEDOUT);
	assert_in_range(now_ms() - start, SOON_MS, LONG_MS - 1);
}

static void
test_send_keeps_its_deadline(void **state)
{
	struct pair *pair = *state;
	size_t size = 4 * 1024 * 1024;
	char *large = calloc(1, size);

	assert_non_null(large);
	assert_int_equal(
	    frame_send(pair->ours, large, size, SOON_MS), -ETIMEDOUT);
	free(large);
}

static void
test_a_closed_peer_is_an_error_not_a_signal(void **state)
{
	struct pair *pair = *state;
	char body[8];
	size_t size;

	write_peer(pair, "\0\0\0\5he", 6);
	assert_int_equal(shutdown(pair->peers, SHUT_RDWR), 0);
	assert_int_equal(
	    frame_receive(pair->ours, body, sizeof(body), LONG_MS, &size),
	    -ECONNRESET);
	assert_int_equal(frame_send(pair->ours, "x", 1, LONG_MS), -ECONNRESET);
}

static void
count_signal(int number)
{
	(void)number;
}

static void
test_signals_do_not_end_the_wait(void **state)
{
	struct pair *pair = *state;
	struct sigaction action = {.sa_handler = count_signal};
	struct itimerval often = {{0, 5000}, {0, 5000}},
			 never = {{0, 0}, {0, 0}};
	char body[8];
	size_t size;

	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	assert_int_equal(
	    frame_receive(pair->ours, body, sizeof(body), SOON_MS, &size),
	    -ETIMEDOUT);
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
}

static void
test_reader_takes_frames_from_pieces(void **state)
{
	static const char wire[] = "\0\0\0\3abc\0\0\0\0\0\0\0\1z";
	struct pair *pair = *state;
	struct frame_reader reader;
	const uint8_t *body;
	size_t size, i;

	frame_reader_init(&reader, 16);
	for (i = 0; i < 6; i++) {
		write_peer(pair, wire + i, 1);
		assert_int_equal(
		    frame_reader_next(&reader, pair->ours, &body, &size), 0);
	}
	/* The rest at once: three frames without another byte to read. */
	write_peer(pair, wire + i, sizeof(wire) - 1 - i);
	assert_int_equal(
	    frame_reader_next(&reader, pair->ours, &body, &size), 1);
	assert_int_equal(size, 3);
	assert_memory_equal(body, "abc", 3);
	assert_int_equal(
	    frame_reader_next(&reader, pair->ours, &body, &size), 1);
	assert_int_equal(size, 0);
	assert_int_equal(
	    frame_reader_next(&reader, pair->ours, &body, &size), 1);
	assert_int_equal(size, 1);
	assert_int_equal(body[0], 'z');
	assert_int_equal(
	    frame_reader_next(&reader, pair->ours, &body, &size), 0);
	frame_reader_done(&reader);
	frame_reader_done(&reader);
}

static void
test_reader_grows_to_its_maximum_and_no_further(void **state)
{
	enum { LARGE = 20000 };
	struct pair *pair = *state;
	struct frame_reader reader;
	char large[LARGE];
	const uint8_t *body;
	size_t size;

	memset(large, 'x', sizeof(large));
	frame_reader_init(&reader, LARGE);
	write_peer(pair, "\0\0\x4e\x20", 4);
	assert_int_equal(
	    frame_reader_next(&reader, pair->ours, &body, &size), 0);
	/* Announced is not yet allocated. */
	assert_true(reader.allocated < LARGE);
	write_peer(pair, large, LARGE);
	assert_int_equal(
	    frame_reader_next(&reader, pair->ours, &body, &size), 1);
	assert_int_equal(size, LARGE);
	assert_memory_equal(body, large, LARGE);
	assert_true(reader.allocated <= LARGE + FRAME_HEADER_SIZE);
	write_peer(pair, "\0\0\x4e\x21x", 5);
	assert_int_equal(
	    frame_reader_next(&reader, pair->ours, &body, &size), -EMSGSIZE);
	frame_reader_done(&reader);
}

static void
test_reader_hands_out_what_came_before_the_end(void **state)
{
	struct pair *pair = *state;
	struct frame_reader reader;
	const uint8_t *body;
	size_t size;

	frame_reader_init(&reader, 16);
	write_peer(pair, "\0\0\0\1a\0\0\0\2b", 10);
	assert_int_equal(shutdown(pair->peers, SHUT_RDWR), 0);
	assert_int_equal(
	    frame_reader_next(&reader, pair->ours, &body, &size), 1);
	assert_int_equal(
	    frame_reader_next(&reader, pair->ours, &body, &size), -ECONNRESET);
	frame_reader_done(&reader);
}

static void
test_reader_wipes_what_it_handed_out(void **state)
{
	struct pair *pair = *state;
	struct frame_reader reader;
	const uint8_t *body;
	size_t size, i;

	frame_reader_init(&reader, 16);
	write_peer(pair, "\0\0\0\6secret", 10);
	assert_int_equal(
	    frame_reader_next(&reader, pair->ours, &body, &size), 1);
	assert_int_equal(
	    frame_reader_next(&reader, pair->ours, &body, &size), 0);
	for (i = 0; i < FRAME_HEADER_SIZE + 6; i++)
		assert_int_equal(reader.bytes[i], 0);
	frame_reader_done(&reader);
}

static void
test_writer_queues_what_the_socket_does_not_take(void **state)
{
	enum { LARGE = 600000, FRAMES = 3 };
	struct pair *pair = *state;
	char *large = malloc(LARGE);
	struct frame_writer writer;
	struct frame_reader reader;
	const uint8_t *body;
	size_t size;
	int got = 0, result;

	assert_non_null(large);
	memset(large, 'x', LARGE);
	frame_writer_init(&writer, FRAMES * (LARGE + FRAME_HEADER_SIZE));
	frame_reader_init(&reader, LARGE);
	for (int i = 0; i < FRAMES; i++)
		assert_int_equal(frame_writer_put(&writer, large, LARGE), 0);
	assert_int_equal(frame_writer_put(&writer, "", 0), -ENOBUFS);
	assert_int_equal(frame_writer_flush(&writer, pair->ours), 0);
	assert_true(frame_writer_waiting(&writer) > 0);
	while (got < FRAMES) {
		result = frame_reader_next(&reader, pair->peers, &body, &size);
		assert_true(result >= 0);
		if (result == 0) {
			assert_int_equal(
			    frame_writer_flush(&writer, pair->ours), 0);
			continue;
		}
		assert_int_equal(size, LARGE);
		assert_memory_equal(body, large, LARGE);
		got++;
	}
	assert_int_equal(frame_writer_waiting(&writer), 0);
	frame_writer_done(&writer);
	frame_reader_done(&reader);
	free(large);
}

static void
test_writer_wipes_what_it_sent(void **state)
{
	struct pair *pair = *state;
	struct frame_writer writer;

	frame_writer_init(&writer, 64);
	assert_int_equal(frame_writer_put(&writer, "secret", 6), 0);
	assert_memory_equal(writer.bytes, "\0\0\0\6secret", 10);
	assert_int_equal(frame_writer_flush(&writer, pair->ours), 0);
	assert_memory_equal(writer.bytes, "\0\0\0\0\0\0\0\0\0\0", 10);
	assert_int_equal(shutdown(pair->peers, SHUT_RDWR), 0);
	assert_int_equal(frame_writer_put(&writer, "x", 1), 0);
	assert_int_equal(frame_writer_flush(&writer, pair->ours), -ECONNRESET);
	frame_writer_done(&writer);
}

/* A listening socket as in /run/portvakt: in a directory below root's. */
struct place {
	char above[32];
	char directory[40];
	char path[64];
	int listener;
};

static int
setup_place(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	assert_non_null(place);
	strcpy(place->above, "/tmp/test_frame.XXXXXX");
	assert_non_null(mkdtemp(place->above));
	assert_true(snprintf(place->directory, sizeof(place->directory), "%s/d",
			place->above) > 0);
	assert_int_equal(mkdir(place->directory, 0755), 0);
	assert_true(snprintf(place->path, sizeof(place->path), "%s/s",
			place->directory) > 0);
	memcpy(address.sun_path, place->path, strlen(place->path));
	place->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_true(place->listener >= 0);
	assert_int_equal(
	    bind(place->listener, (struct sockaddr *)&address, sizeof(address)),
	    0);
	*state = place;
	return 0;
}

static int
teardown_place(void **state)
{
	struct place *place = *state;

	(void)close(place->listener);
	(void)unlink(place->path);
	(void)rmdir(place->directory);
	(void)rmdir(place->above);
	free(place);
	return 0;
}

static void
test_connect_trusts_the_owner_of_the_directory(void **state)
{
	struct place *place = *state;
	int fd = -1;

	assert_int_equal(
	    frame_connect(place->path, LONG_MS, &fd), -ECONNREFUSED);
	assert_int_equal(listen(place->listener, 1), 0);
	assert_int_equal(frame_connect(place->path, LONG_MS, &fd), 0);
	assert_int_equal(frame_send(fd, "x", 1, LONG_MS), 0);
	assert_int_equal(close(fd), 0);

	fd = -1;
	assert_int_equal(chmod(place->directory, 0770), 0);
	assert_int_equal(frame_connect(place->path, LONG_MS, &fd), -EPERM);
	assert_int_equal(fd, -1);
}

/* Else a stranger could make the directory, and be its owner. */
static void
test_connect_wants_root_alone_above_the_directory(void **state)
{
	static const mode_t modes[] = {0777, 01777, 0775};
	struct place *place = *state;
	char link[64];
	int fd = -1;
	size_t i;

	assert_int_equal(listen(place->listener, 16), 0);
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_int_equal(chmod(place->above, modes[i]), 0);
		assert_int_equal(
		    frame_connect(place->path, LONG_MS, &fd), -EPERM);
	}
	assert_int_equal(chmod(place->above, 0755), 0);
	(void)snprintf(link, sizeof(link), "%s/l", place->above);
	assert_int_equal(symlink(place->directory, link), 0);
	(void)snprintf(link, sizeof(link), "%s/l/s", place->above);
	assert_int_equal(frame_connect(link, LONG_MS, &fd), -EPERM);
	link[strlen(link) - 2] = '\0';
	assert_int_equal(unlink(link), 0);
	assert_int_equal(fd, -1);

	assert_int_equal(frame_connect(place->path, LONG_MS, &fd), 0);
	assert_int_equal(close(fd), 0);
	if (chown(place->above, 65534, 65534) < 0)
		skip(); /* a namespace with one user */
	assert_int_equal(frame_connect(place->path, LONG_MS, &fd), -EPERM);
}

static void
test_connect_refuses_another_peer(void **state)
{
	struct place *place = *state;
	int fd = -1;

	/* SO_PEERCRED is whoever called listen. */
	if (seteuid(65534) < 0)
		skip(); /* a namespace with one user */
	assert_int_equal(listen(place->listener, 1), 0);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(frame_connect(place->path, LONG_MS, &fd), -EPERM);
	assert_int_equal(chown(place->directory, 65534, 65534), 0);
	assert_int_equal(frame_connect(place->path, LONG_MS, &fd), 0);
	assert_int_equal(close(fd), 0);
}

static void
test_connect_keeps_its_deadline(void **state)
{
	struct place *place = *state;
	int64_t start = now_ms();
	int first, fd = -1;

	assert_int_equal(listen(place->listener, 0), 0);
	assert_int_equal(frame_connect(place->path, LONG_MS, &first), 0);
	assert_int_equal(frame_connect(place->path, SOON_MS, &fd), -ETIMEDOUT);
	assert_in_range(now_ms() - start, SOON_MS, LONG_MS - 1);
	assert_int_equal(frame_connect(place->path, 0, &fd), -ETIMEDOUT);
	assert_int_equal(close(first), 0);
}

static void
test_connect_names_what_is_not_there(void **state)
{
	char long_path[200];
	int fd = -1;

	(void)state;
	memset(long_path, 'x', sizeof(long_path));
	long_path[sizeof(long_path) - 1] = '\0';
	assert_int_equal(frame_connect(long_path, SOON_MS, &fd), -ENAMETOOLONG);
	assert_int_equal(
	    frame_connect("/nonexistent/socket", SOON_MS, &fd), -ENOENT);
	assert_int_equal(fd, -1);
}

#define PAIR_TEST(f) \
	cmocka_unit_test_setup_teardown(f, setup_pair, teardown_pair)
#define PLACE_TEST(f) \
	cmocka_unit_test_setup_teardown(f, setup_place, teardown_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PAIR_TEST(test_what_is_sent_is_received),
	    PAIR_TEST(test_the_wire_is_length_and_bytes),
	    PAIR_TEST(test_receive_refuses_more_than_the_maximum),
	    PAIR_TEST(test_receive_keeps_its_deadline),
	    PAIR_TEST(test_send_keeps_its_deadline),
	    PAIR_TEST(test_a_closed_peer_is_an_error_not_a_signal),
	    PAIR_TEST(test_signals_do_not_end_the_wait),
	    PAIR_TEST(test_reader_takes_frames_from_pieces),
	    PAIR_TEST(test_reader_grows_to_its_maximum_and_no_further),
	    PAIR_TEST(test_reader_hands_out_what_came_before_the_end),
	    PAIR_TEST(test_reader_wipes_what_it_handed_out),
	    PAIR_TEST(test_writer_queues_what_the_socket_does_not_take),
	    PAIR_TEST(test_writer_wipes_what_it_sent),
	    PLACE_TEST(test_connect_trusts_the_owner_of_the_directory),
	    PLACE_TEST(test_connect_wants_root_alone_above_the_directory),
	    PLACE_TEST(test_connect_refuses_another_peer),
	    PLACE_TEST(test_connect_keeps_its_deadline),
	    cmocka_unit_test(test_connect_names_what_is_not_there),
	};

	if (!as_root()) {
		(void)puts("1..0 # SKIP nobody here can be root");
		return 0;
	}
	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
