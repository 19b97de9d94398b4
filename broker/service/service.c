#include "broker/service/service.h"

#include "broker/clock.h"
#include "broker/service/service_answer.h"
#include "broker/service/service_link.h"
#include "broker/service/service_pending.h"
#include "broker/service/service_question.h"
#include "broker/service/service_record.h"
#include "lib/frame.h"
#include "lib/service_protocol.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	/* Some of the largest answers; a queue that is full ends it all. */
	QUEUE_SIZE_MAX = 4 * SERVICE_FRAME_SIZE_MAX,
	/* Over this nothing more is read, until the peer reads. */
	QUEUE_SIZE_HIGH = 64 * 1024,
	PEER_SIZE = 16,
	FRAMES_AT_ONCE = 32, /* then it is somebody else's turn */
	STALLED_S = 10, /* a peer that takes no answer for so long is gone */
	/* Of what an issuer may have to answer. */
	WAITS_BURST = 1000,
	WAITS_PER_S = 500,
	/* Logins come first, however much is asked here. */
	PRIORITY = SD_EVENT_PRIORITY_NORMAL + 10,
};

/* The place of a question that waits for an issuer. */
struct slot {
	struct service *service;
	struct service_pending *pending; /* NULL: the place is free */
	bool told;
};

struct service {
	struct broker *broker;
	int fd;
	char peer[PEER_SIZE]; /* "uid 990" */
	bool counted; /* in broker->services */
	bool broken; /* an answer found no place */
	unsigned int bad_requests;
	sd_event_source *input;
	sd_event_source *turn; /* to go on where we stopped; on or off */
	sd_event_source *stalled; /* while answers wait; on or off */
	struct frame_reader reader;
	struct frame_writer writer;
	struct rate waits_rate; /* of what takes a slot */
	struct slot slots[SERVICE_QUESTIONS_MAX];
	bool any_told; /* their slots are to be cleared */
};

static void
clear_slot(struct slot *slot)
{
	slot->pending = service_pending_free(slot->pending);
	slot->told = false;
}

/* Those whose answer is queued. */
static void
clear_told(struct service *service)
{
	size_t i;

	for (i = 0; service->any_told && i < SERVICE_QUESTIONS_MAX; i++) {
		if (service->slots[i].told)
			clear_slot(&service->slots[i]);
	}
	service->any_told = false;
}

static void
service_free(struct service *service)
{
	size_t i;

	for (i = 0; i < SERVICE_QUESTIONS_MAX; i++)
		clear_slot(&service->slots[i]);
	if (service->counted)
		service->broker->services--;
	sd_event_source_disable_unref(service->input);
	sd_event_source_disable_unref(service->turn);
	sd_event_source_disable_unref(service->stalled);
	frame_reader_done(&service->reader);
	frame_writer_done(&service->writer);
	(void)close(service->fd);
	free(service);
}

/*
 * Queues the answer (taken; NULL: out of memory). What happens to it is seen
 * to from the event loop, so that whoever answers has no connection vanish
 * under them.
 */
static void
answer(struct service *service, json_t *reply)
{
	char *text = reply ? json_dumps(reply, JSON_COMPACT) : NULL;
	size_t size = text ? strlen(text) : 0;

	if (!text || size > SERVICE_FRAME_SIZE_MAX ||
	    frame_writer_put(&service->writer, text, size))
		service->broken = true;
	if (text)
		explicit_bzero(text, size);
	free(text);
	json_decref(reply);
	(void)sd_event_source_set_enabled(service->turn, SD_EVENT_ONESHOT);
}

static void
refuse_bad(struct service *service, const struct service_question *question,
    const char *problem)
{
	answer(service, service_error(question->id, "bad-request", problem));
}

static json_t *
not_configured(struct broker *broker, const struct service_question *question)
{
	return service_error(question->id, "not-configured",
	    broker->config_error.text[0]
		? "portvakt.conf is refused; see the journal of portvaktd"
		: "there is no configuration");
}

