#include "verify/slice_set.h"

#include <string.h>

/*
 * The length and both ends. It need not be better than that: equal slots are
 * told apart whole, and of at most SLICE_SET_MAX texts.
 */
static size_t
slot_of(const char *text, size_t size)
{
	uint64_t first = 0, last = 0;
	size_t part = size < sizeof(first) ? size : sizeof(first);

	if (part == sizeof(first)) {
		memcpy(&first, text, sizeof(first));
		memcpy(&last, text + size - sizeof(last), sizeof(last));
	} else {
		memcpy(&first, text, part);
	}
	first = (first ^ size) * UINT64_C(0x9e3779b97f4a7c15);
	first = (first ^ (first >> 32) ^ last) * UINT64_C(0xc2b2ae3d27d4eb4f);
	return (size_t)(first >> 40) & (SLICE_SET_SLOTS - 1);
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
