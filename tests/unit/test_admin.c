/* Whose connections are kept: strangers and one uid leave room for others. */
#include "broker/admin/admin.h"
#include "lib/frame.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { KARI = 70001, OLA = 70002, STRANGER = 1000, DEADLINE_MS = 2000 };

static uid_t peer_uid;

int __wrap_frame_peer(int fd, struct ucred *ret_peer);
enum register_result __wrap_register_account_by_uid(
    struct register_db *db, uint32_t uid, struct account *ret_account);

int
__wrap_frame_peer(int fd, struct ucred *ret_peer)
{
	(void)fd;
	*ret_peer = (struct ucred){.pid = getpid(), .uid = peer_uid};
	return 0;
}

enum register_result
__wrap_register_account_by_uid(
    struct register_db *db, uint32_t uid, struct account *ret_account)
{
	(void)db;
	if (uid != KARI && uid != OLA)
		return REGISTER_NOT_FOUND;
	*ret_account = (struct account){.name = "kari", .uid = uid};
	return REGISTER_OK;
}

static int
set_up(void **state)
{
	struct broker *broker = calloc(1, sizeof(*broker));

	assert_non_null(broker);
	assert_true(sd_event_new(&broker->event) >= 0);
	*state = broker;
	return 0;
}

static int
tear_down(void **state)
{
	struct broker *broker = *state;

	sd_event_unref(broker->event);
	free(broker);
	return 0;
}

/* The peer's end; *ret_error is what admin_serve() said. */
static int
come(struct broker *broker, uid_t uid, int *ret_error)
{
	int ends[2];

	assert_int_equal(
	    socketpair(
		AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends),
	    0);
	peer_uid = uid;
	*ret_error = admin_serve(broker, ends[0]);
	return ends[1];
}

static void
test_a_stranger_is_told_at_once(void **state)
{
	struct broker *broker = *state;
	char body[512] = "";
	size_t size;
	int i, fd, error;

	for (i = 0; i < 100; i++) {
		fd = come(broker, STRANGER, &error);
		assert_int_equal(error, -EACCES);
		assert_int_equal(frame_receive(fd, body, sizeof(body) - 1,
				     DEADLINE_MS, &size),
		    0);
		body[size] = '\0';
		assert_non_null(strstr(body, "\"not-permitted\""));
		assert_int_equal(read(fd, body, 1), 0);
		assert_int_equal(close(fd), 0);
	}
	assert_int_equal(broker->admins_of_others_count, 0);
	fd = come(broker, KARI, &error);
	assert_int_equal(error, 0);
	assert_int_equal(close(fd), 0);
	assert_true(sd_event_run(broker->event, 0) >= 0);
	assert_int_equal(broker->admins_of_others_count, 0);
}

static void
test_one_uid_leaves_room(void **state)
{
	struct broker *broker = *state;
	int kept[4], i, fd, error;

	for (i = 0; i < 4; i++) {
		kept[i] = come(broker, KARI, &error);
		assert_int_equal(error, 0);
	}
	fd = come(broker, KARI, &error);
	assert_int_equal(error, -EBUSY);
	assert_int_equal(close(fd), 0);
	fd = come(broker, OLA, &error);
	assert_int_equal(error, 0);
	/* Who leaves makes room for the own next one. */
	assert_int_equal(close(kept[0]), 0);
	assert_true(sd_event_run(broker->event, 0) >= 0);
	assert_int_equal(broker->admins_of_others_count, 4);
	kept[0] = come(broker, KARI, &error);
	assert_int_equal(error, 0);
	for (i = 0; i < 4; i++)
		assert_int_equal(close(kept[i]), 0);
	assert_int_equal(close(fd), 0);
	for (i = 0; i < 5; i++)
		assert_true(sd_event_run(broker->event, 0) >= 0);
	assert_int_equal(broker->admins_of_others_count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_a_stranger_is_told_at_once, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_one_uid_leaves_room, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("admin", tests, NULL, NULL);
}
