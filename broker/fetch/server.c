#include "broker/fetch/server.h"
#include "broker/fetch/host_list.h"
#include "broker/fetch/transport.h"
#include "lib/fetch_protocol.h"
#include "lib/frame.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum {
	/* While so much waits for the broker, nothing new is read from it. */
	ANSWERS_WAITING_MAX = 1 << 20,
	/* That, and what the calls under way may still bring. */
	QUEUE_SIZE_MAX = ANSWERS_WAITING_MAX +
			 (FETCH_CALLS_MAX + 1) * FETCH_ANSWER_FRAME_SIZE_MAX,
	HOSTS_SIZE_MAX = 8192,
};

struct server {
	int listener;
	uid_t broker_uid;
	int broker; /* -1: nobody */
	bool greeted; /* this connection began with its HOSTS */
	bool leaving; /* the connection has ended, and must be closed */
	struct frame_reader reader;
	struct frame_writer writer;
	struct transport *transport;

	/* The first HOSTS message, as it came and as it is used. */
	uint8_t hosts[HOSTS_SIZE_MAX];
	size_t hosts_size;
	struct host_list host_list;

	struct fetch_text text;
	uint8_t frame[FETCH_ANSWER_FRAME_SIZE_MAX];
};

/* NULL: an end that needs no words. */
static void
leave(struct server *server, const char *why)
{
	if (why && !server->leaving)
		(void)fprintf(stderr, SD_WARNING "broker: %s\n", why);
	server->leaving = true;
}

static void
send_message(struct server *server, const struct fetch_message *message)
{
	size_t size = 0;

	if (server->broker < 0)
		return;
	if (fetch_message_put(
		message, server->frame, sizeof(server->frame), &size) < 0 ||
	    frame_writer_put(&server->writer, server->frame, size) < 0)
		leave(server, "cannot answer it");
	explicit_bzero(server->frame, size);
}

static void
on_answer(const struct fetch_message *answer, void *userdata)
{
	send_message(userdata, answer);
}

static void
refuse_call(struct server *server, uint32_t id, enum fetch_outcome outcome,
    const char *detail)
{
	struct fetch_message answer = {.type = FETCH_ANSWER};

	answer.answer.id = id;
	answer.answer.outcome = outcome;
	answer.answer.detail = detail;
	send_message(server, &answer);
}

static void
handle_call(struct server *server, const struct fetch_message *message)
{
	uint32_t id = message->call.id;
	const char *detail;
	CURLU *url;

	url = host_list_admit(&server->host_list, message->call.url, &detail);
	if (!url) {
		refuse_call(server, id, FETCH_HOST_REFUSED, detail);
		return;
	}
	switch (transport_start(server->transport, message, url)) {
	case 0:
		return;
	case -EBUSY:
		refuse_call(
		    server, id, FETCH_BUSY, "too many calls are under way");
		return;
	case -EEXIST:
		leave(server, "used the number of a call twice");
		return;
	default:
		refuse_call(server, id, FETCH_FAILED, "out of memory");
	}
}

static void
refuse_hosts(struct server *server, const char *detail)
{
	struct fetch_message message = {
	    .type = FETCH_REFUSED, .refused = {detail}};

	send_message(server, &message);
	leave(server, detail);
}

static bool
configure_transport(struct server *server, const struct fetch_message *message)
{
	const char *ca_file = message->hosts.ca_file;
	char detail[FETCH_DETAIL_SIZE];
	int error;

	error = ca_file[0] && ca_file[0] != '/'
		    ? -EINVAL
		    : transport_configure(
			  server->transport, ca_file, message->hosts.proxy);
	if (!error)
		return true;
	(void)snprintf(detail, sizeof(detail),
	    "cannot read the certificate authorities %.160s: %s", ca_file,
	    strerrordesc_np(-error));
	refuse_hosts(server, detail);
	return false;
}

/* Whether all of it can be used; then it is, from here on. */
static bool
adopt_hosts(struct server *server, const struct fetch_message *message)
{
	const char *proxy = message->hosts.proxy;
	size_t i;
	int error = 0;

	for (i = 0; !error && i < message->hosts.hosts_count; i++)
		error =
		    host_list_add(&server->host_list, message->hosts.hosts[i]);
	if (error) {
		refuse_hosts(server, "an entry is not a host with its port");
		return false;
	}
	if (proxy[0] && host_list_check_proxy(proxy) < 0) {
		refuse_hosts(server, "the proxy is not http://host:port");
		return false;
	}
	return configure_transport(server, message);
}

/*
 * The list is fixed by the first message of the process's life: whoever took
 * over the broker cannot reach further than the broker could.
 */
