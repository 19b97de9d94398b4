/* portvaktctl check: what is wrong here, and what to do about it. */
#include "ctl/check_broker.h"
#include "ctl/check_directory.h"
#include "ctl/check_files.h"
#include "ctl/check_local_login.h"
#include "ctl/check_local_names.h"
#include "ctl/check_nsswitch.h"
#include "ctl/check_pam.h"
#include "ctl/check_sshd.h"
#include "ctl/check_trust.h"
#include "ctl/command.h"
#include "ctl/exchange.h"
#include "ctl/table.h"
#include "ctl/text.h"
#include "lib/paths.h"

#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BROKER_PROGRAM PORTVAKT_SBINDIR "/portvaktd"
#define BROKER_USER "portvakt"
#define VERIFY_GROUP "portvakt-verify"
#define MACHINE "" /* every check takes the root of the machine it looks at */

enum {
	INDENT = 9, /* "warning  " */
};

static void
check_owners(struct check_report *report)
{
	const struct passwd *user = getpwnam(BROKER_USER);
	const struct group *group = getgrnam(VERIFY_GROUP);

	if (!group)
		check_report_add(report, CHECK_FAULT, "trust",
		    "Install the package anew, or: groupadd "
		    "--system " VERIFY_GROUP,
		    "there is no group " VERIFY_GROUP
		    ": no service can verify a token");
	if (user && group)
		check_trust(PORTVAKT_RUNDIR "/trust", PORTVAKT_TRUST,
		    user->pw_uid, group->gr_gid, report);
	if (user)
		check_files(MACHINE, 0, user->pw_uid, report);
	else
		check_report_add(report, CHECK_FAULT, "files",
		    "Install the package anew, or: useradd --system "
		    "--shell /usr/sbin/nologin " BROKER_USER,
		    "there is no user " BROKER_USER);
}

static const char *
colour_of(const char *level)
{
	if (strcmp(level, "ok") == 0)
		return "\033[32m";
	return strcmp(level, "warning") == 0 ? "\033[33m" : "\033[1;31m";
}

static void
print_finding(const json_t *finding, bool colour)
{
	const char *level =
	    json_string_value(json_object_get(finding, "level"));
	const char *remedy =
	    json_string_value(json_object_get(finding, "remedy"));
	char text[4096];

	printf("%s%-*s%s", colour ? colour_of(level) : "", INDENT, level,
	    colour ? "\033[0m" : "");
	(void)snprintf(text, sizeof(text), "%s: %s",
	    json_string_value(json_object_get(finding, "check")),
	    json_string_value(json_object_get(finding, "text")));
	text_fold(stdout, text, INDENT, TABLE_WIDTH);
	if (!remedy)
		return;
	printf("%*s", INDENT, "");
	text_fold(stdout, remedy, INDENT, TABLE_WIDTH);
}

static void
print_report(const struct check_report *report)
{
	bool colour = text_colour(stdout);
	const json_t *finding;
	size_t i;

	json_array_foreach (report->findings, i, finding) {
		print_finding(finding, colour);
	}
	printf("%zu fault%s, %zu warning%s.\n", report->faults,
	    report->faults == 1 ? "" : "s", report->warnings,
	    report->warnings == 1 ? "" : "s");
}

static void
print_report_json(const struct check_report *report)
{
	json_auto_t *object = json_pack("{s:O, s:I, s:I}", "checks",
	    report->findings, "faults", (json_int_t)report->faults, "warnings",
	    (json_int_t)report->warnings);

	exchange_print_json(object);
}

/*
 * Without root, portvaktd --check cannot read the keys and portvaktctl cannot
 * ask the broker; nor can sshd -T read its keys, nor anybody the passwords:
 * what is found then need not be so.
 */
static void
check_running(bool root, struct check_report *report, int64_t *ret_timeout_s)
{
	size_t first = json_array_size(report->findings);

	check_configuration(BROKER_PROGRAM, report);
	if (!root)
		check_report_soften(report, first);
	first = json_array_size(report->findings);
	/* Before the files: asking starts a broker that waits on a socket. */
	check_broker(report, ret_timeout_s);
	if (!root)
		check_report_soften(report, first);
}

int
check(const struct invocation *invocation)
{
	struct check_report report;
	bool root = geteuid() == 0;
	int64_t login_timeout_s;
	size_t first;
	int code;

	if (check_report_init(&report)) {
		fputs("portvaktctl: not enough memory\n", stderr);
		return EXIT_REFUSED;
	}
	if (!root)
		check_report_add(&report, CHECK_WARNING, "root", NULL,
		    "Run it as root; as you are, some of it cannot be seen");
	check_running(root, &report, &login_timeout_s);
	check_owners(&report);
	check_directory(PORTVAKT_DIRECTORY, &report);
	check_directory_restricted(
	    PORTVAKT_DIRECTORY_RESTRICTED, PORTVAKT_DIRECTORY, &report);
	check_local_names(MACHINE, PORTVAKT_DIRECTORY, &report);
	check_nsswitch(MACHINE, &report);
	check_pam(MACHINE, &report);
	first = json_array_size(report.findings);
	check_sshd(login_timeout_s, &report);
	check_local_login(MACHINE, &report);
	if (!root)
		check_report_soften(&report, first);
	if (invocation_json(invocation))
		print_report_json(&report);
	else
		print_report(&report);
	code = report.faults > 0 ? EXIT_REFUSED : EXIT_DONE;
	check_report_done(&report);
	return code;
}
