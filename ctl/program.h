/* Another program, run without a shell and never waited for too long. */
#pragma once

enum {
	PROGRAM_OUTPUT_SIZE_MAX = 256 * 1024,
};

struct program_result {
	int exit_code; /* 128 + signal when a signal ended it */
	char *output; /* stdout and stderr, cut at the maximum; freed by the
			  caller */
};

/*
 * Runs argv[0], an absolute path, with an empty stdin and a plain environment.
 * 0, -ETIMEDOUT when it had to be killed, -ENOENT and the like when it could
 * not be started.
 */
int program_run(const char *const *argv, int deadline_ms,
    struct program_result *ret_result);
