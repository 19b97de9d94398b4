#include "broker/api/http.h"

#include "broker/api/body.h"
#include "broker/api/headers.h"
#include "broker/api/response.h"
#include "broker/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <microhttpd.h>

enum {
	/* The largest token, the largest proof, and a browser's headers. Each
	   request clears as much, however small it is. */
	HEADERS_SIZE_MAX = 40960,
	/* Of one uid, or of TCP as a whole: a quarter of those served. */
	CALLER_CONNECTIONS_MAX = 64,
	/* More than these are told to come again, so that nobody waits. */
	CONNECTIONS_SERVED_MAX = 256,
	/* More than these wait in the backlog of the kernel. */
	CONNECTIONS_MAX = 384,
	/* For a whole request, however slowly sent, and between two. */
	DEADLINE_S = 30,
	/* How often deadlines are looked at. */
	SWEEP_US = 1000000,
};

/* A request while its body comes, and while its errand is under way. */
struct request {
	struct connection *one;
	struct MHD_Connection *connection;
	struct headers headers;
	struct errand errand;
	struct body body; /* its memory stays for the next one */
};

struct connection {
	int fd;
	bool known; /* uid says who it is */
	uid_t uid;
	bool answered; /* at least once */
	bool turned_away; /* over a limit: 503 to whatever it asks */
	bool waiting; /* suspended until the errand is done */
	struct request request; /* the one at hand */
	int64_t deadline_us;
	struct connection *next;
	struct connection **prior; /* what points here */
};

struct http {
	struct api *api;
	struct MHD_Daemon *daemon;
	bool local;
	bool leaving;
	int64_t now_us; /* when this turn began */
	int64_t swept_us;
	unsigned int answered; /* in this turn */
	struct connection *connections;
	unsigned int connections_count;
};

static unsigned int
count_caller(const struct http *http, const struct connection *one)
{
	const struct connection *other;
	unsigned int count = 0;

	for (other = http->connections; other; other = other->next)
		count += other->known == one->known && other->uid == one->uid;
	return count;
}

static void
renew_deadline(const struct http *http, struct connection *connection)
{
	connection->deadline_us = http->now_us + (int64_t)DEADLINE_S * 1000000;
}

static void
link_connection(struct http *http, struct connection *connection)
{
	connection->prior = &http->connections;
	connection->next = http->connections;
	if (connection->next)
		connection->next->prior = &connection->next;
	http->connections = connection;
	http->connections_count++;
}

static void
unlink_connection(struct http *http, struct connection *connection)
{
	*connection->prior = connection->next;
	if (connection->next)
		connection->next->prior = connection->prior;
	http->connections_count--;
	body_done(&connection->request.body);
	free(connection);
}

/* Without memory for it, a connection has no context, and gets a 503. */
static struct connection *
new_connection(struct http *http, int fd)
{
	struct connection *connection = calloc(1, sizeof(*connection));
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (!connection)
		return NULL;
	connection->fd = fd;
	if (http->local &&
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0) {
		connection->known = true;
		connection->uid = peer.uid;
	}
	renew_deadline(http, connection);
	link_connection(http, connection);
	connection->turned_away =
	    http->connections_count > CONNECTIONS_SERVED_MAX ||
	    count_caller(http, connection) > CALLER_CONNECTIONS_MAX;
	return connection;
}

static void
on_connection(void *userdata, struct MHD_Connection *connection, void **context,
    enum MHD_ConnectionNotificationCode code)
{
	const union MHD_ConnectionInfo *info;

	switch (code) {
	case MHD_CONNECTION_NOTIFY_STARTED:
		info = MHD_get_connection_info(
		    connection, MHD_CONNECTION_INFO_CONNECTION_FD);
		*context =
		    info ? new_connection(userdata, info->connect_fd) : NULL;
		return;
	case MHD_CONNECTION_NOTIFY_CLOSED:
		if (*context)
			unlink_connection(userdata, *context);
		*context = NULL;
		return;
	}
}

static struct connection *
connection_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

static void
on_completed(void *userdata, struct MHD_Connection *connection, void **context,
    enum MHD_RequestTerminationCode code)
{
	struct connection *one = connection_of(connection);
	struct http *http = userdata;

	(void)code;
	if (!one)
		return;
	if (*context) {
		errand_done(&one->request.errand);
		body_reset(&one->request.body);
	}
	*context = NULL;
	http->answered++;
	one->answered = true;
	renew_deadline(http, one);
}

