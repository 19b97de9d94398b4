/*
 * Images: what the broker publishes, as immutable files that readers map, each
 * with this header (lib/directory_image.h, lib/trust_image.h). Mapping one
 * allocates nothing and keeps no descriptor. An image never leaves its
 * machine: integers are native, and the magic number refuses another byte
 * order.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	IMAGE_STRIPE = 32, /* what the checksum takes at a time */
	IMAGE_SLOTS_MIN = 4,
	IMAGE_SLOTS_MAX = 1 << 24,
	IMAGE_SIZE_MAX = 1 << 30,
};

/*
 * The successor is the one word that is written after publication, when a
 * newer image is about to take this one's name; readers look at it before each
 * lookup, and at the path when it is set. It is read as one aligned word and
 * holds nothing but "not 0", so a reader can at worst see it late. The checksum
 * is taken with checksum and successor as 0.
 */
struct image_header {
	uint64_t magic;
	uint32_t version;
	uint32_t flags;
	uint64_t generation;
	uint64_t size_bytes; /* of the whole file: a multiple of IMAGE_STRIPE */
	uint64_t seed[2];
	uint32_t slots; /* of each of two tables: a power of two */
	uint32_t records; /* fewer than slots */
	uint64_t checksum;
	uint32_t successor;
	uint32_t zero[7];
};

_Static_assert(sizeof(struct image_header) == 96 &&
		   sizeof(struct image_header) % IMAGE_STRIPE == 0,
    "the layout has no holes");

/* What an image's kind asks of its header. */
struct image_kind {
	uint64_t magic;
	uint32_t version;
	uint32_t flags; /* that may be set */
};

/* A mapping. */
struct image {
	const uint8_t *base;
	size_t size_bytes;
	dev_t device;
	ino_t inode;
};

/* Permission bits that the file of an image must not have. */
enum {
	IMAGE_REFUSE_WRITERS = 022, /* but its owner */
	IMAGE_REFUSE_OTHERS = 027, /* and readers out of its group */
	IMAGE_REFUSE_ALL = 077,
};

/*
 * Maps the file at path: a regular one, of root or of the folder's owner, with
 * none of the refused permissions, in a folder that nobody but its owner can
 * write to. What stands in it is for image_check() to say. 0, or a negative
 * errno: -ENOENT, -EBADMSG for anything of another kind; any other speaks of
 * this process: -EMFILE, -ENOMEM, -EACCES.
 */
int image_map(const char *path, mode_t refused, struct image *ret_image);
void image_unmap(const void *base, size_t size_bytes); /* accepts NULL */

/*
 * Is the header one of this kind, with two tables that fit, and nothing of the
 * whole damaged? image: aligned to 8. 0 or -EBADMSG.
 */
int image_check(const void *image, size_t size_bytes,
    const struct image_kind *kind, struct image_header *ret_header);

/*
 * Has the publisher said that a newer image takes this one's place? One load;
 * image_check_current() asks the file system instead, for a publisher that
 * died before it could say so: 0, -ESTALE, or a negative errno of stat.
 */
static inline bool
image_is_superseded(const void *base)
{
	const struct image_header *header = base;

	return __atomic_load_n(&header->successor, __ATOMIC_ACQUIRE) != 0;
}

int image_check_current(dev_t device, ino_t inode, const char *path);

/*
 * A slot: the key in the low half (the high half of a name's hash, or an id),
 * in the high half where the record is, in units of 8 bytes. 0 is empty. A key
 * that finds its slot taken goes to the next one.
 */
static inline uint64_t
image_slot(uint32_t key, uint32_t at_8)
{
	return (uint64_t)at_8 << 32 | key;
}

/*
 * Seeded anew for each image, after the names in it were chosen: who chooses
 * names cannot choose collisions. seed[0] is odd.
 */
uint64_t image_hash(const uint64_t seed[2], const char *name, size_t length);

/*
 * Finds every change within one aligned word, and nearly every other one. It
 * is there for damage; against forgery stand the owner and the mode, and the
 * checks of each value that is used.
 */
struct image_checksum {
	uint64_t lane[4];
};

void image_checksum_init(struct image_checksum *checksum);

/* size: a multiple of IMAGE_STRIPE. */
void image_checksum_add(
    struct image_checksum *checksum, const void *bytes, size_t size);
uint64_t image_checksum_end(const struct image_checksum *checksum);
