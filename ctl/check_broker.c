#include "ctl/check_broker.h"
#include "ctl/issuer_trouble.h"

#include "ctl/admin_client.h"
#include "ctl/failure.h"
#include "ctl/program.h"
#include "ctl/show.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	CONFIGURATION_DEADLINE_MS = 10000,

	/* A token's times are compared with this machine's clock. */
	CLOCK_OFFSET_WARNING_S = 5,
	CLOCK_OFFSET_FAULT_S = 60,
};

static const char configuration[] = "configuration";
static const char broker[] = "broker";
static const char issuer[] = "issuer";
static const char clock_word[] = "clock";

static void
report_lines(const char *lines, struct check_report *report)
{
	size_t length;

	for (; *lines; lines += length + (lines[length] == '\n')) {
		length = strcspn(lines, "\n");
		if (length > 0)
			check_report_add(report, CHECK_FAULT, configuration,
			    "portvakt.conf(5) and portvakt-access(5) list what "
			    "may stand there.",
			    "%.*s", (int)length, lines);
	}
}

void
check_configuration(const char *program, struct check_report *report)
{
	const char *const argv[] = {program, "--check", NULL};
	struct program_result result = {0};
	size_t faults = report->faults;
	int error;

	error = program_run(argv, CONFIGURATION_DEADLINE_MS, &result);
	if (error) {
		check_report_add(report, CHECK_FAULT, configuration,
		    "Install portvaktd there.", "%s --check: %s", program,
		    strerror(-error));
		return;
	}
	if (result.exit_code == 0) {
		check_report_add(report, CHECK_OK, configuration, NULL,
		    PORTVAKT_SYSCONFDIR " and its rules are good");
	} else {
		report_lines(result.output, report);
		if (report->faults == faults)
			check_report_add(report, CHECK_FAULT, configuration,
			    NULL, "%s --check ended with %d and no word",
			    program, result.exit_code);
	}
	free(result.output);
}

/* Without a good configuration there is no issuer either. */
static void
check_configured(const json_t *result, struct check_report *report)
{
	const json_t *config = json_object_get(result, "config");
	const char *error = show_text(config, "error");

	if (json_array_size(json_object_get(result, "issuers")) == 0)
		check_report_add(report, CHECK_FAULT, broker,
		    "Repair the file, then portvaktctl reload.",
		    "portvaktd has no configuration and lets nobody in: %s",
		    error);
	else if (strcmp(error, "-") != 0)
		check_report_add(report, CHECK_WARNING, broker,
		    "Repair the file, then portvaktctl reload.",
		    "portvaktd still uses the configuration from before: %s",
		    error);
}

static void
check_fetcher(const json_t *result, struct check_report *report)
{
	const json_t *running = json_object_get(result, "fetcher");

	if (json_is_false(running))
		check_report_add(report, CHECK_FAULT, broker,
		    "systemctl restart portvakt-fetch; journalctl -u "
		    "portvakt-fetch says why it stopped.",
		    "portvakt-fetch does not answer portvaktd: no login can "
		    "begin, and no keys come for those who verify tokens");
}

/* Somebody made a local user or group with a name or id of ours. */
static void
check_left_out(const json_t *result, struct check_report *report)
{
	json_int_t count =
	    json_integer_value(json_object_get(result, "left_out"));

	if (count > 0)
		check_report_add(report, CHECK_FAULT, broker,
		    "Compare portvaktctl account list and the roles' groups "
		    "with /etc/passwd and /etc/group: rename or remove the "
		    "local one.",
		    "%lld accounts or groups of ours are not published: this "
		    "machine has their name or number",
		    (long long)count);
}

/* Who is known by number alone is not let in without them. */
static void
check_person_keys(const json_t *result, struct check_report *report)
{
	if (json_is_false(json_object_get(result, "person_keys")))
		check_report_add(report, CHECK_FAULT, broker,
		    "journalctl -u portvaktd says why: restore or repair "
		    "the file, then systemctl restart portvaktd.",
		    PORTVAKT_STATEDIR "/person.keys cannot be used: nobody is "
				      "known by an identity number");
}

