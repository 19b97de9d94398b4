/*
 * What portvaktctl check found, one finding after another:
 * {"check", "level": "ok" | "warning" | "fault", "text", "remedy"}.
 */
#pragma once

#include <jansson.h>
#include <stddef.h>

enum check_level {
	CHECK_FAULT = 0, /* somebody gets in or stays out who should not */
	CHECK_WARNING, /* works, but look at it; or it could not be seen */
	CHECK_OK,
};

struct check_report {
	json_t *findings;
	size_t faults; /* more than the findings show when memory ran out */
	size_t warnings;
};

int check_report_init(struct check_report *ret_report); /* 0 or -ENOMEM */
void check_report_done(struct check_report *report);

/*
 * Adds a finding. remedy is what to do, in one sentence, or NULL; format
 * makes the text. Bytes that are not UTF-8 are shown as '?'.
 */
__attribute__((format(printf, 5, 6))) void check_report_add(
    struct check_report *report, enum check_level level, const char *check,
    const char *remedy, const char *format, ...);

/* Makes warnings of the faults from finding first on: they are guesses. */
void check_report_soften(struct check_report *report, size_t first);

const char *check_level_word(enum check_level level);
