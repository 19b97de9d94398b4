/*
 * The first byte of the input chooses what the rest is: a form, a JSON body,
 * the header Authorization of a token or of a client.
 */
#include "broker/api/request.h"
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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0)
		return 0;
	text = strndup((const char *)data + 1, size - 1);
	must(text != NULL);
	switch (data[0] % 4) {
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
	default:
		read_basic(text);
	}
	free(text);
	return 0;
}
