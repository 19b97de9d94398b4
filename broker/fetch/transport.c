#include "broker/fetch/transport.h"
#include "broker/fetch/form.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

enum {
	HEADERS_SIZE_MAX = 32768,
	BODY_START_SIZE = 4096,
	WAIT_MS = 60000,

	/* A changed bundle of authorities counts after this. */
	CA_CACHE_S = 3600,
	/* A connection is verified anew at the latest after this. */
	CONNECTION_LIFETIME_S = 600,
	CONNECTIONS_KEPT = 16,
};

struct transfer {
	LIST_ENTRY(transfer) transfers;
	uint32_t id;
	CURL *easy;
	CURLU *url;
	struct curl_slist *headers;
	char *form;
	char *body;
	size_t body_size;
	size_t body_allocated;
	size_t body_size_max;
	size_t headers_size;
	bool too_large;
	char error[CURL_ERROR_SIZE];
};

struct transport {
	CURLM *multi;
	char *ca_file;
	char *proxy;
	LIST_HEAD(, transfer) transfers;
	size_t transfers_count;
	transport_done_fn done;
	void *userdata;
};

static struct transfer *
transfer_free(struct transfer *transfer)
{
	if (!transfer)
		return NULL;
	curl_easy_cleanup(transfer->easy);
	curl_url_cleanup(transfer->url);
	curl_slist_free_all(transfer->headers);
	form_free(transfer->form);
	if (transfer->body)
		explicit_bzero(transfer->body, transfer->body_size);
	free(transfer->body);
	free(transfer);
	return NULL;
}

static void
transfer_unlink(struct transport *transport, struct transfer *transfer)
{
	LIST_REMOVE(transfer, transfers);
	transport->transfers_count--;
	(void)curl_multi_remove_handle(transport->multi, transfer->easy);
}

static size_t
on_header(char *bytes, size_t one, size_t size, void *userdata)
{
	struct transfer *transfer = userdata;

	(void)bytes;
	(void)one;
	transfer->headers_size += size;
	transfer->too_large = transfer->headers_size > HEADERS_SIZE_MAX;
	return transfer->too_large ? 0 : size;
}

/* Doubles; what realloc leaves behind is overwritten (main.c, M_PERTURB). */
static int
grow(struct transfer *transfer, size_t needed)
{
	size_t allocated = transfer->body_allocated;
	char *body;

	if (needed <= allocated)
		return 0;
	if (allocated == 0)
		allocated = BODY_START_SIZE;
	while (allocated < needed)
		allocated *= 2;
	body = realloc(transfer->body, allocated);
	if (!body)
		return -ENOMEM;
	transfer->body = body;
	transfer->body_allocated = allocated;
	return 0;
}

static size_t
on_body(char *bytes, size_t one, size_t size, void *userdata)
{
	struct transfer *transfer = userdata;

	(void)one;
	if (size > transfer->body_size_max - transfer->body_size) {
		transfer->too_large = true;
		return 0;
	}
	if (grow(transfer, transfer->body_size + size) < 0)
		return 0;
	memcpy(transfer->body + transfer->body_size, bytes, size);
	transfer->body_size += size;
	return size;
}

/* Whom we call, and how we know that it is them. */
static bool
set_trust(CURL *easy, const struct transport *transport, CURLU *url)
{
	const char *ca_file = transport->ca_file;

	return curl_easy_setopt(easy, CURLOPT_CURLU, url) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https") ==
		   CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_SSLVERSION,
		   (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
	       /* Kept in memory only when the file is the one source. */
	       curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT,
		   (long)CA_CACHE_S) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_MAXLIFETIME_CONN,
		   (long)CONNECTION_LIFETIME_S) == CURLE_OK &&
	       /* Each connection is verified in full: resuming saves 0.5 ms. */
	       curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L) ==
		   CURLE_OK;
}

/* An empty proxy is none, whatever the environment says. */
static bool
set_proxy(CURL *easy, const struct transport *transport)
{
	const char *ca_file = transport->ca_file;

	return curl_easy_setopt(easy, CURLOPT_PROXY, transport->proxy) ==
		   CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_NOPROXY, "") == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) ==
		   CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_PROXY_SSLVERSION,
		   (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, ca_file) ==
		   CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, NULL) == CURLE_OK;
}

