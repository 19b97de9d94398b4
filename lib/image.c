#include "lib/image.h"

#include <errno.h>
#include <string.h>

static inline uint64_t
rotate(uint64_t value, unsigned int bits)
{
	return value << bits | value >> (64 - bits);
}

/* Both halves of a product: each bit of it depends on each bit of both. */
static inline uint64_t
fold(uint64_t a, uint64_t b)
{
	__extension__ typedef unsigned __int128 wide;
	wide product = (wide)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t
image_hash(const uint64_t seed[2], const char *name, size_t length)
{
	uint64_t hash = seed[1] ^ length, word, last = 0;
	size_t i;

	for (i = 0; i + sizeof(word) <= length; i += sizeof(word)) {
		memcpy(&word, name + i, sizeof(word));
		hash = fold(hash ^ word, seed[0]);
	}
	for (; i < length; i++)
		last = last << 8 | (uint8_t)name[i];
	return fold(hash ^ last, seed[0]);
}

/* Odd, so that multiplying loses nothing. */
static const uint64_t primes[2] = {
    UINT64_C(0x9e3779b185ebca87), UINT64_C(0xc2b2ae3d27d4eb4f)};

void
image_checksum_init(struct image_checksum *checksum)
{
	size_t i;

	for (i = 0; i < 4; i++)
		checksum->lane[i] = primes[i % 2] + i;
}

/* Each step is a bijection of its lane for a given word, and the reverse. */
static inline uint64_t
mix(uint64_t lane, uint64_t word)
{
	return rotate(lane + word * primes[1], 31) * primes[0];
}

void
image_checksum_add(
    struct image_checksum *checksum, const void *bytes, size_t size)
{
	struct image_checksum sum = *checksum;
	const uint8_t *at = bytes;
	const uint8_t *end = at + size;
	uint64_t words[4];

	for (; at < end; at += sizeof(words)) {
		memcpy(words, at, sizeof(words));
		sum.lane[0] = mix(sum.lane[0], words[0]);
		sum.lane[1] = mix(sum.lane[1], words[1]);
		sum.lane[2] = mix(sum.lane[2], words[2]);
		sum.lane[3] = mix(sum.lane[3], words[3]);
	}
	*checksum = sum;
}

uint64_t
image_checksum_end(const struct image_checksum *checksum)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < 4; i++) {
		sum = mix(sum, checksum->lane[i]);
		sum ^= sum >> 29;
	}
	return sum;
}

static bool
is_zero(const uint32_t *words, size_t count)
{
	while (count > 0 && words[count - 1] == 0)
		count--;
	return count == 0;
}

static bool
header_is_valid(const struct image_header *header, size_t size,
    const struct image_kind *kind)
{
	return header->magic == kind->magic &&
	       header->version == kind->version &&
	       (header->flags & ~kind->flags) == 0 &&
	       header->size_bytes == size && size % IMAGE_STRIPE == 0 &&
	       header->slots >= IMAGE_SLOTS_MIN &&
	       header->slots <= IMAGE_SLOTS_MAX &&
	       (header->slots & (header->slots - 1)) == 0 &&
	       header->records < header->slots && is_zero(header->zero, 7) &&
	       sizeof(*header) + 2 * sizeof(uint64_t) * header->slots <= size;
}

static bool
checksum_is_right(
    const struct image_header *header, const uint8_t *image, size_t size)
{
	struct image_header blank = *header;
	struct image_checksum checksum;

	blank.checksum = 0;
	blank.successor = 0;
	image_checksum_init(&checksum);
	image_checksum_add(&checksum, &blank, sizeof(blank));
	image_checksum_add(
	    &checksum, image + sizeof(blank), size - sizeof(blank));
	return image_checksum_end(&checksum) == header->checksum;
}

int
image_check(const void *image, size_t size_bytes, const struct image_kind *kind,
    struct image_header *ret_header)
{
	struct image_header header;

	if (size_bytes < sizeof(header))
		return -EBADMSG;
	memcpy(&header, image, sizeof(header));
	if (!header_is_valid(&header, size_bytes, kind) ||
	    !checksum_is_right(&header, image, size_bytes))
		return -EBADMSG;
	*ret_header = header;
	return 0;
}
