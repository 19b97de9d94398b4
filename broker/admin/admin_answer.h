/*
 * What the commands of the admin protocol (lib/admin_protocol.h) share: what
 * they are called with, and the forms of their answers.
 */
#pragma once

#include "broker/admin/admin_actor.h"
#include "broker/broker.h"

#include <jansson.h>

struct admin_call {
	struct broker *broker;
	const struct admin_actor *actor;
	const json_t *request;
};

/*
 * One command: a new object that is the whole answer, or NULL when out of
 * memory.
 */
typedef json_t *(*admin_command_fn)(const struct admin_call *call);

/* {"ok": true, "result": result}; takes result. */
json_t *admin_done(json_t *result);

/* {"ok": false, "error": word, "text": text} */
json_t *admin_error(const char *word, const char *text);
json_t *admin_bad_request(const char *text);
json_t *admin_not_configured(struct broker *broker);
json_t *admin_refuse(struct broker *broker, enum register_result result);

/* Adds the row at fault, which counts from 1 as people do. */
json_t *admin_with_row(json_t *reply, size_t row);

/*
 * A change of the register is not done before every process can see it: the
 * reply (taken), or that it was not published (error is a negative errno).
 */
json_t *admin_published(struct broker *broker, int error, json_t *reply);

/* A text member of an object, or NULL. */
const char *admin_text(const json_t *object, const char *name);

/* Null for what is not there: no lock reason, never logged in. */
json_t *admin_time_or_null(int64_t at_s);
json_t *admin_text_or_null(const char *text); /* also for "" */
