/*
 * What was used once and may not be used again: a bounded memory of
 * identifiers, each until it would be refused by its age anyway. The caller
 * owns the memory, which may be shared by processes (MAP_SHARED): no lock, and
 * whoever dies leaves nothing half done. Full, it refuses; it never forgets.
 *
 * A slot has 32 bits of a keyed hash, and its place some more: once in some
 * hundred million something new is taken for seen.
 */
#pragma once

#include "verify/slice.h"

#include <stddef.h>
#include <stdint.h>

enum {
	REPLAY_KEY_SIZE = 32,
	REPLAY_SLOTS_MIN = 64,
};

struct replay {
	_Atomic uint64_t *slots;
	size_t slots_count; /* a power of two */
	uint8_t key[REPLAY_KEY_SIZE];
};

/*
 * memory: aligned to 8, zeroed by whoever makes it (an image of mmap is), and
 * there for as long as the replay. Uses the greatest power of two of slots of
 * 8 bytes that fits. key: random, and the same in all who share the memory;
 * without it nobody can aim at a slot. 0, or -EINVAL (under REPLAY_SLOTS_MIN).
 */
int replay_init(struct replay *replay, void *memory, size_t size,
    const uint8_t key[REPLAY_KEY_SIZE]);

/*
 * Remembers (owner, id) until until_s. 0: it is new; -EEXIST: it is there;
 * -ENOSPC: no room where it would go; -EINVAL: a time that is none.
 */
int replay_remember(struct replay *replay, struct slice owner, struct slice id,
    int64_t until_s, int64_t now_s);
