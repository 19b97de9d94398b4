/*
 * Validates a whole image when it is mapped: that it is undamaged, by the
 * checksum, and whoever forged the checksum, that every record holds nothing
 * but what a lookup may answer. Where the tables lead is left to the lookups:
 * they compare what they find with what they were asked for.
 */
#include "lib/directory.h"

#include "lib/directory_image.h"
#include "lib/id.h"
#include "lib/name.h"

#include <errno.h>
#include <string.h>

static bool
is_zero(const uint8_t *at, size_t size)
{
	while (size > 0 && at[size - 1] == 0)
		size--;
	return size == 0;
}

static const struct image_kind directory_kind = {
    .magic = DIRECTORY_MAGIC,
    .version = DIRECTORY_VERSION,
    .flags = DIRECTORY_FLAG_ENUMERATE | DIRECTORY_FLAG_RESTRICTED,
};

static void
take_header(const struct image_header *header, const uint8_t *image,
    size_t size, struct directory *directory)
{
	const uint64_t *names = (const void *)(image + sizeof(*header));

	*directory = (struct directory){
	    .base = image,
	    .size_bytes = size,
	    .names = names,
	    .ids = names + header->slots,
	    .slot_mask = header->slots - 1,
	    .records = header->records,
	    .records_at =
		sizeof(*header) + 2 * sizeof(uint64_t) * header->slots,
	    .seed = {header->seed[0], header->seed[1]},
	    .generation = header->generation,
	    .enumerate = header->flags & DIRECTORY_FLAG_ENUMERATE,
	    .restricted = header->flags & DIRECTORY_FLAG_RESTRICTED,
	};
}

/*
 * Sixteen bytes at a time: in a large directory, texts are most of the work.
 * A comparison sets the bytes for which it holds to -1.
 */
typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef int8_t truth16 __attribute__((vector_size(16)));

/* What stands in no line of a colon file. 0 terminates. */
static inline truth16
not_in_text(bytes16 c)
{
	return ((c < ' ') & (c != 0)) | (c == ':') | (c == 0x7f);
}

static inline truth16
not_in_name(bytes16 c)
{
	return ~(((c >= 'a') & (c <= 'z')) | ((c >= '0') & (c <= '9')) |
		 (c == '_') | (c == '-') | (c == 0));
}

static inline bool
no_byte_is(truth16 (*is_bad)(bytes16), const char *text, size_t size)
{
	truth16 bad = {0};
	bytes16 part;
	uint64_t sum[2];

	for (; size >= sizeof(part); text += sizeof(part)) {
		memcpy(&part, text, sizeof(part));
		bad |= is_bad(part);
		size -= sizeof(part);
	}
	part = (bytes16){0};
	memcpy(&part, text, size);
	bad |= is_bad(part);
	memcpy(sum, &bad, sizeof(sum));
	return (sum[0] | sum[1]) == 0;
}

static bool
head_is_valid(const struct directory_entry *entry)
{
	const char *end = entry->text + entry->head_size;

	return memcmp(end - sizeof("\0x"), "\0x", sizeof("\0x")) == 0 &&
	       name_is_valid(entry->text) &&
	       strnlen(entry->text, entry->head_size) + sizeof("\0x") ==
		   entry->head_size;
}

static bool
user_is_valid(const struct directory_entry *entry)
{
	const uint32_t *gids = entry->list;
	const char *text = entry->text;
	uint32_t i;

	for (i = 0; i < entry->count; i++) {
		if (!id_is_ours(gids[i]))
			return false;
	}
	return text[entry->home_at - 1] == '\0' &&
	       text[entry->shell_at - 1] == '\0' &&
	       text[entry->text_size - 1] == '\0' &&
	       no_byte_is(not_in_text, text, entry->text_size);
}

/* Members that add up, each terminated, of name_is_valid()'s grammar. */
static bool
group_is_valid(const struct directory_entry *entry)
{
	const uint8_t *lengths = entry->list;
	const char *members = entry->text + entry->head_size;
	size_t size = entry->text_size - entry->head_size, at = 0;
	unsigned int length, bad = 0;
	uint32_t i;

	if (!no_byte_is(not_in_name, members, size))
		return false;
	for (i = 0; i < entry->count; i++) {
		length = lengths[i];
		if (length < sizeof("x") || length > size - at)
			return false;
		bad |= length > NAME_MAX_SIZE;
		bad |= members[at] <= '9';
		at += length;
		bad |= members[at - 1] != '\0';
	}
	return bad == 0 && at == size;
}

static bool
entry_is_valid(
    const struct directory *directory, const struct directory_entry *entry)
{
	if (!head_is_valid(entry))
		return false;
	if (entry->is_user)
		return user_is_valid(entry);
	return !directory->restricted && group_is_valid(entry);
}

static bool
records_are_valid(const struct directory *directory)
{
	struct directory_entry entry;
	uint64_t at = directory->records_at;
	uint32_t i, id = 0;

	for (i = 0; i < directory->records; i++) {
		if (!directory_load(directory, at, &entry) || entry.id <= id ||
		    !entry_is_valid(directory, &entry))
			return false;
		id = entry.id;
		at = entry.next_at;
	}
	return directory->size_bytes - at < IMAGE_STRIPE &&
	       is_zero(directory->base + at, directory->size_bytes - at);
}

int
directory_check(
    const void *image, size_t size_bytes, struct directory *ret_directory)
{
	struct directory directory;
	struct image_header header;

	if (image_check(image, size_bytes, &directory_kind, &header))
		return -EBADMSG;
	take_header(&header, image, size_bytes, &directory);
	if (!records_are_valid(&directory))
		return -EBADMSG;
	*ret_directory = directory;
	return 0;
}