static bool
set_limits(CURL *easy, struct transfer *transfer, uint32_t timeout_ms)
{
	return curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms) ==
		   CURLE_OK &&
	       /* What a Content-Length announces; on_body counts what comes. */
	       curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE,
		   (curl_off_t)transfer->body_size_max) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header) ==
		   CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer) ==
		   CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) ==
		   CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer) ==
		   CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       /* A call that ends while its name is looked up does not wait for
	       the resolver's thread: the other calls would wait too. */
	       curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error) ==
		   CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer) == CURLE_OK;
}

static bool
add_header(struct transfer *transfer, const char *line)
{
	struct curl_slist *longer = curl_slist_append(transfer->headers, line);

	if (longer)
		transfer->headers = longer;
	return longer;
}

static bool
add_authorization(struct transfer *transfer, const char *value)
{
	char line[sizeof("Authorization: ") + FETCH_AUTHORIZATION_SIZE];
	bool added;

	if (value[0] == '\0')
		return true;
	(void)snprintf(line, sizeof(line), "Authorization: %s", value);
	added = add_header(transfer, line);
	explicit_bzero(line, sizeof(line));
	return added;
}

/* HTTP/1.1: our calls are few and small, and it is one parser less. */
static bool
set_request(
    CURL *easy, struct transfer *transfer, const struct fetch_message *call)
{
	if (!add_header(transfer, "Accept: application/json, */*;q=0.1") ||
	    !add_authorization(transfer, call->call.authorization) ||
	    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers) !=
		CURLE_OK ||
	    curl_easy_setopt(easy, CURLOPT_USERAGENT,
		"portvakt/" PORTVAKT_VERSION) != CURLE_OK ||
	    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
		(long)CURL_HTTP_VERSION_1_1) != CURLE_OK)
		return false;
	if (call->call.method == FETCH_GET)
		return true;
	return form_encode(call->call.form, call->call.form_count,
		   &transfer->form) == 0 &&
	       curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer->form) ==
		   CURLE_OK;
}

static bool
is_under_way(const struct transport *transport, uint32_t id)
{
	const struct transfer *transfer;

	LIST_FOREACH(transfer, &transport->transfers, transfers)
	if (transfer->id == id)
		return true;
	return false;
}

/* Everything that is set must have been set: a call is whole or not made. */
static bool
prepare(const struct transport *transport, struct transfer *transfer,
    const struct fetch_message *call)
{
	transfer->easy = curl_easy_init();
	return transfer->easy &&
	       set_trust(transfer->easy, transport, transfer->url) &&
	       set_proxy(transfer->easy, transport) &&
	       set_limits(transfer->easy, transfer, call->call.timeout_ms) &&
	       set_request(transfer->easy, transfer, call);
}

int
transport_start(
    struct transport *transport, const struct fetch_message *call, CURLU *url)
{
	struct transfer *transfer;
	int error = 0;

	if (transport->transfers_count >= FETCH_CALLS_MAX)
		error = -EBUSY;
	else if (is_under_way(transport, call->call.id))
		error = -EEXIST;
	transfer = error ? NULL : calloc(1, sizeof(*transfer));
	if (!transfer) {
		curl_url_cleanup(url);
		return error ? error : -ENOMEM;
	}
	transfer->url = url;
	transfer->id = call->call.id;
	transfer->body_size_max = call->call.body_size_max;
	if (!prepare(transport, transfer, call) ||
	    curl_multi_add_handle(transport->multi, transfer->easy) !=
		CURLM_OK) {
		transfer_free(transfer);
		return -ENOMEM;
	}
	LIST_INSERT_HEAD(&transport->transfers, transfer, transfers);
	transport->transfers_count++;
	return 0;
}

