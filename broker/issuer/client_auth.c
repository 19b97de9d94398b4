#include "broker/issuer/client_auth.h"

#include "broker/issuer/client_assertion.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

enum { CREDENTIALS_SIZE = 3 * 1024 }; /* every byte may become three */

static void
add(struct client_auth *auth, const char *name, const char *value)
{
	auth->form[auth->form_count++] = (struct fetch_parameter){name, value};
}

static bool
is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || strchr("-._~", c);
}

/* RFC 6749 2.3.1: both parts are form-encoded before they are joined. */
static int
append_encoded(char *text, size_t size, const char *part)
{
	size_t at = strlen(text);

	for (; *part; part++) {
		if (at + 4 > size)
			return -EMSGSIZE;
		if (is_unreserved(*part))
			text[at++] = *part;
		else
			at += (size_t)snprintf(&text[at], size - at, "%%%02X",
			    (unsigned char)*part);
	}
	text[at] = '\0';
	return 0;
}

static int
make_basic(struct client_auth *auth, const struct config_issuer *issuer)
{
	char plain[CREDENTIALS_SIZE] = "", header[2 * CREDENTIALS_SIZE];
	const char prefix[] = "Basic ";
	int error, size;

	error = append_encoded(plain, sizeof(plain) - 1, issuer->client_id);
	if (!error) {
		plain[strlen(plain)] = ':';
		error = append_encoded(
		    plain, sizeof(plain), secret_reveal(issuer->client_secret));
	}
	if (!error) {
		memcpy(header, prefix, sizeof(prefix));
		size = EVP_EncodeBlock(
		    (unsigned char *)header + sizeof(prefix) - 1,
		    (const unsigned char *)plain, (int)strlen(plain));
		error = secret_new(header, sizeof(prefix) - 1 + (size_t)size,
		    &auth->authorization);
	}
	OPENSSL_cleanse(plain, sizeof(plain));
	OPENSSL_cleanse(header, sizeof(header));
	return error;
}

/* The audience is the issuer: ID-porten's rule, and RFC 7523bis'. */
static int
make_assertion(
    struct client_auth *auth, const struct config_issuer *issuer, int64_t now_s)
{
	const struct client_assertion assertion = {
	    .key = issuer->client_key,
	    .key_id = issuer->client_key_id,
	    .algorithm = issuer->client_key_algorithm,
	    .client_id = issuer->client_id,
	    .audience = issuer->profile.issuer,
	};
	int error;

	error = client_assertion_mint(&assertion, now_s, &auth->assertion);
	if (error)
		return error;
	add(auth, "client_id", issuer->client_id);
	add(auth, "client_assertion_type", CLIENT_ASSERTION_TYPE);
	add(auth, "client_assertion", secret_reveal(auth->assertion));
	return 0;
}

int
client_auth_init(
    struct client_auth *auth, const struct config_issuer *issuer, int64_t now_s)
{
	*auth = (struct client_auth){0};
	switch (issuer->client_auth) {
	case CONFIG_CLIENT_NONE:
		add(auth, "client_id", issuer->client_id);
		return 0;
	case CONFIG_CLIENT_SECRET_BASIC:
		return make_basic(auth, issuer);
	case CONFIG_CLIENT_SECRET_POST:
		add(auth, "client_id", issuer->client_id);
		add(auth, "client_secret",
		    secret_reveal(issuer->client_secret));
		return 0;
	case CONFIG_CLIENT_PRIVATE_KEY_JWT:
		return make_assertion(auth, issuer, now_s);
	}
	return -EINVAL;
}

void
client_auth_done(struct client_auth *auth)
{
	auth->assertion = secret_free(auth->assertion);
	auth->authorization = secret_free(auth->authorization);
}
