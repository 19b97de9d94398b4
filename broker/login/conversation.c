#include "broker/login/conversation.h"

#include "broker/clock.h"
#include "lib/frame.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum turn {
	TURN_NEW, /* BEGIN must come */
	TURN_OURS, /* the module only listens */
	TURN_THEIRS, /* ANSWER must come */
	TURN_TOKEN, /* TOKEN must come */
};

struct conversation {
	int fd;
	uid_t peer;
	struct conversation_owner owner;
	sd_event_source *input;
	sd_event_source *heartbeat;
	struct frame_reader reader;
	enum turn turn;
	bool finished; /* the decision waits for the answer */
	struct login_message decision;
	int64_t since_us; /* began, or finished */
	int64_t limit_ms;
};

struct conversation *
conversation_free(struct conversation *conversation)
{
	if (!conversation)
		return NULL;
	sd_event_source_disable_unref(conversation->input);
	sd_event_source_disable_unref(conversation->heartbeat);
	frame_reader_done(&conversation->reader);
	(void)close(conversation->fd);
	explicit_bzero(conversation, sizeof(*conversation));
	free(conversation);
	return NULL;
}

uid_t
conversation_peer(const struct conversation *conversation)
{
	return conversation->peer;
}

static void
end(struct conversation *conversation)
{
	conversation->owner.over(conversation->owner.userdata);
}

/* A frame is small and a socket's buffer is not: what does not fit at once
 * goes to a module that does not read. */
static int
send_message(
    struct conversation *conversation, const struct login_message *message)
{
	uint8_t body[LOGIN_FRAME_SIZE_MAX];
	size_t size;
	int error;

	error = login_message_put(message, body, sizeof(body), &size);
	if (!error)
		error = frame_send(conversation->fd, body, size, 0);
	explicit_bzero(body, sizeof(body));
	return error;
}

bool
conversation_show(struct conversation *conversation, const char *text)
{
	struct login_message message = {.type = LOGIN_SHOW};

	message.show.style = LOGIN_STYLE_INFO;
	(void)snprintf(
	    message.show.text, sizeof(message.show.text), "%s", text);
	if (!send_message(conversation, &message))
		return true;
	end(conversation);
	return false;
}

bool
conversation_ask(struct conversation *conversation, const char *text)
{
	struct login_message message = {.type = LOGIN_ASK};

	(void)snprintf(message.ask.text, sizeof(message.ask.text), "%s", text);
	if (send_message(conversation, &message)) {
		end(conversation);
		return false;
	}
	conversation->turn = TURN_THEIRS;
	return true;
}

/* That frame alone may be longer than the others. */
bool
conversation_want_token(struct conversation *conversation)
{
	const struct login_message message = {.type = LOGIN_WANT};

	if (send_message(conversation, &message)) {
		end(conversation);
		return false;
	}
	conversation->reader.size_max = LOGIN_TOKEN_FRAME_SIZE_MAX;
	conversation->turn = TURN_TOKEN;
	return true;
}

static void
deliver(struct conversation *conversation)
{
	(void)send_message(conversation, &conversation->decision);
	end(conversation);
}

void
conversation_finish(struct conversation *conversation,
    enum login_verdict verdict, const char *text, const char *handle)
{
	struct login_message *decision = &conversation->decision;

	*decision = (struct login_message){.type = LOGIN_DONE};
	decision->done.verdict = verdict;
	(void)snprintf(
	    decision->done.text, sizeof(decision->done.text), "%s", text);
	(void)snprintf(
	    decision->done.handle, sizeof(decision->done.handle), "%s", handle);
	conversation->finished = true;
	conversation->since_us = clock_boot_us();
	if (conversation->turn == TURN_OURS)
		deliver(conversation);
}

/* What this turn is for; after it the module only listens. */
static void
take_message(
    struct conversation *conversation, const struct login_message *message)
{
	const struct conversation_owner *owner = &conversation->owner;
	enum turn turn = conversation->turn;