static void
told(json_t *reply, void *userdata)
{
	struct slot *slot = userdata;

	slot->told = true;
	slot->service->any_told = true;
	answer(slot->service, reply);
}

static struct slot *
free_slot(struct service *service)
{
	size_t i;

	for (i = 0; i < SERVICE_QUESTIONS_MAX; i++) {
		if (!service->slots[i].pending)
			return &service->slots[i];
	}
	return NULL;
}

static void
wait_for(struct service *service, struct service_question *question)
{
	struct slot *slot = free_slot(service);
	json_t *reply = NULL;

	if (!slot || !rate_take(&service->waits_rate, WAITS_BURST, WAITS_PER_S,
			 clock_boot_us())) {
		answer(service, service_error(question->id, "busy",
				    "too much is asked of issuers here"));
		return;
	}
	slot->service = service;
	slot->pending =
	    service_pending_new(service->broker, question, told, slot, &reply);
	if (!slot->pending)
		answer(service, reply);
}

/* One that is told already, or never was, is none. */
static void
forget(struct service *service, int64_t id)
{
	size_t i;

	for (i = 0; i < SERVICE_QUESTIONS_MAX; i++) {
		struct slot *slot = &service->slots[i];

		if (slot->pending && !slot->told &&
		    service_pending_id(slot->pending) == id) {
			clear_slot(slot);
			return;
		}
	}
}

static void
put_question(struct service *service, struct service_question *question)
{
	struct broker *broker = service->broker;

	if (question->ask == SERVICE_CANCEL) {
		forget(service, question->id);
		return;
	}
	question->peer = service->peer;
	/* What was decided is recorded whatever has become of the rest. */
	if (!broker->realm && question->ask != SERVICE_RECORD) {
		answer(service, not_configured(broker, question));
		return;
	}
	switch (question->ask) {
	case SERVICE_LINK:
		answer(service, service_link(broker, question));
		break;
	case SERVICE_RECORD:
		answer(service, service_record(broker, question));
		break;
	case SERVICE_INTROSPECT:
	case SERVICE_TOKEN:
	case SERVICE_EXCHANGE:
	case SERVICE_KEYS:
		wait_for(service, question);
		break;
	case SERVICE_CANCEL:
		break;
	}
}

static void
done_with(struct service_question *question)
{
	service_question_done(question);
}

static void
take_frame(struct service *service, const void *body, size_t size)
{
	__attribute__((cleanup(done_with))) struct service_question question;
	const char *problem;
	int error;

	error = service_question_read(body, size, &question, &problem);
	/* Values are others' to choose: they close no connection of theirs. */
	if (error == -EBADMSG)
		service->bad_requests++;
	if (error)
		refuse_bad(service, &question, problem);
	else
		put_question(service, &question);
}

/* As much as is there, is one turn's, and whose answers have a place. */
static int
take_frames(struct service *service)
{
	const uint8_t *body;
	size_t size;
	int i, got;

	for (i = 0; i < FRAMES_AT_ONCE && !service->broken; i++) {
		if (frame_writer_waiting(&service->writer) > QUEUE_SIZE_HIGH)
			return 0;
		if (service->bad_requests >= SERVICE_BAD_REQUESTS_MAX)
			return -EPROTO;
		got = frame_reader_next(
		    &service->reader, service->fd, &body, &size);
		if (got <= 0)
			return got;
		take_frame(service, body, size);
	}
	(void)sd_event_source_set_enabled(service->turn, SD_EVENT_ONESHOT);
	return 0;
}

static bool
is_on(sd_event_source *source)
{
	int enabled = SD_EVENT_OFF;

	(void)sd_event_source_get_enabled(source, &enabled);
	return enabled != SD_EVENT_OFF;
}

static void
arm(sd_event_source *timer, unsigned int seconds)
{
	(void)sd_event_source_set_time_relative(
	    timer, (uint64_t)seconds * 1000000);
	(void)sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}

