/*
 * getgrnam, getgrgid, the groups of a user and, where the image allows it, the
 * list of all groups. A user is also the group of the same name and id,
 * without members. Restricted memberships are told by initgroups, to root, and
 * by nothing else to nobody.
 */
#include "nss_module/group.h"

#include "lib/id.h"
#include "nss_module/answer.h"
#include "nss_module/restricted.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Where members[] can start in the buffer. */
static size_t
padding(const char *buffer)
{
	return -(uintptr_t)buffer % _Alignof(char *);
}

/*
 * Points members[] at the names, whose sizes are in lengths[]. They end with
 * the text, or the image was changed.
 */
static bool
point_members(char **members, char *name, const char *end,
    const uint8_t *lengths, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		members[i] = name;
		name += lengths[i];
	}
	members[count] = NULL;
	return name == end;
}

static enum nss_status
answer_group(const struct directory_entry *entry, struct group *result,
    char *buffer, size_t size, int *errnop)
{
	uint32_t count = entry->is_user ? 0 : entry->count;
	size_t text_size = entry->is_user ? entry->head_size : entry->text_size;
	size_t text_at = padding(buffer) + (count + 1) * sizeof(char *);
	char **members = (char **)(void *)(buffer + padding(buffer));
	char *text = buffer + text_at;

	if (text_at + text_size > size)
		return answer_too_small(errnop);
	if (!answer_copy_text(text, entry->text, text_size) ||
	    !point_members(members, text + entry->head_size, text + text_size,
		entry->list, count))
		return answer_not_found(errnop);
	*result = (struct group){
	    .gr_name = text,
	    .gr_passwd = text + entry->head_size - sizeof("x"),
	    .gr_gid = entry->id,
	    .gr_mem = members,
	};
	return NSS_STATUS_SUCCESS;
}

/* By name, or by gid where that is NULL. */
static enum nss_status
look_up(const char *name, gid_t gid, struct group *result, char *buffer,
    size_t size, int *errnop)
{
	struct directory_entry entry;
	struct reading reading;
	enum nss_status status;
	bool found;
	int error;

	error = source_enter(&directory_source, &reading);
	if (error)
		return answer_unavailable(error, errnop);
	found = name ? directory_find_name(reading.directory, name, &entry)
		     : directory_find_id(reading.directory, gid, &entry);
	if (found)
		status = answer_group(&entry, result, buffer, size, errnop);
	else
		status = answer_not_found(errnop);
	source_leave(&reading);
	return status;
}

enum nss_status
_nss_portvakt_getgrnam_r(const char *name, struct group *result, char *buffer,
    size_t size, int *errnop)
{
	return look_up(name, 0, result, buffer, size, errnop);
}

enum nss_status
_nss_portvakt_getgrgid_r(
    gid_t gid, struct group *result, char *buffer, size_t size, int *errnop)
{
	return look_up(NULL, gid, result, buffer, size, errnop);
}

/* The gid that getgrent answered last; as with getpwent, the process's own. */
static _Atomic gid_t last_gid;

enum nss_status
_nss_portvakt_setgrent(int stay_open)
{
	(void)stay_open;
	atomic_store(&last_gid, 0);
	return NSS_STATUS_SUCCESS;
}

enum nss_status
_nss_portvakt_endgrent(void)
{
	return _nss_portvakt_setgrent(0);
}

static enum nss_status
next_group(const struct directory *directory, struct group *result,
    char *buffer, size_t size, int *errnop)
{
	struct directory_entry entry;
	enum nss_status status;

	if (!directory->enumerate ||
	    !directory_find_next(directory, atomic_load(&last_gid), &entry))
		return answer_not_found(errnop);
	status = answer_group(&entry, result, buffer, size, errnop);
	if (status == NSS_STATUS_SUCCESS)
		atomic_store(&last_gid, entry.id);
	return status;
}

enum nss_status
_nss_portvakt_getgrent_r(
    struct group *result, char *buffer, size_t size, int *errnop)
{
	struct reading reading;
	enum nss_status status;
	int error;

	error = source_enter(&directory_source, &reading);
	if (error)
		return answer_unavailable(error, errnop);
	status = next_group(reading.directory, result, buffer, size, errnop);
	source_leave(&reading);
	return status;
}

/* Room for more groups behind start, as far as limit allows. */
static enum nss_status
grow_groups(
    long start, long more, long limit, long *size, gid_t **groups, int *errnop)
{
	long wanted = start + more;
	gid_t *grown;

	if (limit > 0 && wanted > limit)
		wanted = limit;
	if (wanted <= *size)
		return NSS_STATUS_SUCCESS;
	grown = reallocarray(*groups, (size_t)wanted, sizeof(*grown));
	if (!grown) {
		*errnop = ENOMEM;
		return NSS_STATUS_TRYAGAIN;
	}
	*groups = grown;
	*size = wanted;
	return NSS_STATUS_SUCCESS;
}

/* Looks at each gid once more: it was checked, but by now could be another. */
static long
copy_groups(const struct directory_entry *user, gid_t skip, gid_t *groups,
    long start, long size)
{
	const uint32_t *gids = user->list;
	uint32_t i, gid;

	for (i = 0; i < user->count && start < size; i++) {
		gid = __atomic_load_n(&gids[i], __ATOMIC_RELAXED);
		if (gid != skip && id_is_ours(gid))
			groups[start++] = gid;
	}
	return start;
}

/* The user's entry there, of groups alone; without one, it has none. */
static struct directory_entry
find_restricted(const struct directory *restricted, const char *name,
    const struct directory_entry *user)
{
	struct directory_entry entry;

	if (restricted->base && directory_find_name(restricted, name, &entry) &&
	    entry.is_user && entry.id == user->id)
		return entry;
	return (struct directory_entry){0};
}

enum nss_status
_nss_portvakt_initgroups_dyn(const char *user, gid_t skip, long *start,
    long *size, gid_t **groups, long limit, int *errnop)
{
	struct directory_entry entry, more;
	struct directory restricted;
	struct reading reading;
	enum nss_status status;
	int error;

	error =
	    restricted_enter(&directory_source, user, &reading, &restricted);
	if (error)
		return answer_unavailable(error, errnop);
	if (!directory_find_name(reading.directory, user, &entry) ||
	    !entry.is_user) {
		status = answer_not_found(errnop);
	} else {
		more = find_restricted(&restricted, user, &entry);
		status = grow_groups(*start, (long)entry.count + more.count,
		    limit, size, groups, errnop);
	}
	if (status == NSS_STATUS_SUCCESS) {
		*start = copy_groups(&entry, skip, *groups, *start, *size);
		*start = copy_groups(&more, skip, *groups, *start, *size);
	}
	restricted_leave(&reading, &restricted);
	return status;
}
