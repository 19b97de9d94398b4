#include "ctl/check_trust.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

static const char check[] = "trust";

static const char make_directory[] =
    "systemd-tmpfiles --create makes it anew; then systemctl restart "
    "portvaktd.";
static const char publish_anew[] =
    "systemctl restart portvaktd publishes it anew; journalctl -u portvaktd "
    "says why it was not.";

/* False: readers cannot have it, or others can; that was reported. */
static bool
check_place(const char *path, const struct stat *found, uid_t owner,
    gid_t group, const char *remedy, struct check_report *report)
{
	const mode_t needed = S_ISDIR(found->st_mode) ? 02050 : 0040;

	if (found->st_uid != owner)
		check_report_add(report, CHECK_FAULT, check, remedy,
		    "%s belongs to uid %u, not to the user portvakt", path,
		    found->st_uid);
	else if (found->st_gid != group)
		check_report_add(report, CHECK_FAULT, check, remedy,
		    "%s has gid %u, not the group portvakt-verify: no service "
		    "can verify a token",
		    path, found->st_gid);
	else if ((found->st_mode & 0027) != 0)
		check_report_add(report, CHECK_FAULT, check, remedy,
		    "%s has mode %04o: too open", path,
		    found->st_mode & 07777U);
	else if ((found->st_mode & needed) != needed)
		check_report_add(report, CHECK_FAULT, check, remedy,
		    "%s has mode %04o: the group portvakt-verify needs %04o",
		    path, found->st_mode & 07777U, needed);
	else
		return true;
	return false;
}

static bool
look(const char *path, mode_t type, const char *remedy, struct stat *ret_found,
    struct check_report *report)
{
	struct stat found;
	int error = lstat(path, &found) < 0 ? errno : 0;

	if (error == EACCES)
		check_report_add(report, CHECK_WARNING, check,
		    "Run portvaktctl check as root.",
		    "%s: can be seen by root and portvakt-verify alone", path);
	else if (error)
		check_report_add(report, CHECK_FAULT, check, remedy,
		    "%s: %s: no service can verify a token", path,
		    strerror(error));
	else if ((found.st_mode & S_IFMT) != type)
		check_report_add(report, CHECK_FAULT, check, remedy,
		    "%s is not what it should be", path);
	else
		*ret_found = found;
	return !error && (found.st_mode & S_IFMT) == type;
}

void
check_trust(const char *directory, const char *image, uid_t owner, gid_t group,
    struct check_report *report)
{
	struct stat found;

	if (!look(directory, S_IFDIR, make_directory, &found, report) ||
	    !check_place(
		directory, &found, owner, group, make_directory, report) ||
	    !look(image, S_IFREG, publish_anew, &found, report) ||
	    !check_place(image, &found, owner, group, publish_anew, report))
		return;
	check_report_add(report, CHECK_OK, check, NULL,
	    "%s is there for the group portvakt-verify", image);
}
