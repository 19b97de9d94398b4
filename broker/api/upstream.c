#include "broker/api/upstream.h"

#include "broker/clock.h"
#include "broker/json_document.h"
#include "lib/frame.h"
#include "lib/service_protocol.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	/* After a failure to connect; doubled by each one that follows. */
	PAUSE_MIN_MS = 50,
	PAUSE_MAX_MS = 1000,
	/* Frames that the broker has not read yet. */
	QUEUE_SIZE_MAX = 4 * SERVICE_FRAME_SIZE_MAX,
};

/* One under way; told is NULL where there is none. */
struct slot {
	uint64_t id;
	int64_t begun_us;
	int64_t deadline_us;
	upstream_fn told;
	void *userdata;
};

struct upstream {
	char *path;
	struct metrics *metrics;
	unsigned int worker;
	int fd; /* -1: not connected */
	bool broken; /* those under way are to be told */
	struct frame_reader reader;
	struct frame_writer writer;
	struct slot slots[SERVICE_QUESTIONS_MAX];
	unsigned int count;
	uint64_t turn; /* makes ids that no answer of the past can bear */
	int pause_ms;
	int64_t retry_us;
};

int
upstream_new(const char *path, struct metrics *metrics, unsigned int worker,
    struct upstream **ret_upstream)
{
	struct upstream *upstream = calloc(1, sizeof(*upstream));

	if (!upstream)
		return -ENOMEM;
	upstream->fd = -1;
	upstream->metrics = metrics;
	upstream->worker = worker;
	upstream->path = strdup(path);
	if (!upstream->path) {
		upstream_free(upstream);
		return -ENOMEM;
	}
	*ret_upstream = upstream;
	return 0;
}

static void
disconnect(struct upstream *upstream)
{
	if (upstream->fd < 0)
		return;
	(void)close(upstream->fd);
	upstream->fd = -1;
	frame_reader_done(&upstream->reader);
	frame_writer_done(&upstream->writer);
}

struct upstream *
upstream_free(struct upstream *upstream)
{
	if (!upstream)
		return NULL;
	disconnect(upstream);
	free(upstream->path);
	free(upstream);
	return NULL;
}

static void
pause_after_failure(struct upstream *upstream, int64_t now_us)
{
	int pause_ms = upstream->pause_ms * 2;

	if (pause_ms < PAUSE_MIN_MS)
		pause_ms = PAUSE_MIN_MS;
	if (pause_ms > PAUSE_MAX_MS)
		pause_ms = PAUSE_MAX_MS;
	upstream->pause_ms = pause_ms;
	upstream->retry_us = now_us + (int64_t)pause_ms * 1000;
}

static int
connect_now(struct upstream *upstream)
{
	int64_t now_us = clock_us(CLOCK_MONOTONIC);
	int error;

	if (upstream->fd >= 0)
		return 0;
	if (now_us < upstream->retry_us)
		return -ECONNREFUSED;
	error = frame_connect(upstream->path, 0, &upstream->fd);
	if (error) {
		upstream->fd = -1;
		pause_after_failure(upstream, now_us);
		return error;
	}
	frame_reader_init(&upstream->reader, SERVICE_FRAME_SIZE_MAX);
	frame_writer_init(&upstream->writer, QUEUE_SIZE_MAX);
	return 0;
}

static struct slot *
free_slot(struct upstream *upstream)
{
	size_t i;

	for (i = 0; i < SERVICE_QUESTIONS_MAX; i++) {
		if (!upstream->slots[i].told)
			return &upstream->slots[i];
	}
	return NULL;
}

static struct slot *
slot_of(struct upstream *upstream, uint64_t id)
{
	struct slot *slot = &upstream->slots[id % SERVICE_QUESTIONS_MAX];

	return slot->told && slot->id == id ? slot : NULL;
}

/* Questions hold tokens: what they are written in is wiped. */
static int
put_question(struct upstream *upstream, json_t *question)
{
	char *text = json_dumps(question, JSON_COMPACT);
	size_t size;
	int error;

	if (!text)
		return -ENOMEM;
	size = strlen(text);
	error = size > SERVICE_FRAME_SIZE_MAX
		    ? -EMSGSIZE
		    : frame_writer_put(&upstream->writer, text, size);
	explicit_bzero(text, size);
	free(text);
	return error;
}

static int
send_question(struct upstream *upstream, json_t *question, uint64_t id)
{
	int error;

	if (!question ||
	    json_object_set_new(question, "id", json_integer((json_int_t)id)))
		return -ENOMEM;
	error = put_question(upstream, question);
	if (error)
		return error;
	error = frame_writer_flush(&upstream->writer, upstream->fd);
	/* Others wait on it, and are told from the loop. */
	if (error)
		upstream->broken = true;
	return error;
}

static int
ask(struct upstream *upstream, json_t *question, int deadline_ms,
    upstream_fn told, void *userdata, uint64_t *ret_id)
{
	struct slot *slot;
	int64_t now_us;
	uint64_t id;
	int error;

	if (upstream->broken)
		return -ECONNRESET;
	slot = free_slot(upstream);
	if (!slot)
		return -EBUSY;
	error = connect_now(upstream);
	if (error)
		return error;
	id = ++upstream->turn * SERVICE_QUESTIONS_MAX +
	     (uint64_t)(slot - upstream->slots);
	error = send_question(upstream, question, id);
	if (error)
		return error;
	now_us = clock_us(CLOCK_MONOTONIC);
	*slot = (struct slot){
	    id, now_us, now_us + (int64_t)deadline_ms * 1000, told, userdata};
	upstream->count++;
	*ret_id = id;
	return 0;
}

