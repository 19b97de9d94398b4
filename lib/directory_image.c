#include "lib/directory_image.h"

#include <string.h>

static inline uint64_t
rotate(uint64_t value, unsigned int bits)
{
	return value << bits | value >> (64 - bits);
}

static inline void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

static inline void
sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

uint64_t
directory_hash_name(const uint64_t seed[2], const char *name, size_t length)
{
	uint64_t v[4] = {seed[0] ^ UINT64_C(0x736f6d6570736575),
	    seed[1] ^ UINT64_C(0x646f72616e646f6d),
	    seed[0] ^ UINT64_C(0x6c7967656e657261),
	    seed[1] ^ UINT64_C(0x7465646279746573)};
	uint64_t word, last = (uint64_t)length << 56;
	size_t i;

	for (i = 0; i + sizeof(word) <= length; i += sizeof(word)) {
		memcpy(&word, name + i, sizeof(word));
		sip_word(v, word);
	}
	for (; i < length; i++)
		last |= (uint64_t)(uint8_t)name[i] << (i % 8 * 8);
	sip_word(v, last);
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
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
