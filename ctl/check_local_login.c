#include "ctl/check_local_login.h"

#include "ctl/cleanup.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <shadow.h>
#include <stdbool.h>
#include <string.h>

static const char check[] = "local login";

/* Whose members become root on Debian and on Red Hat systems. */
static const char *const root_groups[] = {"sudo", "wheel"};

static FILE *
open_under(const char *root, const char *path)
{
	char full[PATH_MAX];

	(void)snprintf(full, sizeof(full), "%s%s", root, path);
	return fopen(full, "re");
}

static bool
lists(char *const *members, const char *name)
{
	for (; *members; members++) {
		if (strcmp(*members, name) == 0)
			return true;
	}
	return false;
}

static bool
is_root_group(const struct group *group)
{
	size_t i;

	for (i = 0; i < sizeof(root_groups) / sizeof(root_groups[0]); i++) {
		if (strcmp(group->gr_name, root_groups[i]) == 0)
			return true;
	}
	return false;
}

static bool
may_become_root(const char *root, const struct passwd *user)
{
	CLEANUP_FCLOSE FILE *file = open_under(root, "/etc/group");
	const struct group *group;

	if (user->pw_uid == 0)
		return true;
	while (file && (group = fgetgrent(file))) {
		if (is_root_group(group) &&
		    (lists(group->gr_mem, user->pw_name) ||
			group->gr_gid == user->pw_gid))
			return true;
	}
	return false;
}

static bool
is_login_shell(const char *shell)
{
	const char *slash = strrchr(shell, '/');
	const char *name = slash ? slash + 1 : shell;

	return strcmp(name, "nologin") != 0 && strcmp(name, "false") != 0;
}

/* '!' and '*' are locked, "" lets anybody in who may use an empty password. */
static bool
is_usable(const char *password)
{
	return *password && !strchr("!*", *password) &&
	       strcmp(password, "x") != 0;
}

static bool
has_password(const char *root, const struct passwd *user)
{
	CLEANUP_FCLOSE FILE *file = open_under(root, "/etc/shadow");
	const struct spwd *shadow;

	if (is_usable(user->pw_passwd))
		return true;
	while (file && (shadow = fgetspent(file))) {
		if (strcmp(shadow->sp_namp, user->pw_name) == 0)
			return is_usable(shadow->sp_pwdp);
	}
	return false;
}

/* The name of somebody who can, or "". */
static void
find_somebody(const char *root, FILE *passwd, char *ret_name, size_t size)
{
	const struct passwd *user;

	ret_name[0] = '\0';
	while ((user = fgetpwent(passwd))) {
		if (!is_login_shell(user->pw_shell) ||
		    !has_password(root, user) || !may_become_root(root, user))
			continue;
		(void)snprintf(ret_name, size, "%s", user->pw_name);
		return;
	}
}

void
check_local_login(const char *root, struct check_report *report)
{
	CLEANUP_FCLOSE FILE *passwd = open_under(root, "/etc/passwd");
	CLEANUP_FCLOSE FILE *shadow = open_under(root, "/etc/shadow");
	char name[64];

	if (!passwd || !shadow) {
		check_report_add(report, CHECK_WARNING, check,
		    "Run portvaktctl check as root.",
		    "/etc/passwd or /etc/shadow cannot be read: %m");
		return;
	}
	find_somebody(root, passwd, name, sizeof(name));
	if (*name)
		check_report_add(report, CHECK_OK, check, NULL,
		    "%s can log in with a local password while portvaktd is "
		    "down",
		    name);
	else
		check_report_add(report, CHECK_FAULT, check,
		    "Give root, or a local member of the group sudo, a "
		    "password and keep it sealed.",
		    "nobody local has a password and may become root: with "
		    "portvaktd down nobody gets in");
}
