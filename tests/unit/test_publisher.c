/* What the register holds is what every process finds in the image. */
#include "broker/directory/publisher.h"
#include "lib/directory.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	GID_SAK = 1900000007, /* the rules are not in the order of their gids */
	GID_VAKT = 1900000003,
	GID_TOM = 1900000005,
	MANY = 200,
};

struct fixture {
	char folder[64];
	char path[128];
	struct register_db *db;
	uint64_t generation;
};

static const struct access_rule rules[] = {
    {.role = "saksbehandler", .group = "ko-sak", .gid = GID_SAK},
    {.role = "driftsvakt", .group = "ko-vakt", .gid = GID_VAKT},
    /* Two roles may give one group. */
    {.role = "vaktleder", .group = "ko-vakt", .gid = GID_VAKT},
    {.role = "ingen", .group = "ko-tom", .gid = GID_TOM},
};

static const struct config config = {
    .rules = rules,
    .rules_count = sizeof(rules) / sizeof(rules[0]),
};

/* The machine's own passwd and group. */
static void
put_empty(const struct fixture *fixture, const char *name)
{
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", fixture->folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
}

static int
set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	char database[128];

	assert_non_null(fixture);
	(void)strcpy(fixture->folder, "/tmp/test-publisher-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	(void)snprintf(fixture->path, sizeof(fixture->path), "%s/directory",
	    fixture->folder);
	put_empty(fixture, "passwd");
	put_empty(fixture, "group");
	(void)snprintf(
	    database, sizeof(database), "%s/register.db", fixture->folder);
	assert_int_equal(register_open(database, fixture->folder, &fixture->db),
	    REGISTER_OK);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;
	char command[128];

	register_close(fixture->db);
	(void)snprintf(
	    command, sizeof(command), "rm -rf '%s'", fixture->folder);
	free(fixture);
	return system(command);
}

static struct account
add(struct fixture *fixture, const char *name)
{
	const struct account_request request = {
	    .name = name,
	    .issuer = "https://idp.example",
	    .subject = name,
	    .gecos = "Navn Navnesen",
	    .home = "/home/x",
	    .shell = "/bin/bash",
	};
	struct account account;

	assert_int_equal(
	    register_account_add(fixture->db, &request, 1000, &account),
	    REGISTER_OK);
	return account;
}

static void
log_in(struct fixture *fixture, const struct account *account,
    const struct account_group *groups, size_t count)
{
	bool changed;

	assert_int_equal(register_login_record(fixture->db, account->id, groups,
			     count, 2000, &changed),
	    REGISTER_OK);
}

/* Of a machine that has nobody: register_open() read its files too. */
static int
publish_at(
    struct fixture *fixture, const struct config *in_force, const char *path)
{
	struct local_accounts *local;
	size_t left_out = 7;
	int error;

	assert_int_equal(local_accounts_read(fixture->folder, &local), 0);
	error = publisher_publish(fixture->db, in_force, local, path,
	    ++fixture->generation, &left_out);
	local_accounts_free(local);
	if (!error)
		assert_int_equal(left_out, 0);
	return error;
}

static struct directory
publish(struct fixture *fixture, const struct config *in_force)
{
	struct directory directory;

	assert_int_equal(publish_at(fixture, in_force, fixture->path), 0);
	assert_int_equal(directory_map(fixture->path, &directory), 0);
	assert_int_equal(directory.generation, fixture->generation);
	return directory;
}

/* A group's members, or a user's groups. */
static uint32_t
count_of(const struct directory *directory, const char *name)
{
	struct directory_entry entry;

	assert_true(directory_find_name(directory, name, &entry));
	return entry.count;
}

static void
test_nobody(void **state)
{
	struct directory directory = publish(*state, NULL);
	struct directory_entry entry;

	assert_false(directory_find_next(&directory, 0, &entry));
	directory_unmap(&directory);
}

static void
test_accounts(void **state)
{
	struct fixture *fixture = *state;
	struct account kari = add(fixture, "kari");
	struct directory_user user;
	struct directory directory;

	(void)add(fixture, "ola");
	(void)add(fixture, "gone");
	assert_int_equal(
	    register_account_lock(fixture->db, "ola", "permisjon", 1500),
	    REGISTER_OK);
	assert_int_equal(
	    register_account_remove(fixture->db, "gone", 1500), REGISTER_OK);
	directory = publish(fixture, &config);
	assert_int_equal(directory_user_by_name(&directory, "kari", &user), 0);
	assert_int_equal(user.uid, kari.uid);
	assert_int_equal(user.gid, kari.uid);
	assert_string_equal(user.gecos, "Navn Navnesen");
	assert_string_equal(user.home, "/home/x");
	assert_string_equal(user.shell, "/bin/bash");
	assert_true(user.may_log_in);
	assert_int_equal(directory_user_by_name(&directory, "ola", &user), 0);
	assert_false(user.may_log_in);
	assert_int_equal(
	    directory_user_by_name(&directory, "gone", &user), -ENOENT);
	directory_unmap(&directory);
}

