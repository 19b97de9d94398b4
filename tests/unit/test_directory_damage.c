/*
 * Damaged, foreign and forged images: none of them is ours, and the lookups
 * are safe on whatever the mapping turns into afterwards.
 */
#include "broker/directory/directory_builder.h"
#include "lib/directory.h"
#include "lib/directory_image.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	UID_KARI = 1900000001,
	GID_SAK = 1990000001,
	IMAGE_MAX = 4096,
};

struct fixture {
	char folder[64];
	char path[128];
	_Alignas(8) uint8_t image[IMAGE_MAX];
	size_t size;
};

static void
fill(struct directory_builder *builder)
{
	uint32_t user, group;

	assert_int_equal(directory_builder_user(builder, "kari", UID_KARI,
			     "Kari", "/home/kari", "/bin/sh", true, &user),
	    0);
	assert_int_equal(
	    directory_builder_group(builder, "ko-sak", GID_SAK, &group), 0);
	assert_int_equal(directory_builder_member(builder, group, user), 0);
}

static int
setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct directory_builder *builder;
	FILE *file;

	assert_non_null(fixture);
	(void)strcpy(fixture->folder, "/tmp/test-damage-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	(void)snprintf(fixture->path, sizeof(fixture->path), "%s/directory",
	    fixture->folder);
	assert_int_equal(directory_builder_new(1, true, &builder), 0);
	fill(builder);
	assert_int_equal(directory_builder_publish(builder, fixture->path), 0);
	(void)directory_builder_free(builder);
	file = fopen(fixture->path, "re");
	assert_non_null(file);
	fixture->size = fread(fixture->image, 1, sizeof(fixture->image), file);
	assert_in_range(fixture->size, 1, IMAGE_MAX - 1);
	(void)fclose(file);
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	(void)unlink(fixture->path);
	assert_int_equal(rmdir(fixture->folder), 0);
	free(fixture);
	return 0;
}

static int
map_once(const char *path)
{
	struct directory directory;
	int error;

	error = directory_map(path, &directory);
	if (!error)
		directory_unmap(&directory);
	return error;
}

/* An exact-size copy, so that a sanitizer sees the first byte beyond it. */
static int
check_copy(const uint8_t *image, size_t size)
{
	struct directory directory;
	void *copy = malloc(size > 0 ? size : 1);
	int error;

	assert_non_null(copy);
	memcpy(copy, image, size);
	error = directory_check(copy, size, &directory);
	free(copy);
	return error;
}

static void
sign(uint8_t *image, size_t size)
{
	struct image_checksum checksum;
	struct image_header header;

	memcpy(&header, image, sizeof(header));
	header.checksum = 0;
	header.successor = 0;
	image_checksum_init(&checksum);
	image_checksum_add(&checksum, &header, sizeof(header));
	image_checksum_add(
	    &checksum, image + sizeof(header), size - sizeof(header));
	header.checksum = image_checksum_end(&checksum);
	memcpy(image, &header, sizeof(header));
}

/* Every lookup there is, whatever they say. */
static void
look_everything_up(const struct directory *directory)
{
	struct directory_entry entry;
	struct directory_user user;
	uint32_t id = 0;

	(void)directory_find_name(directory, "kari", &entry);
	(void)directory_find_name(directory, "nobody", &entry);
	(void)directory_user_by_name(directory, "ko-sak", &user);
	(void)directory_find_id(directory, UID_KARI, &entry);
	(void)directory_find_id(directory, 0, &entry);
	while (directory_find_next(directory, id, &entry)) {
		assert_true(entry.id > id);
		id = entry.id;
	}
}

static void
test_whole_image_is_ours(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(check_copy(fixture->image, fixture->size), 0);
	assert_int_equal(map_once(fixture->path), 0);
	sign(fixture->image, fixture->size);
	assert_int_equal(check_copy(fixture->image, fixture->size), 0);
}