/* Too much is known before it comes when it is announced. */
static bool
announces_too_much(const struct headers *headers)
{
	const char *length = headers->values[HEADER_CONTENT_LENGTH];

	return length && strtoull(length, NULL, 10) > BODY_DISCARDED_MAX;
}

/* Takes the answer over. */
static enum MHD_Result
send_answer(
    struct MHD_Connection *connection, struct answer *answer, bool close_after)
{
	struct MHD_Response *response = response_new(answer);
	unsigned int status = answer->status;
	enum MHD_Result result;

	answer_done(answer);
	if (!response)
		return MHD_NO;
	if (close_after)
		(void)MHD_add_response_header(response, "Connection", "close");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result
send_status(struct MHD_Connection *connection, unsigned int status)
{
	struct answer answer;

	answer_status(&answer, status);
	return send_answer(connection, &answer, true);
}

static enum MHD_Result
turn_away(struct http *http, struct MHD_Connection *connection)
{
	struct answer answer;

	metrics_turned_away(http->api->metrics, http->api->worker);
	answer_busy(&answer);
	return send_answer(connection, &answer, true);
}

/* Of a header that web servers call so or so. */
static const char *
either(const struct headers *headers, enum header one, enum header other)
{
	return headers->values[one] ? headers->values[one]
				    : headers->values[other];
}

/* libmicrohttpd calls on_request() again, when its turn comes. */
static void
resume(void *userdata)
{
	struct request *request = userdata;

	request->one->waiting = false;
	MHD_resume_connection(request->connection);
}

/* The broker has its own deadlines, so that these 30 s are never reached. */
static enum MHD_Result
suspend(const struct http *http, struct request *request)
{
	renew_deadline(http, request->one);
	request->one->waiting = true;
	MHD_suspend_connection(request->connection);
	return MHD_YES;
}

static enum MHD_Result
answer_request(struct http *http, struct request *request, const char *method,
    const char *path)
{
	const struct headers *headers = &request->headers;
	const struct api_call call = {
	    .local = request->one->known,
	    .uid = request->one->uid,
	    .method = method,
	    .path = path,
	    .content_type = headers->values[HEADER_CONTENT_TYPE],
	    .authorization = headers->values[HEADER_AUTHORIZATION],
	    .portvakt_authorization =
		headers->values[HEADER_PORTVAKT_AUTHORIZATION],
	    .dpop = headers->values[HEADER_DPOP],
	    .certificate = headers->values[HEADER_CLIENT_CERTIFICATE],
	    .original_method = either(
		headers, HEADER_ORIGINAL_METHOD, HEADER_FORWARDED_METHOD),
	    .original_uri =
		either(headers, HEADER_ORIGINAL_URI, HEADER_FORWARDED_URI),
	    .body = request->body.bytes ? request->body.bytes : "",
	    .size = request->body.size,
	    .errand = &request->errand,
	};
	struct answer answer = {0};

	if (!api_answer(http->api, &call, &answer))
		return suspend(http, request);
	if (answer.response)
		return MHD_queue_response(
		    request->connection, answer.status, answer.response);
	return send_answer(request->connection, &answer, http->leaving);
}

static enum MHD_Result
begin_request(struct http *http, struct MHD_Connection *connection,
    struct connection *one, void **context)
{
	struct request *request;

