/*
 * The fetch protocol: portvaktd asks portvakt-fetch for bytes. The fetcher
 * reaches only the hosts that its first HOSTS message named, for as long as it
 * lives; it interprets nothing of what it brings.
 *
 *   broker                                     fetcher
 *   HOSTS  ca_file proxy hosts                 ->
 *                                           <- READY
 *   CALL   id method url headers form limits   ->
 *                                           <- ANSWER id outcome status body
 *   CANCEL id                                  ->
 *
 * Each frame (lib/frame.h) holds one message: u8 type, then the fields in the
 * order below, then nothing. Calls run side by side; answers come in the order
 * in which they end.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
	FETCH_PROTOCOL_VERSION = 1,
	FETCH_HOSTS_MAX = 16,
	FETCH_HOST_SIZE = 256,
	FETCH_URL_SIZE = 2048,
	FETCH_PATH_SIZE = 1024,
	FETCH_AUTHORIZATION_SIZE = 2048,
	FETCH_FORM_SIZE = 32768,
	FETCH_BODY_SIZE_MAX = 262144, /* a JWKS of KEY_SET_SIZE_MAX */
	FETCH_DETAIL_SIZE = 256,
	FETCH_CALLS_MAX = 64, /* at a time */
};

enum fetch_message_type {
	FETCH_HOSTS = 1,
	FETCH_READY,
	FETCH_CALL,
	FETCH_ANSWER,
	FETCH_CANCEL,
};

enum fetch_method {
	FETCH_GET = 1,
	FETCH_POST, /* application/x-www-form-urlencoded */
};

/* What became of a call. Failure is zero. */
enum fetch_outcome {
	FETCH_FAILED = 0,      /* anything without a name of its own */
	FETCH_DONE,	       /* an HTTP answer came, whatever its status */
	FETCH_HOST_REFUSED,    /* not on the list, not https, a userinfo */
	FETCH_UNRESOLVED,
	FETCH_UNREACHABLE,     /* refused, reset, no route */
	FETCH_TLS_REFUSED,     /* certificate, name, protocol */
	FETCH_TIMED_OUT,
	FETCH_TOO_LARGE,
	FETCH_REDIRECTED,      /* the answer is a 3xx: not followed */
	FETCH_BUSY,	       /* FETCH_CALLS_MAX are under way */
};
