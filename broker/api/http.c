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
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>

enum {
	/* The largest token, the largest proof, and a browser's headers. Each
	   request clears as much, however small it is. */
	HEADERS_SIZE_MAX = 40960,
	/* Of one client: a quarter of those served. */
	CALLER_CONNECTIONS_MAX = 64,
	/* Of one client beyond these: told to come again. More are closed. */
	CALLER_TOLD_MAX = 16,
	/* Of all users together that are no clients. */
	STRANGERS_MAX = 8,
	/* On TCP, of all together that have not shown a secret. */
	UNPROVEN_MAX = 128,
	/* Of clients: more are told to come again, so that nobody waits. */
	CONNECTIONS_SERVED_MAX = 256,
	/* More than these are closed when they come. */
	CONNECTIONS_MAX = 512,
	/* In one turn, so that those who ask are heard between. */
	ACCEPTED_MAX = 16,
	/* For a whole request, however slowly sent, and between two. */
	DEADLINE_S = 30,
	/* The same for guests, and to take a no. */
	GUEST_DEADLINE_S = 2,
	/* Who came so recently is about to ask. */
	GRACE_US = 100000,
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

/* Who comes, as far as the kernel knows. */
struct caller {
	bool known; /* uid says who it is */
	uid_t uid;
	const struct api_client *client; /* NULL: a guest, until it is known */
};

struct connection {
	int fd;
	struct caller caller;
	int64_t born_us;
	bool answered; /* at least once */
	bool asking; /* its request is under way */
	bool turned_away; /* over a limit: 503 to whatever it asks */
	bool ended; /* closed on our side, until libmicrohttpd sees it */
	bool waiting; /* suspended until the errand is done */
	struct request request; /* the one at hand */
	int64_t deadline_us;
	struct connection *next;
	struct connection **prior; /* what points here */
};

struct http {
	struct api *api;
	struct MHD_Daemon *daemon;
	int listener;
	int epoll; /* of the listener and of libmicrohttpd */
	bool local;
	bool leaving;
	int64_t now_us; /* when this turn began */
	int64_t swept_us;
	unsigned int answered; /* in this turn */
	struct caller coming; /* whose connection is being added */
	struct connection *connections;
	unsigned int connections_count;
};

/* Of a client, or of all guests; NULL: those. */
static unsigned int
count_of(const struct http *http, const struct api_client *client)
{
	const struct connection *one;
	unsigned int count = 0;

	for (one = http->connections; one; one = one->next)
		count += !one->ended && one->caller.client == client;
	return count;
}

/* libmicrohttpd sees the end of it, and lets go. */
static void
end_connection(struct connection *connection)
{
	connection->ended = true;
	(void)shutdown(connection->fd, SHUT_RDWR);
}

static void
renew_deadline(const struct http *http, struct connection *connection)
{
	bool short_one = !connection->caller.client || connection->turned_away;

	connection->deadline_us =
	    http->now_us +
	    (int64_t)(short_one ? GUEST_DEADLINE_S : DEADLINE_S) * 1000000;
}

/* A client cannot take the places of others by asking. */
static void
limit_client(const struct http *http, struct connection *connection)
{
	connection->turned_away =
	    http->connections_count - count_of(http, NULL) >
		CONNECTIONS_SERVED_MAX ||
	    count_of(http, connection->caller.client) > CALLER_CONNECTIONS_MAX;
}

/*
 * Nobody knows which guest means well. The one that has been here the longest
 * has had its time: thus who connects and asks is heard, however many only
 * connect.
 */
static bool
make_room_for_guest(const struct http *http)
{
	struct connection *one, *oldest = NULL;

	if (count_of(http, NULL) < (http->local ? STRANGERS_MAX : UNPROVEN_MAX))
		return true;
	for (one = http->connections; one; one = one->next) {
		if (!one->ended && !one->caller.client)
			oldest = one;
	}
	/* Strangers may wait: who is somebody comes in beside them. */
	if (!oldest ||
	    (http->local &&
		clock_us(CLOCK_MONOTONIC) - oldest->born_us < GRACE_US))
		return false;
	end_connection(oldest);
	return true;
}

static bool
has_room(const struct http *http, const struct caller *caller)
{
	if (http->connections_count >= CONNECTIONS_MAX)
		return false;
	if (!caller->client)
		return make_room_for_guest(http);
	return count_of(http, caller->client) <
	       CALLER_CONNECTIONS_MAX + CALLER_TOLD_MAX;
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

static struct caller
caller_of(const struct http *http, int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (!http->local ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return (struct caller){0};
	return (struct caller){true, peer.uid,
	    api_config_client_by_uid(http->api->config, peer.uid)};
}

/* Without memory for it, a connection has no context, and gets a 503. */
static struct connection *
new_connection(struct http *http, int fd)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (!connection)
		return NULL;
	connection->fd = fd;
	connection->caller = http->coming;
	connection->born_us = clock_us(CLOCK_MONOTONIC);
	link_connection(http, connection);
	if (connection->caller.client)
		limit_client(http, connection);
	renew_deadline(http, connection);
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
	one->asking = false;
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

static struct api_call
call_of(struct request *request, const char *method, const char *path)
{
	const struct headers *headers = &request->headers;

	return (struct api_call){
	    .local = request->one->caller.known,
	    .uid = request->one->caller.uid,
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
}

static enum MHD_Result
answer_request(struct http *http, struct request *request, const char *method,
    const char *path)
{
	const struct api_call call = call_of(request, method, path);
	struct answer answer = {0};

	if (!api_answer(http->api, &call, &answer))
		return suspend(http, request);
	if (answer.response)
		return MHD_queue_response(
		    request->connection, answer.status, answer.response);
	return send_answer(request->connection, &answer, http->leaving);
}

/* On TCP, by the first secret that opens. */
static void
recognise(struct http *http, struct connection *one, const char *method,
    const char *path)
{
	const struct api_call call = call_of(&one->request, method, path);

	one->caller.client = api_find_client(http->api, &call);
	if (!one->caller.client)
		return;
	limit_client(http, one);
	renew_deadline(http, one);
}

static enum MHD_Result
begin_request(struct http *http, struct MHD_Connection *connection,
    const char *method, const char *path, void **context)
{
	struct connection *one = connection_of(connection);
	struct request *request;

	if (!one)
		return turn_away(http, connection);
	request = &one->request;
	request->one = one;
	headers_read(connection, &request->headers);
	if (!http->local && !one->caller.client)
		recognise(http, one, method, path);
	if (one->turned_away)
		return turn_away(http, connection);
	if (announces_too_much(&request->headers))
		return send_status(connection, 413);
	/* One that decides may stand there once. */
	if (request->headers.repeated)
		return send_status(connection, 400);
	one->asking = true;
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
	struct request *request = *context;

	(void)version;
	if (!request)
		return begin_request(
		    userdata, connection, method, path, context);
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

static struct MHD_Daemon *
start_daemon(struct http *http)
{
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_TURBO |
				    MHD_ALLOW_SUSPEND_RESUME |
				    MHD_USE_NO_LISTEN_SOCKET,
	    0, NULL, NULL, on_request, http, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    (size_t)HEADERS_SIZE_MAX, MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned int)CONNECTIONS_MAX, MHD_OPTION_NOTIFY_CONNECTION,
	    on_connection, http, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
	    http, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
}

static int
watch(const struct http *http, int fd)
{
	struct epoll_event event = {.events = EPOLLIN};

	return epoll_ctl(http->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno
								     : 0;
}

static int
open_daemon(struct http *http)
{
	const union MHD_DaemonInfo *info;
	int error;

	http->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (http->epoll < 0)
		return -errno;
	http->daemon = start_daemon(http);
	if (!http->daemon)
		return -EIO;
	info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	error = info ? watch(http, info->epoll_fd) : -EIO;
	return error ? error : watch(http, http->listener);
}

int
http_new(struct api *api, int listener, bool local, struct http **ret_http)
{
	struct http *http = calloc(1, sizeof(*http));
	int error;

	if (!http)
		return -ENOMEM;
	http->api = api;
	http->listener = listener;
	http->local = local;
	error = open_daemon(http);
	if (error) {
		http_free(http);
		return error;
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
	if (http->daemon)
		MHD_stop_daemon(http->daemon);
	if (http->epoll >= 0)
		(void)close(http->epoll);
	(void)close(http->listener);
	free(http);
	return NULL;
}

int
http_fd(const struct http *http)
{
	return http->epoll;
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

static void
close_late(struct http *http, int64_t now_us)
{
	struct connection *connection;

	for (connection = http->connections; connection;
	     connection = connection->next) {
		if (now_us >= connection->deadline_us)
			end_connection(connection);
	}
}

/*
 * Who has no room is closed before libmicrohttpd has spent anything on it:
 * nobody fills the backlog by coming again and again.
 */
static void
accept_some(struct http *http)
{
	struct sockaddr_storage address;
	socklen_t size;
	int fd, i;

	for (i = 0; i < ACCEPTED_MAX; i++) {
		size = sizeof(address);
		fd = accept4(http->listener, (struct sockaddr *)&address, &size,
		    SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			return;
		http->coming = caller_of(http, fd);
		if (has_room(http, &http->coming))
			(void)MHD_add_connection(http->daemon, fd,
			    (struct sockaddr *)&address, size);
		else
			(void)close(fd);
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
	if (!http->leaving)
		accept_some(http);
	(void)MHD_run(http->daemon);
	return http->answered;
}

/*
 * Who asked before is answered, and no more: what has come is still read. Who
 * may ask is for those to say who serve from now on.
 */
static void
send_away(struct http *http)
{
	int64_t now_us = clock_us(CLOCK_MONOTONIC);
	struct connection *connection;

	for (connection = http->connections; connection;
	     connection = connection->next) {
		if (!connection->asking &&
		    (connection->answered ||
			now_us - connection->born_us >= GRACE_US))
			(void)shutdown(connection->fd, SHUT_RD);
	}
}

bool
http_leave(struct http *http)
{
	if (!http->leaving) {
		http->leaving = true;
		(void)epoll_ctl(
		    http->epoll, EPOLL_CTL_DEL, http->listener, NULL);
		/* Those that are kept do not end their connection. */
		http->api->answers = answer_cache_free(http->api->answers);
	}
	send_away(http);
	(void)http_run(http);
	return http->connections_count == 0;
}
