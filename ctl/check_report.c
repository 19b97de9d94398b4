#include "ctl/check_report.h"

#include "lib/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
	FINDING_TEXT_SIZE = 2048,
};

int
check_report_init(struct check_report *ret_report)
{
	struct check_report report = {.findings = json_array()};

	if (!report.findings)
		return -ENOMEM;
	*ret_report = report;
	return 0;
}

void
check_report_done(struct check_report *report)
{
	json_decref(report->findings);
	report->findings = NULL;
}

const char *
check_level_word(enum check_level level)
{
	switch (level) {
	case CHECK_OK:
		return "ok";
	case CHECK_WARNING:
		return "warning";
	case CHECK_FAULT:
		break;
	}
	return "fault";
}

/* File names and lines of files come in whatever bytes they have. */
static void
make_utf8(char *text)
{
	uint32_t character;
	size_t size;

	while (*text) {
		size = utf8_decode(text, strlen(text), &character);
		if (size == 0)
			*text = '?';
		text += size ? size : 1;
	}
}

void
check_report_add(struct check_report *report, enum check_level level,
    const char *check, const char *remedy, const char *format, ...)
{
	char text[FINDING_TEXT_SIZE] = "";
	json_t *finding;
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	make_utf8(text);
	finding = json_pack("{s:s, s:s, s:s, s:s?}", "check", check, "level",
	    check_level_word(level), "text", text, "remedy", remedy);
	report->faults += level == CHECK_FAULT;
	report->warnings += level == CHECK_WARNING;
	/* A finding that is lost must not make the machine look good. */
	if (json_array_append_new(report->findings, finding))
		report->faults++;
}

void
check_report_soften(struct check_report *report, size_t first)
{
	const char *fault = check_level_word(CHECK_FAULT);
	const char *warning = check_level_word(CHECK_WARNING);
	size_t i, end = json_array_size(report->findings);

	for (i = first; i < end; i++) {
		json_t *level = json_object_get(
		    json_array_get(report->findings, i), "level");

		if (strcmp(json_string_value(level), fault) != 0 ||
		    json_string_set(level, warning))
			continue;
		report->faults--;
		report->warnings++;
	}
}
