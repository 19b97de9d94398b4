#include "broker/directory/atomic_file.h"
#include "broker/person_key.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char person[] = "01017012345";

struct place {
	char dir[64];
	char path[128];
};

/* Linked with --wrap: the file that does not get its name. */
static bool commit_fails;

int __real_atomic_file_commit(struct atomic_file *file);
int __wrap_atomic_file_commit(struct atomic_file *file);

int
__wrap_atomic_file_commit(struct atomic_file *file)
{
	if (!commit_fails)
		return __real_atomic_file_commit(file);
	atomic_file_discard(file);
	return -EIO;
}

static int
set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	commit_fails = false;
	if (!place)
		return -1;
	(void)snprintf(
	    place->dir, sizeof(place->dir), "/tmp/portvakt-keys-XXXXXX");
	if (!mkdtemp(place->dir))
		return -1;
	(void)snprintf(
	    place->path, sizeof(place->path), "%s/person.keys", place->dir);
	*state = place;
	return 0;
}

static int
tear_down(void **state)
{
	struct place *place = *state;
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", place->dir);
	free(place);
	return system(command);
}

static void
put_file(const struct place *place, const void *bytes, size_t size)
{
	int fd = open(place->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), (ssize_t)size);
	assert_int_equal(close(fd), 0);
}

static size_t
get_file(const struct place *place, uint8_t *ret_bytes, size_t size)
{
	int fd = open(place->path, O_RDONLY);
	ssize_t got;

	assert_true(fd >= 0);
	got = read(fd, ret_bytes, size);
	assert_true(got > 0 && (size_t)got < size);
	assert_int_equal(close(fd), 0);
	return (size_t)got;
}

static void
sign(uint8_t *bytes, size_t size)
{
	size_t length;

	bytes[size] = bytes[size + 1] = bytes[size + 2] = 0;
	bytes[size + 3] = 32;
	assert_int_equal(EVP_Q_digest(NULL, "SHA256", NULL, bytes, size,
			     bytes + size + 4, &length),
	    1);
}

/* A file of one key, 00 01 02 ..., with a number. */
static size_t
one_key(uint8_t number, uint8_t *ret_bytes)
{
	static const uint8_t head[] = {
	    'P', 'v', 'P', 'K', 1, 1, 0, 0, 0, 0, 0, 0, 0, 32};
	uint8_t i;

	memcpy(ret_bytes, head, sizeof(head));
	ret_bytes[9] = number;
	for (i = 0; i < 32; i++)
		ret_bytes[sizeof(head) + i] = i;
	sign(ret_bytes, sizeof(head) + 32);
	return sizeof(head) + 32 + 36;
}

static struct person_keys *
open_keys(const struct place *place)
{
	struct person_keys *keys = NULL;
	const char *problem = "";
	int error = person_keys_open(place->path, &keys, &problem);

	if (error)
		fail_msg("%s: %s", strerror(-error), problem);
	return keys;
}

static struct person_keys *
create_keys(const struct place *place)
{
	struct person_keys *keys = NULL;
	const char *problem = "";
	int error = person_keys_create(place->path, &keys, &problem);

	if (error)
		fail_msg("%s: %s", strerror(-error), problem);
	return keys;
}

static void
assert_not_opened(const struct place *place, int error, const char *said)
{
	struct person_keys *keys = NULL;
	const char *problem = NULL;

	assert_int_equal(person_keys_open(place->path, &keys, &problem), error);
	assert_null(keys);
	if (!strstr(problem, said))
		fail_msg("\"%s\" does not say \"%s\"", problem, said);
}

static struct person_link
link_under(const struct person_keys *keys, unsigned int number)
{
	struct person_link link;

	assert_int_equal(person_key_link(keys, number, person, &link), 0);
	assert_int_equal(link.key, number);
	return link;
}

/* By another implementation too; where issuer and subject part counts. */
static void
test_makes_the_known_subject(void **state)
{
	static char longest[1100];
	const struct place *place = *state;
	struct person_keys *keys;
	char text[PERSON_KEY_SUBJECT_SIZE], other[PERSON_KEY_SUBJECT_SIZE];
	uint8_t file[128];

	put_file(place, file, one_key(7, file));
	keys = open_keys(place);
	assert_int_equal(person_key_subject(keys, "staff", "kanari", text), 0);
	assert_string_equal(text, "7:afdc2ac7548ce80f682b9ef432b70de4");
	assert_int_equal(person_key_subject(keys, "staffk", "anari", other), 0);
	assert_string_not_equal(text, other);
	memset(longest, 'a', sizeof(longest) - 1);
	assert_int_equal(
	    person_key_subject(keys, "staff", longest, other), -EMSGSIZE);
	person_keys_free(keys);
}

