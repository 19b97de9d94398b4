#include "broker/issuer/fetch_client.h"
#include "lib/frame.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <unistd.h>

enum {
	GRACE_MS = 1000, /* what the fetcher's own deadline is given on top */

	/* More answers at once than there can be calls: not our fetcher. */
	FRAMES_AT_ONCE_MAX = 4 * FETCH_CALLS_MAX,
	HOSTS_FRAME_SIZE_MAX = 8192,
	QUEUE_SIZE_MAX = FETCH_CALLS_MAX * FETCH_CALL_FRAME_SIZE_MAX,
};

static const char stuck_text[] = "portvakt-fetch does not read what it is sent";

/*
 * A call ends in an event of its own: whoever learns how it ended fills in the
 * answer and arms that event, and only there is done called. So nobody calls
 * out in the middle of a loop over calls or frames.
 */
struct fetch_call {
	LIST_ENTRY(fetch_call) calls;
	struct fetch_client *client;
	uint32_t id;
	size_t body_size_max;
	fetch_done_fn done;
	void *userdata;
	sd_event_source *deadline;
	sd_event_source *end;
	bool ended;

	struct fetch_answer answer;
	char content_type[FETCH_CONTENT_TYPE_SIZE];
	char date[FETCH_DATE_SIZE];
	char detail[FETCH_DETAIL_SIZE];
	char *body;
};

struct fetch_client {
	sd_event *event;
	char *socket_path;
	LIST_HEAD(, fetch_call) calls;
	size_t calls_count;
	uint32_t next_id;

	int fd; /* -1: not connected */
	sd_event_source *io;
	struct frame_reader reader;
	struct frame_writer writer;

	/* The HOSTS message, as it is sent; empty until it is known. */
	uint8_t hosts[HOSTS_FRAME_SIZE_MAX];
	size_t hosts_size;

	uint8_t frame[FETCH_CALL_FRAME_SIZE_MAX]; /* while it is made */
	struct fetch_text text;
};

const char *
fetch_outcome_word(enum fetch_outcome outcome)
{
	switch (outcome) {
	case FETCH_FAILED:
		return "failed";
	case FETCH_DONE:
		return "done";
	case FETCH_HOST_REFUSED:
		return "host-refused";
	case FETCH_UNRESOLVED:
		return "unresolved";
	case FETCH_UNREACHABLE:
		return "unreachable";
	case FETCH_TLS_REFUSED:
		return "tls-refused";
	case FETCH_TIMED_OUT:
		return "timed-out";
	case FETCH_TOO_LARGE:
		return "too-large";
	case FETCH_REDIRECTED:
		return "redirected";
	case FETCH_BUSY:
		return "busy";
	}
	return "failed";
}

static struct fetch_call *
call_free(struct fetch_call *call)
{
	if (!call)
		return NULL;
	(void)sd_event_source_disable_unref(call->deadline);
	(void)sd_event_source_disable_unref(call->end);
	if (call->body)
		explicit_bzero(call->body, call->answer.body_size);
	free(call->body);
	free(call);
	return NULL;
}

static void
call_unlink(struct fetch_call *call)
{
	LIST_REMOVE(call, calls);
	call->client->calls_count--;
}

/* The first end counts. */
static void
call_end(
    struct fetch_call *call, enum fetch_outcome outcome, const char *detail)
{
	if (call->ended)
		return;
	call->ended = true;
	call->answer.outcome = outcome;
	(void)snprintf(call->detail, sizeof(call->detail), "%s", detail);
	(void)sd_event_source_set_enabled(call->deadline, SD_EVENT_OFF);
	(void)sd_event_source_set_enabled(call->end, SD_EVENT_ONESHOT);
}

static int
on_end(sd_event_source *source, void *userdata)
{
	struct fetch_call *call = userdata;

	(void)source;
	call_unlink(call);
	/* From here on the client may be gone, and this call is nobody's. */
	call->done(&call->answer, call->userdata);
	call_free(call);
	return 0;
}

