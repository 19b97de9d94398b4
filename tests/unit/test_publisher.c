/* What the register holds is what every process finds in the image. */
#include "broker/directory/publisher.h"
#include "lib/directory.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	GID_SAK = 1900000007, /* the rules are not in the order of their gids */
	GID_VAKT = 1900000003,
	GID_TOM = 1900000005,
	MANY = 200,
};

struct fixture {
	char folder[64];
	char path[128];
	char restricted_path[128];
	struct register_db *db;
	uint64_t generation;
};

static const struct account_group in_force[] = {
    {"ko-sak", GID_SAK, false},
    {"ko-vakt", GID_VAKT, false},
    {"ko-vakt", GID_VAKT, false}, /* two rules may give one group */
    {"ko-tom", GID_TOM, false},
};

static const struct publisher_input configured = {
    .groups = in_force,
    .groups_count = sizeof(in_force) / sizeof(in_force[0]),
    .configured = true,
};

static const struct publisher_input not_configured;

static const struct account_group vakt_and_sak[] = {
    {"ko-vakt", GID_VAKT, false}, {"ko-sak", GID_SAK, false}};
static const struct account_group sak[] = {{"ko-sak", GID_SAK, false}};

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
	(void)snprintf(fixture->restricted_path,
	    sizeof(fixture->restricted_path), "%s/directory.restricted",
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

	assert_int_equal(register_memberships_set(fixture->db, account->id,
			     groups, count, INT64_MAX, &changed),
	    REGISTER_OK);
}

/* Of a machine that has nobody: register_open() read its files too. */
static int
publish_at(struct fixture *fixture, const struct publisher_input *input,
    const char *path, const char *restricted_path)
{
	const struct publisher_paths paths = {path, restricted_path};
	struct local_accounts *local;
	size_t left_out = 7;
	int error;

	assert_int_equal(local_accounts_read(fixture->folder, &local), 0);
	error = publisher_publish(fixture->db, input, local, &paths,
	    ++fixture->generation, &left_out);
	local_accounts_free(local);
	if (!error)
		assert_int_equal(left_out, 0);
	return error;
}

static struct directory
publish(struct fixture *fixture, const struct publisher_input *input)
{
	struct directory directory;

	assert_int_equal(
	    publish_at(fixture, input, fixture->path, fixture->restricted_path),
	    0);
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
	struct directory directory = publish(*state, &not_configured);
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
	    register_account_remove(fixture->db, "gone", 1500, NULL),
	    REGISTER_OK);
	directory = publish(fixture, &configured);
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
	struct fixture *fixture = *state;
	struct account kari = add(fixture, "kari"), ola = add(fixture, "ola");
	struct directory_entry entry;
	struct directory directory;
	const uint32_t *gids;

	log_in(fixture, &kari, vakt_and_sak, 2);
	log_in(fixture, &ola, vakt_and_sak, 1);
	directory = publish(fixture, &configured);
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
	const struct publisher_input fewer = {
	    .groups = in_force, .groups_count = 1, .configured = true};
	const struct publisher_input none = {.configured = true};
	struct fixture *fixture = *state;
	struct account kari = add(fixture, "kari");
	struct directory_entry entry;
	struct directory directory;

	log_in(fixture, &kari, vakt_and_sak, 2);
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
	struct fixture *fixture = *state;
	struct account kari = add(fixture, "kari");
	struct directory_entry entry;
	struct directory directory;

	log_in(fixture, &kari, sak, 1);
	directory = publish(fixture, &not_configured);
	assert_int_equal(count_of(&directory, "ko-sak"), 1);
	assert_int_equal(count_of(&directory, "kari"), 1);
	assert_false(directory_find_name(&directory, "ko-tom", &entry));
	directory_unmap(&directory);
}

static void
test_enumeration(void **state)
{
	struct publisher_input listed = configured;
	struct directory directory;

	directory = publish(*state, &configured);
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
			log_in(fixture, &account, sak, 1);
	}
	directory = publish(fixture, &configured);
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
	assert_int_equal(
	    publish_at(fixture, &configured, path, fixture->restricted_path),
	    -ENOENT);
}

