#include "broker/issuer/metadata.h"

#include "broker/json_document.h"
#include "broker/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define OPENID_NAME "/.well-known/openid-configuration"
#define OAUTH_NAME "/.well-known/oauth-authorization-server"

static enum metadata_result
read_endpoint(const json_t *document, const char *member, char *ret_url)
{
	const json_t *value = json_object_get(document, member);
	const char *url = json_string_value(value);

	if (!value || json_is_null(value))
		return METADATA_ENDPOINT_MISSING;
	if (!url || !text_is_https(url, FETCH_URL_SIZE))
		return METADATA_ENDPOINT_INSECURE;
	strcpy(ret_url, url);
	return METADATA_GOOD;
}

enum metadata_result
metadata_parse(const char *json, size_t size, const char *issuer, bool login,
    struct metadata *ret_metadata, const char **ret_detail)
{
	json_document *document = json_document_parse(json, size);
	struct metadata metadata;
	bool nobody_asks;
	const struct {
		const char *name;
		char *url;
		bool *bad;
		bool needed;
	} members[] = {
	    {"jwks_uri", metadata.jwks_uri, &nobody_asks, true},
	    {"token_endpoint", metadata.token_endpoint,
		&metadata.token_endpoint_bad, login},
	    {"device_authorization_endpoint",
		metadata.device_authorization_endpoint, &nobody_asks, login},
	    {"introspection_endpoint", metadata.introspection_endpoint,
		&metadata.introspection_endpoint_bad, false},
	};
	enum metadata_result result;
	const char *said;
	size_t i;

	*ret_detail = "document";
	if (!document)
		return METADATA_MALFORMED;
	*ret_detail = "issuer";
	said = json_string_value(json_object_get(document, "issuer"));
	if (!said || strcmp(said, issuer) != 0)
		return METADATA_ISSUER_WRONG;
	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		*ret_detail = members[i].name;
		members[i].url[0] = '\0';
		result =
		    read_endpoint(document, members[i].name, members[i].url);
		if (result != METADATA_GOOD && members[i].needed)
			return result;
		*members[i].bad = result == METADATA_ENDPOINT_INSECURE;
	}
	*ret_metadata = metadata;
	return METADATA_GOOD;
}

/* A terminating slash is none of the path in either of them. */
int
metadata_url(
    const char *issuer, bool oauth, char ret_url[static FETCH_URL_SIZE])
{
	size_t length = strlen(issuer), host = strlen("https://");
	char url[FETCH_URL_SIZE];
	int size;

	if (length > 0 && issuer[length - 1] == '/')
		length--;
	while (host < length && issuer[host] != '/')
		host++;
	if (oauth)
		size = snprintf(url, sizeof(url), "%.*s" OAUTH_NAME "%.*s",
		    (int)host, issuer, (int)(length - host), issuer + host);
	else
		size = snprintf(
		    url, sizeof(url), "%.*s" OPENID_NAME, (int)length, issuer);
	if (size < 0 || (size_t)size >= sizeof(url))
		return -ENAMETOOLONG;
	strcpy(ret_url, url);
	return 0;
}
