/*
 * The broker's side of the fetch protocol (lib/fetch_protocol.h), asynchronous
 * on sd-event. It connects when it is first needed, again after a growing
 * pause when portvakt-fetch went away, and answers every call that was started
 * exactly once: with what came, or with why nothing did.
 *
 * Done is called from the event loop, never from inside a call to this module,
 * and may start, cancel and free whatever it likes, the client included.
 */
#pragma once

#include "lib/fetch_protocol.h"

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-event.h>

struct fetch_client;
struct fetch_call;

/* Everything is copied by fetch_client_start; the copies are wiped. */
struct fetch_request {
	enum fetch_method method;
	const char *url;
	const char *authorization; /* value of the header, or NULL */
	const struct fetch_parameter *form; /* only with FETCH_POST */
	size_t form_count;
	unsigned int timeout_ms; /* the broker waits one second more */
	size_t body_size_max; /* 0: FETCH_BODY_SIZE_MAX */
};

/* Valid until done returns; then the body is wiped. */
struct fetch_answer {
	enum fetch_outcome outcome;
	unsigned int status; /* HTTP's; 0 unless DONE or REDIRECTED */
	const char *content_type;
	const char *date; /* the header; "": not known, or a cache's */
	const char *body; /* terminated, and may hold other NULs */
	size_t body_size;
	const char *detail; /* for people: why; no secrets; printable ASCII */
};

typedef void (*fetch_done_fn)(
    const struct fetch_answer *answer, void *userdata);

/* Keeps a reference to event. Connects to nothing yet. */
int fetch_client_new(
    sd_event *event, const char *socket_path, struct fetch_client **ret_client);

/* Accepts NULL. Calls under way are cancelled; their done is not called. */
struct fetch_client *fetch_client_free(struct fetch_client *client);

/* Borrowed: whoever answers later without a call needs the same loop. */
sd_event *fetch_client_event(const struct fetch_client *client);

/* How many calls are under way, of FETCH_CALLS_MAX. */
size_t fetch_client_calls(const struct fetch_client *client);

/* Whether portvakt-fetch is there, as far as the last call could tell. */
bool fetch_client_is_connected(const struct fetch_client *client);

/*
 * What the fetcher is told to be allowed to reach: "host" for port 443,
 * "host:port" for another one. ca_file NULL is the system's, proxy NULL is
 * none. Connects anew when something changed; the fetcher keeps its first list
 * for life, so a changed list makes calls fail until it is restarted.
 *
 * 0, -EINVAL for what the protocol cannot carry, -ENOMEM.
 */
int fetch_client_hosts(struct fetch_client *client, const char *ca_file,
    const char *proxy, const char *const *hosts, size_t hosts_count);

/*
 * 0, -EINVAL for a request that the protocol cannot carry, -EBUSY when
 * FETCH_CALLS_MAX are under way, -ENOMEM. *ret_call (may be asked for with
 * NULL) is valid until done was entered or the call cancelled.
 */
int fetch_client_start(struct fetch_client *client,
    const struct fetch_request *request, fetch_done_fn done, void *userdata,
    struct fetch_call **ret_call);

/* Accepts NULL. Done is not called any more. */
void fetch_call_cancel(struct fetch_call *call);

/* "unreachable": a stable word for records and messages. */
const char *fetch_outcome_word(enum fetch_outcome outcome);
