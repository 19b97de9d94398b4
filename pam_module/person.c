#include "pam_module/person.h"

#include "lib/directory.h"
#include "lib/id.h"
#include "lib/paths.h"

#include <errno.h>
#include <pwd.h>
#include <security/pam_ext.h>
#include <security/pam_modutil.h>
#include <stdint.h>
#include <string.h>
#include <syslog.h>

/* -ENOENT: none of ours, and nobody needs to hear of it. */
static int
find_in_image(const char *name, uint32_t *ret_uid, bool *ret_may_log_in)
{
	struct directory directory;
	struct directory_user user;
	int error;

	error = directory_map(PORTVAKT_DIRECTORY, &directory);
	if (error)
		return error;
	error = directory_user_by_name(&directory, name, &user);
	if (!error) {
		*ret_uid = user.uid;
		*ret_may_log_in = user.may_log_in;
	}
	directory_unmap(&directory);
	return error;
}

/* The machine may know the name otherwise: from /etc/passwd, or not at all. */
static bool
resolves_to(pam_handle_t *pamh, const char *name, uint32_t uid)
{
	const struct passwd *passwd = pam_modutil_getpwnam(pamh, name);

	if (!passwd) {
		pam_syslog(pamh, LOG_ERR,
		    "%s has an account but no name service entry: add portvakt "
		    "to passwd in /etc/nsswitch.conf",
		    name);
		return false;
	}
	if (passwd->pw_uid != uid) {
		pam_syslog(pamh, LOG_NOTICE,
		    "%s is another account of this machine (uid %u): left to "
		    "the other modules",
		    name, (unsigned int)passwd->pw_uid);
		return false;
	}
	return true;
}

/*
 * It is there and says nothing: nobody knows who is locked. The name service
 * may still know the name, from a mapping of its own; then it is one of ours
 * who must not pass for a stranger, whom the next module may let in.
 */
static int
judge_without_image(pam_handle_t *pamh, const char *name, int error)
{
	const struct passwd *passwd = pam_modutil_getpwnam(pamh, name);

	pam_syslog(pamh, LOG_ERR,
	    "no account of ours is known: %s: %s; portvaktctl reload "
	    "writes it anew",
	    PORTVAKT_DIRECTORY, strerrordesc_np(-error));
	return passwd && id_is_ours(passwd->pw_uid) ? PAM_AUTHINFO_UNAVAIL
						    : PAM_USER_UNKNOWN;
}

int
person_identify(pam_handle_t *pamh, struct person *ret_person)
{
	const char *name;
	bool may_log_in;
	uint32_t uid;
	int code, error;

	code = pam_get_user(pamh, &name, NULL);
	if (code == PAM_CONV_AGAIN)
		return PAM_INCOMPLETE;
	if (code != PAM_SUCCESS)
		return code;
	if (!name_is_valid(name))
		return PAM_USER_UNKNOWN;
	error = find_in_image(name, &uid, &may_log_in);
	if (error && error != -ENOENT)
		return judge_without_image(pamh, name, error);
	if (error || !resolves_to(pamh, name, uid))
		return PAM_USER_UNKNOWN;
	memcpy(ret_person->name, name, strlen(name) + 1);
	ret_person->may_log_in = may_log_in;
	return PAM_SUCCESS;
}
