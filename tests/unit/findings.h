/* What a check must have found. */
#pragma once

#include "ctl/check_report.h"

/* One finding of that level whose text or remedy holds part. */
void findings_expect(const struct check_report *report, enum check_level level,
    const char *part);

/* No finding has part in its text or remedy. */
void findings_refuse(const struct check_report *report, const char *part);

/* No more than so many faults and warnings. */
void findings_expect_counts(
    const struct check_report *report, size_t faults, size_t warnings);