static enum fetch_outcome
outcome_of_failure(CURLcode code)
{
	/* clang-format off */
	static const struct {
		CURLcode code;
		enum fetch_outcome outcome;
	} outcomes[] = {
		{CURLE_COULDNT_RESOLVE_HOST, FETCH_UNRESOLVED},
		{CURLE_COULDNT_RESOLVE_PROXY, FETCH_UNRESOLVED},
		{CURLE_COULDNT_CONNECT, FETCH_UNREACHABLE},
		{CURLE_SEND_ERROR, FETCH_UNREACHABLE},
		{CURLE_RECV_ERROR, FETCH_UNREACHABLE},
		{CURLE_GOT_NOTHING, FETCH_UNREACHABLE},
		{CURLE_PARTIAL_FILE, FETCH_UNREACHABLE},
		{CURLE_PROXY, FETCH_UNREACHABLE},
		{CURLE_OPERATION_TIMEDOUT, FETCH_TIMED_OUT},
		{CURLE_FILESIZE_EXCEEDED, FETCH_TOO_LARGE},
		{CURLE_PEER_FAILED_VERIFICATION, FETCH_TLS_REFUSED},
		{CURLE_SSL_CONNECT_ERROR, FETCH_TLS_REFUSED},
		{CURLE_SSL_CERTPROBLEM, FETCH_TLS_REFUSED},
		{CURLE_SSL_CIPHER, FETCH_TLS_REFUSED},
		{CURLE_SSL_CACERT_BADFILE, FETCH_TLS_REFUSED},
		{CURLE_SSL_ISSUER_ERROR, FETCH_TLS_REFUSED},
	};
	/* clang-format on */
	size_t i;

	for (i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
		if (outcomes[i].code == code)
			return outcomes[i].outcome;
	return FETCH_FAILED;
}

/* Printable ASCII, cut to size: what the peer's text may be on our side. */
static void
clean(char *ret_text, size_t size, const char *text)
{
	size_t i;

	for (i = 0; text[i] && i < size - 1; i++)
		ret_text[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
	ret_text[i] = '\0';
}

/* What a cache has kept is dated when it was made, and says so by an Age. */
static void
fill_date(CURL *easy, char *date)
{
	struct curl_header *header;

	if (curl_easy_header(easy, "Age", 0, CURLH_HEADER, -1, &header) !=
	    CURLHE_MISSING)
		return;
	if (curl_easy_header(easy, "Date", 0, CURLH_HEADER, -1, &header) ==
		CURLHE_OK &&
	    header->amount == 1)
		clean(date, FETCH_DATE_SIZE, header->value);
}

static void
fill_success(struct fetch_message *answer, const struct transfer *transfer,
    char *content_type, char *date, char *detail)
{
	const char *type = NULL;
	long status = 0;

	(void)curl_easy_getinfo(
	    transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_TYPE, &type);
	if (status < 100 || status > 999) {
		clean(detail, FETCH_DETAIL_SIZE, "an answer without a status");
		return;
	}
	answer->answer.status = (uint16_t)status;
	if (status >= 300 && status <= 399) {
		answer->answer.outcome = FETCH_REDIRECTED;
		clean(detail, FETCH_DETAIL_SIZE, "redirects are not followed");
		return;
	}
	answer->answer.outcome = FETCH_DONE;
	answer->answer.body = transfer->body;
	answer->answer.body_size = transfer->body_size;
	clean(content_type, FETCH_CONTENT_TYPE_SIZE, type ? type : "");
	fill_date(transfer->easy, date);
}

static void
fill_failure(struct fetch_message *answer, const struct transfer *transfer,
    CURLcode code, char *detail)
{
	const char *text = transfer->error;
	long os_error = 0;

	answer->answer.outcome = outcome_of_failure(code);
	(void)curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &os_error);
	/* A connection that breaks in the handshake says nothing about TLS. */
	if (code == CURLE_SSL_CONNECT_ERROR && os_error != 0)
		answer->answer.outcome = FETCH_UNREACHABLE;
	if (transfer->too_large) {
		answer->answer.outcome = FETCH_TOO_LARGE;
		text = "the answer is larger than allowed";
	}
	clean(detail, FETCH_DETAIL_SIZE,
	    text[0] ? text : curl_easy_strerror(code));
}

static void
finish(struct transport *transport, struct transfer *transfer, CURLcode code)
{
	struct fetch_message answer = {.type = FETCH_ANSWER};
	char content_type[FETCH_CONTENT_TYPE_SIZE] = "";
	char date[FETCH_DATE_SIZE] = "";
	char detail[FETCH_DETAIL_SIZE] = "";

	answer.answer.id = transfer->id;
	answer.answer.content_type = content_type;
	answer.answer.date = date;
	answer.answer.detail = detail;
	if (code == CURLE_OK)
		fill_success(&answer, transfer, content_type, date, detail);
	else
		fill_failure(&answer, transfer, code, detail);
	transfer_unlink(transport, transfer);
	transport->done(&answer, transport->userdata);
	transfer_free(transfer);
}

static void
finish_ended(struct transport *transport)
{
	struct transfer *transfer;
	CURLMsg *message;
	CURLcode code;
	int left;

	while ((message = curl_multi_info_read(transport->multi, &left))) {
		if (message->msg != CURLMSG_DONE)
			continue;
		code = message->data.result;
		if (curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
			&transfer) == CURLE_OK)
			finish(transport, transfer, code);
	}
}

