#include "ctl/check_sshd.h"

#include "ctl/cleanup.h"
#include "ctl/number.h"
#include "ctl/program.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define SSHD "/usr/sbin/sshd"

enum {
	SSHD_DEADLINE_MS = 10000,
	VALUE_SIZE = 64,
	LOGIN_TIMEOUT_DEFAULT_S = 300, /* of portvakt.conf(5) */
};

static const char check[] = "sshd";

/* "sshd -T" prints "keyword value" with the keyword in small letters. */
static bool
find_setting(const char *settings, const char *keyword, char *ret_value)
{
	size_t length = strlen(keyword);

	while (*settings) {
		if (strncmp(settings, keyword, length) == 0 &&
		    settings[length] == ' ') {
			settings += length + 1;
			(void)snprintf(ret_value, VALUE_SIZE, "%.*s",
			    (int)strcspn(settings, "\n"), settings);
			return true;
		}
		settings += strcspn(settings, "\n");
		settings += *settings == '\n';
	}
	return false;
}

static bool
check_yes(const char *settings, const char *keyword, const char *remedy,
    struct check_report *report)
{
	char value[VALUE_SIZE] = "not known to this sshd";

	if (find_setting(settings, keyword, value) && strcmp(value, "yes") == 0)
		return true;
	check_report_add(report, CHECK_WARNING, check, remedy,
	    "%s is %s: nobody of ours can log in through sshd", keyword, value);
	return false;
}

/* The password method shows its own prompt and nothing that PAM says. */
static bool
check_password(const char *settings, struct check_report *report)
{
	char value[VALUE_SIZE];

	if (!find_setting(settings, "passwordauthentication", value) ||
	    strcmp(value, "yes") != 0)
		return true;
	check_report_add(report, CHECK_WARNING, check,
	    "Write PasswordAuthentication no, or put it in a Match block for "
	    "local people.",
	    "passwordauthentication is yes: our people would wait blind at a "
	    "password prompt");
	return false;
}

/* 0 is for ever. */
static bool
check_grace(
    const char *settings, int64_t login_timeout_s, struct check_report *report)
{
	char value[VALUE_SIZE];
	uint32_t grace_s;

	if (login_timeout_s == 0)
		login_timeout_s = LOGIN_TIMEOUT_DEFAULT_S;
	if (!find_setting(settings, "logingracetime", value) ||
	    number_parse(value, &grace_s) || grace_s == 0 ||
	    grace_s >= login_timeout_s)
		return true;
	check_report_add(report, CHECK_WARNING, check,
	    "Raise LoginGraceTime in sshd_config, or lower timeout_s of "
	    "login in portvakt.conf.",
	    "sshd gives up after %u seconds, portvaktd waits for a person for "
	    "%lld",
	    grace_s, (long long)login_timeout_s);
	return false;
}

void
check_sshd_settings(
    const char *settings, int64_t login_timeout_s, struct check_report *report)
{
	bool good;

	good = check_yes(
	    settings, "usepam", "Write UsePAM yes in sshd_config.", report);
	good &= check_yes(settings, "kbdinteractiveauthentication",
	    "Write KbdInteractiveAuthentication yes in sshd_config.", report);
	good &= check_password(settings, report);
	good &= check_grace(settings, login_timeout_s, report);
	if (good)
		check_report_add(report, CHECK_OK, check, NULL,
		    "sshd asks PAM, shows the dialogue and waits for it");
}

void
check_sshd_refusal(const char *output, bool root, struct check_report *report)
{
	const char *remedy = "Repair sshd_config until sshd -t is silent.";

	if (!root)
		remedy = "Run portvaktctl check as root.";
	else if (strstr(output, "/run/sshd"))
		remedy = "systemctl start ssh makes /run/sshd.";
	check_report_add(report, CHECK_WARNING, check, remedy,
	    "sshd does not show its settings: %.*s", (int)strcspn(output, "\n"),
	    output);
}

void
check_sshd(int64_t login_timeout_s, struct check_report *report)
{
	static const char *const argv[] = {SSHD, "-T", NULL};
	struct program_result result = {0};
	int error;

	if (access(SSHD, X_OK) != 0)
		return;
	error = program_run(argv, SSHD_DEADLINE_MS, &result);
	if (error || result.exit_code != 0)
		check_sshd_refusal(error ? strerror(-error) : result.output,
		    geteuid() == 0, report);
	else
		check_sshd_settings(result.output, login_timeout_s, report);
	free(result.output);
}
