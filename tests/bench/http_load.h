/*
 * A load on an HTTP server at a Unix socket: so many connections with
 * keep-alive, on each a request, and the next when the answer is there. It
 * never sleeps, so that no server pays for waking it, a quick one least.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { HTTP_LOAD_PROCESSES_MAX = 4 };

struct http_text {
	char *bytes;
	size_t size;
};

struct http_load {
	const char *path;
	pid_t pids[HTTP_LOAD_PROCESSES_MAX]; /* of the server */
	size_t pids_count;
	size_t connections;
	const struct http_text *requests; /* in turns */
	size_t distinct;
	size_t count;
	const char *wanted; /* in each answer */
};

struct http_figures {
	double server_us; /* processor time of the server for one request */
	double per_s; /* by the clock */
	double p50_us; /* from the request to the whole answer */
	double p99_us;
};

int http_load_connect(const char *path);

/* Ends the program when an answer is not as wanted. */
struct http_figures http_load_run(const struct http_load *load);