/* HMAC-SHA-256 by another implementation, under 00 01 ... 1f. */
static void
test_makes_the_known_link(void **state)
{
	static const uint8_t expected[] = {0x62, 0x08, 0x8e, 0xad, 0x49, 0xc6,
	    0x8b, 0x51, 0x4c, 0xd6, 0xd7, 0xab, 0x57, 0x0d, 0xc6, 0xac, 0x85,
	    0xd2, 0xb8, 0xb9, 0x13, 0xa5, 0xd9, 0x99, 0xe7, 0x35, 0x0b, 0xe3,
	    0x01, 0x5a, 0xa5, 0x42};
	const struct place *place = *state;
	struct person_keys *keys;
	struct person_link link;
	uint8_t file[128];

	put_file(place, file, one_key(7, file));
	keys = open_keys(place);
	assert_int_equal(person_keys_number(keys, 0), 7);
	assert_int_equal(person_keys_number(keys, 1), 0);
	link = link_under(keys, 7);
	assert_memory_equal(link.hash, expected, sizeof(expected));
	assert_int_equal(person_key_link(keys, 1, person, &link), -ENOKEY);
	assert_int_equal(
	    person_key_link(keys, 7, "0101701234", &link), -EINVAL);
	assert_int_equal(
	    person_key_link(keys, 7, "010170123456", &link), -EINVAL);
	assert_int_equal(
	    person_key_link(keys, 7, "0101701234x", &link), -EINVAL);
	assert_int_equal(person_key_link(keys, 7, "", &link), -EINVAL);
	person_keys_free(keys);
}

