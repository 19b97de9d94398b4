#include "verify/slice_set.h"

#include <string.h>

static uint64_t
word_at(const char *text)
{
	uint64_t word;

	memcpy(&word, text, sizeof(word));
	return word;
}

/*
 * The length, both ends and the middle: every byte of a text of up to 24. It
 * need not resist anybody: equal slots are told apart whole, and there are at
 * most SLICE_SET_MAX of them.
 */
static size_t
slot_of(const char *text, size_t size)
{
	uint64_t hash = size;

	if (size < sizeof(hash)) {
		memcpy(&hash, text, size);
	} else {
		hash += word_at(text);
		hash ^= word_at(text + (size - sizeof(hash)) / 2) *
			UINT64_C(0x9e3779b97f4a7c15);
		hash ^= word_at(text + size - sizeof(hash)) *
			UINT64_C(0xc2b2ae3d27d4eb4f);
	}
	hash *= UINT64_C(0xff51afd7ed558ccd);
	return (size_t)(hash >> 40) & (SLICE_SET_SLOTS - 1);
}

void
slice_set_init(struct slice_set *set, const struct slice *slices, size_t count)
{
	size_t i;

	memset(set->slots, 0, sizeof(set->slots));
	set->slices = slices;
	for (i = 0; i < count && i < SLICE_SET_MAX; i++) {
		size_t slot;

		if (slices[i].size == 0)
			continue;
		slot = slot_of(slices[i].at, slices[i].size);
		while (set->slots[slot])
			slot = (slot + 1) & (SLICE_SET_SLOTS - 1);
		set->slots[slot] = (uint16_t)(i + 1);
	}
}

bool
slice_set_has(const struct slice_set *set, const char *text)
{
	size_t size = strlen(text);
	size_t slot = slot_of(text, size);

	while (set->slots[slot]) {
		struct slice slice = set->slices[set->slots[slot] - 1];

		if (slice.size == size && memcmp(slice.at, text, size) == 0)
			return true;
		slot = (slot + 1) & (SLICE_SET_SLOTS - 1);
	}
	return false;
}