static int
flush(struct service *service)
{
	size_t before = frame_writer_waiting(&service->writer), after;
	int error;

	error = frame_writer_flush(&service->writer, service->fd);
	if (error)
		return error;
	after = frame_writer_waiting(&service->writer);
	if (after == 0)
		(void)sd_event_source_set_enabled(
		    service->stalled, SD_EVENT_OFF);
	else if (after < before || !is_on(service->stalled))
		arm(service->stalled, STALLED_S);
	return 0;
}

static int
await_more(struct service *service)
{
	size_t waiting = frame_writer_waiting(&service->writer);
	uint32_t events = 0;
	int error;

	if (waiting > 0)
		events |= EPOLLOUT;
	if (waiting <= QUEUE_SIZE_HIGH)
		events |= EPOLLIN;
	error = sd_event_source_set_io_events(service->input, events);
	return error < 0 ? error : 0;
}

/* Makes room, takes what came, answers it. */
static void
work(struct service *service)
{
	int error, ended;

	clear_told(service);
	error = flush(service);
	ended = error ? error : take_frames(service);
	if (!error)
		error = flush(service); /* what was refused is told still */
	if (!error)
		error = await_more(service);
	if (error || ended || service->broken)
		service_free(service);
}

static int
serve(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	(void)source;
	(void)fd;
	(void)events;
	work(userdata);
	return 0;
}

static int
go_on(sd_event_source *source, void *userdata)
{
	(void)source;
	work(userdata);
	return 0;
}

static int
give_up(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	service_free(userdata);
	return 0;
}

static int
watch(struct service *service)
{
	sd_event *event = service->broker->event;
	sd_event_source **all[] = {
	    &service->input, &service->turn, &service->stalled};
	size_t i;
	int error;

	error = sd_event_add_io(
	    event, &service->input, service->fd, EPOLLIN, serve, service);
	if (error >= 0)
		error =
		    sd_event_add_defer(event, &service->turn, go_on, service);
	if (error >= 0)
		error =
		    sd_event_source_set_enabled(service->turn, SD_EVENT_OFF);
	if (error >= 0)
		error = sd_event_add_time_relative(event, &service->stalled,
		    CLOCK_BOOTTIME, 0, 0, give_up, service);
	if (error >= 0)
		error =
		    sd_event_source_set_enabled(service->stalled, SD_EVENT_OFF);
	for (i = 0; i < sizeof(all) / sizeof(all[0]) && error >= 0; i++)
		error = sd_event_source_set_priority(*all[i], PRIORITY);
	return error < 0 ? error : 0;
}

/*
 * Root, and whom the unit of the socket gave it to (SocketUser=): that is who
 * portvakt-api runs as, and the broker asks no name service for it. The file
 * is in a directory where root alone writes, so nobody else can name another.
 */
static bool
may_ask(const struct broker *broker, uid_t uid)
{
	struct stat st;

	if (uid == 0)
		return true;
	return lstat(broker->paths.service_socket, &st) == 0 &&
	       S_ISSOCK(st.st_mode) && st.st_uid == uid;
}

static int
admit(struct service *service)
{
	struct broker *broker = service->broker;
	struct ucred peer;
	int error;

	error = frame_peer(service->fd, &peer);
	if (error)
		return error;
	if (!may_ask(broker, peer.uid))
		return -EACCES;
	(void)snprintf(
	    service->peer, sizeof(service->peer), "uid %u", peer.uid);
	if (broker->services >= SERVICE_CONNECTIONS_MAX)
		return -EBUSY;
	broker->services++;
	service->counted = true;
	return 0;
}

int
service_serve(struct broker *broker, int fd)
{
	struct service *service = calloc(1, sizeof(*service));
	int error;

	if (!service) {
		(void)close(fd);
		return -ENOMEM;
	}
	service->broker = broker;
	service->fd = fd;
	frame_reader_init(&service->reader, SERVICE_FRAME_SIZE_MAX);
	frame_writer_init(&service->writer, QUEUE_SIZE_MAX);
	error = admit(service);
	if (!error)
		error = watch(service);
	if (error)
		service_free(service);
	return error;
}
