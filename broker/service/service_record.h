/*
 * "record": what portvakt-api decided, for the audit file. Checked whole before
 * anything of it is written: a member that is not known, too long or not of
 * its type is a bad request. Whatever the API was made to say, no record has a
 * subject or an identity number: the one becomes a keyed hash, and a text with
 * the other is withheld.
 */
#pragma once

#include "broker/broker.h"
#include "broker/service/service_question.h"

enum {
	/*
	 * Of records of an ordinary size, over all connections: whoever may
	 * ask cannot fill a disk at once. A longer one counts as several.
	 */
	SERVICE_RECORDS_BURST = 16384,
	SERVICE_RECORDS_PER_S = 1000,
};

/* The whole answer, when the audit file has all of them; NULL: no memory. */
json_t *service_record(
    struct broker *broker, const struct service_question *question);

/* Whether so many of an ordinary size may be written now; takes their room. */
bool service_record_room(struct broker *broker, size_t weight);

/* The text, or what stands for one that holds an identity number. */
const char *service_record_text(const char *text);