/* ko-vakt is for root's eyes alone. */
static const struct account_group one_restricted[] = {
    {"ko-sak", GID_SAK, false}, {"ko-vakt", GID_VAKT, true}};

static const struct publisher_input discreet = {
    .groups = one_restricted,
    .groups_count = 2,
    .configured = true,
};

/* How many restricted groups somebody is in, the first of them ko-vakt. */
static uint32_t
restricted_count(const struct fixture *fixture, const char *name)
{
	struct directory_entry entry;
	struct directory directory;
	const uint32_t *gids;
	uint32_t count = 0;

	assert_int_equal(
	    directory_map_restricted(fixture->restricted_path, &directory), 0);
	assert_int_equal(directory.generation, fixture->generation);
	assert_false(directory_find_name(&directory, "ko-vakt", &entry));
	assert_false(directory_find_id(&directory, GID_VAKT, &entry));
	if (directory_find_name(&directory, name, &entry)) {
		count = entry.count;
		gids = entry.list;
		assert_true(count > 0);
		assert_int_equal(gids[0], GID_VAKT);
	}
	directory_unmap(&directory);
	return count;
}

/* What a file holds, for strings that must not be in it. */
static bool
file_has(const char *path, const void *bytes, size_t size)
{
	static char content[65536];
	FILE *file = fopen(path, "r");
	size_t length;

	assert_non_null(file);
	length = fread(content, 1, sizeof(content), file);
	assert_true(feof(file) != 0);
	assert_int_equal(fclose(file), 0);
	return memmem(content, length, bytes, size) != NULL;
}

static void
test_restricted_memberships_are_apart(void **state)
{
	const uint32_t gids[] = {GID_VAKT, GID_SAK};
	struct fixture *fixture = *state;
	struct account kari = add(fixture, "kari"), ola = add(fixture, "ola");
	struct directory_entry entry;
	struct directory directory;
	struct stat status;

	log_in(fixture, &kari, vakt_and_sak, 2);
	log_in(fixture, &ola, sak, 1);
	directory = publish(fixture, &discreet);
	assert_true(directory_find_id(&directory, GID_VAKT, &entry));
	assert_string_equal(entry.text, "ko-vakt");
	assert_int_equal(entry.count, 0);
	assert_int_equal(count_of(&directory, "ko-sak"), 2);
	assert_int_equal(count_of(&directory, "kari"), 1);
	directory_unmap(&directory);
	assert_int_equal(restricted_count(fixture, "kari"), 1);
	assert_int_equal(restricted_count(fixture, "ola"), 0);
	assert_int_equal(stat(fixture->restricted_path, &status), 0);
	assert_int_equal(status.st_mode, S_IFREG | 0600);
	assert_int_equal(stat(fixture->path, &status), 0);
	assert_int_equal(status.st_mode, S_IFREG | 0644);
	/* Two gids of one person side by side: so would they stand there. */
	assert_false(file_has(fixture->path, gids, sizeof(gids)));
	assert_false(file_has(fixture->restricted_path, "ola", 3));
	assert_false(file_has(fixture->restricted_path, "Navn", 4));
}

/* Nothing configured is no reason to tell. */
static void
test_restricted_without_configuration(void **state)
{
	static const struct account_group recorded[] = {
	    {"ko-vakt", GID_VAKT, true}, {"ko-sak", GID_SAK, false}};
	struct fixture *fixture = *state;
	struct account kari = add(fixture, "kari");
	struct directory directory;

	log_in(fixture, &kari, recorded, 2);
	directory = publish(fixture, &not_configured);
	assert_int_equal(count_of(&directory, "ko-vakt"), 0);
	assert_int_equal(count_of(&directory, "ko-sak"), 1);
	assert_int_equal(count_of(&directory, "kari"), 1);
	directory_unmap(&directory);
	assert_int_equal(restricted_count(fixture, "kari"), 1);
}

