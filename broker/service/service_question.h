/*
 * A question of the service protocol (lib/service_protocol.h), read strictly:
 * every member is of its type and within its bounds, what a question needs is
 * there, and what it does not know is refused.
 */
#pragma once

#include "broker/token/token_source.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum service_ask {
	SERVICE_LINK = 0,
	SERVICE_INTROSPECT,
	SERVICE_TOKEN,
	SERVICE_EXCHANGE,
	SERVICE_KEYS,
	SERVICE_RECORD,
	SERVICE_CANCEL, /* no question: the id is of one that was asked */
};

enum {
	SERVICE_ASKS_COUNT = SERVICE_RECORD + 1,
	SERVICE_NO_ID = -1,
};

/* The texts live as long as the document; NULL: not of this question. */
struct service_question {
	json_t *document;
	int64_t id; /* SERVICE_NO_ID: it could not be read */
	enum service_ask ask;
	const char *peer; /* "uid 990": who asks, by the connection */
	const char *client;
	const char *issuer;
	const char *subject;
	const char *pid;
	const char *token;
	const char *target;
	const char *user_token;
	const char *resources[TOKEN_RESOURCES_MAX];
	size_t resources_count;
	json_t *authorization_details; /* an array of objects */
	bool skip_cache;
	json_t *records; /* an array of objects, 1 to SERVICE_RECORDS_MAX */
};

/*
 * 0, or with words in *ret_problem that name no value: -EBADMSG for what is no
 * question, -EINVAL for one with a value that is too long, too many or empty,
 * as others may have made portvakt-api say. The question is to be done with in
 * any case: its id is there when it had one.
 */
int service_question_read(const void *body, size_t size,
    struct service_question *ret_question, const char **ret_problem);
void service_question_done(struct service_question *question);

/* "link": what the question is called. */
const char *service_ask_word(enum service_ask ask);
