/* getpwnam, getpwuid and, where the image allows it, the list of all users. */
#include "nss_module/passwd.h"

#include "nss_module/answer.h"

#include <stdatomic.h>

static enum nss_status
answer_passwd(const struct directory_entry *user, struct passwd *result,
    char *buffer, size_t size, int *errnop)
{
	if (user->text_size > size)
		return answer_too_small(errnop);
	if (!answer_copy_text(buffer, user->text, user->text_size))
		return answer_not_found(errnop);
	*result = (struct passwd){
	    .pw_name = buffer,
	    .pw_passwd = buffer + user->head_size - sizeof("x"),
	    .pw_uid = user->id,
	    .pw_gid = user->id,
	    .pw_gecos = buffer + user->head_size,
	    .pw_dir = buffer + user->home_at,
	    .pw_shell = buffer + user->shell_at,
	};
	return NSS_STATUS_SUCCESS;
}

/* By name, or by uid where that is NULL. */
static enum nss_status
look_up(const char *name, uid_t uid, struct passwd *result, char *buffer,
    size_t size, int *errnop)
{
	struct directory_entry user;
	struct reading reading;
	enum nss_status status;
	bool found;
	int error;

	error = source_enter(&directory_source, &reading);
	if (error)
		return answer_unavailable(error, errnop);
	found = name ? directory_find_name(reading.directory, name, &user)
		     : directory_find_id(reading.directory, uid, &user);
	if (found && user.is_user)
		status = answer_passwd(&user, result, buffer, size, errnop);
	else
		status = answer_not_found(errnop);
	source_leave(&reading);
	return status;
}

enum nss_status
_nss_portvakt_getpwnam_r(const char *name, struct passwd *result, char *buffer,
    size_t size, int *errnop)
{
	return look_up(name, 0, result, buffer, size, errnop);
}

enum nss_status
_nss_portvakt_getpwuid_r(
    uid_t uid, struct passwd *result, char *buffer, size_t size, int *errnop)
{
	return look_up(NULL, uid, result, buffer, size, errnop);
}

/*
 * The uid that getpwent answered last. The list belongs to the process, as
 * glibc's own does; threads that share it share out its users, and no lookup
 * moves it.
 */
static _Atomic uid_t last_uid;

enum nss_status
_nss_portvakt_setpwent(int stay_open)
{
	(void)stay_open;
	atomic_store(&last_uid, 0);
	return NSS_STATUS_SUCCESS;
}

enum nss_status
_nss_portvakt_endpwent(void)
{
	return _nss_portvakt_setpwent(0);
}

static enum nss_status
next_passwd(const struct directory *directory, struct passwd *result,
    char *buffer, size_t size, int *errnop)
{
	struct directory_entry user;
	enum nss_status status;
	uid_t uid = atomic_load(&last_uid);

	do {
		if (!directory->enumerate ||
		    !directory_find_next(directory, uid, &user))
			return answer_not_found(errnop);
		uid = user.id;
	} while (!user.is_user);
	status = answer_passwd(&user, result, buffer, size, errnop);
	if (status == NSS_STATUS_SUCCESS)
		atomic_store(&last_uid, uid);
	return status;
}

enum nss_status
_nss_portvakt_getpwent_r(
    struct passwd *result, char *buffer, size_t size, int *errnop)
{
	struct reading reading;
	enum nss_status status;
	int error;

	error = source_enter(&directory_source, &reading);
	if (error)
		return answer_unavailable(error, errnop);
	status = next_passwd(reading.directory, result, buffer, size, errnop);
	source_leave(&reading);
	return status;
}
