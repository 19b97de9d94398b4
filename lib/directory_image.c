#include "lib/directory_image.h"

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
directory_hash_name(const uint64_t seed[2], const char *name, size_t length)
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
directory_checksum_init(struct directory_checksum *checksum)
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
directory_checksum_add(
    struct directory_checksum *checksum, const void *bytes, size_t size)
{
	struct directory_checksum sum = *checksum;
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
directory_checksum_end(const struct directory_checksum *checksum)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < 4; i++) {
		sum = mix(sum, checksum->lane[i]);
		sum ^= sum >> 29;
	}
	return sum;
}
