#include "verify/jws.h"

#include "verify/base64url.h"

#include <errno.h>
#include <string.h>

/* Decodes one part behind what storage holds already. No part is empty. */
static int
decode_part(const char *text, size_t size, struct jws *jws, size_t *used,
    char **ret_part, size_t *ret_size)
{
	size_t decoded;
	int r;

	if (size == 0)
		return -EBADMSG;
	r = base64url_decode(text, size, sizeof(jws->storage) - *used,
	    jws->storage + *used, &decoded);
	if (r < 0)
		return r;
	*ret_part = jws->storage + *used;
	*ret_size = decoded;
	*used += decoded;
	return 0;
}

static const char *
after_dot(const char *text, const char *end)
{
	const char *dot = memchr(text, '.', (size_t)(end - text));

	return dot ? dot + 1 : NULL;
}

int
jws_split(const char *token, size_t size, struct jws *ret_jws)
{
	const char *end = token + size;
	const char *payload, *signature;
	char *signature_bytes;
	size_t used = 0;
	int r;

	if (size > JWS_SIZE_MAX)
		return -EMSGSIZE;
	payload = after_dot(token, end);
	if (!payload)
		return -EBADMSG;
	signature = after_dot(payload, end);
	if (!signature)
		return -EBADMSG;
	/* A third dot is no digit of base64url and is refused as such. */
	r = decode_part(token, (size_t)(payload - 1 - token), ret_jws, &used,
	    &ret_jws->header, &ret_jws->header_size);
	if (r < 0)
		return r;
	r = decode_part(payload, (size_t)(signature - 1 - payload), ret_jws,
	    &used, &ret_jws->payload, &ret_jws->payload_size);
	if (r < 0)
		return r;
	r = decode_part(signature, (size_t)(end - signature), ret_jws, &used,
	    &signature_bytes, &ret_jws->signature_size);
	if (r < 0)
		return r;
	ret_jws->signature = (const uint8_t *)signature_bytes;
	ret_jws->signing_input = token;
	ret_jws->signing_input_size = (size_t)(signature - 1 - token);
	return 0;
}