static void
watch(struct fetch_client *client)
{
	uint32_t events = EPOLLIN;

	if (frame_writer_waiting(&client->writer) > 0)
		events |= EPOLLOUT;
	(void)sd_event_source_set_io_events(client->io, events);
}

static void
disconnect(
    struct fetch_client *client, enum fetch_outcome outcome, const char *detail)
{
	struct fetch_call *call;

	client->io = sd_event_source_disable_unref(client->io);
	if (client->fd >= 0)
		(void)close(client->fd);
	client->fd = -1;
	frame_reader_done(&client->reader);
	frame_writer_done(&client->writer);
	LIST_FOREACH(call, &client->calls, calls)
	call_end(call, outcome, detail);
}

/* The fetcher should stop; a queue without a place means that it is stuck. */
static void
send_cancel(struct fetch_client *client, uint32_t id)
{
	struct fetch_message message = {.type = FETCH_CANCEL, .cancel = {id}};
	uint8_t frame[16];
	size_t size;

	if (client->fd < 0 ||
	    fetch_message_put(&message, frame, sizeof(frame), &size) < 0)
		return;
	if (frame_writer_put(&client->writer, frame, size) < 0)
		disconnect(client, FETCH_FAILED, stuck_text);
	else
		watch(client);
}

static int
on_deadline(sd_event_source *source, uint64_t now_us, void *userdata)
{
	struct fetch_call *call = userdata;

	(void)source;
	(void)now_us;
	call_end(
	    call, FETCH_TIMED_OUT, "portvakt-fetch did not answer in time");
	send_cancel(call->client, call->id);
	return 0;
}

static struct fetch_call *
find_call(struct fetch_client *client, uint32_t id)
{
	struct fetch_call *call;

	LIST_FOREACH(call, &client->calls, calls)
	if (call->id == id && !call->ended)
		return call;
	return NULL;
}

static void
take_answer(struct fetch_call *call, const struct fetch_message *message)
{
	size_t size = message->answer.body_size;

	if (size > call->body_size_max) {
		call_end(call, FETCH_TOO_LARGE,
		    "portvakt-fetch brought more than it was asked for");
		return;
	}
	call->body = malloc(size + 1);
	if (!call->body) {
		call_end(call, FETCH_FAILED, "out of memory");
		return;
	}
	memcpy(call->body, message->answer.body, size);
	call->body[size] = '\0';
	(void)snprintf(call->content_type, sizeof(call->content_type), "%s",
	    message->answer.content_type);
	(void)snprintf(
	    call->date, sizeof(call->date), "%s", message->answer.date);
	call->answer.body = call->body;
	call->answer.body_size = size;
	call->answer.status = message->answer.status;
	call_end(call, message->answer.outcome, message->answer.detail);
}

/* 0, or -EBADMSG when the connection is of no more use. */
static int
handle_message(struct fetch_client *client, const struct fetch_message *message)
{
	struct fetch_call *call;

	switch (message->type) {
	case FETCH_READY:
		return 0;
	case FETCH_REFUSED:
		disconnect(client, FETCH_HOST_REFUSED, message->refused.detail);
		return 0;
	case FETCH_ANSWER:
		/* An answer to no call crossed with our cancel. */
		call = find_call(client, message->answer.id);
		if (call)
			take_answer(call, message);
		return 0;
	case FETCH_HOSTS:
	case FETCH_CALL:
	case FETCH_CANCEL:
		return -EBADMSG;
	}
	return -EBADMSG;
}

