/*
 * A token has one spelling: what is taken apart, encoded again, is the token.
 * Its header and claims are then read as those of a signed one would be.
 */
#include "tests/fuzz/fuzz.h"
#include "verify/claims.h"
#include "verify/jose_header.h"
#include "verify/jws.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

enum {
	NODES_MAX = 2048,
};

static void
must(bool condition)
{
	if (!condition)
		abort();
}

/* The bytes in base64url, by another's encoder; how many characters. */
static size_t
encode(const void *bytes, size_t size, char *ret_text)
{
	size_t count, i;

	EVP_EncodeBlock((unsigned char *)ret_text, bytes, (int)size);
	count = strcspn(ret_text, "=");
	for (i = 0; i < count; i++) {
		if (ret_text[i] == '+')
			ret_text[i] = '-';
		if (ret_text[i] == '/')
			ret_text[i] = '_';
	}
	return count;
}

static void
must_be_spelt(const struct jws *jws, const uint8_t *data, size_t size)
{
	static char text[JWS_SIZE_MAX + 16];
	char *at = text;

	at += encode(jws->header, jws->header_size, at);
	*at++ = '.';
	at += encode(jws->payload, jws->payload_size, at);
	must(jws->signing_input == (const char *)data);
	must(jws->signing_input_size == (size_t)(at - text));
	*at++ = '.';
	at += encode(jws->signature, jws->signature_size, at);
	must((size_t)(at - text) == size);
	must(memcmp(text, data, size) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct json_node nodes[NODES_MAX];
	static struct jws jws;
	struct jose_header header;
	struct claims claims;
	struct json json;

	if (jws_split((const char *)data, size, &jws) < 0)
		return 0;
	must_be_spelt(&jws, data, size);
	if (json_read(jws.header, jws.header_size, nodes, NODES_MAX, &json) ==
	    0)
		(void)jose_header_get(&json, JOSE_ID_TOKEN, &header);
	if (json_read(jws.payload, jws.payload_size, nodes, NODES_MAX, &json) ==
	    0)
		(void)claims_get(&json, &claims);
	return 0;
}
