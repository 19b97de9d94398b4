#include "ctl/admin_client.h"

#include "ctl/cleanup.h"
#include "lib/admin_protocol.h"
#include "lib/deadline.h"
#include "lib/frame.h"
#include "lib/paths.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
	QUIET_MS = 1500, /* then a person is told what is waited for */
};

static void
say_when_slow(int fd)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};

	if (!isatty(STDERR_FILENO) || poll(&wait, 1, QUIET_MS) != 0)
		return;
	fprintf(stderr,
	    "portvaktctl: waiting for portvaktd to answer "
	    "(at most %d seconds) ...\n",
	    ADMIN_DEADLINE_MS / 1000);
}

static bool
is_answer(const json_t *answer)
{
	const json_t *ok = json_object_get(answer, "ok");

	if (json_is_true(ok))
		return json_is_object(json_object_get(answer, "result"));
	return json_is_false(ok) &&
	       json_is_string(json_object_get(answer, "error")) &&
	       json_is_string(json_object_get(answer, "text"));
}

static int
receive(int fd, int64_t until_ms, json_t **ret_answer)
{
	CLEANUP_FREE char *body = malloc(ADMIN_FRAME_SIZE_MAX);
	json_t *answer;
	size_t size;
	int error;

	if (!body)
		return -ENOMEM;
	say_when_slow(fd);
	error = frame_receive(
	    fd, body, ADMIN_FRAME_SIZE_MAX, deadline_left_ms(until_ms), &size);
	if (error)
		return error;
	answer = json_loadb(body, size, JSON_REJECT_DUPLICATES, NULL);
	if (!is_answer(answer)) {
		json_decref(answer);
		return -EBADMSG;
	}
	*ret_answer = answer;
	return 0;
}

int
admin_client_ask(const json_t *request, json_t **ret_answer)
{
	CLEANUP_FREE char *text = json_dumps(request, JSON_COMPACT);
	int64_t until_ms = deadline_after(ADMIN_DEADLINE_MS);
	CLEANUP_CLOSE int fd = -1;
	int error, answered;

	if (!text)
		return -ENOMEM;
	if (strlen(text) > ADMIN_FRAME_SIZE_MAX)
		return -EMSGSIZE;
	error = frame_connect(
	    PORTVAKT_ADMIN_SOCKET, deadline_left_ms(until_ms), &fd);
	if (error)
		return error;
	error = frame_send(fd, text, strlen(text), deadline_left_ms(until_ms));
	explicit_bzero(text, strlen(text)); /* may hold an identity number */
	/* Whom the broker does not know, it answers before it is asked. */
	if (error && error != -EPIPE && error != -ECONNRESET)
		return error;
	answered = receive(fd, until_ms, ret_answer);
	return answered && error ? error : answered;
}