static void
test_is_made_once_and_for_itself(void **state)
{
	const struct place *place = *state;
	struct person_keys *keys, *other = NULL;
	struct person_link before, after;
	const char *problem;
	struct stat st;

	assert_not_opened(place, -ENOENT, "no such file");
	(void)umask(0);
	keys = create_keys(place);
	(void)umask(022);
	assert_int_equal(stat(place->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	before = link_under(keys, 1);
	person_keys_free(keys);
	assert_int_equal(
	    person_keys_create(place->path, &other, &problem), -EEXIST);
	keys = open_keys(place);
	after = link_under(keys, 1);
	assert_memory_equal(before.hash, after.hash, sizeof(after.hash));
	person_keys_free(keys);
	/* Another one is another key. */
	assert_int_equal(unlink(place->path), 0);
	keys = create_keys(place);
	after = link_under(keys, 1);
	assert_memory_not_equal(before.hash, after.hash, sizeof(after.hash));
	person_keys_free(keys);
	assert_null(person_keys_free(NULL));
}

static void
test_rotates(void **state)
{
	const struct place *place = *state;
	struct person_keys *keys = create_keys(place);
	struct person_link first = link_under(keys, 1), second, again;
	const char *problem;
	unsigned int i;

	assert_int_equal(person_keys_rotate(keys, &problem), 0);
	assert_int_equal(person_keys_number(keys, 0), 2);
	assert_int_equal(person_keys_number(keys, 1), 1);
	second = link_under(keys, 2);
	assert_memory_not_equal(first.hash, second.hash, sizeof(first.hash));
	person_keys_free(keys);
	keys = open_keys(place);
	again = link_under(keys, 1);
	assert_memory_equal(first.hash, again.hash, sizeof(again.hash));
	again = link_under(keys, 2);
	assert_memory_equal(second.hash, again.hash, sizeof(again.hash));
	for (i = 3; i <= PERSON_KEYS_MAX; i++)
		assert_int_equal(person_keys_rotate(keys, &problem), 0);
	assert_int_equal(person_keys_rotate(keys, &problem), -ENOSPC);
	assert_int_equal(person_keys_number(keys, 0), 16);
	assert_int_equal(person_keys_drop(keys, 16, &problem), -EBUSY);
	assert_int_equal(person_keys_drop(keys, 17, &problem), -ENOENT);
	assert_int_equal(person_keys_drop(keys, 1, &problem), 0);
	assert_int_equal(person_key_link(keys, 1, person, &again), -ENOKEY);
	assert_int_equal(person_keys_rotate(keys, &problem), 0);
	person_keys_free(keys);
	keys = open_keys(place);
	assert_int_equal(person_keys_number(keys, 0), 17);
	assert_int_equal(person_keys_number(keys, 15), 2);
	assert_int_equal(person_keys_number(keys, 16), 0);
	again = link_under(keys, 2);
	assert_memory_equal(second.hash, again.hash, sizeof(again.hash));
	person_keys_free(keys);
}

static void
test_changes_nothing_that_it_cannot_write(void **state)
{
	const struct place *place = *state;
	struct person_keys *keys = create_keys(place), *none = NULL;
	uint8_t before[1024], after[1024];
	const char *problem;
	size_t size;

	assert_int_equal(person_keys_rotate(keys, &problem), 0);
	size = get_file(place, before, sizeof(before));
	commit_fails = true;
	assert_int_equal(person_keys_rotate(keys, &problem), -EIO);
	assert_int_equal(person_keys_drop(keys, 1, &problem), -EIO);
	assert_int_equal(person_keys_number(keys, 0), 2);
	assert_int_equal(person_keys_number(keys, 1), 1);
	(void)link_under(keys, 1);
	assert_int_equal(get_file(place, after, sizeof(after)), size);
	assert_memory_equal(before, after, size);
	assert_int_equal(unlink(place->path), 0);
	assert_int_equal(
	    person_keys_create(place->path, &none, &problem), -EIO);
	assert_null(none);
	commit_fails = false;
	assert_int_equal(person_keys_rotate(keys, &problem), 0);
	assert_int_equal(person_keys_number(keys, 0), 3);
	person_keys_free(keys);
}

/* Every flipped bit, every missing end, and a byte too many. */
static void
test_refuses_a_damaged_file(void **state)
{
	const struct place *place = *state;
	uint8_t file[128], damaged[129];
	size_t size = one_key(1, file), i;

	for (i = 0; i < size * 8; i++) {
		memcpy(damaged, file, size);
		damaged[i / 8] ^= (uint8_t)(1 << i % 8);
		put_file(place, damaged, size);
		assert_not_opened(place, -EBADMSG, "from a backup");
	}
	for (i = 0; i < size; i++) {
		put_file(place, file, i);
		assert_not_opened(place, -EBADMSG, "from a backup");
	}
	memcpy(damaged, file, size);
	damaged[size] = 0;
	put_file(place, damaged, size + 1);
	assert_not_opened(place, -EBADMSG, "from a backup");
	put_file(place, file, size);
	person_keys_free(open_keys(place));
}

/* With a sum that is right: what is refused is the content. */
static void
test_refuses_what_it_would_not_have_written(void **state)
{
	const struct place *place = *state;
	uint8_t file[256];
	size_t body = one_key(1, file) - 36;

	file[9] = 0; /* no number */
	sign(file, body);
	put_file(place, file, body + 36);
	assert_not_opened(place, -EBADMSG, "damaged");
	file[9] = 5;
	memcpy(file + body, file + 6, 40); /* the number twice */
	file[5] = 2;
	sign(file, body + 40);
	put_file(place, file, body + 40 + 36);
	assert_not_opened(place, -EBADMSG, "damaged");
	file[body + 3] = 4; /* not ascending */
	sign(file, body + 40);
	put_file(place, file, body + 40 + 36);
	assert_not_opened(place, -EBADMSG, "damaged");
	file[body + 3] = 6;
	sign(file, body + 40);
	put_file(place, file, body + 40 + 36);
	person_keys_free(open_keys(place));
	file[5] = 0; /* none */
	sign(file, 6);
	put_file(place, file, 6 + 36);
	assert_not_opened(place, -EBADMSG, "damaged");
}

static void
test_refuses_a_file_that_others_can_read(void **state)
{
	const struct place *place = *state;
	char other[160];
	uint8_t before[1024], after[1024];
	size_t size;

	person_keys_free(create_keys(place));
	size = get_file(place, before, sizeof(before));
	assert_int_equal(chmod(place->path, 0644), 0);
	assert_not_opened(place, -EPERM, "others can read");
	assert_int_equal(chmod(place->path, 0620), 0);
	assert_not_opened(place, -EPERM, "others can write");
	assert_int_equal(chmod(place->path, 0600), 0);
	(void)snprintf(other, sizeof(other), "%s.other", place->path);
	assert_int_equal(rename(place->path, other), 0);
	assert_int_equal(symlink(other, place->path), 0);
	assert_not_opened(place, -ELOOP, "symbolic link");
	assert_int_equal(unlink(place->path), 0);
	assert_int_equal(rename(other, place->path), 0);
	assert_int_equal(get_file(place, after, sizeof(after)), size);
	assert_memory_equal(before, after, size);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    CASE(test_makes_the_known_link),
	    CASE(test_makes_the_known_subject),
	    CASE(test_is_made_once_and_for_itself),
	    CASE(test_rotates),
	    CASE(test_changes_nothing_that_it_cannot_write),
	    CASE(test_refuses_a_damaged_file),
	    CASE(test_refuses_what_it_would_not_have_written),
	    CASE(test_refuses_a_file_that_others_can_read),
	};

	return cmocka_run_group_tests_name("person_key", tests, NULL, NULL);
}
