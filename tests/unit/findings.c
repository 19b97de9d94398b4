#include "tests/unit/findings.h"

#include "tests/unit/unit.h"

#include <string.h>

static int
holds(const json_t *finding, const char *member, const char *part)
{
	const char *text = json_string_value(json_object_get(finding, member));

	return text && strstr(text, part);
}

static void
fail_with(const struct check_report *report, const char *what)
{
	char *all = json_dumps(report->findings, JSON_INDENT(1));

	fail_msg("%s is not so in %s", what, all);
}

void
findings_expect(
    const struct check_report *report, enum check_level level, const char *part)
{
	const json_t *finding;
	size_t i;

	json_array_foreach (report->findings, i, finding) {
		if (holds(finding, "level", check_level_word(level)) &&
		    (holds(finding, "text", part) ||
			holds(finding, "remedy", part)))
			return;
	}
	fail_with(report, part);
}

void
findings_refuse(const struct check_report *report, const char *part)
{
	const json_t *finding;
	size_t i;

	json_array_foreach (report->findings, i, finding) {
		if (holds(finding, "text", part) ||
		    holds(finding, "remedy", part))
			fail_with(report, part);
	}
}

void
findings_expect_counts(
    const struct check_report *report, size_t faults, size_t warnings)
{
	if (report->faults != faults || report->warnings != warnings)
		fail_with(report, "the number of faults and warnings");
}
