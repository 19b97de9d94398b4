/* Puts a finding about the configuration into words. */
#pragma once

/* One finding, for people: file, line, what and the remedy. */
struct config_error {
	char text[1024];
};

/*
 * Writes "FILE:LINE: ..." (line 0: "FILE: ...") and returns code, so that a
 * check ends with one statement. Control characters become '?'.
 */
__attribute__((format(printf, 5, 6))) int config_error_set(
    struct config_error *error, int code, const char *file, unsigned int line,
    const char *format, ...);
