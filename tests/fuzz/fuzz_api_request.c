/*
 * The first byte of the input chooses what the rest is: a form, a JSON body,
 * the header Authorization of a token or of a client, the body of who asks for
 * a token, a certificate that a web server hands on.
 */
#include "broker/api/certificate.h"
#include "broker/api/request.h"
#include "broker/api/token_request.h"
#include "tests/fuzz/fuzz.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void
must(bool condition)
{
	if (!condition)
		abort();
}

static void
read_body(enum request_form form, const char *body, size_t size)
{
	struct introspection asked = {0};

	if (introspection_read(form, body, size, &asked) != 0)
		must(!asked.token && !asked.provider);
	/* Decoding never makes more of it. */
	must(!asked.token || strlen(asked.token) <= size);
	must(!asked.provider || strlen(asked.provider) <= size);
	introspection_done(&asked);
}

static void
read_credentials(const char *header)
{
	enum portvakt_scheme scheme;
	const char *token;
	size_t size;

	if (request_credentials(header, &scheme, &token, &size) != 0)
		return;
	must(size > 0 && token > header &&
	     token + size <= header + strlen(header));
	must(!memchr(token, ' ', size));
}

static void
read_basic(const char *header)
{
	struct request_login login;

	if (request_basic(header, &login) != 0)
		return;
	must(strlen(login.name) < sizeof(login.name));
	must(strlen(login.secret) < sizeof(login.secret));
	must(!strchr(login.name, ':'));
}

static void
read_token_request(enum request_form form, const char *body, size_t size)
{
	struct token_request asked = {0};
	const char *problem = NULL;

	if (token_request_read(form, body, size, &asked, &problem) != 0) {
		must(problem != NULL);
		must(!asked.provider && !asked.target && !asked.user_token &&
		     !asked.resources && !asked.details);
		return;
	}
	must(!asked.user_token || strlen(asked.user_token) <= size);
	must(!asked.resources || (json_is_array(asked.resources) &&
				     json_array_size(asked.resources) <=
					 TOKEN_REQUEST_RESOURCES_MAX));
	must(!asked.details ||
	     (json_is_array(asked.details) &&
		 json_array_size(asked.details) <= TOKEN_REQUEST_DETAILS_MAX));
	token_request_done(&asked);
}

static void
read_link(const char *body, size_t size)
{
	char *token = NULL, *audience = NULL;
	const struct request_text texts[] = {
	    {"token", &token}, {"audience", &audience}, {NULL, NULL}};

	(void)request_form_read(body, size, texts);
	must(!token || strlen(token) <= size);
	request_wipe(token);
	request_wipe(audience);
}

static void
read_certificate(const char *header)
{
	uint8_t digest[CERTIFICATE_SHA256_SIZE];

	if (certificate_read(header, digest) == 0)
		must(strstr(header, "-----END") != NULL ||
		     strchr(header, '%') != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0)
		return 0;
	text = strndup((const char *)data + 1, size - 1);
	must(text != NULL);
	switch (data[0] % 8) {
	case 0:
		read_body(
		    REQUEST_FORM_URLENCODED, (const char *)data + 1, size - 1);
		break;
	case 1:
		read_body(REQUEST_FORM_JSON, (const char *)data + 1, size - 1);
		break;
	case 2:
		read_credentials(text);
		break;
	case 3:
		read_basic(text);
		break;
	case 4:
		read_token_request(
		    REQUEST_FORM_URLENCODED, (const char *)data + 1, size - 1);
		break;
	case 5:
		read_token_request(
		    REQUEST_FORM_JSON, (const char *)data + 1, size - 1);
		break;
	case 6:
		read_certificate(text);
		break;
	default:
		read_link((const char *)data + 1, size - 1);
	}
	free(text);
	return 0;
}
