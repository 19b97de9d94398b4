#include "nss_module/source.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <time.h>

enum {
	SHARDS = 64, /* more processors than that share counts */
	CACHE_LINE = 64,
};

struct shard {
	_Alignas(CACHE_LINE) _Atomic uint32_t readers[SOURCE_SLOTS];
};

struct source_shared {
	struct shard shards[SHARDS];
	_Atomic bool replacing;
};

static struct source_shared *
make_shared(struct source *source)
{
	struct source_shared *expected = NULL;
	void *page;

	page = mmap(NULL, sizeof(struct source_shared), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return NULL;
	if (madvise(page, sizeof(struct source_shared), MADV_WIPEONFORK) < 0) {
		(void)munmap(page, sizeof(struct source_shared));
		return NULL;
	}
	if (atomic_compare_exchange_strong(&source->shared, &expected, page))
		return page;
	(void)munmap(page, sizeof(struct source_shared));
	return expected;
}

static struct source_shared *
get_shared(struct source *source)
{
	struct source_shared *shared;
	int saved_errno;

	shared = atomic_load_explicit(&source->shared, memory_order_acquire);
	if (shared)
		return shared;
	saved_errno = errno;
	shared = make_shared(source);
	errno = saved_errno;
	return shared;
}

static struct shard *
own_shard(struct source_shared *shared)
{
	return &shared->shards[(unsigned int)sched_getcpu() % SHARDS];
}

/* Holds the current mapping, or says why there is none. */
static int
pin(struct source *source, struct source_shared *shared,
    struct reading *reading)
{
	struct shard *shard = own_shard(shared);
	_Atomic uint32_t *readers;
	int slot;

	for (;;) {
		slot = atomic_load(&source->current);
		if (slot < 0)
			return slot;
		readers = &shard->readers[slot];
		(void)atomic_fetch_add(readers, 1);
		if (atomic_load(&source->current) == slot)
			break;
		(void)atomic_fetch_sub(readers, 1);
	}
	reading->directory = &source->slots[slot];
	reading->readers = readers;
	return 0;
}

void
source_leave(struct reading *reading)
{
	if (reading->readers)
		(void)atomic_fetch_sub_explicit(
		    reading->readers, 1, memory_order_release);
	else
		directory_unmap(&reading->own);
}

static bool
has_readers(struct source_shared *shared, int slot)
{
	size_t i;

	for (i = 0; i < SHARDS; i++) {
		if (atomic_load(&shared->shards[i].readers[slot]) != 0)
			return true;
	}
	return false;
}

static void
unmap_left_slots(struct source *source, struct source_shared *shared)
{
	int slot;

	for (slot = 0; slot < SOURCE_SLOTS; slot++) {
		if (source->slots[slot].base &&
		    slot != atomic_load(&source->current) &&
		    !has_readers(shared, slot))
			directory_unmap(&source->slots[slot]);
	}
}

static int
free_slot(const struct source *source)
{
	int slot;

	for (slot = 0; slot < SOURCE_SLOTS; slot++) {
		if (!source->slots[slot].base)
			return slot;
	}
	return -EBUSY;
}

/* Says something about the image; the others only about this process. */
static bool
is_verdict(int error)
{
	return error == -ENOENT || error == -EBADMSG;
}

/* 0 when what is current now is what the path leads to, or leads nowhere. */
static int
replace(struct source *source, struct source_shared *shared)
{
	int current = atomic_load(&source->current);
	int slot, error;

	unmap_left_slots(source, shared);
	if (current >= 0 &&
	    directory_check_current(&source->slots[current], source->path) == 0)
		return 0;
	slot = free_slot(source);
	if (slot < 0)
		return slot;
	error = directory_map(source->path, &source->slots[slot]);
	if (error && current >= 0 && !is_verdict(error))
		return error;
	atomic_store(&source->current, error ? error : slot);
	unmap_left_slots(source, shared);
	return 0;
}

static int
map_own(const struct source *source, struct reading *ret_reading)
{
	struct directory own;
	int error;

	error = directory_map(source->path, &own);
	if (error)
		return error;
	*ret_reading = (struct reading){.own = own};
	ret_reading->directory = &ret_reading->own;
	return 0;
}

/*
 * Where this thread cannot replace what is current: that is good enough unless
 * it is known to be old. Who has just been told of a new account must find it.
 */
static int
pin_or_map_own(struct source *source, struct source_shared *shared,
    struct reading *ret_reading)
{
	struct reading pinned = {0};
	int error;

	error = pin(source, shared, &pinned);
	if (!error && !directory_is_superseded(pinned.directory)) {
		*ret_reading = pinned;
		return 0;
	}
	if (map_own(source, ret_reading) == 0) {
		if (!error)
			source_leave(&pinned);
		return 0;
	}
	if (!error)
		*ret_reading = pinned;
	return error;
}

/*
 * One thread replaces, the others do not wait for it. A thread that were
 * cancelled on the way would leave the flag set for ever.
 */
static int
refresh_and_pin(struct source *source, struct source_shared *shared,
    int64_t now_s, struct reading *ret_reading)
{
	int saved_errno = errno, cancel_state, error = -EBUSY;

	(void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
	if (!atomic_exchange(&shared->replacing, true)) {
		error = replace(source, shared);
		atomic_store(&source->checked_s, now_s);
		atomic_store(&shared->replacing, false);
	}
	if (error)
		error = pin_or_map_own(source, shared, ret_reading);
	else
		error = pin(source, shared, ret_reading);
	(void)pthread_setcancelstate(cancel_state, NULL);
	errno = saved_errno;
	return error;
}

int
source_enter(struct source *source, struct reading *ret_reading)
{
	struct source_shared *shared = get_shared(source);
	int64_t now_s = time(NULL);
	bool checked;
	int error;

	if (!shared)
		return -ENOMEM;
	checked = atomic_load_explicit(
		      &source->checked_s, memory_order_acquire) == now_s;
	error = pin(source, shared, ret_reading);
	if (checked &&
	    (error || !directory_is_superseded(ret_reading->directory)))
		return error;
	if (!error)
		source_leave(ret_reading);
	return refresh_and_pin(source, shared, now_s, ret_reading);
}