void
check_broker_status(const json_t *result, struct check_report *report)
{
	check_report_add(report, CHECK_OK, broker, NULL, "portvaktd %s answers",
	    show_text(result, "version"));
	check_configured(result, report);
	check_fetcher(result, report);
	check_left_out(result, report);
	check_person_keys(result, report);
}

static void
check_clock(const char *url, const json_t *offset, struct check_report *report)
{
	json_int_t seconds = llabs(json_integer_value(offset));

	if (!json_is_integer(offset))
		return;
	if (seconds <= CLOCK_OFFSET_WARNING_S)
		check_report_add(report, CHECK_OK, clock_word, NULL,
		    "this machine and %s agree on the time", url);
	else
		check_report_add(report,
		    seconds > CLOCK_OFFSET_FAULT_S ? CHECK_FAULT
						   : CHECK_WARNING,
		    clock_word,
		    "Turn on time synchronisation (timedatectl set-ntp true).",
		    "this machine and %s are %lld seconds apart: tokens look "
		    "too old or too new",
		    url, (long long)seconds);
}

static void
check_one_issuer(const json_t *asked, struct check_report *report)
{
	const char *detail = show_text(asked, "detail");
	const char *url = show_text(asked, "url");
	const char *lacks = json_string_value(json_object_get(asked, "lacks"));

	if (json_is_true(json_object_get(asked, "reachable")))
		check_report_add(
		    report, CHECK_OK, issuer, NULL, "%s answers", url);
	else
		check_report_add(report, CHECK_FAULT, issuer,
		    issuer_trouble_remedy(detail), "%s cannot be used: %s", url,
		    detail);
	if (lacks)
		check_report_add(report, CHECK_FAULT, issuer,
		    "Remove introspection, targets and exchange_targets that "
		    "it does not offer from its section of portvakt.conf.",
		    "%s tells of no %s of https", url, lacks);
	check_clock(url, json_object_get(asked, "clock_offset_s"), report);
}

void
check_broker_issuers(const json_t *result, struct check_report *report)
{
	const json_t *asked;
	size_t i;

	json_array_foreach (json_object_get(result, "issuers"), i, asked)
		check_one_issuer(asked, report);
}

/* False: the broker does not answer, and that was reported. */
static bool
ask(const char *command, struct check_report *report, json_t **ret_answer)
{
	json_auto_t *request = json_pack("{s:s}", "command", command);
	struct failure failure;
	int error;

	error = admin_client_ask(request, ret_answer);
	if (!error)
		return true;
	failure = failure_of_errno(error);
	check_report_add(
	    report, CHECK_FAULT, broker, failure.remedy, "%s", failure.text);
	return false;
}

/* Everybody may connect, but the broker tells how it is to root alone. */
static bool
is_permitted(const json_t *answer, struct check_report *report)
{
	const char *error = json_string_value(json_object_get(answer, "error"));

	if (!error || strcmp(error, "not-permitted") != 0)
		return true;
	check_report_add(report, CHECK_WARNING, broker,
	    "Run portvaktctl check as root.", "%s",
	    json_string_value(json_object_get(answer, "text")));
	return false;
}

/* NULL for a refusal, which is reported under check. */
static const json_t *
result_of(const json_t *answer, const char *check, struct check_report *report)
{
	if (json_is_true(json_object_get(answer, "ok")))
		return json_object_get(answer, "result");
	check_report_add(report, CHECK_FAULT, check, NULL, "%s",
	    json_string_value(json_object_get(answer, "text")));
	return NULL;
}

void
check_broker(struct check_report *report, int64_t *ret_login_timeout_s)
{
	json_auto_t *probed = NULL, *known = NULL;
	const json_t *result;

	*ret_login_timeout_s = 0;
	/*
	 * The broker connects to portvakt-fetch when it needs it: only after
	 * it was sent to the issuer does its status say whether it is there.
	 */
	if (!ask("check-issuer", report, &probed) ||
	    !is_permitted(probed, report) || !ask("status", report, &known))
		return;
	result = result_of(known, broker, report);
	if (result) {
		check_broker_status(result, report);
		*ret_login_timeout_s = json_integer_value(
		    json_object_get(result, "login_timeout_s"));
	}
	result = result_of(probed, issuer, report);
	if (result)
		check_broker_issuers(result, report);
}