static void
handle_hosts(struct server *server, const struct fetch_message *message,
    const uint8_t *body, size_t size)
{
	struct fetch_message ready = {.type = FETCH_READY};

	if (server->greeted) {
		leave(server, "named its hosts twice");
		return;
	}
	if (server->hosts_size == 0) {
		if (size > sizeof(server->hosts)) {
			leave(server, "its list of hosts is too long");
			return;
		}
		if (!adopt_hosts(server, message)) {
			host_list_done(&server->host_list);
			return;
		}
		memcpy(server->hosts, body, size);
		server->hosts_size = size;
	} else if (size != server->hosts_size ||
		   memcmp(body, server->hosts, size) != 0) {
		refuse_hosts(server,
		    "portvakt-fetch keeps the hosts that it was first given: "
		    "restart it");
		return;
	} else if (!configure_transport(server, message)) {
		return;
	}
	server->greeted = true;
	send_message(server, &ready);
}

static void
handle_message(struct server *server, const struct fetch_message *message,
    const uint8_t *body, size_t size)
{
	switch (message->type) {
	case FETCH_HOSTS:
		handle_hosts(server, message, body, size);
		return;
	case FETCH_CALL:
		if (server->greeted)
			handle_call(server, message);
		else
			leave(server, "called before it named its hosts");
		return;
	case FETCH_CANCEL:
		transport_cancel(server->transport, message->cancel.id);
		return;
	case FETCH_READY:
	case FETCH_REFUSED:
	case FETCH_ANSWER:
		break;
	}
	leave(server, "sent what only portvakt-fetch may");
}

/* The next message, if there is one and room for what it may cause. */
static bool
handle_next(struct server *server)
{
	struct fetch_message message;
	const uint8_t *body;
	size_t size;
	int result;

	if (server->leaving ||
	    frame_writer_waiting(&server->writer) > ANSWERS_WAITING_MAX)
		return false;
	result =
	    frame_reader_next(&server->reader, server->broker, &body, &size);
	if (result == 0)
		return false;
	if (result < 0) {
		leave(server,
		    result == -ECONNRESET ? NULL : "sent what is not a frame");
		return false;
	}
	if (fetch_message_get(body, size, &server->text, &message) < 0)
		leave(server, "sent what is not the fetch protocol");
	else
		handle_message(server, &message, body, size);
	fetch_text_wipe(&server->text);
	return true;
}

static void
serve_broker(struct server *server)
{
	if (server->broker < 0)
		return;
	while (handle_next(server))
		continue;
	if (frame_writer_flush(&server->writer, server->broker) < 0)
		leave(server, NULL);
	if (!server->leaving)
		return;
	transport_cancel_all(server->transport);
	frame_reader_done(&server->reader);
	frame_writer_done(&server->writer);
	(void)close(server->broker);
	server->broker = -1;
}

static bool
is_trusted(const struct server *server, int fd)
{
	struct ucred peer;

	if (frame_peer(fd, &peer) < 0)
		return false;
	if (peer.uid == 0 || peer.uid == server->broker_uid)
		return true;
	(void)fprintf(stderr, SD_WARNING "refused uid %u\n", peer.uid);
	return false;
}

static void
accept_broker(struct server *server)
{
	int fd =
	    accept4(server->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (!is_trusted(server, fd)) {
		(void)close(fd);
		return;
	}
	if (server->broker >= 0) {
		(void)fprintf(stderr, SD_WARNING "refused a second broker\n");
		(void)close(fd);
		return;
	}
	server->broker = fd;
	server->greeted = false;
	server->leaving = false;
}

static short
events_of_broker(const struct server *server)
{
	size_t waiting = frame_writer_waiting(&server->writer);
	short events = 0;

	if (waiting <= ANSWERS_WAITING_MAX)
		events |= CURL_WAIT_POLLIN;
	if (waiting > 0)
		events |= CURL_WAIT_POLLOUT;
	return events;
}

int
server_run(struct server *server, int stop)
{
	int error;

	for (;;) {
		struct curl_waitfd fds[] = {
		    {.fd = stop, .events = CURL_WAIT_POLLIN},
		    {.fd = server->listener, .events = CURL_WAIT_POLLIN},
		    {.fd = server->broker, .events = events_of_broker(server)},
		};

		error = transport_wait(
		    server->transport, fds, server->broker >= 0 ? 3 : 2);
		if (error || fds[0].revents)
			return error;
		serve_broker(server);
		if (fds[1].revents)
			accept_broker(server);
	}
}

int
server_new(int listener, uid_t broker_uid, struct server **ret_server)
{
	struct server *server = calloc(1, sizeof(*server));

	if (!server || transport_new(on_answer, server, &server->transport)) {
		free(server);
		return -ENOMEM;
	}
	server->listener = listener;
	server->broker_uid = broker_uid;
	server->broker = -1;
	frame_reader_init(&server->reader, FETCH_CALL_FRAME_SIZE_MAX);
	frame_writer_init(&server->writer, QUEUE_SIZE_MAX);
	*ret_server = server;
	return 0;
}

struct server *
server_free(struct server *server)
{
	if (!server)
		return NULL;
	(void)transport_free(server->transport);
	host_list_done(&server->host_list);
	frame_reader_done(&server->reader);
	frame_writer_done(&server->writer);
	if (server->broker >= 0)
		(void)close(server->broker);
	(void)close(server->listener);
	free(server);
	return NULL;
}
