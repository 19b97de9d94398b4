#include "ctl/check_nsswitch.h"

#include "ctl/cleanup.h"
#include "ctl/nsswitch.h"
#include "ctl/text_file.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NSSWITCH_CONF "/etc/nsswitch.conf"
#define NSCD_SOCKET "/run/nscd/socket"
#define NSS_LIBRARY PORTVAKT_NSSDIR "/libnss_portvakt.so.2"

static const char check[] = "nsswitch";

static const char *
fault_text(enum nsswitch_outcome outcome)
{
	switch (outcome) {
	case NSSWITCH_MISSING:
		return "has no line";
	case NSSWITCH_NOT_ASKED:
		return "does not ask portvakt";
	case NSSWITCH_BEFORE_FILES:
		return "asks portvakt before the local files";
	case NSSWITCH_CUT_OFF:
		return "gives up before portvakt is asked";
	case NSSWITCH_FIRST_ALONE:
		return "does not ask portvakt for who stands in a line of "
		       "/etc/group: the ko- groups are lost";
	case NSSWITCH_GOOD:
		break;
	}
	return NULL;
}

static void
check_database(const char *text, const char *database, bool needed,
    struct check_report *report)
{
	char remedy[NSSWITCH_LINE_SIZE], write[NSSWITCH_LINE_SIZE + 32];
	enum nsswitch_outcome outcome;
	size_t line;

	outcome = nsswitch_judge(text, database, &line, remedy);
	if (outcome == NSSWITCH_MISSING && !needed)
		return;
	if (outcome == NSSWITCH_GOOD) {
		check_report_add(report, CHECK_OK, check, NULL,
		    "%s:%zu: %s comes from the files, then from portvakt",
		    NSSWITCH_CONF, line, database);
		return;
	}
	if (needed)
		(void)snprintf(write, sizeof(write), "Write: %s", remedy);
	else
		(void)snprintf(write, sizeof(write),
		    "Delete the line: without it glibc asks all of group's.");
	check_report_add(report, CHECK_FAULT, check, write, "%s:%zu: %s %s",
	    NSSWITCH_CONF, line, database, fault_text(outcome));
}

static void
check_library(const char *root, struct check_report *report)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s%s", root, NSS_LIBRARY);
	if (access(path, R_OK) != 0)
		check_report_add(report, CHECK_FAULT, check,
		    "Install libnss_portvakt.so.2 there.",
		    "%s: %m: nobody of ours has a name", NSS_LIBRARY);
}

/* glibc asks it before any module, and it gives the same answer to all. */
static void
check_nscd(const char *root, struct check_report *report)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s%s", root, NSCD_SOCKET);
	if (access(path, F_OK) == 0)
		check_report_add(report, CHECK_FAULT, check,
		    "systemctl disable --now nscd.service nscd.socket",
		    "nscd answers in place of portvakt: its answers are old, "
		    "and no session gets a restricted group");
}

void
check_nsswitch(const char *root, struct check_report *report)
{
	CLEANUP_FREE char *text = NULL;
	int error;

	error = text_file_read(root, NSSWITCH_CONF, &text);
	if (error) {
		check_report_add(report, CHECK_FAULT, check,
		    "Restore the file; nsswitch.conf(5) describes it.",
		    NSSWITCH_CONF ": %s", strerror(-error));
		return;
	}
	check_database(text, "passwd", true, report);
	check_database(text, "group", true, report);
	/* Absent, glibc takes the line of group. */
	check_database(text, "initgroups", false, report);
	check_library(root, report);
	check_nscd(root, report);
}
