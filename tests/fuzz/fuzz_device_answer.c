/*
 * The input is what a provider answers. Whatever is taken from it is bounded
 * and safe on a terminal; whatever is refused names the member at fault.
 */
#include "broker/issuer/device_answer.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static void
must(bool condition)
{
	if (!condition)
		abort();
}

static void
must_be_shown(const char *text, size_t size)
{
	size_t length = strnlen(text, size), i;

	must(length < size);
	for (i = 0; i < length; i++)
		must(text[i] >= 0x20 && text[i] <= 0x7e);
}

static void
check_uri(const char *uri)
{
	must_be_shown(uri, DEVICE_URI_SIZE);
	must(strncmp(uri, "https://", 8) == 0);
}

static void
check_authorization(const struct device_authorization *authorization)
{
	must(authorization->user_code[0]);
	must_be_shown(authorization->user_code, DEVICE_USER_CODE_SIZE);
	check_uri(authorization->verification_uri);
	if (authorization->verification_uri_complete[0])
		check_uri(authorization->verification_uri_complete);
	must(authorization->expires_in_s > 0 &&
	     authorization->expires_in_s <= DEVICE_EXPIRES_MAX_S);
	must(authorization->interval_s > 0 &&
	     authorization->interval_s <= DEVICE_INTERVAL_MAX_S);
	must(secret_size(authorization->device_code) > 0 &&
	     secret_size(authorization->device_code) <= DEVICE_CODE_SIZE_MAX);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *json = (const char *)data, *detail = NULL;
	struct device_authorization authorization;
	char error[DEVICE_ERROR_SIZE];
	struct secret *token;

	if (device_authorization_parse(json, size, &authorization, &detail))
		must(detail != NULL);
	else {
		check_authorization(&authorization);
		device_authorization_done(&authorization);
	}
	detail = NULL;
	if (device_token_parse(json, size, &token, &detail))
		must(detail != NULL);
	else {
		must(secret_size(token) > 0 &&
		     secret_size(token) <= DEVICE_TOKEN_SIZE_MAX);
		secret_free(token);
	}
	device_error_parse(json, size, error);
	must_be_shown(error, sizeof(error));
	return 0;
}