static void
test_every_single_bit_is_missed(void **state)
{
	struct fixture *fixture = *state;
	const size_t successor = offsetof(struct image_header, successor);
	size_t i;
	int bit, expected;

	for (i = 0; i < fixture->size; i++) {
		expected = i >= successor && i < successor + sizeof(uint32_t)
			       ? 0
			       : -EBADMSG;
		for (bit = 0; bit < 8; bit++) {
			fixture->image[i] ^= (uint8_t)(1 << bit);
			assert_int_equal(
			    check_copy(fixture->image, fixture->size),
			    expected);
			fixture->image[i] ^= (uint8_t)(1 << bit);
		}
	}
}

static void
test_every_other_length_is_refused(void **state)
{
	struct fixture *fixture = *state;
	size_t size;

	for (size = 0; size <= IMAGE_MAX; size++) {
		if (size != fixture->size)
			assert_int_equal(
			    check_copy(fixture->image, size), -EBADMSG);
	}
}

static void
test_truncated_file_is_refused(void **state)
{
	struct fixture *fixture = *state;
	size_t size;

	for (size = fixture->size; size-- > 0;) {
		assert_int_equal(truncate(fixture->path, (off_t)size), 0);
		assert_int_equal(map_once(fixture->path), -EBADMSG);
	}
}

/* The bytes change under a mapping that was valid: nothing out of bounds. */
static void
test_lookups_are_safe_on_what_changes_later(void **state)
{
	static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
	struct fixture *fixture = *state;
	struct directory directory;
	uint8_t *copy = malloc(fixture->size);
	uint8_t kept;
	size_t i, v;

	assert_non_null(copy);
	memcpy(copy, fixture->image, fixture->size);
	assert_int_equal(directory_check(copy, fixture->size, &directory), 0);
	for (i = 0; i < fixture->size; i++) {
		kept = copy[i];
		for (v = 0; v < sizeof(values); v++) {
			copy[i] = values[v];
			look_everything_up(&directory);
		}
		copy[i] = kept;
	}
	memset(copy, 0xff, fixture->size);
	look_everything_up(&directory);
	free(copy);
}

static struct directory_record *
record_of(struct fixture *fixture, const char *name)
{
	struct directory directory;
	struct directory_entry entry;
	size_t at;

	assert_int_equal(
	    directory_check(fixture->image, fixture->size, &directory), 0);
	assert_true(directory_find_name(&directory, name, &entry));
	at = (size_t)((const uint8_t *)entry.text - fixture->image) -
	     sizeof(struct directory_record);
	return (void *)(fixture->image + at);
}

static char *
text_of(struct fixture *fixture, const char *name)
{
	return (char *)(record_of(fixture, name) + 1);
}

static void
assert_forgery_is_refused(struct fixture *fixture)
{
	sign(fixture->image, fixture->size);
	assert_int_equal(check_copy(fixture->image, fixture->size), -EBADMSG);
}

/* Each with the right checksum: what the broker's own user could write. */
#define FORGERY(name, statement)                     \
	static void test_forged_##name(void **state) \
	{                                            \
		struct fixture *fixture = *state;    \
                                                     \
		statement;                           \
		assert_forgery_is_refused(fixture);  \
	}

FORGERY(root_uid, record_of(fixture, "kari")->id = 0)
FORGERY(system_uid, record_of(fixture, "kari")->id = 999)
FORGERY(container_uid, record_of(fixture, "kari")->id = 100000)
FORGERY(sudo_gid, record_of(fixture, "ko-sak")->id = 27)
FORGERY(member_of_sudo,
    memcpy(text_of(fixture, "kari") +
	       ((record_of(fixture, "kari")->text_size + 3) & ~3U),
	&(uint32_t){27}, 4))
