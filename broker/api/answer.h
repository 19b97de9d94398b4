/* An answer before HTTP: a status, headers and a body, all of it owned. */
#pragma once

#include <stddef.h>

#include <jansson.h>

enum { ANSWER_HEADERS_MAX = 8 };

struct answer_header {
	const char *name; /* a constant */
	char *value;
};

struct MHD_Response;

struct answer {
	unsigned int status; /* of HTTP */
	struct answer_header headers[ANSWER_HEADERS_MAX];
	size_t headers_count;
	char *body; /* NULL: none; malloc'ed */
	size_t size;
	const char *content_type; /* a constant */
	/* Headers and body, borrowed from answer_cache.h; or NULL. */
	struct MHD_Response *response;
};

/* Nothing but the status. What was in it must be done. */
void answer_status(struct answer *answer, unsigned int status);

/*
 * Adds a header; a value that cannot stand in one (control characters) makes
 * it not be added. Without memory the answer becomes a 500.
 */
__attribute__((format(printf, 3, 4))) void answer_header(
    struct answer *answer, const char *name, const char *format, ...);

/* A status with an object, which it takes over; NULL is out of memory: 500. */
void answer_json(struct answer *answer, unsigned int status, json_t *object);

/* The same of one that is a text already (broker/api/json_writer.h). */
void answer_object(struct answer *answer, unsigned int status, char *text);

/* An object with error and error_description, as all of OAuth has them. */
void answer_error(struct answer *answer, unsigned int status, const char *error,
    const char *description);

/* A status with a text, which it takes over; NULL is out of memory: 500. */
void answer_text(struct answer *answer, unsigned int status,
    const char *content_type, char *text);

/* 503, and when to come again. */
void answer_busy(struct answer *answer);

void answer_done(struct answer *answer);
