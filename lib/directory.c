#include "lib/directory.h"

#include "lib/directory_image.h"
#include "lib/id.h"
#include "lib/name.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PATH_SIZE_MAX = 1024,
	NO_GROUP_OR_OTHER_WRITE = 022,
};

static inline uint64_t
load_slot(const uint64_t *slot)
{
	return __atomic_load_n(slot, __ATOMIC_RELAXED);
}

/*
 * What comes after works on the copy: without the barrier the compiler may
 * load a value again after it was checked.
 */
static inline void
load_record(const uint8_t *at, struct directory_record *ret_record)
{
	memcpy(ret_record, at, sizeof(*ret_record));
	__asm__ volatile("" ::: "memory");
}

static inline uint64_t
list_at(const struct directory_record *record)
{
	uint64_t size = record->text_size;

	return record->kind == DIRECTORY_GROUP ? size : (size + 3) & ~3ULL;
}

static inline bool
text_is_ordered(const struct directory_record *record)
{
	if (record->head_size < sizeof("n\0x") ||
	    record->head_size > record->text_size)
		return false;
	switch ((enum directory_kind)record->kind) {
	case DIRECTORY_GROUP:
		return true;
	case DIRECTORY_USER:
	case DIRECTORY_USER_LOCKED:
		return record->head_size < record->home_at &&
		       record->home_at < record->shell_at &&
		       record->shell_at < record->text_size;
	}
	return false;
}

static inline bool
record_fits(const struct directory_record *record, uint64_t room)
{
	uint64_t item_size =
	    record->kind == DIRECTORY_GROUP ? 1 : sizeof(uint32_t);

	return record->size_bytes <= room && record->size_bytes % 8 == 0 &&
	       record->count <= DIRECTORY_COUNT_MAX &&
	       sizeof(*record) + list_at(record) + record->count * item_size <=
		   record->size_bytes;
}

static inline bool
load_entry(const struct directory *directory, uint64_t at,
    struct directory_entry *ret_entry)
{
	struct directory_record record;
	const uint8_t *text;

	if (at < directory->records_at ||
	    at > directory->size_bytes - sizeof(record))
		return false;
	load_record(directory->base + at, &record);
	if (!id_is_ours(record.id) || !text_is_ordered(&record) ||
	    !record_fits(&record, directory->size_bytes - at))
		return false;
	text = directory->base + at + sizeof(record);
	*ret_entry = (struct directory_entry){
	    .text = (const char *)text,
	    .text_size = record.text_size,
	    .head_size = record.head_size,
	    .home_at = record.home_at,
	    .shell_at = record.shell_at,
	    .list = text + list_at(&record),
	    .count = record.count,
	    .id = record.id,
	    .next_at = at + record.size_bytes,
	    .is_user = record.kind != DIRECTORY_GROUP,
	    .may_log_in = record.kind == DIRECTORY_USER,
	};
	return true;
}

bool
directory_load(const struct directory *directory, uint64_t at,
    struct directory_entry *ret_entry)
{
	return load_entry(directory, at, ret_entry);
}

static inline bool
has_name(const struct directory_entry *entry, const char *name, size_t length)
{
	return entry->head_size == length + sizeof("\0x") &&
	       memcmp(entry->text, name, length) == 0;
}

bool
directory_find_name(const struct directory *directory, const char *name,
    struct directory_entry *ret_entry)
{
	struct directory_entry entry;
	size_t length = strnlen(name, NAME_MAX_SIZE);
	uint64_t hash, i, slot;

	if (length == NAME_MAX_SIZE)
		return false;
	hash = directory_hash_name(directory->seed, name, length);
	for (i = 0; i <= directory->slot_mask; i++) {
		slot = load_slot(
		    &directory->names[(hash + i) & directory->slot_mask]);
		if (slot == 0)
			return false;
		if ((uint32_t)slot == hash >> 32 &&
		    load_entry(directory, (slot >> 32) * 8, &entry) &&
		    has_name(&entry, name, length)) {
			*ret_entry = entry;
			return true;
		}
	}
	return false;
}

/* Where the record with this id is, or 0. */
static inline uint64_t
locate_id(const struct directory *directory, uint32_t id)
{
	uint64_t hash = directory_hash_id(directory->seed, id), i, slot;

	for (i = 0; i <= directory->slot_mask; i++) {
		slot = load_slot(
		    &directory->ids[(hash + i) & directory->slot_mask]);
		if (slot == 0)
			return 0;
		if ((uint32_t)slot == id)
			return (slot >> 32) * 8;
	}
	return 0;
}

