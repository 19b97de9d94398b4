/*
 * The image that this process has mapped, shared by all of its threads: looked
 * at before each lookup, and replaced when a newer one has been published. A
 * lookup that begins after a publication sees it. No lookup waits for another
 * one, and after the first one none allocates, opens or calls the kernel, but
 * for one stat a second.
 *
 * Readers. A mapping sits in one of a few slots. A reader pins the current slot
 * by counting itself in, then looks again whether it is current; if not, it
 * counts itself out and starts over. Who replaces the mapping first makes
 * another slot current, and then unmaps the slots that are not current and in
 * which nobody is counted. All four steps are sequentially consistent. So if a
 * reader was counted in too late for the replacer to see, its second look
 * comes after the slot was left, and it lets go without having touched the
 * mapping. Counts are kept per processor, in a cache line of its own: threads
 * that look up at the same time do not fight over one.
 *
 * Bounds. There are never more mappings than slots, and all but the current
 * one go with the next check after their last reader; a reader that is stopped
 * in the middle of a lookup keeps its slot. Where the current image is known to
 * be old and cannot be replaced at this moment, because another thread is at it
 * or all slots are kept, the file is mapped for that one lookup.
 *
 * Fork. The counts and the replacer's flag live in memory that the kernel
 * gives to the child zeroed (MADV_WIPEONFORK): other threads' readers do not
 * exist there. The mappings are inherited. A thread of the parent that was
 * about to enter or clear a slot at that moment costs the child at most one
 * mapping that it does not know of, never one that it knows wrongly: a slot is
 * filled after mmap and cleared before munmap.
 */
#pragma once

#include "lib/directory.h"

#include <stdatomic.h>

enum {
	SOURCE_SLOTS = 4,
	SOURCE_NEVER = -1,
};

struct source_shared;

struct source {
	const char *path;
	const char *restricted_path; /* see nss_module/restricted.h */
	_Atomic(struct source_shared *) shared; /* made at the first lookup */
	_Atomic int current; /* a slot, or why there is none: -errno */
	_Atomic int64_t checked_s; /* the second in which path was looked at:
		of the wall clock, as any other second will do */
	struct directory slots[SOURCE_SLOTS];
};

#define SOURCE_INIT(path_, restricted_path_)                            \
	{                                                               \
		.path = (path_), .restricted_path = (restricted_path_), \
		.current = -ENOENT, .checked_s = SOURCE_NEVER           \
	}

/* One lookup's hold on one generation. */
struct reading {
	const struct directory *directory;
	_Atomic uint32_t *readers; /* where this one is counted */
	struct directory own; /* or a mapping for this lookup alone */
};

/*
 * 0, and the reading is to be left; or the negative errno of directory_map().
 * Leaves errno alone.
 */
int source_enter(struct source *source, struct reading *ret_reading);
void source_leave(struct reading *reading);