static void
receive(struct fetch_client *client)
{
	struct fetch_message message;
	const uint8_t *body;
	size_t size;
	int i, result = 1;

	for (i = 0; result > 0 && client->fd >= 0; i++) {
		if (i == FRAMES_AT_ONCE_MAX)
			result = -EBADMSG;
		else
			result = frame_reader_next(
			    &client->reader, client->fd, &body, &size);
		if (result <= 0)
			break;
		if (fetch_message_get(body, size, &client->text, &message) <
			0 ||
		    handle_message(client, &message) < 0)
			result = -EBADMSG;
		fetch_text_wipe(&client->text);
	}
	if (result == -ECONNRESET)
		disconnect(client, FETCH_FAILED,
		    "portvakt-fetch ended the connection");
	else if (result < 0)
		disconnect(client, FETCH_FAILED,
		    "portvakt-fetch sent what is not its protocol");
}

static int
on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct fetch_client *client = userdata;

	(void)source;
	(void)events;
	receive(client);
	if (client->fd < 0)
		return 0;
	/* When the peer is gone the reader hears of it, and of why. */
	if (frame_writer_flush(&client->writer, fd) < 0)
		frame_writer_done(&client->writer);
	watch(client);
	return 0;
}

static int
connect_fetcher(struct fetch_client *client)
{
	int error;

	if (client->fd >= 0)
		return 0;
	error = frame_connect(client->socket_path, 0, &client->fd);
	if (!error)
		error = sd_event_add_io(client->event, &client->io, client->fd,
		    EPOLLIN, on_io, client);
	if (!error)
		error = frame_writer_put(
		    &client->writer, client->hosts, client->hosts_size);
	return error < 0 ? error : 0;
}

static const char *
connect_error_text(int error)
{
	switch (error) {
	case -EPERM:
		return "the fetcher's socket belongs to a stranger";
	case -ENOBUFS:
		return stuck_text;
	default:
		return "portvakt-fetch is not running";
	}
}

/* Sends the frame that was made, or arms the call's end. */
static void
send_call(struct fetch_client *client, struct fetch_call *call, size_t size)
{
	char detail[FETCH_DETAIL_SIZE];
	int error;

	error = connect_fetcher(client);
	if (!error)
		error = frame_writer_put(&client->writer, client->frame, size);
	if (!error) {
		watch(client);
		return;
	}
	(void)snprintf(detail, sizeof(detail), "%s (%.120s: %s)",
	    connect_error_text(error), client->socket_path,
	    strerrordesc_np(-error));
	disconnect(client, FETCH_UNREACHABLE, detail);
	call_end(call, FETCH_UNREACHABLE, detail);
}

static int
make_frame(struct fetch_client *client, const struct fetch_request *request,
    size_t body_size_max, size_t *ret_size)
{
	struct fetch_message message = {.type = FETCH_CALL,
	    .call = {.id = client->next_id,
		.method = request->method,
		.url = request->url,
		.authorization = request->authorization,
		.timeout_ms = request->timeout_ms,
		.body_size_max = (uint32_t)body_size_max,
		.form_count = request->form_count}};
	size_t i;

	if (request->form_count > FETCH_PARAMETERS_MAX)
		return -EINVAL;
	for (i = 0; i < request->form_count; i++)
		message.call.form[i] = request->form[i];
	return fetch_message_put(
	    &message, client->frame, sizeof(client->frame), ret_size);
}

static int
call_new(struct fetch_client *client, const struct fetch_request *request,
    struct fetch_call **ret_call)
{
	struct fetch_call *call = calloc(1, sizeof(*call));
	uint64_t deadline_us = (request->timeout_ms + GRACE_MS) * 1000ULL;
	int error;

	if (!call)
		return -ENOMEM;
	call->client = client;
	call->id = client->next_id;
	call->answer.content_type = call->content_type;
	call->answer.date = call->date;
	call->answer.detail = call->detail;
	call->answer.body = "";
	error = sd_event_add_time_relative(client->event, &call->deadline,
	    CLOCK_MONOTONIC, deadline_us, 0, on_deadline, call);
	if (error >= 0)
		error =
		    sd_event_add_defer(client->event, &call->end, on_end, call);
	if (error >= 0)
		error = sd_event_source_set_enabled(call->end, SD_EVENT_OFF);
	if (error < 0) {
		call_free(call);
		return error;
	}
	*ret_call = call;
	return 0;
}

