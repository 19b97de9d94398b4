#include "broker/api/recorder.h"

#include "broker/clock.h"
#include "lib/service_protocol.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* So that one question carries what comes in the same moment. */
	GATHER_MS = 50,
	/* After a broker that kept none. */
	PAUSE_MS = 1000,
};

struct entry {
	json_t *record;
	int64_t at_ms;
	json_int_t times;
};

struct recorder {
	struct upstream *upstream;
	struct metrics *metrics;
	unsigned int worker;
	struct entry entries[RECORDER_WAITING_MAX];
	size_t count;
	size_t sent; /* the first of them are under way */
	/* The first of them go one by one: one of these was refused. */
	size_t singly;
	uint64_t id; /* of the question, while there is one */
	int64_t due_us; /* not sent before */
	json_int_t lost; /* whose number was not recorded */
	json_int_t lost_sent;
};

int
recorder_new(struct upstream *upstream, struct metrics *metrics,
    unsigned int worker, struct recorder **ret_recorder)
{
	struct recorder *recorder = calloc(1, sizeof(*recorder));

	if (!recorder)
		return -ENOMEM;
	recorder->upstream = upstream;
	recorder->metrics = metrics;
	recorder->worker = worker;
	*ret_recorder = recorder;
	return 0;
}

/* The first ones, which are kept or lost. */
static void
forget(struct recorder *recorder, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		json_decref(recorder->entries[i].record);
	recorder->count -= count;
	recorder->singly -= count < recorder->singly ? count : recorder->singly;
	memmove(recorder->entries, recorder->entries + count,
	    recorder->count * sizeof(*recorder->entries));
}

struct recorder *
recorder_free(struct recorder *recorder)
{
	if (!recorder)
		return NULL;
	if (recorder->id)
		upstream_drop(recorder->upstream, recorder->id);
	forget(recorder, recorder->count);
	free(recorder);
	return NULL;
}

static void
lose(struct recorder *recorder, json_int_t times)
{
	recorder->lost += times;
	metrics_add(recorder->metrics, recorder->worker, METRICS_RECORDS_LOST,
	    (uint64_t)times);
}

/* One that waits with nothing behind it, and is not under way. */
static bool
says_the_last(const struct recorder *recorder, const json_t *record)
{
	return recorder->count > recorder->sent &&
	       json_equal(
		   recorder->entries[recorder->count - 1].record, record);
}

void
recorder_add(struct recorder *recorder, json_t *record)
{
	int64_t now_us = clock_us(CLOCK_MONOTONIC);

	if (recorder->count == 0 && recorder->due_us <= now_us)
		recorder->due_us = now_us + (int64_t)GATHER_MS * 1000;
	if (record && says_the_last(recorder, record)) {
		recorder->entries[recorder->count - 1].times++;
	} else if (record && recorder->count < RECORDER_WAITING_MAX) {
		recorder->entries[recorder->count++] = (struct entry){
		    json_incref(record), clock_wall_us() / 1000, 1};
	} else {
		lose(recorder, 1);
	}
	json_decref(record);
}

bool
recorder_is_full(const struct recorder *recorder)
{
	return recorder->count == RECORDER_WAITING_MAX;
}

size_t
recorder_left(const struct recorder *recorder)
{
	return recorder->count + (recorder->lost > 0 ? 1 : 0);
}

static void
wait_ms(struct recorder *recorder, int ms)
{
	recorder->due_us = clock_us(CLOCK_MONOTONIC) + (int64_t)ms * 1000;
}

/*
 * Asked again, the question would be refused again, and all behind it. Which of
 * its records is at fault is found out one by one; that one is lost.
 */
static void
divide(struct recorder *recorder, size_t sent)
{
	recorder->due_us = 0;
	if (sent == 0) {
		recorder->lost -= recorder->lost_sent;
	} else if (sent > 1 || recorder->lost_sent > 0) {
		recorder->singly = sent;
	} else {
		lose(recorder, recorder->entries[0].times);
		forget(recorder, 1);
		if (recorder->singly == 0)
			wait_ms(recorder, PAUSE_MS);
	}
}

static bool
is_refused(const json_t *answer)
{
	const char *error = json_string_value(json_object_get(answer, "error"));

	return error && strcmp(error, "bad-request") == 0;
}

static void
on_answer(json_t *answer, void *userdata)
{
	struct recorder *recorder = userdata;
	size_t sent = recorder->sent;

	recorder->id = 0;
	recorder->sent = 0;
	if (upstream_is_good(answer)) {
		forget(recorder, sent);
		recorder->lost -= recorder->lost_sent;
		recorder->due_us = 0;
		return;
	}
	if (is_refused(answer))
		divide(recorder, sent);
	else
		wait_ms(recorder, PAUSE_MS);
}

/* False: out of memory. */
static bool
append(json_t *records, const struct entry *entry)
{
	json_t *record = json_copy(entry->record);

	/* Text and number are the recorder's, nobody else has this copy. */
	return record &&
	       json_object_set_new(
		   record, "at_ms", json_integer(entry->at_ms)) == 0 &&
	       json_object_set_new(
		   record, "times", json_integer(entry->times)) == 0 &&
	       json_array_append_new(records, record) == 0;
}

static bool
append_lost(json_t *records, json_int_t lost)
{
	return lost == 0 ||
	       json_array_append_new(
		   records, json_pack("{s:I, s:s, s:s, s:s, s:I}", "at_ms",
				(json_int_t)(clock_wall_us() / 1000), "action",
				"verify", "result", "outage", "reason",
				"records-lost", "times", lost)) == 0;
}

static json_t *
make_question(struct recorder *recorder)
{
	const size_t most = recorder->singly > 0 ? 1 : RECORDER_BATCH_MAX;
	json_t *records = json_array();
	size_t i;

	recorder->sent = recorder->count < most ? recorder->count : most;
	recorder->lost_sent = recorder->singly > 0 ? 0 : recorder->lost;
	for (i = 0; records && i < recorder->sent; i++) {
		if (!append(records, &recorder->entries[i]))
			break;
	}
	if (i < recorder->sent || !append_lost(records, recorder->lost_sent)) {
		json_decref(records);
		return NULL;
	}
	return json_pack("{s:s, s:o}", "ask", "record", "records", records);
}

static void
send_batch(struct recorder *recorder)
{
	size_t sent;
	int error;

	if (recorder->id || recorder_left(recorder) == 0)
		return;
	error = upstream_ask(recorder->upstream, make_question(recorder),
	    SERVICE_LOCAL_DEADLINE_MS, on_answer, recorder, &recorder->id);
	if (!error)
		return;
	sent = recorder->sent;
	recorder->sent = 0;
	/* Texts of nothing but control characters are six times as long. */
	if (error == -EMSGSIZE)
		divide(recorder, sent);
	else
		wait_ms(recorder, PAUSE_MS);
}

int
recorder_timeout_ms(const struct recorder *recorder, int longest_ms)
{
	int64_t left_ms;

	if (recorder->id || recorder_left(recorder) == 0)
		return longest_ms;
	left_ms = (recorder->due_us - clock_us(CLOCK_MONOTONIC) + 999) / 1000;
	if (left_ms >= longest_ms)
		return longest_ms;
	return left_ms > 0 ? (int)left_ms : 0;
}

void
recorder_run(struct recorder *recorder)
{
	if (recorder->id || recorder_left(recorder) == 0)
		return;
	if (clock_us(CLOCK_MONOTONIC) >= recorder->due_us)
		send_batch(recorder);
}

void
recorder_finish(struct recorder *recorder)
{
	send_batch(recorder);
}