	conversation->turn = TURN_OURS;
	conversation->reader.size_max = LOGIN_FRAME_SIZE_MAX;
	if (turn == TURN_NEW && message->type == LOGIN_BEGIN)
		owner->begin(message, owner->userdata);
	else if (!(turn == TURN_THEIRS && message->type == LOGIN_ANSWER) &&
		 !(turn == TURN_TOKEN && message->type == LOGIN_TOKEN))
		end(conversation);
	else if (conversation->finished)
		deliver(conversation);
	else if (turn == TURN_TOKEN)
		owner->token(
		    message->token.text, message->token.size, owner->userdata);
	else
		owner->answered(owner->userdata);
}

static void
take_frame(struct conversation *conversation, const uint8_t *body, size_t size)
{
	struct login_message message;

	if (login_message_get(body, size, &message))
		end(conversation);
	else
		take_message(conversation, &message);
	explicit_bzero(&message, sizeof(message));
}

/*
 * One message at a time: a module waits for its turn, and one that did not
 * finds the rest unread.
 */
static int
readable(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct conversation *conversation = userdata;
	const uint8_t *body;
	size_t size;
	int got;

	(void)source;
	(void)events;
	got = frame_reader_next(&conversation->reader, fd, &body, &size);
	if (got > 0)
		take_frame(conversation, body, size);
	else if (got < 0)
		end(conversation);
	return 0;
}

static bool
is_overdue(const struct conversation *conversation, int64_t limit_ms)
{
	return clock_boot_us() - conversation->since_us > limit_ms * 1000;
}

/* A program that announced a token, and holds it back. */
static bool
is_token_overdue(const struct conversation *conversation)
{
	return conversation->turn == TURN_TOKEN &&
	       is_overdue(conversation, CONVERSATION_TOKEN_MS);
}

static void
beat(struct conversation *conversation)
{
	const struct login_message wait = {.type = LOGIN_WAIT};
	const struct conversation_owner *owner = &conversation->owner;

	if (conversation->turn != TURN_OURS || owner->idle(owner->userdata))
		return;
	if (send_message(conversation, &wait))
		end(conversation);
}

static int
tick(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct conversation *conversation = userdata;
	const struct conversation_owner *owner = &conversation->owner;

	(void)usec;
	(void)sd_event_source_set_time_relative(
	    source, LOGIN_HEARTBEAT_MS * 1000);
	(void)sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	if (conversation->finished) {
		if (is_overdue(conversation, CONVERSATION_UNREAD_MS))
			end(conversation);
	} else if (is_token_overdue(conversation)) {
		end(conversation);
	} else if (is_overdue(conversation, conversation->limit_ms)) {
		if (conversation->turn == TURN_NEW)
			end(conversation);
		else
			owner->expired(owner->userdata);
	} else
		beat(conversation);
	return 0;
}

void
conversation_limit(struct conversation *conversation, int64_t limit_ms)
{
	conversation->limit_ms = limit_ms;
}

static int
watch(struct conversation *conversation, sd_event *event)
{
	struct ucred peer;
	int error;

	error = frame_peer(conversation->fd, &peer);
	if (error)
		return error;
	conversation->peer = peer.uid;
	error = sd_event_add_io(event, &conversation->input, conversation->fd,
	    EPOLLIN, readable, conversation);
	if (error >= 0)
		error = sd_event_add_time_relative(event,
		    &conversation->heartbeat, CLOCK_BOOTTIME,
		    LOGIN_HEARTBEAT_MS * 1000, 0, tick, conversation);
	return error < 0 ? error : 0;
}

int
conversation_new(sd_event *event, int fd,
    const struct conversation_owner *owner,
    struct conversation **ret_conversation)
{
	struct conversation *conversation = calloc(1, sizeof(*conversation));
	int error;

	if (!conversation) {
		(void)close(fd);
		return -ENOMEM;
	}
	conversation->fd = fd;
	conversation->owner = *owner;
	conversation->since_us = clock_boot_us();
	conversation->limit_ms = CONVERSATION_BEGIN_MS;
	frame_reader_init(&conversation->reader, LOGIN_FRAME_SIZE_MAX);
	error = watch(conversation, event);
	if (error) {
		conversation_free(conversation);
		return error;
	}
	*ret_conversation = conversation;
	return 0;
}
