/*
 * The login protocol: pam_portvakt.so asks, portvaktd drives. One connection
 * is one PAM call; its end cancels what it began.
 *
 *   module                                    broker
 *   BEGIN phase service user tty rhost handle ->
 *                                          <- SHOW style text
 *                                          <- ASK  echo text
 *   ANSWER text                            ->
 *                                          <- WAIT            (heartbeat)
 *                                          <- DONE verdict text handle
 *
 * A module that was given a token, or a handle that stands for one, says so in
 * its BEGIN and hands it over when the broker wants it:
 *
 *                                          <- WANT
 *   TOKEN text                             ->
 *
 * Each frame (lib/frame.h) holds one message: u8 type, then the fields in the
 * order below, then nothing.
 *
 *   BEGIN   u8 version, u8 phase, u8 with_token, string service, user, tty,
 *           rhost, handle
 *   ANSWER  string text
 *   SHOW    u8 style, string text
 *   ASK     u8 echo, string text
 *   WAIT    -
 *   DONE    u8 verdict, string text, string handle
 *   WANT    -
 *   TOKEN   bytes text
 *
 * Both sides refuse, when they write and when they read: a service, tty or
 * rhost that is not printable ASCII; a text for the person with a control
 * character other than newline and tab (no escape sequence reaches a
 * terminal); a handle that is neither empty nor 32 lower-case hex digits; a
 * token in another phase than the first, an empty one, one with a NUL.
 */
#pragma once

#include "lib/name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LOGIN_PROTOCOL_VERSION = 2,

	/* Sizes with the terminator. */
	LOGIN_SERVICE_SIZE = 65,
	LOGIN_TTY_SIZE = 65,
	LOGIN_RHOST_SIZE = 257,
	LOGIN_HANDLE_SIZE = 33, /* 128 random bits as hex */
	LOGIN_TEXT_SIZE = 4096, /* passes whole through every PAM client */
	LOGIN_ANSWER_SIZE = 4096,
	LOGIN_FRAME_SIZE_MAX = 8192,
	/* Of the frame that holds a token alone, when one is wanted. */
	LOGIN_TOKEN_SIZE_MAX = 16384, /* what a token may have at most */
	LOGIN_TOKEN_FRAME_SIZE_MAX = LOGIN_TOKEN_SIZE_MAX + 16,

	/*
	 * The broker's first frame must come within the first deadline, and
	 * while a person is waited for a WAIT must come at every heartbeat.
	 * A module that has heard nothing for the silence deadline says
	 * "outage": a hung broker never holds a login.
	 */
	LOGIN_FIRST_DEADLINE_MS = 3000,
	LOGIN_HEARTBEAT_MS = 2000,
	LOGIN_SILENCE_DEADLINE_MS = 8000,

	/*
	 * The most frames that a broker sends in one PAM call. With the
	 * heartbeat this is an hour: a broker that waits longer has lost count.
	 */
	LOGIN_FRAMES_MAX = 1800,
};

/* The module's environment variable from authenticate to open_session. */
#define LOGIN_HANDLE_ENV "PORTVAKT_HANDLE"

enum login_message_type {
	LOGIN_BEGIN = 1,
	LOGIN_ANSWER,
	LOGIN_SHOW,
	LOGIN_ASK,
	LOGIN_WAIT,
	LOGIN_DONE,
	LOGIN_WANT,
	LOGIN_TOKEN,
};

enum login_phase {
	LOGIN_PHASE_AUTHENTICATE = 1,
	LOGIN_PHASE_ACCOUNT,
	LOGIN_PHASE_OPEN_SESSION, /* handle from authenticate, or "" */
	LOGIN_PHASE_CLOSE_SESSION, /* handle: what open_session was given */
};

enum login_style {
	LOGIN_STYLE_INFO = 1,
	LOGIN_STYLE_ERROR,
};

/* Denial is zero: what nobody set is no. */
enum login_verdict {
	LOGIN_DENY = 0, /* this person may not, and the text says why */
	LOGIN_ALLOW, /* yes */
	LOGIN_UNKNOWN_USER, /* no account of ours */
	LOGIN_OUTAGE, /* cannot tell: broker, network or provider */
	LOGIN_MISCONFIGURED, /* cannot tell: an administrator must act */
	LOGIN_NO_DIALOGUE, /* this service cannot show a text and wait */
	LOGIN_EXPIRED, /* nobody approved in time */
};

struct login_message {
	enum login_message_type type;
	union {
		struct {
			enum login_phase phase;
			uint8_t with_token;
			char service[LOGIN_SERVICE_SIZE];
			char user[NAME_MAX_SIZE];
			char tty[LOGIN_TTY_SIZE];
			char rhost[LOGIN_RHOST_SIZE];
			char handle[LOGIN_HANDLE_SIZE];
		} begin;
		struct {
			char text[LOGIN_ANSWER_SIZE];
		} answer;
		struct {
			enum login_style style;
			char text[LOGIN_TEXT_SIZE];
		} show;
		struct {
			uint8_t echo;
			char text[LOGIN_TEXT_SIZE];
		} ask;
		struct {
			enum login_verdict verdict;
			char text[LOGIN_TEXT_SIZE];
			char handle[LOGIN_HANDLE_SIZE];
		} done;
		/* Borrowed, and not terminated: of the body that was read. */
		struct {
			const char *text;
			size_t size;
		} token;
	};
};

/*
 * Of a TOKEN the body is the only copy: who reads one wipes it there.
 *
 * put writes one body into storage[size]; get reads one and refuses unknown
 * types, values, versions, oversized fields, invalid user names and trailing
 * bytes. 0 or -EMSGSIZE (put), -EBADMSG, -EPROTONOSUPPORT.
 */
int login_message_put(const struct login_message *message, void *storage,
    size_t size, size_t *ret_size);
int login_message_get(
    const void *body, size_t size, struct login_message *ret_message);

/* "" counts: no handle. For what comes from the PAM environment. */
bool login_handle_is_valid(const char *handle);