FORGERY(name, text_of(fixture, "kari")[0] = 'K')
FORGERY(short_name, text_of(fixture, "kari")[2] = '\0')
FORGERY(long_name, text_of(fixture, "kari")[4] = 'x')
FORGERY(password, text_of(fixture, "kari")[5] = '*')
FORGERY(colon, text_of(fixture, "kari")[8] = ':')
FORGERY(newline, text_of(fixture, "kari")[8] = '\n')
FORGERY(member_name, text_of(fixture, "ko-sak")[9] = '/')
FORGERY(member_number, text_of(fixture, "ko-sak")[9] = '1')
FORGERY(member_size,
    text_of(fixture, "ko-sak")[record_of(fixture, "ko-sak")->text_size]--)
FORGERY(no_member_size,
    text_of(fixture, "ko-sak")[record_of(fixture, "ko-sak")->text_size] = 0)
FORGERY(kind, record_of(fixture, "kari")->kind = 9)
FORGERY(count, record_of(fixture, "kari")->count = 1 << 30)
FORGERY(text_size, record_of(fixture, "kari")->text_size = UINT32_MAX)
FORGERY(unterminated,
    text_of(fixture, "kari")[record_of(fixture, "kari")->text_size - 1] = 'x')
FORGERY(home_at, record_of(fixture, "kari")->home_at--)
FORGERY(shell_at, record_of(fixture, "kari")->shell_at = UINT16_MAX)
FORGERY(head_size, record_of(fixture, "kari")->head_size = 3)
FORGERY(size, record_of(fixture, "kari")->size_bytes += 8)
FORGERY(odd_size, record_of(fixture, "kari")->size_bytes += 1)
FORGERY(no_size, record_of(fixture, "kari")->size_bytes = 0)
FORGERY(records, ((struct image_header *)fixture->image)->records++)
FORGERY(fewer_records, ((struct image_header *)fixture->image)->records--)
FORGERY(slots, ((struct image_header *)fixture->image)->slots = 3)
FORGERY(many_slots, ((struct image_header *)fixture->image)->slots <<= 8)
FORGERY(flags, ((struct image_header *)fixture->image)->flags |= 4)
/* A restricted image has no groups. */
FORGERY(restricted, ((struct image_header *)fixture->image)->flags |= 2)
FORGERY(version, ((struct image_header *)fixture->image)->version++)
FORGERY(magic, ((struct image_header *)fixture->image)->magic++)
FORGERY(file_size, ((struct image_header *)fixture->image)->size_bytes--)

/* A slot that leads nowhere, or to somebody else, finds nobody. */
static void
test_forged_slots_find_nobody(void **state)
{
	struct fixture *fixture = *state;
	struct directory directory;
	struct directory_entry entry;
	uint64_t *slot = (void *)(fixture->image + sizeof(struct image_header));
	uint64_t kept;
	uint32_t i, at_8;

	for (i = 0; i < 2 * IMAGE_SLOTS_MIN; i++) {
		kept = slot[i];
		for (at_8 = 0; at_8 < 2 * fixture->size / 8; at_8++) {
			slot[i] = image_slot((uint32_t)kept, at_8);
			sign(fixture->image, fixture->size);
			assert_int_equal(directory_check(fixture->image,
					     fixture->size, &directory),
			    0);
			if (directory_find_name(&directory, "kari", &entry))
				assert_int_equal(entry.id, UID_KARI);
			if (directory_find_id(&directory, GID_SAK, &entry))
				assert_string_equal(entry.text, "ko-sak");
		}
		slot[i] = kept;
	}
}

static void
test_missing_file_is_told_apart(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(unlink(fixture->path), 0);
	assert_int_equal(map_once(fixture->path), -ENOENT);
	assert_int_equal(map_once("/nowhere/at/all"), -ENOENT);
	assert_int_equal(map_once("/dev/null/directory"), -ENOENT);
	assert_int_equal(map_once("directory"), -EINVAL);
}