bool
directory_find_id(const struct directory *directory, uint32_t id,
    struct directory_entry *ret_entry)
{
	struct directory_entry entry;
	uint64_t at = locate_id(directory, id);

	if (at == 0 || !load_entry(directory, at, &entry) || entry.id != id)
		return false;
	*ret_entry = entry;
	return true;
}

bool
directory_find_next(const struct directory *directory, uint32_t id,
    struct directory_entry *ret_entry)
{
	struct directory_entry entry;
	uint64_t at = locate_id(directory, id);

	if (at == 0)
		at = directory->records_at;
	for (; load_entry(directory, at, &entry); at = entry.next_at) {
		if (entry.id > id) {
			*ret_entry = entry;
			return true;
		}
	}
	return false;
}

int
directory_user_by_name(const struct directory *directory, const char *name,
    struct directory_user *ret_user)
{
	struct directory_entry entry;

	if (!directory_find_name(directory, name, &entry) || !entry.is_user)
		return -ENOENT;
	*ret_user = (struct directory_user){
	    .name = entry.text,
	    .gecos = entry.text + entry.head_size,
	    .home = entry.text + entry.home_at,
	    .shell = entry.text + entry.shell_at,
	    .uid = entry.id,
	    .gid = entry.id,
	    .may_log_in = entry.may_log_in,
	};
	return 0;
}

bool
directory_is_superseded(const struct directory *directory)
{
	const struct directory_header *header = (const void *)directory->base;

	return __atomic_load_n(&header->successor, __ATOMIC_ACQUIRE) != 0;
}

int
directory_is_current(const struct directory *directory, const char *path)
{
	struct stat st;

	if (fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return st.st_dev == directory->device && st.st_ino == directory->inode
		   ? 0
		   : -ESTALE;
}

static void
close_fd(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

/* What the file system says of a path that holds no image. */
static int
open_error(int error)
{
	switch (error) {
	case ENOTDIR:
		return -ENOENT;
	case ELOOP: /* a symlink */
	case ENXIO: /* a socket, or no device behind a node */
	case ENODEV:
		return -EBADMSG;
	default:
		return -error;
	}
}

static int
open_folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_SIZE_MAX];
	size_t length;
	int fd;

	if (!slash)
		return -EINVAL;
	length = slash == path ? 1 : (size_t)(slash - path);
	if (length >= sizeof(folder))
		return -ENAMETOOLONG;
	memcpy(folder, path, length);
	folder[length] = '\0';
	fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? open_error(errno) : fd;
}

static bool
is_trusted(const struct stat *folder, const struct stat *file)
{
	return S_ISREG(file->st_mode) &&
	       (file->st_uid == 0 || file->st_uid == folder->st_uid) &&
	       (file->st_mode & NO_GROUP_OR_OTHER_WRITE) == 0 &&
	       (folder->st_mode & NO_GROUP_OR_OTHER_WRITE) == 0;
}

/* Non-blocking, so that a fifo cannot hold the caller up. */
static int
open_trusted(const char *path, struct stat *ret_stat)
{
	__attribute__((cleanup(close_fd))) int folder = open_folder_of(path);
	struct stat folder_stat, file_stat;
	int fd;

	if (folder < 0)
		return folder;
	fd = openat(folder, strrchr(path, '/') + 1,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return open_error(errno);
	if (fstat(folder, &folder_stat) < 0 || fstat(fd, &file_stat) < 0 ||
	    !is_trusted(&folder_stat, &file_stat)) {
		(void)close(fd);
		return -EBADMSG;
	}
	*ret_stat = file_stat;
	return fd;
}

int
directory_map(const char *path, struct directory *ret_directory)
{
	struct stat st = {0};
	__attribute__((cleanup(close_fd))) int fd = open_trusted(path, &st);
	struct directory directory;
	void *base;
	size_t size;
	int error;

	if (fd < 0)
		return fd;
	if (st.st_size <= 0 || st.st_size > DIRECTORY_SIZE_MAX)
		return -EBADMSG;
	size = (size_t)st.st_size;
	base = mmap(NULL, size, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
	if (base == MAP_FAILED)
		return -errno;
	error = directory_check(base, size, &directory);
	if (error) {
		(void)munmap(base, size);
		return error;
	}
	directory.device = st.st_dev;
	directory.inode = st.st_ino;
	*ret_directory = directory;
	return 0;
}

void
directory_unmap(struct directory *directory)
{
	union {
		const uint8_t *mapped;
		void *address;
	} base = {.mapped = directory->base};
	size_t size = directory->size_bytes;

	*directory = (struct directory){0};
	if (base.address)
		(void)munmap(base.address, size);
}
