#include "ctl/check_files.h"

#include "lib/paths.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>

#define MADE_BY_BROKER "systemctl start portvaktd makes it."

static const char check[] = "files";

enum owner {
	OWNER_ADMINISTRATOR = 1,
	OWNER_BROKER,
	OWNER_EITHER,
	OWNER_NAMED, /* by its unit */
};

static const struct rule {
	const char *path;
	mode_t type;
	mode_t refused; /* permission bits that must not be set */
	mode_t needed;
	enum owner owner;
	bool may_be_absent;
	const char *remedy;
	const char *remedy_absent; /* NULL: the same */
} rules[] = {
    {PORTVAKT_SYSCONFDIR, S_IFDIR, 0022, 0, OWNER_ADMINISTRATOR, false,
	"chown root " PORTVAKT_SYSCONFDIR " && chmod go-w " PORTVAKT_SYSCONFDIR,
	"install -d -m 0755 " PORTVAKT_SYSCONFDIR},
    {PORTVAKT_SYSCONFDIR "/portvakt.conf", S_IFREG, 0022, 0,
	OWNER_ADMINISTRATOR, false,
	"Write it as root, others may at most read it; portvakt.conf(5).",
	NULL},
    {PORTVAKT_SYSCONFDIR "/portvakt.conf.d", S_IFDIR, 0022, 0,
	OWNER_ADMINISTRATOR, true,
	"chown root " PORTVAKT_SYSCONFDIR
	"/portvakt.conf.d && chmod go-w " PORTVAKT_SYSCONFDIR
	"/portvakt.conf.d",
	NULL},
    {PORTVAKT_RUNDIR, S_IFDIR, 0022, 0005, OWNER_EITHER, false,
	"systemd-tmpfiles --create makes it anew.", NULL},
    {PORTVAKT_LOGIN_SOCKET, S_IFSOCK, 0, 0002, OWNER_EITHER, false,
	"systemctl restart portvakt-login.socket portvaktd.service", NULL},
    {PORTVAKT_ADMIN_SOCKET, S_IFSOCK, 0, 0002, OWNER_EITHER, false,
	"systemctl restart portvakt-admin.socket portvaktd.service", NULL},
    {PORTVAKT_SERVICE_SOCKET, S_IFSOCK, 0077, 0, OWNER_NAMED, true,
	"systemctl restart portvakt-service.socket portvaktd.service", NULL},
    {PORTVAKT_STATEDIR, S_IFDIR, 0022, 0005, OWNER_BROKER, false,
	"chown portvakt " PORTVAKT_STATEDIR " && chmod 0755 " PORTVAKT_STATEDIR,
	MADE_BY_BROKER},
    {PORTVAKT_STATEDIR "/register.db", S_IFREG, 0177, 0, OWNER_BROKER, false,
	"chown portvakt " PORTVAKT_STATEDIR
	"/register.db && chmod 0600 " PORTVAKT_STATEDIR "/register.db",
	MADE_BY_BROKER},
    {PORTVAKT_STATEDIR "/register.db-wal", S_IFREG, 0177, 0, OWNER_BROKER, true,
	"chmod 0600 " PORTVAKT_STATEDIR "/register.db-wal", NULL},
    {PORTVAKT_STATEDIR "/person.keys", S_IFREG, 0177, 0, OWNER_BROKER, false,
	"chown portvakt " PORTVAKT_STATEDIR
	"/person.keys && chmod 0600 " PORTVAKT_STATEDIR
	"/person.keys && systemctl restart portvaktd",
	"Restore it from where it was kept: without it nobody is known by an "
	"identity number. systemctl restart portvaktd makes a new one, where "
	"nobody is linked yet."},
    {PORTVAKT_DIRECTORY, S_IFREG, 0022, 0444, OWNER_BROKER, false,
	"systemctl restart portvaktd publishes it anew.", MADE_BY_BROKER},
    {PORTVAKT_DIRECTORY_RESTRICTED, S_IFREG, 0177, 0, OWNER_BROKER, false,
	"chown portvakt " PORTVAKT_DIRECTORY_RESTRICTED
	" && chmod 0600 " PORTVAKT_DIRECTORY_RESTRICTED,
	"systemctl restart portvaktd publishes it anew."},
    {PORTVAKT_LOGDIR, S_IFDIR, 0022, 0, OWNER_BROKER, true,
	"chown portvakt " PORTVAKT_LOGDIR " && chmod go-w " PORTVAKT_LOGDIR,
	NULL},
};

struct owners {
	uid_t administrator;
	uid_t broker;
};

static bool
is_owner(enum owner owner, const struct owners *owners, uid_t uid)
{
	switch (owner) {
	case OWNER_ADMINISTRATOR:
		return uid == owners->administrator;
	case OWNER_BROKER:
		return uid == owners->broker;
	case OWNER_NAMED:
		return true;
	case OWNER_EITHER:
		return uid == owners->administrator || uid == owners->broker;
	}
	return false;
}

static const char *
owner_word(enum owner owner)
{
	switch (owner) {
	case OWNER_ADMINISTRATOR:
		return "root";
	case OWNER_BROKER:
		return "the user portvakt";
	case OWNER_NAMED:
	case OWNER_EITHER:
		break;
	}
	return "root or the user portvakt";
}

static bool
check_status(const struct rule *rule, const struct owners *owners,
    const struct stat *status, struct check_report *report)
{
	if ((status->st_mode & S_IFMT) != rule->type) {
		check_report_add(report, CHECK_FAULT, check, rule->remedy,
		    "%s is not what it should be", rule->path);
		return false;
	}
	if (!is_owner(rule->owner, owners, status->st_uid)) {
		check_report_add(report, CHECK_FAULT, check, rule->remedy,
		    "%s belongs to uid %u, not to %s", rule->path,
		    status->st_uid, owner_word(rule->owner));
		return false;
	}
	if ((status->st_mode & rule->refused) != 0) {
		check_report_add(report, CHECK_FAULT, check, rule->remedy,
		    "%s has mode %04o: too open", rule->path,
		    status->st_mode & 07777U);
		return false;
	}
	if ((status->st_mode & rule->needed) != rule->needed) {
		check_report_add(report, CHECK_FAULT, check, rule->remedy,
		    "%s has mode %04o: not open to those who need it",
		    rule->path, status->st_mode & 07777U);
		return false;
	}
	return true;
}

static const char *
remedy_of(const struct rule *rule, int error)
{
	if (error == EACCES)
		return "Run portvaktctl check as root.";
	return error == ENOENT && rule->remedy_absent ? rule->remedy_absent
						      : rule->remedy;
}

static bool
check_rule(const char *root, const struct rule *rule,
    const struct owners *owners, struct check_report *report)
{
	char path[PATH_MAX];
	struct stat status;

	(void)snprintf(path, sizeof(path), "%s%s", root, rule->path);
	if (lstat(path, &status) == 0)
		return check_status(rule, owners, &status, report);
	if (errno == ENOENT && rule->may_be_absent)
		return true;
	check_report_add(report, errno == EACCES ? CHECK_WARNING : CHECK_FAULT,
	    check, remedy_of(rule, errno), "%s: %m", rule->path);
	return false;
}

void
check_files(const char *root, uid_t administrator, uid_t broker,
    struct check_report *report)
{
	const struct owners owners = {administrator, broker};
	bool good = true;
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		good &= check_rule(root, &rules[i], &owners, report);
	if (good)
		check_report_add(report, CHECK_OK, check, NULL,
		    "owners and modes are right in " PORTVAKT_SYSCONFDIR
		    ", " PORTVAKT_RUNDIR " and " PORTVAKT_STATEDIR);
}