int
upstream_ask(struct upstream *upstream, json_t *question, int deadline_ms,
    upstream_fn told, void *userdata, uint64_t *ret_id)
{
	int error = -ENOTCONN;

	if (upstream)
		error = ask(
		    upstream, question, deadline_ms, told, userdata, ret_id);
	if (upstream && error)
		metrics_broker(upstream->metrics, upstream->worker, false, 0);
	json_decref(question);
	return error;
}

/* When there is no room to say so, the broker ends it in its own time. */
static void
cancel(struct upstream *upstream, uint64_t id)
{
	json_t *message;

	if (upstream->fd < 0 || upstream->broken)
		return;
	message = json_pack("{s:I}", "cancel", (json_int_t)id);
	if (message && put_question(upstream, message) == 0 &&
	    frame_writer_flush(&upstream->writer, upstream->fd) < 0)
		upstream->broken = true;
	json_decref(message);
}

void
upstream_drop(struct upstream *upstream, uint64_t id)
{
	struct slot *slot = slot_of(upstream, id);

	if (!slot)
		return;
	*slot = (struct slot){0};
	upstream->count--;
	cancel(upstream, id);
}

bool
upstream_is_good(const json_t *answer)
{
	return json_is_true(json_object_get(answer, "ok"));
}

int
upstream_fd(const struct upstream *upstream)
{
	return upstream->fd;
}

short
upstream_events(const struct upstream *upstream)
{
	short events = POLLIN;

	if (upstream->fd >= 0 && frame_writer_waiting(&upstream->writer) > 0)
		events |= POLLOUT;
	return events;
}

int
upstream_timeout_ms(const struct upstream *upstream, int longest_ms)
{
	int64_t now_us, left_ms;
	size_t i;

	if (upstream->broken)
		return 0;
	if (upstream->count == 0)
		return longest_ms;
	now_us = clock_us(CLOCK_MONOTONIC);
	for (i = 0; i < SERVICE_QUESTIONS_MAX; i++) {
		if (!upstream->slots[i].told)
			continue;
		left_ms =
		    (upstream->slots[i].deadline_us - now_us + 999) / 1000;
		if (left_ms < longest_ms)
			longest_ms = left_ms > 0 ? (int)left_ms : 0;
	}
	return longest_ms;
}

/* The slot is free before: who is told may ask again. */
static void
tell(struct upstream *upstream, struct slot *slot, json_t *answer)
{
	struct slot told = *slot;

	*slot = (struct slot){0};
	upstream->count--;
	metrics_broker(upstream->metrics, upstream->worker, answer != NULL,
	    clock_us(CLOCK_MONOTONIC) - told.begun_us);
	told.told(answer, told.userdata);
}

/* False: this is no answer of the protocol. */
static bool
take_answer(struct upstream *upstream, const char *body, size_t size)
{
	json_document *answer = json_document_parse(body, size);
	const json_t *id = json_object_get(answer, "id");
	struct slot *slot;

	if (json_is_null(id))
		return true; /* of a question that could not be read */
	if (!json_is_integer(id) || json_integer_value(id) < 0 ||
	    !json_is_boolean(json_object_get(answer, "ok")))
		return false;
	slot = slot_of(upstream, (uint64_t)json_integer_value(id));
	if (slot) {
		upstream->pause_ms = 0;
		tell(upstream, slot, answer);
	}
	return true;
}

static int
read_answers(struct upstream *upstream)
{
	const uint8_t *body;
	size_t size;
	int got;

	while ((got = frame_reader_next(
		    &upstream->reader, upstream->fd, &body, &size)) > 0) {
		if (!take_answer(upstream, (const char *)body, size))
			return -EBADMSG;
	}
	return got;
}

/* Only those of before: who is told may ask again, and is refused. */
static void
fail_all(struct upstream *upstream)
{
	size_t i;

	disconnect(upstream);
	pause_after_failure(upstream, clock_us(CLOCK_MONOTONIC));
	for (i = 0; i < SERVICE_QUESTIONS_MAX; i++) {
		if (upstream->slots[i].told)
			tell(upstream, &upstream->slots[i], NULL);
	}
	upstream->broken = false;
}

static void
fail_late(struct upstream *upstream)
{
	int64_t now_us;
	size_t i;

	if (upstream->count == 0)
		return;
	now_us = clock_us(CLOCK_MONOTONIC);
	for (i = 0; i < SERVICE_QUESTIONS_MAX; i++) {
		if (upstream->slots[i].told &&
		    now_us >= upstream->slots[i].deadline_us)
			tell(upstream, &upstream->slots[i], NULL);
	}
}

void
upstream_run(struct upstream *upstream)
{
	if (upstream->fd >= 0 && !upstream->broken) {
		if (frame_writer_flush(&upstream->writer, upstream->fd) < 0 ||
		    read_answers(upstream) < 0)
			upstream->broken = true;
	}
	if (upstream->broken)
		fail_all(upstream);
	fail_late(upstream);
}
