/*
 * Calls over TLS, side by side, on libcurl's multi interface.
 *
 * Why not liboauth2's own oauth2_http_call: in 1.4.5 it follows up to five
 * redirects, to any host and to http, with the form in hand (307, 308); it has
 * no limit for what it reads short of a megabyte; it takes a proxy from the
 * environment; its timeout counts whole seconds; it waits in the call, so that
 * one slow answer holds up every login; and it opens a new connection and
 * loads the CA bundle anew each time, which costs tens of milliseconds. None
 * of that can be set from outside. tests/module/test_portvakt_fetch shows the
 * first. liboauth2 encodes the forms (form.h).
 */
#pragma once

#include "lib/fetch_protocol.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

struct transport;

/* answer is a FETCH_ANSWER; valid until done returns. */
typedef void (*transport_done_fn)(
    const struct fetch_message *answer, void *userdata);

/* 0 or -ENOMEM. Calls need transport_configure first. */
int transport_new(
    transport_done_fn done, void *userdata, struct transport **ret_transport);
struct transport *transport_free(struct transport *transport);

/*
 * Empty: the system's authorities, no proxy. The file is read anew, and every
 * connection made anew: a changed authority counts from here on. Calls under
 * way are cancelled. 0, -ENOMEM, or why the file cannot be read.
 */
int transport_configure(
    struct transport *transport, const char *ca_file, const char *proxy);

/*
 * Begins a FETCH_CALL. Takes over url, which host_list_admit gave. 0, -EBUSY
 * when FETCH_CALLS_MAX are under way, -EEXIST for an id that is, -ENOMEM.
 */
int transport_start(
    struct transport *transport, const struct fetch_message *call, CURLU *url);

/* No answer comes any more. */
void transport_cancel(struct transport *transport, uint32_t id);
void transport_cancel_all(struct transport *transport);

/*
 * Waits until a call or one of others[count] has something to do, and lets the
 * calls do it: done is called from here. 0 or -EIO.
 */
int transport_wait(struct transport *transport, struct curl_waitfd *others,
    unsigned int count);