int
fetch_client_start(struct fetch_client *client,
    const struct fetch_request *request, fetch_done_fn done, void *userdata,
    struct fetch_call **ret_call)
{
	size_t size, body_size_max = request->body_size_max;
	struct fetch_call *call;
	int error;

	if (client->hosts_size == 0 || body_size_max > FETCH_BODY_SIZE_MAX)
		return -EINVAL;
	if (client->calls_count >= FETCH_CALLS_MAX)
		return -EBUSY;
	if (body_size_max == 0)
		body_size_max = FETCH_BODY_SIZE_MAX;
	error = make_frame(client, request, body_size_max, &size);
	if (!error)
		error = call_new(client, request, &call);
	if (error) {
		explicit_bzero(client->frame, sizeof(client->frame));
		return error;
	}
	call->body_size_max = body_size_max;
	call->done = done;
	call->userdata = userdata;
	LIST_INSERT_HEAD(&client->calls, call, calls);
	client->calls_count++;
	client->next_id++;
	send_call(client, call, size);
	explicit_bzero(client->frame, size);
	if (ret_call)
		*ret_call = call;
	return 0;
}

void
fetch_call_cancel(struct fetch_call *call)
{
	struct fetch_client *client;

	if (!call)
		return;
	client = call->client;
	call_unlink(call);
	if (!call->ended)
		send_cancel(client, call->id);
	call_free(call);
}

sd_event *
fetch_client_event(const struct fetch_client *client)
{
	return client->event;
}

size_t
fetch_client_calls(const struct fetch_client *client)
{
	return client->calls_count;
}

bool
fetch_client_is_connected(const struct fetch_client *client)
{
	return client->fd >= 0;
}

int
fetch_client_hosts(struct fetch_client *client, const char *ca_file,
    const char *proxy, const char *const *hosts, size_t hosts_count)
{
	struct fetch_message message = {.type = FETCH_HOSTS,
	    .hosts = {.ca_file = ca_file,
		.proxy = proxy,
		.hosts_count = hosts_count}};
	uint8_t frame[sizeof(client->hosts)];
	size_t i, size;
	int error;

	if (hosts_count > FETCH_HOSTS_MAX)
		return -EINVAL;
	for (i = 0; i < hosts_count; i++)
		message.hosts.hosts[i] = hosts[i];
	error = fetch_message_put(&message, frame, sizeof(frame), &size);
	if (error)
		return error;
	if (size == client->hosts_size &&
	    memcmp(frame, client->hosts, size) == 0)
		return 0;
	memcpy(client->hosts, frame, size);
	client->hosts_size = size;
	disconnect(client, FETCH_FAILED, "the list of hosts changed");
	return 0;
}

int
fetch_client_new(
    sd_event *event, const char *socket_path, struct fetch_client **ret_client)
{
	struct fetch_client *client = calloc(1, sizeof(*client));

	if (!client)
		return -ENOMEM;
	client->fd = -1;
	client->next_id = 1;
	client->event = sd_event_ref(event);
	LIST_INIT(&client->calls);
	frame_reader_init(&client->reader, FETCH_ANSWER_FRAME_SIZE_MAX);
	frame_writer_init(&client->writer, QUEUE_SIZE_MAX);
	client->socket_path = strdup(socket_path);
	if (!client->socket_path) {
		fetch_client_free(client);
		return -ENOMEM;
	}
	*ret_client = client;
	return 0;
}

struct fetch_client *
fetch_client_free(struct fetch_client *client)
{
	struct fetch_call *call;

	if (!client)
		return NULL;
	while ((call = LIST_FIRST(&client->calls))) {
		call_unlink(call);
		call_free(call);
	}
	disconnect(client, FETCH_FAILED, "");
	(void)sd_event_unref(client->event);
	free(client->socket_path);
	free(client);
	return NULL;
}
