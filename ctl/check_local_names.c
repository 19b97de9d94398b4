#include "ctl/check_local_names.h"

#include "ctl/cleanup.h"
#include "lib/directory.h"

#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <string.h>

static const char check[] = "local names";

struct kind {
	const char *file;
	const char *word;
	const char *rename;
	const char *renumber;
};

static const struct kind user_kind = {
    "/etc/passwd",
    "user",
    "Rename the local one (usermod -l) or remove ours (portvaktctl account "
    "remove).",
    "Give the local one another (usermod -u).",
};

static const struct kind group_kind = {
    "/etc/group",
    "group",
    "Rename the local one (groupmod -n) or ours (portvakt.conf; "
    "portvaktctl account remove).",
    "Give the local one another (groupmod -g).",
};

static FILE *
open_kind(
    const char *root, const struct kind *kind, struct check_report *report)
{
	char full[PATH_MAX];
	FILE *file;

	(void)snprintf(full, sizeof(full), "%s%s", root, kind->file);
	file = fopen(full, "re");
	if (!file)
		check_report_add(report, CHECK_WARNING, check,
		    "Restore the file.", "%s: %m", kind->file);
	return file;
}

static void
compare(const struct directory *directory, const struct kind *kind,
    const char *name, uint32_t id, struct check_report *report)
{
	struct directory_entry ours;

	if (directory_find_name(directory, name, &ours))
		check_report_add(report, CHECK_FAULT, check, kind->rename,
		    "%s: the %s %s has a name of ours: the two get each "
		    "other's groups",
		    kind->file, kind->word, name);
	else if (directory_find_id(directory, id, &ours))
		check_report_add(report, CHECK_FAULT, check, kind->renumber,
		    "%s: the %s %s has the number %u of our %.*s: each owns "
		    "the other's files",
		    kind->file, kind->word, name, id,
		    (int)strnlen(ours.text, ours.text_size), ours.text);
}

static void
compare_users(const struct directory *directory, const char *root,
    struct check_report *report)
{
	CLEANUP_FCLOSE FILE *file = open_kind(root, &user_kind, report);
	const struct passwd *user;

	while (file && (user = fgetpwent(file)))
		compare(
		    directory, &user_kind, user->pw_name, user->pw_uid, report);
}

static void
compare_groups(const struct directory *directory, const char *root,
    struct check_report *report)
{
	CLEANUP_FCLOSE FILE *file = open_kind(root, &group_kind, report);
	const struct group *group;

	while (file && (group = fgetgrent(file)))
		compare(directory, &group_kind, group->gr_name, group->gr_gid,
		    report);
}

void
check_local_names(
    const char *root, const char *path, struct check_report *report)
{
	size_t before = report->faults + report->warnings;
	struct directory directory = {0};

	if (directory_map(path, &directory))
		return;
	compare_users(&directory, root, report);
	compare_groups(&directory, root, report);
	directory_unmap(&directory);
	if (report->faults + report->warnings == before)
		check_report_add(report, CHECK_OK, check, NULL,
		    "no local account or group has a name or number of ours");
}
