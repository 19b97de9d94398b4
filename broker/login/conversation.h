/*
 * The conversation with one PAM module (lib/login_protocol.h): frames, turns,
 * heartbeats and deadlines. It knows whose turn it is and nothing of logins;
 * what a module says out of turn ends it.
 */
#pragma once

#include "lib/login_protocol.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <systemd/sd-event.h>

enum {
	/* From the connection to a BEGIN: a module sends it at once. */
	CONVERSATION_BEGIN_MS = 5000,
	/* And to the token that it announced: a module has it by then. */
	CONVERSATION_TOKEN_MS = 10000,
	/* A decision waits this long for an Enter that does not come. */
	CONVERSATION_UNREAD_MS = 120000,
};

struct conversation;

/* The owner may end and free the conversation in any of them. */
struct conversation_owner {
	void (*begin)(const struct login_message *begin, void *userdata);
	/* What was asked for is there; what was typed is of no interest. */
	void (*answered)(void *userdata);
	/* The token that was wanted; borrowed, and wiped afterwards. */
	void (*token)(const char *token, size_t size, void *userdata);
	/*
	 * At every heartbeat while the module only listens. True: the owner
	 * had something to say, or it is over.
	 */
	bool (*idle)(void *userdata);
	/* The time that conversation_limit() gave is over. */
	void (*expired)(void *userdata);
	/*
	 * The module has its answer, or went away: free everything. Called
	 * once, last.
	 */
	void (*over)(void *userdata);
	void *userdata;
};

/* Takes fd in any case. 0 or a negative errno. */
int conversation_new(sd_event *event, int fd,
    const struct conversation_owner *owner,
    struct conversation **ret_conversation);
struct conversation *conversation_free(struct conversation *conversation);

/* Who is at the other end. */
uid_t conversation_peer(const struct conversation *conversation);

/* How long it may take from its beginning until it is finished. */
void conversation_limit(struct conversation *conversation, int64_t limit_ms);

/*
 * Shows a text; asks for Enter with a text. False: the module does not read,
 * and it is over.
 */
bool conversation_show(struct conversation *conversation, const char *text);
bool conversation_ask(struct conversation *conversation, const char *text);

/* The same for a token, of a module that has announced one. */
bool conversation_want_token(struct conversation *conversation);

/*
 * The decision. It is sent now, or with the answer to what was asked last;
 * then it is over. handle may be "".
 */
void conversation_finish(struct conversation *conversation,
    enum login_verdict verdict, const char *text, const char *handle);
