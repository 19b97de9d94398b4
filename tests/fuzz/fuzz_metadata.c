/*
 * The input is a discovery document: what is accepted leads over https only,
 * and what is refused names the member at fault.
 */
#include "broker/issuer/metadata.h"
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
check_endpoint(const char *url)
{
	must(strnlen(url, FETCH_URL_SIZE) < FETCH_URL_SIZE);
	must(strncmp(url, "https://", 8) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct metadata metadata;
	const char *detail = NULL;

	if (metadata_parse((const char *)data, size, "https://idp.example",
		&metadata, &detail) != METADATA_GOOD) {
		must(detail != NULL);
		return 0;
	}
	check_endpoint(metadata.jwks_uri);
	check_endpoint(metadata.token_endpoint);
	check_endpoint(metadata.device_authorization_endpoint);
	return 0;
}