	if (!one || one->turned_away)
		return turn_away(http, connection);
	request = &one->request;
	headers_read(connection, &request->headers);
	if (announces_too_much(&request->headers))
		return send_status(connection, 413);
	/* One that decides may stand there once. */
	if (request->headers.repeated)
		return send_status(connection, 400);
	request->one = one;
	request->connection = connection;
	request->errand = (struct errand){.upstream = http->api->upstream,
	    .wake = resume,
	    .userdata = request};
	*context = request;
	return MHD_YES;
}

static enum MHD_Result
on_request(void *userdata, struct MHD_Connection *connection, const char *path,
    const char *method, const char *version, const char *bytes, size_t *size,
    void **context)
{
	struct connection *one = connection_of(connection);
	struct request *request = *context;

	(void)version;
	if (!request)
		return begin_request(userdata, connection, one, context);
	if (*size > 0) {
		if (!body_append(&request->body, bytes, *size))
			return MHD_NO;
		*size = 0;
		return MHD_YES;
	}
	if (request->body.discarded > 0)
		return send_status(connection, 413);
	return answer_request(userdata, request, method, path);
}

/* No %-sequence has a meaning in our paths: it stays what it is. */
static size_t
keep_escapes(void *userdata, struct MHD_Connection *connection, char *text)
{
	(void)userdata;
	(void)connection;
	return strlen(text);
}

int
http_new(struct api *api, int listener, bool local, struct http **ret_http)
{
	struct http *http = calloc(1, sizeof(*http));

	if (!http)
		return -ENOMEM;
	http->api = api;
	http->local = local;
	http->daemon = MHD_start_daemon(
	    MHD_USE_EPOLL | MHD_USE_TURBO | MHD_ALLOW_SUSPEND_RESUME, 0, NULL,
	    NULL, on_request, http, MHD_OPTION_LISTEN_SOCKET, listener,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADERS_SIZE_MAX,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned int)CONNECTIONS_MAX,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, http,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, http,
	    MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
	if (!http->daemon) {
		free(http);
		return -EIO;
	}
	*ret_http = http;
	return 0;
}

unsigned int
http_waiting(const struct http *http)
{
	const struct connection *connection;
	unsigned int count = 0;

	for (connection = http->connections; connection;
	     connection = connection->next)
		count += connection->waiting;
	return count;
}

unsigned int
http_abandon(struct http *http)
{
	struct connection *connection;
	unsigned int count = 0;

	for (connection = http->connections; connection;
	     connection = connection->next) {
		if (!connection->waiting)
			continue;
		errand_abandon(&connection->request.errand);
		count++;
	}
	return count;
}

struct http *
http_free(struct http *http)
{
	if (!http)
		return NULL;
	/* Suspended connections cannot be closed, says libmicrohttpd. */
	if (http_abandon(http) > 0)
		(void)MHD_run(http->daemon);
	MHD_stop_daemon(http->daemon);
	free(http);
	return NULL;
}

int
http_fd(const struct http *http)
{
	const union MHD_DaemonInfo *info =
	    MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);

	return info ? info->epoll_fd : -1;
}

int
http_timeout_ms(const struct http *http, int longest_ms)
{
	MHD_UNSIGNED_LONG_LONG timeout_ms;

	if (MHD_get_timeout(http->daemon, &timeout_ms) != MHD_YES ||
	    timeout_ms > (MHD_UNSIGNED_LONG_LONG)longest_ms)
		return longest_ms;
	return (int)timeout_ms;
}

/*
 * libmicrohttpd does not look at what is suspended. To it, who says no more has
 * gone, here and there alike.
 */
static bool
is_gone(const struct connection *connection)
{
	struct pollfd one = {.fd = connection->fd, .events = POLLRDHUP};

	return poll(&one, 1, 0) > 0;
}

static void
drop_gone(struct http *http)
{
	struct connection *connection;

	for (connection = http->connections; connection;
	     connection = connection->next) {
		if (connection->waiting && is_gone(connection))
			errand_abandon(&connection->request.errand);
	}
}

/* libmicrohttpd sees the end of it, and lets go. */
static void
close_late(struct http *http, int64_t now_us)
{
	struct connection *connection;

	for (connection = http->connections; connection;
	     connection = connection->next) {
		if (now_us >= connection->deadline_us)
			(void)shutdown(connection->fd, SHUT_RDWR);
	}
}

unsigned int
http_run(struct http *http)
{
	http->now_us = clock_us(CLOCK_MONOTONIC);
	http->answered = 0;
	if (http->now_us - http->swept_us >= SWEEP_US) {
		http->swept_us = http->now_us;
		close_late(http, http->now_us);
		drop_gone(http);
	}
	(void)MHD_run(http->daemon);
	return http->answered;
}

bool
http_leave(struct http *http)
{
	struct connection *connection;

	if (!http->leaving) {
		http->leaving = true;
		(void)MHD_quiesce_daemon(http->daemon);
		/* Those that are kept do not end their connection. */
		http->api->answers = answer_cache_free(http->api->answers);
		/* Who has just come is about to ask; who was answered, goes. */
		for (connection = http->connections; connection;
		     connection = connection->next) {
			if (connection->answered && !connection->waiting)
				(void)shutdown(connection->fd, SHUT_RD);
		}
	}
	(void)http_run(http);
	return http->connections_count == 0;
}
