/*
 * The fetch protocol: portvaktd asks portvakt-fetch for bytes. The fetcher
 * reaches only the hosts that its first HOSTS message named, for as long as it
 * lives; it interprets nothing of what it brings.
 *
 *   broker                                     fetcher
 *   HOSTS  ca_file proxy hosts                 ->
 *                                           <- READY, or REFUSED and the end
 *   CALL   id method url headers form limits   ->
 *                                           <- ANSWER id outcome status body
 *   CANCEL id                                  ->
 *
 * HOSTS comes first and once; calls need not wait for READY. Calls run side by
 * side; answers come in the order in which they end. A call that was cancelled
 * may still be answered, when the two crossed.
 *
 * Each frame (lib/frame.h) holds one message: u8 type, then the fields in the
 * order below, then nothing.
 *
 *   HOSTS    u8 version, string ca_file, proxy, u8 count, string host...
 *   READY    -
 *   REFUSED  string detail
 *   CALL     u32 id, u8 method, string url, authorization, u32 timeout_ms,
 *            u32 body_size_max, u8 count, (string name, string value)...
 *   ANSWER   u32 id, u8 outcome, u16 status, string content_type, date,
 *            detail, bytes body
 *   CANCEL   u32 id
 *
 * A host is "name" for port 443 or "name:port". An empty ca_file is the
 * system's, an empty proxy or authorization is none. A date is the header as
 * it came, empty when it does not say what time it is there now.
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
	FETCH_AUTHORIZATION_SIZE = 4096,
	FETCH_PARAMETERS_MAX = 24,
	FETCH_FORM_SIZE = 32768, /* all names and values, each terminated */
	FETCH_BODY_SIZE_MAX = 262144, /* a JWKS of KEY_SET_SIZE_MAX */
	FETCH_CONTENT_TYPE_SIZE = 128,
	FETCH_DATE_SIZE = 64,
	FETCH_DETAIL_SIZE = 256,
	FETCH_CALLS_MAX = 64, /* at a time */
	FETCH_TIMEOUT_MS_MAX = 120000,

	/* The strings of the largest message, and the largest frames. */
	FETCH_TEXT_SIZE =
	    FETCH_URL_SIZE + FETCH_AUTHORIZATION_SIZE + FETCH_FORM_SIZE,
	FETCH_CALL_FRAME_SIZE_MAX = FETCH_TEXT_SIZE + 1024,
	FETCH_ANSWER_FRAME_SIZE_MAX = FETCH_BODY_SIZE_MAX + 1024,
};

enum fetch_message_type {
	FETCH_HOSTS = 1,
	FETCH_READY,
	FETCH_REFUSED, /* other hosts than the first time */
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
	FETCH_FAILED = 0, /* anything without a name of its own */
	FETCH_DONE, /* an HTTP answer came, whatever its status */
	FETCH_HOST_REFUSED, /* not on the list, not https, a userinfo */
	FETCH_UNRESOLVED,
	FETCH_UNREACHABLE, /* refused, reset, no route */
	FETCH_TLS_REFUSED, /* certificate, name, protocol */
	FETCH_TIMED_OUT,
	FETCH_TOO_LARGE,
	FETCH_REDIRECTED, /* the answer is a 3xx: not followed */
	FETCH_BUSY, /* FETCH_CALLS_MAX are under way */
};

struct fetch_parameter {
	const char *name;
	const char *value;
};

/* Borrows every string and the body; put takes NULL for "". */
struct fetch_message {
	enum fetch_message_type type;
	union {
		struct {
			const char *ca_file;
			const char *proxy;
			const char *hosts[FETCH_HOSTS_MAX];
			size_t hosts_count;
		} hosts;
		struct {
			const char *detail;
		} refused;
		struct {
			uint32_t id;
			enum fetch_method method;
			const char *url;
			const char *authorization;
			uint32_t timeout_ms;
			uint32_t body_size_max;
			struct fetch_parameter form[FETCH_PARAMETERS_MAX];
			size_t form_count;
		} call;
		struct {
			uint32_t id;
			enum fetch_outcome outcome;
			uint16_t status;
			const char *content_type;
			const char *date;
			const char *detail;
			const void *body;
			size_t body_size;
		} answer;
		struct {
			uint32_t id;
		} cancel;
	};
};

/* Where get keeps the strings of a message, terminated. They may be secrets. */
struct fetch_text {
	size_t used;
	char bytes[FETCH_TEXT_SIZE];
};

/*
 * put writes one body into storage[size]. 0, -EINVAL for a message that get
 * would refuse, -EMSGSIZE.
 *
 * get reads one body and refuses unknown types, values and versions, oversized
 * fields, control characters where a URL, a header or a line for people
 * stands, and trailing bytes. The message borrows from *ret_text, and its body
 * from the bytes that were read. 0 or -EBADMSG, -EPROTONOSUPPORT.
 */
int fetch_message_put(const struct fetch_message *message, void *storage,
    size_t size, size_t *ret_size);
int fetch_message_get(const void *body, size_t size,
    struct fetch_text *ret_text, struct fetch_message *ret_message);
void fetch_text_wipe(struct fetch_text *text);
