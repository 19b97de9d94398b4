/* Who asks: by the peer's uid, and for root by the kernel's login uid. */
#include "broker/admin/admin_actor.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
	const char *login_uid; /* NULL: there is no such file */
	bool locked;
} world;

enum register_result __wrap_register_account_by_uid(
    struct register_db *db, uint32_t uid, struct account *ret_account);
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);

enum register_result
__wrap_register_account_by_uid(
    struct register_db *db, uint32_t uid, struct account *ret_account)
{
	(void)db;
	if (uid != 70001)
		return REGISTER_NOT_FOUND;
	*ret_account = (struct account){
	    .name = "kari", .uid = uid, .locked = world.locked};
	return REGISTER_OK;
}

int
__wrap_open(const char *path, int flags, ...)
{
	int ends[2];

	if (strcmp(path, "/proc/4711/loginuid") != 0)
		return __real_open(path, flags);
	if (!world.login_uid) {
		errno = ENOENT;
		return -1;
	}
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(
	    write(ends[1], world.login_uid, strlen(world.login_uid)),
	    strlen(world.login_uid));
	assert_int_equal(close(ends[1]), 0);
	return ends[0];
}

static int
find(uid_t uid, struct admin_actor *ret_actor)
{
	const struct ucred peer = {.pid = 4711, .uid = uid, .gid = uid};
	struct broker broker = {0};

	return admin_actor_find(&broker, &peer, ret_actor);
}

static void
test_root_from_an_account(void **state)
{
	struct admin_actor actor;

	(void)state;
	world.locked = false;
	world.login_uid = "70001";
	assert_int_equal(find(0, &actor), 0);
	assert_true(actor.root);
	assert_string_equal(actor.account, "kari");
	assert_string_equal(actor.record, "kari (root)");
	assert_string_equal(admin_actor_name(&actor), "kari");
}

static void
test_root_alone(void **state)
{
	static const char *const texts[] = {
	    NULL, "", "4294967295", "0", "1000", "99999999999999999999", "x"};
	struct admin_actor actor;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		world.login_uid = texts[i];
		assert_int_equal(find(0, &actor), 0);
		assert_true(actor.root);
		assert_string_equal(actor.account, "");
		assert_string_equal(actor.record, "uid 0");
		assert_string_equal(admin_actor_name(&actor), "administrator");
	}
}

static void
test_an_account(void **state)
{
	struct admin_actor actor;

	(void)state;
	world.login_uid = "0";
	world.locked = false;
	assert_int_equal(find(70001, &actor), 0);
	assert_false(actor.root);
	assert_string_equal(actor.account, "kari");
	assert_string_equal(actor.record, "kari");
	world.locked = true;
	memset(&actor, 0, sizeof(actor));
	assert_int_equal(find(70001, &actor), -EACCES);
	assert_string_equal(actor.account, "");
	assert_int_equal(find(1000, &actor), -EACCES);
	assert_false(actor.root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_root_from_an_account),
	    cmocka_unit_test(test_root_alone),
	    cmocka_unit_test(test_an_account),
	};

	return cmocka_run_group_tests_name("admin_actor", tests, NULL, NULL);
}