static void
test_restricted_membership_withdrawn(void **state)
{
	struct fixture *fixture = *state;
	struct account kari = add(fixture, "kari");
	struct directory directory;

	log_in(fixture, &kari, vakt_and_sak, 2);
	directory = publish(fixture, &discreet);
	directory_unmap(&directory);
	assert_int_equal(restricted_count(fixture, "kari"), 1);
	log_in(fixture, &kari, sak, 1);
	directory = publish(fixture, &discreet);
	assert_int_equal(count_of(&directory, "kari"), 1);
	directory_unmap(&directory);
	assert_int_equal(restricted_count(fixture, "kari"), 0);
}

/* And back: in one image or in the other, never in both, never in none. */
static void
test_group_becomes_restricted(void **state)
{
	struct fixture *fixture = *state;
	struct account kari = add(fixture, "kari");
	struct directory directory;

	log_in(fixture, &kari, vakt_and_sak, 2);
	directory = publish(fixture, &configured);
	assert_int_equal(count_of(&directory, "ko-vakt"), 1);
	directory_unmap(&directory);
	assert_int_equal(restricted_count(fixture, "kari"), 0);
	directory = publish(fixture, &discreet);
	assert_int_equal(count_of(&directory, "ko-vakt"), 0);
	directory_unmap(&directory);
	assert_int_equal(restricted_count(fixture, "kari"), 1);
	directory = publish(fixture, &configured);
	assert_int_equal(count_of(&directory, "kari"), 2);
	directory_unmap(&directory);
	assert_int_equal(restricted_count(fixture, "kari"), 0);
}

/* What is local is nobody's by way of the restricted image either. */
static void
test_local_user_is_not_restricted(void **state)
{
	struct fixture *fixture = *state;
	struct account kari = add(fixture, "kari");
	const struct publisher_paths paths = {
	    fixture->path, fixture->restricted_path};
	struct local_accounts *local;
	char path[128];
	size_t left_out;
	FILE *file;

	log_in(fixture, &kari, vakt_and_sak, 2);
	(void)snprintf(path, sizeof(path), "%s/passwd", fixture->folder);
	file = fopen(path, "w");
	assert_non_null(file);
	(void)fputs("kari:x:1000:1000::/home/kari:/bin/sh\n", file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(local_accounts_read(fixture->folder, &local), 0);
	assert_int_equal(publisher_publish(fixture->db, &discreet, local,
			     &paths, ++fixture->generation, &left_out),
	    0);
	local_accounts_free(local);
	assert_int_equal(left_out, 1);
	assert_int_equal(restricted_count(fixture, "kari"), 0);
}

/* One that cannot be written: both old images stand. */
static void
test_one_image_fails(void **state)
{
	struct fixture *fixture = *state;
	struct account kari = add(fixture, "kari");
	struct directory directory;
	char path[256];

	log_in(fixture, &kari, vakt_and_sak, 2);
	directory = publish(fixture, &discreet);
	directory_unmap(&directory);
	log_in(fixture, &kari, sak, 1);
	(void)snprintf(
	    path, sizeof(path), "%s/gone/directory", fixture->folder);
	assert_int_equal(
	    publish_at(fixture, &discreet, fixture->path, path), -ENOENT);
	assert_int_equal(
	    publish_at(fixture, &discreet, path, fixture->restricted_path),
	    -ENOENT);
	fixture->generation -= 2;
	assert_int_equal(restricted_count(fixture, "kari"), 1);
	assert_int_equal(directory_map(fixture->path, &directory), 0);
	assert_int_equal(directory.generation, fixture->generation);
	assert_false(directory_is_superseded(&directory));
	directory_unmap(&directory);
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
	    WITH_REGISTER(test_restricted_memberships_are_apart),
	    WITH_REGISTER(test_restricted_without_configuration),
	    WITH_REGISTER(test_restricted_membership_withdrawn),
	    WITH_REGISTER(test_group_becomes_restricted),
	    WITH_REGISTER(test_local_user_is_not_restricted),
	    WITH_REGISTER(test_one_image_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
