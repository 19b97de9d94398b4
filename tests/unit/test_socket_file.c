#include "tests/unit/unit.h"

#include "lib/socket_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct place {
	char folder[32];
	char path[64];
};

static int
setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	assert_non_null(place);
	strcpy(place->folder, "/tmp/socket_file.XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	(void)snprintf(
	    place->path, sizeof(place->path), "%s/socket", place->folder);
	*state = place;
	return 0;
}

static int
teardown(void **state)
{
	struct place *place = *state;

	(void)unlink(place->path);
	assert_int_equal(rmdir(place->folder), 0);
	free(place);
	return 0;
}

static int
dial(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	strcpy(address.sun_path, path);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	(void)close(fd);
	return -errno;
}

static void
listens_with_the_mode(void **state)
{
	struct place *place = *state;
	struct stat file;
	int fd, peer;

	assert_int_equal(socket_file_listen(place->path, 0660, 1, &fd), 0);
	assert_int_equal(stat(place->path, &file), 0);
	assert_int_equal(file.st_mode, S_IFSOCK | 0660);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	peer = dial(place->path);
	assert_true(peer >= 0);
	(void)close(peer);
	(void)close(fd);
}

static void
replaces_a_dead_socket(void **state)
{
	struct place *place = *state;
	int fd, peer;

	assert_int_equal(socket_file_listen(place->path, 0600, 1, &fd), 0);
	(void)close(fd);
	assert_int_equal(dial(place->path), -ECONNREFUSED);
	assert_int_equal(socket_file_listen(place->path, 0600, 1, &fd), 0);
	peer = dial(place->path);
	assert_true(peer >= 0);
	(void)close(peer);
	(void)close(fd);
}

static void
leaves_a_live_socket(void **state)
{
	struct place *place = *state;
	int fd, second = -7, peer;

	assert_int_equal(socket_file_listen(place->path, 0600, 4, &fd), 0);
	assert_int_equal(
	    socket_file_listen(place->path, 0600, 4, &second), -EADDRINUSE);
	assert_int_equal(second, -7);
	peer = dial(place->path);
	assert_true(peer >= 0);
	(void)close(peer);
	(void)close(fd);
}

static void
leaves_a_busy_socket(void **state)
{
	struct place *place = *state;
	int fd, second, waiting;

	assert_int_equal(socket_file_listen(place->path, 0600, 0, &fd), 0);
	waiting = dial(place->path);
	assert_true(waiting >= 0);
	assert_int_equal(dial(place->path), -EAGAIN);
	assert_int_equal(
	    socket_file_listen(place->path, 0600, 0, &second), -EADDRINUSE);
	(void)close(waiting);
	(void)close(fd);
}

static void
leaves_what_is_no_socket(void **state)
{
	struct place *place = *state;
	int fd, listener;

	fd = open(place->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(
	    socket_file_listen(place->path, 0600, 1, &listener), -ENOTSOCK);
	assert_int_equal(access(place->path, F_OK), 0);
}

static void
refuses_a_long_path(void **state)
{
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path) + 1];
	int fd;

	(void)state;
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(socket_file_listen(path, 0600, 1, &fd), -ENAMETOOLONG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		listens_with_the_mode, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		replaces_a_dead_socket, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		leaves_a_live_socket, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		leaves_a_busy_socket, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		leaves_what_is_no_socket, setup, teardown),
	    cmocka_unit_test(refuses_a_long_path),
	};

	return cmocka_run_group_tests_name("socket_file", tests, NULL, NULL);
}
