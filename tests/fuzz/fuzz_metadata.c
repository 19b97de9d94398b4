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
check_endpoint(const char *url, bool needed)
{
	if (url[0] == '\0' && !needed)
		return;
	must(strnlen(url, FETCH_URL_SIZE) < FETCH_URL_SIZE);
	must(strncmp(url, "https://", 8) == 0);
}

static void
parse(const uint8_t *data, size_t size, bool login)
{
	struct metadata metadata;
	const char *detail = NULL;

	if (metadata_parse((const char *)data, size, "https://idp.example",
		login, &metadata, &detail) != METADATA_GOOD) {
		must(detail != NULL);
		return;
	}
	check_endpoint(metadata.jwks_uri, true);
	check_endpoint(metadata.token_endpoint, login);
	check_endpoint(metadata.device_authorization_endpoint, login);
	check_endpoint(metadata.introspection_endpoint, false);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int login;

	for (login = 0; login < 2; login++)
		parse(data, size, login);
	return 0;
}
