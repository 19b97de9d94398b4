#include "verify/replay.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdatomic.h>
#include <string.h>

enum {
	SHA256_SIZE = 32,
	PROBES = 32, /* slots where one identifier may go */
	ATTEMPTS = 64, /* to take one before others do */
};

/* Where an identifier goes, and how it is known there. */
struct mark {
	size_t place;
	uint32_t tag;
};

/* A slot: the tag above, below it the second from which it is free. */
static uint64_t
slot_of(uint32_t tag, uint32_t until_s)
{
	return (uint64_t)tag << 32 | until_s;
}

static bool
is_live(uint64_t slot, uint32_t now_s)
{
	return (uint32_t)slot > now_s;
}

static _Atomic uint64_t *
slot_at(struct replay *replay, size_t place)
{
	return &replay->slots[place & (replay->slots_count - 1)];
}

int
replay_init(struct replay *replay, void *memory, size_t size,
    const uint8_t key[REPLAY_KEY_SIZE])
{
	size_t count = REPLAY_SLOTS_MIN;

	if (!memory || size / sizeof(*replay->slots) < count)
		return -EINVAL;
	while (size / sizeof(*replay->slots) / 2 >= count)
		count *= 2;
	replay->slots = memory;
	replay->slots_count = count;
	memcpy(replay->key, key, REPLAY_KEY_SIZE);
	return 0;
}

static void
free_hash(EVP_MD_CTX **hash)
{
	EVP_MD_CTX_free(*hash);
}

/* The size of the first keeps the two apart. */
static int
make_mark(const struct replay *replay, struct slice owner, struct slice id,
    struct mark *ret_mark)
{
	__attribute__((cleanup(free_hash))) EVP_MD_CTX *hash = NULL;
	uint64_t owner_size = owner.size;
	uint8_t digest[SHA256_SIZE];

	hash = EVP_MD_CTX_new();
	if (!hash || EVP_DigestInit_ex2(hash, EVP_sha256(), NULL) != 1 ||
	    EVP_DigestUpdate(hash, replay->key, REPLAY_KEY_SIZE) != 1 ||
	    EVP_DigestUpdate(hash, &owner_size, sizeof(owner_size)) != 1 ||
	    EVP_DigestUpdate(hash, owner.at, owner.size) != 1 ||
	    EVP_DigestUpdate(hash, id.at, id.size) != 1 ||
	    EVP_DigestFinal_ex(hash, digest, NULL) != 1)
		return -ENOMEM;
	memcpy(&ret_mark->place, digest, sizeof(ret_mark->place));
	memcpy(&ret_mark->tag, digest + sizeof(ret_mark->place),
	    sizeof(ret_mark->tag));
	return 0;
}

/* How many slots hold it; *ret_free: one that holds nothing, if any does. */
static size_t
look(struct replay *replay, const struct mark *mark, uint32_t now_s,
    _Atomic uint64_t **ret_free, uint64_t *ret_found)
{
	size_t i, held = 0;

	*ret_free = NULL;
	for (i = 0; i < PROBES; i++) {
		_Atomic uint64_t *slot = slot_at(replay, mark->place + i);
		uint64_t value = atomic_load(slot);

		if (is_live(value, now_s)) {
			held += (uint32_t)(value >> 32) == mark->tag;
		} else if (!*ret_free) {
			*ret_free = slot;
			*ret_found = value;
		}
	}
	return held;
}

/*
 * Two who come at once may see different slots free. Each looks again once it
 * has its own: then one of them sees the other, or both do, and no yes is said
 * twice.
 */
static int
take_slot(struct replay *replay, const struct mark *mark, uint32_t until_s,
    uint32_t now_s)
{
	_Atomic uint64_t *slot;
	uint64_t found;
	int i;

	for (i = 0; i < ATTEMPTS; i++) {
		if (look(replay, mark, now_s, &slot, &found) > 0)
			return -EEXIST;
		if (!slot)
			return -ENOSPC;
		if (atomic_compare_exchange_strong(
			slot, &found, slot_of(mark->tag, until_s)))
			return look(replay, mark, now_s, &slot, &found) > 1
				   ? -EEXIST
				   : 0;
	}
	return -ENOSPC;
}

int
replay_remember(struct replay *replay, struct slice owner, struct slice id,
    int64_t until_s, int64_t now_s)
{
	struct mark mark;
	int r;

	if (now_s < 0 || until_s <= now_s || until_s > UINT32_MAX)
		return -EINVAL;
	r = make_mark(replay, owner, id, &mark);
	if (r < 0)
		return r;
	return take_slot(replay, &mark, (uint32_t)until_s, (uint32_t)now_s);
}
