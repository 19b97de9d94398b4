#include "broker/api/certificate.h"

#include "broker/api/request.h"

#include "verify/base64url.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char begin[] = "-----BEGIN CERTIFICATE-----";
static const char end[] = "-----END CERTIFICATE-----";

/* The characters between the two lines, as base64url without its padding. */
static int
take_characters(
    const char *text, const char *text_end, char *ret_text, size_t *ret_size)
{
	size_t size = 0, padding = 0;

	for (; text < text_end; text++) {
		if (isspace((unsigned char)*text))
			continue;
		if (*text == '-' || *text == '_' ||
		    (padding > 0 && *text != '='))
			return -EBADMSG;
		if (*text == '=')
			padding++;
		else if (*text == '+')
			ret_text[size++] = '-';
		else if (*text == '/')
			ret_text[size++] = '_';
		else
			ret_text[size++] = *text;
	}
	if (padding > 2 || (size + padding) % 4 != 0)
		return -EBADMSG;
	*ret_size = size;
	return 0;
}

/* RFC 7468: what is between the lines, and nothing around them. */
static int
take_pem(char *pem, size_t *ret_size)
{
	const char *text = pem + strspn(pem, " \t\r\n"), *last, *after;

	if (strncmp(text, begin, strlen(begin)) != 0)
		return -EBADMSG;
	text += strlen(begin);
	last = strstr(text, end);
	if (!last)
		return -EBADMSG;
	after = last + strlen(end);
	if (after[strspn(after, " \t\r\n")] != '\0')
		return -EBADMSG;
	/* What is written never comes up with what is read. */
	return take_characters(text, last, pem, ret_size);
}

static int
hash_characters(const char *text, size_t size,
    uint8_t ret_sha256[static CERTIFICATE_SHA256_SIZE])
{
	uint8_t *der = malloc(size + 1);
	size_t decoded = 0;
	int error;

	if (!der)
		return -ENOMEM;
	error = base64url_decode(text, size, size, der, &decoded);
	if (!error && decoded == 0)
		error = -EBADMSG;
	if (!error)
		error = confirmation_hash_certificate(der, decoded, ret_sha256);
	free(der);
	return error;
}

int
certificate_read(
    const char *header, uint8_t ret_sha256[static CERTIFICATE_SHA256_SIZE])
{
	char *pem = NULL;
	size_t size = 0;
	int error;

	if (strlen(header) > CERTIFICATE_HEADER_SIZE_MAX)
		return -EBADMSG;
	error = request_unescape(header, &pem);
	if (!error)
		error = take_pem(pem, &size);
	if (!error)
		error = hash_characters(pem, size, ret_sha256);
	free(pem);
	return error;
}