int
transport_wait(
    struct transport *transport, struct curl_waitfd *others, unsigned int count)
{
	int running;

	if (curl_multi_poll(transport->multi, others, count, WAIT_MS, NULL) !=
	    CURLM_OK)
		return -EIO;
	if (curl_multi_perform(transport->multi, &running) != CURLM_OK)
		return -EIO;
	finish_ended(transport);
	return 0;
}

void
transport_cancel(struct transport *transport, uint32_t id)
{
	struct transfer *transfer;

	LIST_FOREACH(transfer, &transport->transfers, transfers)
	if (transfer->id == id)
		break;
	if (!transfer)
		return;
	transfer_unlink(transport, transfer);
	transfer_free(transfer);
}

void
transport_cancel_all(struct transport *transport)
{
	struct transfer *transfer;

	while ((transfer = LIST_FIRST(&transport->transfers))) {
		transfer_unlink(transport, transfer);
		transfer_free(transfer);
	}
}

/* Connections and authorities: none of them outlives this. */
static int
renew(struct transport *transport)
{
	CURLM *multi = curl_multi_init();

	if (!multi || curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS,
			  (long)CONNECTIONS_KEPT) != CURLM_OK) {
		(void)curl_multi_cleanup(multi);
		return -ENOMEM;
	}
	transport_cancel_all(transport);
	(void)curl_multi_cleanup(transport->multi);
	transport->multi = multi;
	return 0;
}

int
transport_configure(
    struct transport *transport, const char *ca_file, const char *proxy)
{
	char *ca_copy, *proxy_copy;

	if (ca_file[0] == '\0')
		ca_file = curl_version_info(CURLVERSION_NOW)->cainfo;
	if (!ca_file)
		return -ENOENT;
	if (access(ca_file, R_OK) < 0)
		return -errno;
	ca_copy = strdup(ca_file);
	proxy_copy = strdup(proxy);
	if (!ca_copy || !proxy_copy || renew(transport)) {
		free(ca_copy);
		free(proxy_copy);
		return -ENOMEM;
	}
	free(transport->ca_file);
	free(transport->proxy);
	transport->ca_file = ca_copy;
	transport->proxy = proxy_copy;
	return 0;
}

int
transport_new(
    transport_done_fn done, void *userdata, struct transport **ret_transport)
{
	struct transport *transport = calloc(1, sizeof(*transport));

	if (!transport)
		return -ENOMEM;
	LIST_INIT(&transport->transfers);
	transport->done = done;
	transport->userdata = userdata;
	if (renew(transport)) {
		transport_free(transport);
		return -ENOMEM;
	}
	*ret_transport = transport;
	return 0;
}

struct transport *
transport_free(struct transport *transport)
{
	if (!transport)
		return NULL;
	transport_cancel_all(transport);
	(void)curl_multi_cleanup(transport->multi);
	free(transport->ca_file);
	free(transport->proxy);
	free(transport);
	return NULL;
}