static void
test_writable_by_others_is_refused(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(chmod(fixture->path, 0664), 0);
	assert_int_equal(map_once(fixture->path), -EBADMSG);
	assert_int_equal(chmod(fixture->path, 0646), 0);
	assert_int_equal(map_once(fixture->path), -EBADMSG);
	assert_int_equal(chmod(fixture->path, 0444), 0);
	assert_int_equal(map_once(fixture->path), 0);
	assert_int_equal(chmod(fixture->folder, 0770), 0);
	assert_int_equal(map_once(fixture->path), -EBADMSG);
	assert_int_equal(chmod(fixture->folder, 0700), 0);
}

static void
test_foreign_owner_is_refused(void **state)
{
	struct fixture *fixture = *state;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(fixture->path, 65534, 65534), 0);
	assert_int_equal(map_once(fixture->path), -EBADMSG);
	assert_int_equal(chown(fixture->folder, 65534, 65534), 0);
	assert_int_equal(map_once(fixture->path), 0); /* the folder's owner */
	assert_int_equal(chown(fixture->path, 0, 0), 0);
	assert_int_equal(map_once(fixture->path), 0); /* root */
	assert_int_equal(chown(fixture->path, 1, 1), 0);
	assert_int_equal(map_once(fixture->path), -EBADMSG);
}

static void
test_anything_but_a_file_is_refused(void **state)
{
	struct fixture *fixture = *state;
	char target[160];

	(void)snprintf(target, sizeof(target), "%s/other", fixture->folder);
	assert_int_equal(rename(fixture->path, target), 0);
	assert_int_equal(symlink(target, fixture->path), 0);
	assert_int_equal(map_once(fixture->path), -EBADMSG);
	assert_int_equal(unlink(fixture->path), 0);
	assert_int_equal(mkfifo(fixture->path, 0600), 0);
	assert_int_equal(map_once(fixture->path), -EBADMSG);
	assert_int_equal(unlink(fixture->path), 0);
	assert_int_equal(mkdir(fixture->path, 0700), 0);
	assert_int_equal(map_once(fixture->path), -EBADMSG);
	assert_int_equal(rmdir(fixture->path), 0);
	assert_int_equal(unlink(target), 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_whole_image_is_ours),
	    TEST(test_every_single_bit_is_missed),
	    TEST(test_every_other_length_is_refused),
	    TEST(test_truncated_file_is_refused),
	    TEST(test_lookups_are_safe_on_what_changes_later),
	    TEST(test_forged_root_uid),
	    TEST(test_forged_system_uid),
	    TEST(test_forged_container_uid),
	    TEST(test_forged_sudo_gid),
	    TEST(test_forged_member_of_sudo),
	    TEST(test_forged_name),
	    TEST(test_forged_short_name),
	    TEST(test_forged_long_name),
	    TEST(test_forged_password),
	    TEST(test_forged_colon),
	    TEST(test_forged_newline),
	    TEST(test_forged_member_name),
	    TEST(test_forged_member_number),
	    TEST(test_forged_member_size),
	    TEST(test_forged_no_member_size),
	    TEST(test_forged_kind),
	    TEST(test_forged_count),
	    TEST(test_forged_text_size),
	    TEST(test_forged_unterminated),
	    TEST(test_forged_home_at),
	    TEST(test_forged_shell_at),
	    TEST(test_forged_head_size),
	    TEST(test_forged_size),
	    TEST(test_forged_odd_size),
	    TEST(test_forged_no_size),
	    TEST(test_forged_records),
	    TEST(test_forged_fewer_records),
	    TEST(test_forged_slots),
	    TEST(test_forged_many_slots),
	    TEST(test_forged_flags),
	    TEST(test_forged_restricted),
	    TEST(test_forged_version),
	    TEST(test_forged_magic),
	    TEST(test_forged_file_size),
	    TEST(test_forged_slots_find_nobody),
	    TEST(test_missing_file_is_told_apart),
	    TEST(test_writable_by_others_is_refused),
	    TEST(test_foreign_owner_is_refused),
	    TEST(test_anything_but_a_file_is_refused),
	};

	return cmocka_run_group_tests_name(
	    "directory damage", tests, NULL, NULL);
}