static void
test_configured_groups(void **state)
{
	static const struct account_group groups[] = {
	    {"ko-vakt", GID_VAKT, false}, {"ko-sak", GID_SAK, false}};
	struct fixture *fixture = *state;
	struct account kari = add(fixture, "kari"), ola = add(fixture, "ola");
	struct directory_entry entry;
	struct directory directory;
	const uint32_t *gids;

	log_in(fixture, &kari, groups, 2);
	log_in(fixture, &ola, groups, 1);
	directory = publish(fixture, &config);
	assert_int_equal(count_of(&directory, "ko-vakt"), 2);
	assert_int_equal(count_of(&directory, "ko-sak"), 1);
	assert_int_equal(count_of(&directory, "ko-tom"), 0);
	assert_true(directory_find_name(&directory, "kari", &entry));
	assert_int_equal(entry.count, 2);
	gids = entry.list;
	assert_int_equal(gids[0], GID_VAKT);
	assert_int_equal(gids[1], GID_SAK);
	assert_int_equal(count_of(&directory, "ola"), 1);
	directory_unmap(&directory);
}

/* A rule that is taken away takes its group from everybody, at once. */
static void
test_group_not_in_force(void **state)
{
	static const struct account_group groups[] = {
	    {"ko-vakt", GID_VAKT, false}, {"ko-sak", GID_SAK, false}};
	const struct config fewer = {.rules = rules, .rules_count = 1};
	const struct config none = {0};
	struct fixture *fixture = *state;
	struct account kari = add(fixture, "kari");
	struct directory_entry entry;
	struct directory directory;

	log_in(fixture, &kari, groups, 2);
	directory = publish(fixture, &fewer);
	assert_int_equal(count_of(&directory, "kari"), 1);
	assert_int_equal(count_of(&directory, "ko-sak"), 1);
	assert_false(directory_find_name(&directory, "ko-vakt", &entry));
	assert_false(directory_find_id(&directory, GID_VAKT, &entry));
	directory_unmap(&directory);
	directory = publish(fixture, &none);
	assert_int_equal(count_of(&directory, "kari"), 0);
	assert_false(directory_find_name(&directory, "ko-sak", &entry));
	directory_unmap(&directory);
}

/* Not configured: what the last logins gave stands. */
static void
test_recorded_groups(void **state)
{
	static const struct account_group groups[] = {{"ko-sak", GID_SAK, false}};
	struct fixture *fixture = *state;
	struct account kari = add(fixture, "kari");
	struct directory_entry entry;
	struct directory directory;

	log_in(fixture, &kari, groups, 1);
	directory = publish(fixture, NULL);
	assert_int_equal(count_of(&directory, "ko-sak"), 1);
	assert_int_equal(count_of(&directory, "kari"), 1);
	assert_false(directory_find_name(&directory, "ko-tom", &entry));
	directory_unmap(&directory);
}

static void
test_enumeration(void **state)
{
	struct config listed = config;
	struct directory directory;

	directory = publish(*state, &config);
	assert_false(directory.enumerate);
	directory_unmap(&directory);
	listed.enumerate = true;
	directory = publish(*state, &listed);
	assert_true(directory.enumerate);
	directory_unmap(&directory);
}

static void
test_many(void **state)
{
	static const struct account_group groups[] = {{"ko-sak", GID_SAK, false}};
	struct fixture *fixture = *state;
	struct directory directory;
	struct account account;
	char name[16];
	size_t i;

	/* By name they come in another order than by row. */
	for (i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "p%zu", i * 37 % MANY);
		account = add(fixture, name);
		if (i % 2 == 0)
			log_in(fixture, &account, groups, 1);
	}
	directory = publish(fixture, &config);
	assert_int_equal(count_of(&directory, "ko-sak"), MANY / 2);
	for (i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "p%zu", i * 37 % MANY);
		assert_int_equal(count_of(&directory, name), i % 2 == 0);
	}
	directory_unmap(&directory);
}

static void
test_says_that_it_failed(void **state)
{
	struct fixture *fixture = *state;
	char path[256];

	(void)snprintf(
	    path, sizeof(path), "%s/gone/directory", fixture->folder);
	assert_int_equal(publish_at(fixture, &config, path), -ENOENT);
}

#define WITH_REGISTER(test) \
	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_REGISTER(test_nobody),
	    WITH_REGISTER(test_accounts),
	    WITH_REGISTER(test_configured_groups),
	    WITH_REGISTER(test_group_not_in_force),
	    WITH_REGISTER(test_recorded_groups),
	    WITH_REGISTER(test_enumeration),
	    WITH_REGISTER(test_many),
	    WITH_REGISTER(test_says_that_it_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
